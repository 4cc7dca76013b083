"""What can be done to a cluster, as a table. Each row strikes a cause; what follows is the cluster's own doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.applications import APPLICATIONS
from kubesim_tui.faults.cloud import CLOUD
from kubesim_tui.faults.connections import CONNECTIONS
from kubesim_tui.faults.containers import CONTAINERS
from kubesim_tui.faults.fault import Fault, FaultError, Options
from kubesim_tui.faults.identities import IDENTITIES
from kubesim_tui.faults.links import LINKS
from kubesim_tui.faults.machines import MACHINES
from kubesim_tui.faults.members import MEMBERS
from kubesim_tui.faults.network import NETWORK
from kubesim_tui.faults.plane import PLANE
from kubesim_tui.faults.programs import PROGRAMS
from kubesim_tui.faults.regions import REGIONS
from kubesim_tui.faults.shortages import SHORTAGES
from kubesim_tui.faults.strangers import STRANGERS
from kubesim_tui.faults.surroundings import SURROUNDINGS
from kubesim_tui.faults.upgrades import UPGRADES
from kubesim_tui.faults.volumes import VOLUMES

FAULTS: Mapping[str, Fault] = {
    **APPLICATIONS,
    **CLOUD,
    **CONNECTIONS,
    **CONTAINERS,
    **IDENTITIES,
    **LINKS,
    **MACHINES,
    **MEMBERS,
    **NETWORK,
    **PLANE,
    **PROGRAMS,
    **REGIONS,
    **SHORTAGES,
    **STRANGERS,
    **SURROUNDINGS,
    **UPGRADES,
    **VOLUMES,
}
"""Name → row."""

LEADER = "leader"
"""A target: the machine of the control plane whose process leads the others of its kind."""
NEED_A_TARGET = {
    "pod": "NAMESPACE/POD or a selector",
    "workload": "KIND/NAME",
    "service": "its name",
    "config": "configmap/NAME or secret/NAME",
    "claim": "its name",
    "account": "NAMESPACE/serviceaccount/NAME",
    "binding": "clusterrolebinding/NAME or NAMESPACE/rolebinding/NAME",
    "certificate": "the name of a Secret of type kubernetes.io/tls",
    "webhook": "validatingwebhookconfiguration/NAME or mutatingwebhookconfiguration/NAME",
    "namespace": "its name",
    "image": "its name",
    "outside": "the name of the system",
    "region": "its name",
}
"""Kinds of targets that must be named, and how."""


def known(name: str) -> Fault:
    """A row; FaultError if there is none of that name."""
    if name not in FAULTS:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    return FAULTS[name]


def check(name: str, target: Any, options: Options) -> None:
    """FaultError if a fault cannot be meant so."""
    row = known(name)
    if target is None and row.target in NEED_A_TARGET:
        raise FaultError(f"{name} needs a target: {NEED_A_TARGET[row.target]}")
    for option, given in options.items():
        if option not in row.options:
            there = f"there are {', '.join(sorted(row.options))}" if row.options else "it has none"
            raise FaultError(f"{name} has no option {option!r}; {there}")
        try:
            row.options[option](given)
        except ValueError as wrong:
            raise FaultError(f"{name}: {option}: {wrong}") from wrong
    if target == LEADER and row.target == "node" and "process" not in options:
        raise FaultError(f"{name} needs process, for its leader to be known")
    missing = [option for option in row.needs if option not in options]
    if missing:
        raise FaultError(f"{name} needs {missing[0]}")


def document() -> str:
    """The text of docs/FAULTS.md."""
    head = [
        "# Faults",
        "",
        "What can be done to a cluster: by a level, by `--fault`, by `chaos` at the prompt, by a game day. Made from",
        "`kubesim_tui/faults` by `make docs`; do not edit. The codes of causes are those of CAUSES.md.",
        "",
        "| fault | strikes | what happens | how it shows | how to see it | how to survive it | causes |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_line(name, FAULTS[name]) for name in sorted(FAULTS))]) + "\n"


def _line(name: str, row: Fault) -> str:
    story = row.story
    assert story is not None
    causes = ", ".join(f"`{code}`" for code in story.causes)
    what = f"{row.about[0].upper()}{row.about[1:]}. {story.mechanism}"
    cells = (f"`{name}`", row.target, what, story.symptoms, f"`{story.see}`", story.survive, causes)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
