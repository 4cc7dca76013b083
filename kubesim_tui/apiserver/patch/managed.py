"""Server-side apply: who manages which field, what an apply changes, and whom it conflicts with.

Ownership is recorded from an object's first server-side apply on. Its fields belong then to whoever wrote them before:
to "kubectl-client-side-apply" what the annotation of kubectl apply holds, else to "before-first-apply". From then on
every write of spec and metadata counts (docs/FIDELITY.md). Rules: structured-merge-diff's merge.Updater.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import FrozenMap, freeze, thaw
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.apiserver.patch import fieldset
from kubesim_tui.apiserver.patch.custom_shape import custom_root
from kubesim_tui.apiserver.patch.fieldset import MISSING, Fields, Path, Shape
from kubesim_tui.apiserver.request import Options, Request

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLIENT_SIDE, BEFORE = "kubectl-client-side-apply", "before-first-apply"
APPLY, UPDATE = "Apply", "Update"
FIELD = "managedFields"
OUTSIDE = ("apiVersion", "kind", "status")
OUTSIDE_META = (
    *("name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"),
)
Data = dict[str, Any]


@frozen
class Manager:
    """One entry of managedFields."""

    name: str
    operation: str
    api_version: str
    time: str
    fields: Fields
    subresource: str = ""

    @property
    def is_apply(self) -> bool:
        """Whether the fields were applied."""
        return self.operation == APPLY

    def __str__(self) -> str:
        name = json.dumps(self.name) + (f' with subresource "{self.subresource}"' if self.subresource else "")
        return name if self.is_apply else f"{name} using {self.api_version}"


def root(resource: Resource) -> Shape:
    """The shape of a resource's objects."""
    if isinstance(resource, CustomResource):
        return custom_root(resource.schema)
    return Shape("map", resource.definition if "." in resource.definition else "*")


def owned(resource: Resource, data: Data) -> Fields:
    """The fields of an object that can have managers."""
    meta = {k: v for k, v in (data.get("metadata") or {}).items() if k not in OUTSIDE_META}
    body = {k: v for k, v in data.items() if k not in OUTSIDE} | {"metadata": meta}
    return frozenset(p for p in fieldset.fields_of(body, root(resource)) if p != (("f", "metadata"),))


# -- managedFields ---------------------------------------------------------------------------------------------------


def read(data: Data) -> list[Manager]:
    """The managers of an object."""
    return [
        Manager(
            row.get("manager", ""),
            row.get("operation", ""),
            row.get("apiVersion", ""),
            row.get("time", ""),
            frozenset(fieldset.decode(row.get("fieldsV1") or {})),
            row.get("subresource", ""),
        )
        for row in (data.get("metadata") or {}).get("managedFields") or ()
    ]


def write(data: Data, managers: Iterable[Manager]) -> Data:
    """The object with these managers; those without fields are left out."""
    rows = [
        {
            "manager": m.name,
            "operation": m.operation,
            "apiVersion": m.api_version,
            "time": m.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": fieldset.encode(m.fields),
            **({"subresource": m.subresource} if m.subresource else {}),
        }
        for m in sorted(managers, key=lambda m: (m.operation, m.time, m.name, m.api_version))
        if m.fields
    ]
    return {**data, "metadata": {**data["metadata"], "managedFields": rows}}


def _first(resource: Resource, live: Data) -> list[Manager]:
    """Whose the fields are of an object that has never been applied on the server."""
    made = (live.get("metadata") or {}).get("creationTimestamp", "")
    version, fields = resource.api_version, owned(resource, live)
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if text is None:
        return [Manager(BEFORE, UPDATE, version, made, fields)]
    try:
        applied = owned(resource, json.loads(text)) & fields
    except ValueError:
        applied = frozenset()
    applied |= {p for p in fields if p[-1] == ("f", LAST_APPLIED)}
    return [Manager(CLIENT_SIDE, UPDATE, version, made, applied)]


# -- apply -----------------------------------------------------------------------------------------------------------


