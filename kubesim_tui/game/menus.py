"""Menus: what can be done with the selected thing, most useful first.

Every action is a kubectl line that could have been typed; a form (game.forms) only helps to write one. Nothing is done
here: the front end shows the line, and runs it as the player's. What could not work now is not offered (undo without a
revision before, the log before a restart that never was).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kubesim_tui.api import types
from kubesim_tui.api.types import Object
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.board import resource_of
from kubesim_tui.game.game import Game
from kubesim_tui.game.menu_texts import label
from kubesim_tui.game.state import Action

DEBUGGER = "busybox"
LOCAL_PORT = 8080
MOST_KEYS = 6  # of a ConfigMap; more are changed in the editor

Make = Callable[[Game, Ref, str], list[Action]]


def short(ref: Ref) -> str:
    """`deployment/web`, as kubectl takes it."""
    return f"{ref.kind.lower()}/{ref.name}"


def where(game: Game, ref: Ref) -> str:
    """` -n shop` where it is not the player's own namespace."""
    return f" -n {ref.namespace}" if ref.namespace and ref.namespace != game.config.namespace else ""


def find(game: Game, ref: Ref) -> Object | None:
    """The object; None if it is gone, or of a kind that the API does not have."""
    try:
        resource = resource_of(ref.kind.lower())
    except KeyError:
        return None
    return game.cluster.etcd.get(resource.group_resource, (ref.namespace if resource.namespaced else "", ref.name))


def actions(game: Game, ref: Ref, language: str) -> tuple[Action, ...]:
    """What can be done with a thing; nothing with one that is gone."""
    if find(game, ref) is None:
        return ()
    own = MENUS.get(ref.kind, _none)(game, ref, language)
    name = "delete-pod" if ref.kind == "Pod" else "delete-node" if ref.kind == "Node" else "delete"
    delete = Action("delete", label(name, language), _line(game, ref, "delete"), danger=True, key="ctrl+d")
    describe = Action("describe", label("describe", language), _line(game, ref, "describe"), key="d")
    edit = Action("edit", label("edit", language), "kubectl replace --save-config -f -", form="edit", key="e")
    if ref.kind == "Pod":  # what a newcomer should meet first
        here = Action("placement", label("placement", language), f"why-here {ref.name}", form="placement", key="W")
        return (delete, *own, describe, edit, here)
    return (*own, describe, edit, delete)


def _line(game: Game, ref: Ref, verb: str) -> str:
    """`kubectl VERB KIND NAME` for Pods and Nodes, `kubectl VERB KIND/NAME` for others."""
    name = f"{ref.kind.lower()} {ref.name}" if ref.kind in ("Pod", "Node") else short(ref)
    return f"kubectl {verb} {name}{where(game, ref)}"


def _form(name: str, language: str, key: str = "") -> Action:
    return Action(name, label(name, language), "", form=name, key=key)


def _none(_game: Game, _ref: Ref, _language: str) -> list[Action]:
    return []


def _pod(game: Game, ref: Ref, language: str) -> list[Action]:
    pod, line = find(game, ref), f"kubectl logs {ref.name}"
    found = [Action("logs", label("logs", language), f"{line}{where(game, ref)}", key="l")]
    if isinstance(pod, types.Pod) and pod.status and any(c.restart_count for c in pod.status.container_statuses):
        before = f"{line} --previous{where(game, ref)}"
        found.append(Action("previous", label("previous", language), before, key="p"))
    if isinstance(pod, types.Pod) and pod.status and pod.status.phase == "Running":
        at = f"-it {ref.name}{where(game, ref)}"
        found.append(Action("shell", label("shell", language), f"kubectl exec {at} -- sh", key="s"))
        found.append(Action("debug", label("debug", language), f"kubectl debug {at} --image={DEBUGGER}"))
    return found


