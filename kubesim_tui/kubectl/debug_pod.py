"""What `kubectl debug` makes: a Pod with one more ephemeral container, a copy of a Pod, a Pod on a node.

All of it is JSON, as it goes to the API server; what is given is not changed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api import manifest
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import Node
from kubesim_tui.apiserver.validation import strict
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kubectl import debug_profiles
from kubesim_tui.kubectl.debug_profiles import Keep, Style
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

Data = dict[str, Any]
MANAGED = {"app.kubernetes.io/managed-by": "kubectl-debug"}


@frozen
class Debug:
    """What the flags ask for."""

    image: str
    container: str
    arguments: Sequence[str]
    env: Mapping[str, str]
    copy_to: str
    set_images: Mapping[str, str]
    target: str
    pull_policy: str
    profile: str
    keep: Keep
    custom: Data | None

    @classmethod
    def of(cls, env: Env, arguments: Sequence[str]) -> Debug:
        """Read the flags. Fail for pairs that are none, a profile that there is not, a file that cannot be read."""
        flags = env.flags
        pairs, images = _pairs(env, "env"), _pairs(env, "set-image")
        profile = flags.text("profile")
        debug_profiles.find(profile)
        kept = {name: bool(flags[f"keep-{name.replace('_', '-')}"]) for name in Keep.names()}
        return cls(
            flags.text("image"),
            flags.text("container"),
            arguments,
            pairs,
            flags.text("copy-to"),
            images,
            flags.text("target"),
            flags.text("image-pull-policy"),
            profile,
            Keep(**kept),
            _custom(env, flags.text("custom")),
        )

    # -- the three ways

    def with_ephemeral(self, env: Env, pod: Data) -> tuple[Data, str]:
        """(the Pod with one more ephemeral container, its name)."""
        new = copy.deepcopy(pod)
        name = self._name(env, new)
        one = self._container(env, name)
        if self.target:
            one["targetContainerName"] = self.target
        new["spec"].setdefault("ephemeralContainers", []).append(one)
        return self._profiled(new, name, Style.EPHEMERAL), name

    def node_pod(self, env: Env, node: Node) -> tuple[Data, str]:
        """(a Pod on a node, the name of its container)."""
        name, of = self.container or "debugger", node.metadata.name
        pod = f"node-debugger-{of}-{_suffix(env, node.metadata.uid, 0)}"
        if not env.flags["quiet"]:
            env.say(f"Creating debugging pod {pod} with container {name} on node {of}.")
        spec = {
            "containers": [self._container(env, name)],
            "nodeName": of,
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
        }
        meta = {"name": pod, "labels": dict(MANAGED)}
        made = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
        return self._profiled(made, name, Style.NODE), name

    def copy(self, env: Env, pod: Data) -> tuple[Data, str]:
        """(a copy of a Pod, the name of the container to attach to, "" if only images were changed)."""
        old = pod["metadata"]
        kept = {k: copy.deepcopy(old[k]) for k in ("labels", "annotations") if old.get(k)}
        meta = {"name": self.copy_to, "namespace": old["namespace"], **kept}
        spec = copy.deepcopy(pod["spec"])
        new = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
        spec.pop("ephemeralContainers", None)
        if env.flags.given("share-processes"):
            spec["shareProcessNamespace"] = bool(env.flags["share-processes"])
        if not env.flags["same-node"]:
            spec.pop("nodeName", None)
        for one in spec["containers"]:
            one["image"] = self.set_images.get(one["name"]) or self.set_images.get("*") or one["image"]
        name, known = self.container, _containers(new)
        if name not in known:
            if not self.image:
                if self.set_images:
                    return new, ""
                raise error("you must specify image when creating new container")
            name = self._name(env, new)
            spec["containers"].append({"name": name, "terminationMessagePolicy": "File", "resources": {}})
        self._change(env, _containers(new)[name])
        return self._profiled(new, name, Style.COPY), name

    # -- its container

    def _container(self, env: Env, name: str) -> Data:
        made: Data = {"name": name, "terminationMessagePolicy": "File", "resources": {}}
        self._change(env, made)
        return made

    def _change(self, env: Env, one: Data) -> None:
        """What the flags say of the container."""
        flags = env.flags
        if self.arguments and flags["arguments-only"]:
            one["args"] = list(self.arguments)
        elif self.arguments:
            one["command"] = list(self.arguments)
            one.pop("args", None)
        if self.env:
            one["env"] = [{"name": k, "value": v} for k, v in sorted(self.env.items())]
        one |= {"image": self.image} if self.image else {}
        one |= {"imagePullPolicy": self.pull_policy} if self.pull_policy else {}
        for field, given in (("stdin", flags["stdin"]), ("tty", flags["tty"])):
            one.pop(field, None)
            one |= {field: True} if given else {}

    def _name(self, env: Env, pod: Data) -> str:
        """The name of the new container: the given one, or one that is free."""
        if self.container:
            return self.container
        known, attempt, name = _containers(pod), 0, ""
        while not name or name in known:
            name = f"debugger-{_suffix(env, str(pod['metadata'].get('uid') or self.copy_to), attempt + len(known))}"
            attempt += 1
        if not env.flags["quiet"]:
            env.say(f"Defaulting debug container name to {name}.")
        return name

    def _profiled(self, pod: Data, name: str, style: Style) -> Data:
        """The Pod with what the profile does to it, and the player's own profile on top."""
        debug_profiles.find(self.profile)(pod, name, style, self.keep)
        if self.custom:
            debug_profiles.customise(pod, name, self.custom)
        return pod


def _containers(pod: Data) -> dict[str, Data]:
    spec = pod["spec"]
    lists = (spec.get(kind) or () for kind in ("containers", "initContainers", "ephemeralContainers"))
    return {c["name"]: c for found in lists for c in found}


def _suffix(env: Env, seed: str, attempt: int) -> str:
    """Five characters. kubectl has no state of its own: they follow from what is debugged, and when."""
    return Stream.seeded(f"kubectl debug {seed} {env.now} {attempt}").suffix()


def _pairs(env: Env, flag: str) -> dict[str, str]:
    """A flag of KEY=VALUE pairs."""
    found: dict[str, str] = {}
    for given in [text for name, text in env.flags.spoken if name == flag]:
        for text in given.split(","):
            key, equals, value = text.partition("=")
            if not equals:
                said = f'invalid argument "{given}" for "--{flag}" flag: {text} must be formatted as key=value'
                raise env.flags.wrong(said)
            found[key] = value
    return found


def _custom(env: Env, path: str) -> Data | None:
    if not path:
        return None
    try:
        text = env.terminal.read(path)
    except OSError as failure:
        why = f"open {path}: {(failure.strerror or str(failure)).lower()}"
        raise error(f"must pass a container spec json file for custom profile: {why}") from None
    documents = [d for d in manifest.read(text, path) if d.error is None]
    found = thaw(documents[0].data) if documents else None
    if not isinstance(found, dict):
        raise error(f"{path} does not contain a valid container spec")
    made, faults = strict.in_form(found, "core.v1.Container")
    if faults.wrong:
        raise error(f"{path} does not contain a valid container spec: {faults.worst}")
    return made
