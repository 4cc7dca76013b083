"""What can be done with the selected thing: menus, forms and what they amount to as kubectl lines.

Every action is a kubectl line that could have been typed; a form only helps to write one. Nothing is done here: the
front end shows the line (and the difference), and runs it as the player's.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.api import manifest, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.game.board import resource_of
from kubesim_tui.game.game import Game
from kubesim_tui.game.menu_texts import label
from kubesim_tui.game.state import Action, Field, Form, Proposal
from kubesim_tui.kubectl import run as kubectl

HIDDEN = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


def _short(ref: Ref) -> str:
    return f"{ref.kind.lower()}/{ref.name}"


def _where(game: Game, ref: Ref) -> str:
    """` -n shop` where it is not the player's own namespace."""
    return f" -n {ref.namespace}" if ref.namespace and ref.namespace != game.config.namespace else ""


def _find(game: Game, ref: Ref) -> Object | None:
    resource = resource_of(ref.kind.lower())
    return game.cluster.etcd.get(resource.group_resource, (ref.namespace if resource.namespaced else "", ref.name))


# -- menus ---------------------------------------------------------------------------------------------------------


def actions(game: Game, ref: Ref, language: str) -> tuple[Action, ...]:
    """What can be done with a thing, most useful first."""
    make = MENUS.get(ref.kind, _any)
    found = make(game, ref, language)
    common = [
        Action("describe", label("describe", language), f"kubectl describe {_short(ref)}{_where(game, ref)}", key="d"),
        Action("edit", label("edit", language), "", form="edit", key="e"),
    ]
    return (*found, *common)


def _any(game: Game, ref: Ref, language: str) -> list[Action]:
    where = _where(game, ref)
    return [
        Action("delete", label("delete", language), f"kubectl delete {_short(ref)}{where}", danger=True, key="ctrl+d")
    ]


def _pod(game: Game, ref: Ref, language: str) -> list[Action]:
    where = _where(game, ref)
    return [
        Action(
            "delete", label("delete-pod", language), f"kubectl delete pod {ref.name}{where}", danger=True, key="ctrl+d"
        ),
        Action("logs", label("logs", language), f"kubectl logs {ref.name}{where}", key="l"),
        Action("previous", label("previous", language), f"kubectl logs {ref.name} --previous{where}", key="p"),
    ]


def _deployment(game: Game, ref: Ref, language: str) -> list[Action]:
    where, name = _where(game, ref), _short(ref)
    return [
        Action("scale", label("scale", language), "", form="scale", key="+"),
        Action("restart", label("restart", language), f"kubectl rollout restart {name}{where}", key="r"),
        Action("undo", label("undo", language), f"kubectl rollout undo {name}{where}", key="u"),
        Action("image", label("image", language), "", form="image", key="i"),
        Action("probe", label("probe", language), "", form="probe"),
        Action("env", label("env", language), "", form="env"),
        Action("resources", label("resources", language), "", form="resources"),
        Action("status", label("status", language), f"kubectl rollout status {name}{where}"),
        Action("delete", label("delete", language), f"kubectl delete {name}{where}", danger=True, key="ctrl+d"),
    ]


def _node(game: Game, ref: Ref, language: str) -> list[Action]:
    node = _find(game, ref)
    closed = isinstance(node, types.Node) and node.spec is not None and bool(node.spec.unschedulable)
    first = (
        Action("uncordon", label("uncordon", language), f"kubectl uncordon {ref.name}", key="u")
        if closed
        else Action("cordon", label("cordon", language), f"kubectl cordon {ref.name}", key="c")
    )
    drain = f"kubectl drain {ref.name} --ignore-daemonsets --delete-emptydir-data"
    return [
        first,
        Action("drain", label("drain", language), drain, danger=True),
        Action("delete", label("delete-node", language), f"kubectl delete node {ref.name}", danger=True, key="ctrl+d"),
    ]


def _config(game: Game, ref: Ref, language: str) -> list[Action]:
    return [Action("key", label("config-key", language), "", form="config-key", key="k"), *_any(game, ref, language)]


def _ingress(game: Game, ref: Ref, language: str) -> list[Action]:
    return [Action("route", label("route", language), "", form="route", key="a"), *_any(game, ref, language)]