def _rollout(game: Game, ref: Ref, language: str) -> list[Action]:
    """Of whatever has a template and rolls it out."""
    at = f"{short(ref)}{where(game, ref)}"
    undo = Action("undo", label("undo", language), f"kubectl rollout undo {at}", key="u")
    return [
        Action("restart", label("restart", language), f"kubectl rollout restart {at}", key="r"),
        *([undo] if revisions(game, ref) > 1 else []),
        _form("image", language, "i"),
        _form("probe", language),
        _form("env", language),
        _form("resources", language),
        Action("status", label("status", language), f"kubectl rollout status {at}"),
    ]


def revisions(game: Game, ref: Ref) -> int:
    """How many revisions of a workload are kept: its ReplicaSets, or its ControllerRevisions."""
    obj = find(game, ref)
    table = game.cluster.etcd.table("replicasets.apps" if ref.kind == "Deployment" else "controllerrevisions.apps")
    owners = [o for old in table.in_namespace(ref.namespace) for o in old.metadata.owner_references]
    return sum(obj is not None and owner.uid == obj.metadata.uid for owner in owners)


def _scalable(_game: Game, _ref: Ref, language: str) -> list[Action]:
    return [_form("scale", language, "+")]


def _stateful(game: Game, ref: Ref, language: str) -> list[Action]:
    return [*_scalable(game, ref, language), *_rollout(game, ref, language)]


def _deployment(game: Game, ref: Ref, language: str) -> list[Action]:
    """Of one that keeps data in an emptyDir also what gives the data a place of its own."""
    obj = find(game, ref)
    template = obj.spec.template if isinstance(obj, types.Deployment) and obj.spec else None
    moving = [_form("claim", language), _form("stateful", language)] if template and _scratch(template) else []
    return [*_stateful(game, ref, language), *moving]


def _scratch(template: types.PodTemplateSpec) -> bool:
    return template.spec is not None and any(volume.empty_dir is not None for volume in template.spec.volumes)


def _node(game: Game, ref: Ref, language: str) -> list[Action]:
    node = find(game, ref)
    closed = isinstance(node, types.Node) and node.spec is not None and bool(node.spec.unschedulable)
    verb = "uncordon" if closed else "cordon"
    drain = f"kubectl drain {ref.name} --ignore-daemonsets --delete-emptydir-data"
    return [
        Action(verb, label(verb, language), f"kubectl {verb} {ref.name}", key=verb[0]),
        Action("drain", label("drain", language), drain, danger=True),
    ]


def _config(game: Game, ref: Ref, language: str) -> list[Action]:
    """A form for each key, and one for a new key."""
    obj = find(game, ref)
    keys = sorted(obj.data)[:MOST_KEYS] if isinstance(obj, types.ConfigMap | types.Secret) else []
    changes = [
        Action(f"key:{key}", label("config-key", language, key=key), "", form=f"config-key:{key}", key="" if i else "k")
        for i, key in enumerate(keys)
    ]
    return [*changes, _form("new-key", language)]


def _ingress(_game: Game, _ref: Ref, language: str) -> list[Action]:
    return [_form("route", language, "a")]


def _service(game: Game, ref: Ref, language: str) -> list[Action]:
    line = f"kubectl get endpointslices -l kubernetes.io/service-name={ref.name}{where(game, ref)}"
    found = [Action("endpoints", label("endpoints", language), line), _form("selector", language)]
    service = find(game, ref)
    ports = service.spec.ports if isinstance(service, types.Service) and service.spec and service.spec.selector else ()
    if ports:
        forward = f"kubectl port-forward svc/{ref.name}{where(game, ref)} {LOCAL_PORT}:{ports[0].port}"
        found.append(Action("forward", label("forward", language), forward))
    return found


MENUS: Mapping[str, Make] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "StatefulSet": _stateful,
    "DaemonSet": _rollout,
    "ReplicaSet": _scalable,
    "ReplicationController": _scalable,
    "Node": _node,
    "ConfigMap": _config,
    "Secret": _config,
    "Ingress": _ingress,
    "Service": _service,
}
"""Kind → its own actions; every kind can be described, edited, deleted."""