def apply(resource: Resource, live: Data, patch: Any, options: Options, now: int) -> Data:
    """The object after a server-side apply of a configuration (live {}: it does not exist yet). 409 for conflicts."""
    config, form = _config(patch, options), root(resource)
    _declared(resource, config, form)
    wanted = owned(resource, config)
    managers = (read(live) or _first(resource, live)) if live else []
    mine = next((m for m in managers if m.name == options.field_manager and m.is_apply), None)
    if mine is None and options.field_manager == "kubectl":
        mine, managers = _migrated(managers)
    others = [m for m in managers if m is not mine and not (m.name == options.field_manager and m.is_apply)]
    merged = merge(live, config, form) if live else config
    others = _settle(others, live, merged, form, force=options.force)
    last = mine.fields if mine is not None else frozenset()
    pruned = _prune(merged, form, last - wanted, [wanted, *(m.fields for m in others)])
    time = mine.time if mine is not None and mine.fields == wanted and mine.is_apply else format_time(now)
    me = Manager(options.field_manager, APPLY, resource.api_version, time, wanted)
    return write(pruned, [*others, me])


def _config(patch: Any, options: Options) -> Data:
    if not options.field_manager:
        text = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
        cause = Cause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager")
        raise StatusError(422, "Invalid", text, Details("", "meta.k8s.io", "PatchOptions", causes=(cause,)))
    if not isinstance(patch, dict):
        raise StatusError(400, "BadRequest", "error decoding YAML: the patch is no object")
    config: Data = thaw(patch)
    meta = config.get("metadata") or {}
    if not isinstance(meta, dict):
        return config
    if meta.get("managedFields"):
        raise StatusError(400, "BadRequest", "metadata.managedFields must be nil")
    return {**config, "metadata": {k: v for k, v in meta.items() if k != "managedFields"}}


def _declared(resource: Resource, config: Data, form: Shape) -> None:
    unknown = [f"{fieldset.spoken(p)}: field not declared in schema" for p in fieldset.undeclared(config, form)]
    unknown += [f"{fieldset.spoken(path)}: {said}" for path, said in fieldset.mismatched(config, form)]
    if not unknown:
        return
    meta = config.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    version = f"{resource.group}/{resource.version}" if resource.group else f"/{resource.version}"
    where = f"{meta.get('namespace', '')}/{meta.get('name', '')}; {version}, Kind={resource.kind}"
    said = unknown[0] if len(unknown) == 1 else "errors:" + "".join(f"\n  {u}" for u in unknown)
    raise StatusError(500, "", f"failed to create typed patch object ({where}): {said}")


def _migrated(managers: list[Manager]) -> tuple[Manager | None, list[Manager]]:
    """What kubectl applied from the client is its own (kubectl asks for this migration)."""
    old = next((m for m in managers if m.name == CLIENT_SIDE), None)
    if old is None:
        return None, managers
    kept = frozenset(p for p in old.fields if p[-1] != ("f", LAST_APPLIED))
    return evolve(old, fields=kept), [m for m in managers if m is not old]


def merge(live: Any, config: Any, form: Shape) -> Any:
    """The live value with what the configuration says."""
    if form.kind == "map" and isinstance(live, dict) and isinstance(config, dict):
        return {**live, **{k: merge(live[k], v, form.child(k)) if k in live else v for k, v in config.items()}}
    if form.kind in ("list", "set") and isinstance(live, list) and isinstance(config, list):
        return _merge_list(live, config, form)
    return config


def _merge_list(live: Sequence[Any], config: Sequence[Any], form: Shape) -> list[Any]:
    """Live items keep their places, changed where the configuration speaks of them; its new items follow."""
    wanted = {_key(item, form): item for item in config}
    merged = [merge(i, wanted.pop(_key(i, form)), form.item) if _key(i, form) in wanted else i for i in live]
    return merged + [item for item in config if _key(item, form) in wanted]


def _key(item: Any, form: Shape) -> str:
    return fieldset.key_of(item, form.keys) if form.kind == "list" else fieldset.compact(item)