def _service(game: Game, ref: Ref, language: str) -> list[Action]:
    line = f"kubectl get endpointslices -l kubernetes.io/service-name={ref.name}{_where(game, ref)}"
    return [
        Action("endpoints", label("endpoints", language), line),
        Action("selector", label("selector", language), "", form="selector"),
        *_any(game, ref, language),
    ]


MENUS: Mapping[str, Callable[[Game, Ref, str], list[Action]]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "StatefulSet": _deployment,
    "DaemonSet": _deployment,
    "Node": _node,
    "ConfigMap": _config,
    "Secret": _config,
    "Ingress": _ingress,
    "Service": _service,
}


# -- forms ---------------------------------------------------------------------------------------------------------


def form(game: Game, ref: Ref, action: Action, language: str) -> Form:
    """The form of an action, with what stands there now."""
    obj = _find(game, ref)
    data = encode_object(obj) if obj is not None else {}
    fields = FORMS[action.form][0](data, language)
    return Form(action, f"{action.label} — {_short(ref)}", tuple(fields))


def propose(game: Game, ref: Ref, action: Action, values: dict[str, str]) -> Proposal:
    """What a filled-in form amounts to: its kubectl line, and the difference that it makes (by a dry run)."""
    obj = _find(game, ref)
    if obj is None:
        return Proposal("", "", (), f"{_short(ref)} is gone")
    data = encode_object(obj)
    try:
        line = FORMS[action.form][1](ref, data, values)
    except ValueError as wrong:
        return Proposal("", "", (), str(wrong))
    line += _where(game, ref)
    reply = kubectl(
        line + " --dry-run=server -o yaml", game.client, _Nothing(), game.cluster.etcd.clock.now, game.config
    )
    if reply.code:
        return Proposal(line, "", (), "\n".join(reply.err))
    before = manifest.dump(_plain(data)).splitlines()
    documents = manifest.read("\n".join(reply.out), "proposal")
    after = manifest.dump(_plain(documents[0].data)).splitlines() if documents and documents[0].data else before
    return Proposal(line, "", tuple(difflib.unified_diff(before, after, "now", "then", n=2, lineterm="")))


