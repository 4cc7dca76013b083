"""What a package manager brings to a machine: kubeadm, kubelet and kubectl, each in a release of Kubernetes.

A kubelet that runs goes on in its old release until somebody restarts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from kubesim_tui.api.releases import RELEASES, VERSION, numbers
from kubesim_tui.kubelet import flags
from kubesim_tui.world.machine import Machine

KUBEADM, KUBELET = "kubeadm", "kubelet"
PACKAGES = (KUBEADM, "kubectl", KUBELET)
BUILD = "-1.1"
"""What pkgs.k8s.io adds to a release."""
NO_SUCH = 100
READING = (
    "Reading package lists... Done",
    "Building dependency tree... Done",
    "Reading state information... Done",
)
Answer = tuple[tuple[str, ...], tuple[str, ...], int]


def provide(machine: Machine, version: str = VERSION) -> None:
    """A machine that has all three and was joined, its kubelet of the same release."""
    machine.packages.update(dict.fromkeys(PACKAGES, version))
    machine.process(KUBELET).release = version
    machine.files.update({flags.CONFIG: flags.CONFIG_TEXT, flags.KUBECONFIG: flags.KUBECONFIG_TEXT})
    machine.vet = flags.refusal


def installed(machine: Machine, package: str) -> str:
    """The release of one, as `v1.37.0`."""
    return machine.packages.get(package, VERSION)


def apt_get(machine: Machine, words: Sequence[str]) -> Answer:
    """`apt-get update`, `apt-get install PACKAGE[=VERSION] …`: (out, err, code)."""
    given = [word for word in words if not word.startswith("-")]
    if given == ["update"]:
        return READING[:1], (), 0
    if given[:1] != ["install"] or len(given) < 2:
        return (), (f"E: Invalid operation {given[0]}" if given else "E: Invalid operation",), NO_SUCH
    wanted: dict[str, str] = {}
    for word in given[1:]:
        name, _, version = word.partition("=")
        if name not in PACKAGES:
            return READING, (f"E: Unable to locate package {name}",), NO_SUCH
        found = _newest_fitting(version)
        if not found:
            return READING, (f"E: Version '{version}' for '{name}' was not found",), NO_SUCH
        wanted[name] = found
    return (*READING, *_changed(machine, wanted)), (), 0


def _newest_fitting(version: str) -> str:
    """The release of a package's version (`1.37.2-1.1`, `1.37.*`; "": the newest of all); "" if there is none."""
    fitting = (one for one in reversed(RELEASES) if fnmatchcase(_package(one), version or "*"))
    return next(fitting, "")


def _package(release: str) -> str:
    return release.removeprefix("v") + BUILD


def _changed(machine: Machine, wanted: dict[str, str]) -> list[str]:
    """Install them; a kubelet goes on in its old release until it is restarted."""
    before = {name: installed(machine, name) for name in wanted}
    newer = [name for name, release in wanted.items() if numbers(release) > numbers(before[name])]
    older = [name for name, release in wanted.items() if numbers(release) < numbers(before[name])]
    said = [f"{name} is already the newest version ({_package(before[name])})." for name in wanted if name not in
            (*newer, *older)]  # fmt: skip
    for names, what in ((newer, "upgraded"), (older, "DOWNGRADED")):
        said += [f"The following packages will be {what}:", f"  {' '.join(sorted(names))}"] if names else []
    down = f"{len(older)} downgraded, " if older else ""
    said.append(f"{len(newer)} upgraded, 0 newly installed, {down}0 to remove and 0 not upgraded.")
    for name in (*newer, *older):
        said.append(f"Unpacking {name} ({_package(wanted[name])}) over ({_package(before[name])}) ...")
    said += [f"Setting up {name} ({_package(wanted[name])}) ..." for name in (*newer, *older)]
    machine.packages.update(wanted)
    return said


def apt_cache(machine: Machine, words: Sequence[str]) -> Answer:  # noqa: ARG001
    """`apt-cache madison PACKAGE`: what could be installed."""
    if len(words) != 2 or words[0] != "madison":
        return (), ("E: Invalid operation" + (f" {words[0]}" if words else ""),), NO_SUCH
    if words[1] not in PACKAGES:
        return (), (f"N: Unable to locate package {words[1]}",), 0
    rows = []
    for release in reversed(RELEASES):
        series = ".".join(map(str, numbers(release)[:2]))
        source = f"https://pkgs.k8s.io/core:/stable:/v{series}/deb  Packages"
        rows.append(f"   {words[1]} | {_package(release)} | {source}")
    return tuple(rows), (), 0
