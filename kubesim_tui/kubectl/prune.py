"""kubectl apply --prune: delete what was applied before and is not among the manifests any more.

Looked at are the types of the allowlist in every namespace that the manifests name; an object goes if it bears the
annotation of apply, the selector means it, and it has not just been applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import discovery, output
from kubesim_tui.kubectl.deletion import cascade
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import LAST_APPLIED

CORE = ("ConfigMap", "Endpoints", "PersistentVolumeClaim", "Pod", "ReplicationController", "Secret", "Service")
ALLOWED = (
    *(("v1", kind) for kind in CORE),
    *(("batch/v1", kind) for kind in ("Job", "CronJob")),
    ("networking.k8s.io/v1", "Ingress"),
    *(("apps/v1", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    *(("v1", kind) for kind in ("Namespace", "PersistentVolume")),
)
"""The types that are looked at without --prune-allowlist."""

WITH_NAMESPACE = (
    "W: Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the "
    "--namespace flag in a future release. To preserve the current behaviour, list the resources you want to target "
    "explicitly in the --prune-allowlist flag."
)


def check(env: Env) -> list[Resource]:
    """The types to look at; Fail for flags that do not go together."""
    flags = env.flags
    found = allowlist(env)
    if flags["force"]:
        raise error("--force cannot be used with --prune")
    if flags.text("applyset"):
        raise error("--applyset is not available here: prune by label with -l")
    if not flags["all"] and not flags.text("selector"):
        raise error(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all "
            "flag. If you did not mean to prune all resources, specify a label selector"
        )
    if flags["server-side"]:
        raise error("--prune is in alpha and doesn't currently work on objects created by server-side apply")
    return found


def allowlist(env: Env) -> list[Resource]:
    """The types that --prune-allowlist names."""
    return [_allowed(env, text) for text in env.flags["prune-allowlist"] or ()]


def _allowed(env: Env, text: str) -> Resource:
    """A type of --prune-allowlist: `apps/v1/Deployment`, `core/v1/ConfigMap`."""
    parts = text.split("/")
    if len(parts) != 3:
        raise error(f"invalid GroupVersionKind format: {text}, please follow <group/version/kind>")
    group, version, kind = parts
    api = version if group in ("core", "") else f"{group}/{version}"
    found = discovery.for_object(env.client, api, kind)
    if found is None:
        raise error(f'no matches for kind "{kind}" in version "{api}"')
    return found


def run(env: Env, types: list[Resource], applied: Iterable[tuple[Info, str]]) -> None:
    """Delete what is not among the applied objects, (object, uid) each."""
    options = evolve(env.options(), propagation=cascade(env))
    for resource, obj in superfluous(env, types, applied):
        if env.dry_run() != "client":
            try:
                env.delete(resource, obj.metadata.namespace, obj.metadata.name, options)
            except StatusError as refused:
                raise _failed(resource, refused) from None
        output.report(env, resource, data_of(obj), "pruned")


def superfluous(
    env: Env, types: list[Resource], applied: Iterable[tuple[Info, str]]
) -> Iterator[tuple[Resource, Object]]:
    """What --prune would delete: (type, object)."""
    found = list(applied)
    kept = {uid for _, uid in found}
    chosen = types
    if not types:
        chosen = [r for api, kind in ALLOWED if (r := discovery.for_object(env.client, api, kind)) is not None]
        env.warn(WITH_NAMESPACE)
    namespaces = sorted({info.namespace for info, _ in found if info.resource.namespaced})
    places = [(r, namespace) for namespace in namespaces for r in chosen if r.namespaced]
    places += [(r, "") for r in chosen if not r.namespaced]
    for resource, namespace in places:
        try:
            objects = env.list(resource, namespace, env.flags.text("selector"))
        except StatusError as refused:
            raise _failed(resource, refused) from None
        for obj in objects:
            if LAST_APPLIED in obj.metadata.annotations and obj.metadata.uid not in kept:
                yield resource, obj


def _failed(resource: Resource, refused: StatusError) -> Fail:
    scope = "namespaced" if resource.namespaced else "nonNamespaced"
    gvk = f"{resource.api_version}, Kind={resource.kind}"
    return error(f"error pruning {scope} object {gvk}: {refused.message}")