class _Nothing:
    """A terminal without files."""

    width = 120

    def read(self, path: str) -> str:
        """There are none."""
        raise FileNotFoundError(2, "No such file or directory", path)

    def edit(self, _text: str) -> str | None:
        """Nobody edits."""
        return None


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without status and what the server keeps for itself."""
    meta = {k: v for k, v in data.get("metadata", {}).items() if k not in HIDDEN}
    return {k: v for k, v in data.items() if k not in ("status", "metadata")} | {"metadata": meta}


def _whole(text: str, name: str) -> int:
    if not text.strip().isdigit():
        raise ValueError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _container(data: Mapping[str, Any]) -> dict[str, Any]:
    return dict(data.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [{}])[0])


def _scale_form(data: Mapping[str, Any], language: str) -> list[Field]:
    return [Field("replicas", label("replicas", language), str(data.get("spec", {}).get("replicas", 1)))]


def _scale(ref: Ref, _data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    return f"kubectl scale {_short(ref)} --replicas={_whole(values['replicas'], 'replicas')}"


def _image_form(data: Mapping[str, Any], language: str) -> list[Field]:
    return [Field("image", label("image", language), _container(data).get("image", ""))]


def _image(ref: Ref, data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    if not values["image"].strip():
        raise ValueError("an image needs a name")
    return f"kubectl set image {_short(ref)} {_container(data)['name']}={values['image'].strip()}"


def _key_form(data: Mapping[str, Any], language: str) -> list[Field]:
    keys = tuple(sorted(data.get("data", {})))
    first = keys[0] if keys else ""
    shown = "" if data.get("kind") == "Secret" else data.get("data", {}).get(first, "")
    return [Field("key", label("key", language), first, keys), Field("value", label("value", language), shown)]


def _key(ref: Ref, data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    if not values["key"]:
        raise ValueError("a key needs a name")
    part = "stringData" if data.get("kind") == "Secret" else "data"
    return _patch(ref, {part: {values["key"]: values["value"]}})


def _patch(ref: Ref, body: Any, kind: str = "") -> str:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).replace("'", "'\\''")
    return f"kubectl patch {_short(ref)}{f' --type={kind}' if kind else ''} -p '{text}'"


def _probe_form(data: Mapping[str, Any], language: str) -> list[Field]:
    container = _container(data)
    ports = container.get("ports") or [{}]
    now = container.get("readinessProbe", {}).get("httpGet", {})
    return [
        Field("path", label("path", language), now.get("path", "/healthz")),
        Field("port", label("port", language), str(now.get("port", ports[0].get("containerPort", 8080)))),
        Field("period", label("period", language), str(container.get("readinessProbe", {}).get("periodSeconds", 2))),
    ]


def _probe(ref: Ref, data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    port: int | str = int(values["port"]) if values["port"].isdigit() else values["port"]
    probe = {
        "httpGet": {"path": values["path"], "port": port},
        "periodSeconds": _whole(values["period"], "period"),
    }
    containers = [{"name": _container(data)["name"], "readinessProbe": probe}]
    return _patch(ref, {"spec": {"template": {"spec": {"containers": containers}}}})


def _env_form(data: Mapping[str, Any], language: str) -> list[Field]:
    names = tuple(e["name"] for e in _container(data).get("env", ()))
    return [
        Field("name", label("name", language), names[0] if names else "", names),
        Field("value", label("value", language), ""),
    ]


def _env(ref: Ref, _data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    if not values["name"]:
        raise ValueError("a variable needs a name")
    value = values["value"].replace("'", "'\\''")
    return f"kubectl set env {_short(ref)} '{values['name']}={value}'"


def _resources_form(data: Mapping[str, Any], language: str) -> list[Field]:
    now = _container(data).get("resources", {})
    return [
        Field(f"{part}-{name}", f"{label(part, language)} {name}", str(now.get(part, {}).get(name, "")))
        for part in ("requests", "limits")
        for name in ("cpu", "memory")
    ]


def _resources(ref: Ref, _data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    flags = []
    for part in ("requests", "limits"):
        given = [f"{n}={values[f'{part}-{n}']}" for n in ("cpu", "memory") if values.get(f"{part}-{n}")]
        if given:
            flags.append(f"--{part}={','.join(given)}")
    if not flags:
        raise ValueError("fill in at least one figure")
    return f"kubectl set resources {_short(ref)} {' '.join(flags)}"


def _route_form(data: Mapping[str, Any], language: str) -> list[Field]:
    rules = data.get("spec", {}).get("rules") or [{}]
    hosts = tuple(r.get("host", "") for r in rules)
    return [
        Field("host", label("host", language), hosts[0], hosts),
        Field("path", label("path", language), "/"),
        Field("type", label("path-type", language), "Prefix", ("Prefix", "Exact")),
        Field("service", label("service", language), ""),
        Field("port", label("port", language), "80"),
    ]


def _route(ref: Ref, data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    if not values["service"] or not values["path"].startswith("/"):
        raise ValueError("a route needs a path that starts with / and a Service")
    port = {"number": int(values["port"])} if values["port"].isdigit() else {"name": values["port"]}
    path = {
        "path": values["path"],
        "pathType": values["type"],
        "backend": {"service": {"name": values["service"], "port": port}},
    }
    for i, rule in enumerate(data.get("spec", {}).get("rules") or ()):
        if rule.get("host", "") == values["host"]:
            return _patch(ref, [{"op": "add", "path": f"/spec/rules/{i}/http/paths/-", "value": path}], "json")
    rule = {"host": values["host"], "http": {"paths": [path]}}
    return _patch(ref, [{"op": "add", "path": "/spec/rules/-", "value": rule}], "json")


def _selector_form(data: Mapping[str, Any], language: str) -> list[Field]:
    now = ",".join(f"{k}={v}" for k, v in sorted(data.get("spec", {}).get("selector", {}).items()))
    return [Field("selector", label("selector", language), now)]


def _selector(ref: Ref, _data: Mapping[str, Any], values: Mapping[str, str]) -> str:
    return f"kubectl set selector {_short(ref)} '{values['selector']}'"


FORMS: Mapping[
    str,
    tuple[Callable[[Mapping[str, Any], str], list[Field]], Callable[[Ref, Mapping[str, Any], Mapping[str, str]], str]],
] = {
    "scale": (_scale_form, _scale),
    "image": (_image_form, _image),
    "config-key": (_key_form, _key),
    "probe": (_probe_form, _probe),
    "env": (_env_form, _env),
    "resources": (_resources_form, _resources),
    "route": (_route_form, _route),
    "selector": (_selector_form, _selector),
}
"""Form → (its fields, the line that it amounts to)."""


# -- the editor, describe, why -------------------------------------------------------------------------------------


def manifest_of(game: Game, ref: Ref) -> str:
    """The YAML of an object, as the editor opens it; "" if it is gone."""
    obj = _find(game, ref)
    return manifest.dump(_plain(encode_object(obj))) if obj is not None else ""


def check_manifest(game: Game, text: str) -> tuple[tuple[int, str], ...]:
    """Errors of a manifest as (line from 1, message): parsing, strict decoding and validation, by a dry run."""
    found: list[tuple[int, str]] = []
    for document in manifest.read(text, "editor"):
        if document.error is not None:
            found.append((document.error.line, document.error.message))
        elif isinstance(document.data, dict):
            found += _check(game, document)
    return tuple(sorted(found))


def _check(game: Game, document: manifest.Document) -> list[tuple[int, str]]:
    data = document.data
    resource = game.cluster.server.resource_for_kind(data.get("apiVersion") or "", data.get("kind") or "")
    if resource is None:
        said = f'no matches for kind "{data.get("kind", "")}" in version "{data.get("apiVersion", "")}"'
        return [(document.line, said)]
    meta = data.get("metadata") or {}
    where = (meta.get("namespace") or game.config.namespace) if resource.namespaced else ""
    name = meta.get("name") or ""
    exists = game.cluster.etcd.get(resource.group_resource, (where, name)) is not None
    verb, kind = ("patch", "merge") if exists else ("create", "")
    request = Request(
        game.player, verb, resource, where, name, body=data, patch_type=kind, options=Options(dry_run=True)
    )
    try:
        game.client.server.handle(request)
    except StatusError as refused:
        causes = refused.details.causes
        if not causes:
            return [(document.line_of(_path(refused.message)), refused.message)]
        return [(document.line_of(_path_of(c.field)), f"{c.field}: {c.message}") for c in causes]
    except ApiError as error:
        return [(document.line, str(error))]
    return []


def _path(message: str) -> tuple[str | int, ...]:
    """The field that a message of strict decoding names in quotes."""
    return _path_of(message.split('unknown field "')[1].split('"')[0]) if 'unknown field "' in message else ()


def _path_of(field: str) -> tuple[str | int, ...]:
    parts: list[str | int] = []
    for part in field.replace("]", "").replace("[", ".").split("."):
        if part:
            parts.append(int(part) if part.isdigit() else part)
    return tuple(parts)


def describe(game: Game, ref: Ref) -> tuple[str, ...]:
    """Output of kubectl describe."""
    line = f"kubectl describe {_short(ref)}{f' -n {ref.namespace}' if ref.namespace else ''}"
    reply = kubectl(line, game.client, _Nothing(), game.cluster.etcd.clock.now, game.config)
    return (*reply.out, *reply.err)


def chain_for(game: Game, evidence: Evidence, ref: Ref) -> Chain | None:
    """Why a thing is not well; None if it is, or if nothing is known of its kind."""
    if ref.kind == "Node":
        return node_not_ready(evidence, ref.name) if not game.cluster.witness.powered(ref.name) else None
    if ref.kind == "Pod":
        found = evidence.pod(ref.namespace, ref.name)
        return pod_not_ready(evidence, found) if found is not None else None
    for pod in sorted(game.cluster.etcd.table("pods").in_namespace(ref.namespace), key=lambda p: p.metadata.name):
        assert isinstance(pod, types.Pod)
        owner = evidence.workload(pod)
        if (owner.kind, owner.metadata.name) == (ref.kind, ref.name):
            chain = pod_not_ready(evidence, pod)
            if chain is not None:
                return chain
    return None