def _settle(others: list[Manager], live: Data, merged: Data, form: Shape, *, force: bool) -> list[Manager]:
    """The other managers with what is left to them. 409 if a field of theirs would change, unless by force."""
    conflicts = [(m, p) for m in others for p in sorted(m.fields) if _changed(live, merged, form, p)]
    if conflicts and not force:
        raise _conflict(conflicts)
    taken = set(conflicts)
    return [evolve(m, fields=frozenset(p for p in m.fields if (m, p) not in taken)) for m in others]


def _changed(live: Data, merged: Data, form: Shape, path: Path) -> bool:
    if path[-1][0] != "f":
        return False  # items are there or not; an apply takes none of somebody else's away
    new = fieldset.get(merged, form, path)
    return new is not MISSING and new != fieldset.get(live, form, path)


def _conflict(found: Sequence[tuple[Manager, Path]]) -> StatusError:
    causes = tuple(Cause("FieldManagerConflict", f"conflict with {m}", fieldset.spoken(p)) for m, p in found)
    if len(found) == 1:
        text = f"Apply failed with 1 conflict: conflict with {found[0][0]}: {fieldset.spoken(found[0][1])}"
        return StatusError(409, "Conflict", text, Details(causes=causes))
    paths: dict[str, list[str]] = {}
    for manager, path in found:
        paths.setdefault(str(manager), []).append(fieldset.spoken(path))
    blocks = ["\n".join([f"conflicts with {name}:", *(f"- {p}" for p in held)]) for name, held in sorted(paths.items())]
    text = f"Apply failed with {len(found)} conflicts: " + "\n".join(blocks)
    return StatusError(409, "Conflict", text, Details(causes=causes))


def _prune(merged: Data, form: Shape, gone: Fields, kept: Sequence[Fields]) -> Data:
    """Without the fields that are no longer applied and that nobody else has."""
    owners = frozenset[Path]().union(*kept)
    prefixes = {p[:n] for p in owners for n in range(1, len(p) + 1)}
    data: Data = thaw(merged)
    for path in sorted(gone):
        if path in prefixes:
            continue
        first = 2 if path[0] == ("f", "metadata") else 1
        top = next((n for n in range(first, len(path)) if path[:n] not in prefixes), len(path))
        fieldset.remove(data, form, path[:top])
    return data


# -- other writes ----------------------------------------------------------------------------------------------------


def track(request: Request, old: Object, new: Object, now: int) -> Object:
    """The new state of an object that has managers, with those that it has after this request. Cheap for others."""
    if FIELD not in old.metadata.rest:
        return new
    manager = request.options.field_manager or _component(request.user.name)
    data = update(request.resource, encode_object(old), encode_object(new), manager, now, request.subresource)
    rest = FrozenMap({**new.metadata.rest, FIELD: freeze(data["metadata"][FIELD])})
    return new.evolve(metadata=new.metadata.evolve(rest=rest))


def _component(user: str) -> str:
    """The manager's name of who gives none: upstream's comes from the user agent."""
    if user.startswith("system:serviceaccount:kube-system:") and user.endswith("-controller"):
        return "kube-controller-manager"
    if user.startswith("system:node:"):
        return "kubelet"
    return user.removeprefix("system:") if user.startswith("system:kube-") else "kubectl"


def update(resource: Resource, old: Data, new: Data, manager: str, now: int, subresource: str = "") -> Data:
    """The new state of an object with managers, after somebody has written it in another way than by applying."""
    form, before, after = root(resource), owned(resource, old), owned(resource, new)
    managers = read(old)
    changed = frozenset(p for p in after if p not in before or fieldset.get(old, form, p) != fieldset.get(new, form, p))
    kept = []
    known = frozenset[Path]()
    time = format_time(now)
    for m in managers:
        if m.name == manager and not m.is_apply and m.subresource == subresource:
            known = m.fields & after
            time = m.time if changed <= known else time
        else:
            kept.append(evolve(m, fields=(m.fields & after) - frozenset(p for p in changed if p[-1][0] == "f")))
    me = Manager(manager, UPDATE, resource.api_version, time, known | changed, subresource)
    return write(new, [*kept, me])
