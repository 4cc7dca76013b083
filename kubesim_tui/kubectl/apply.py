"""kubectl apply: make the cluster have what manifests say.

What was applied last is kept in an annotation; it, the manifest and the live object give a three-way merge patch
(`merge.three_way`). With --server-side the API server merges, and knows who owns which field.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from kubesim_tui.api.jsonpath import go_json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.kubectl import builder, discovery, files, output, prune, record
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info
from kubesim_tui.kubectl.last_applied import LAST_APPLIED, annotated
from kubesim_tui.kubectl.merge import three_way

MISSING = (
    f"Warning: resource {{}} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl "
    "apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl "
    "apply. The missing annotation will be patched automatically."
)


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if not files.named(env):
        raise error("must specify one of -f and -k")
    if flags.args:
        raise error(f"Unexpected args: {go_list(flags.args)}\nSee 'kubectl apply -h' for help and examples")
    _check(env)
    pruned = _pruned_types(env)
    printer = output.printer(env) if flags.text("output") not in ("", "name") else None
    infos, failures = files.read(env, "apply")
    infos = files.labelled(infos, flags.text("selector"))
    if not infos and not failures:
        raise error("no objects passed to apply")
    made: list[dict[str, Any]] = []
    applied: list[tuple[Info, str]] = []
    for info in infos:
        try:
            assert info.data is not None
            done, data = apply(env, evolve(info, data=record.annotated(env, info.data)))
        except (ApiError, Fail) as failure:
            failures.append(failure)
            continue
        made.append(data)
        applied.append((info, data["metadata"].get("uid", "")))
        if printer is None:
            output.report(env, info.resource, data, done)
    if printer is not None and made:
        shown = [output.shown(env, m) for m in made]
        env.say_raw(printer(shown[0] if len(shown) == 1 else output.typed_list(shown)))
    if flags["prune"] and not failures:
        prune.run(env, pruned, applied)
    builder.finish(failures)


def _pruned_types(env: Env) -> list[Resource]:
    """The types that --prune-allowlist names."""
    if not env.flags["prune"]:
        return []
    return prune.check(env)


def _check(env: Env) -> None:
    """Fail for flags that do not go together."""
    flags = env.flags
    server, dry = flags["server-side"], env.dry_run()
    if flags["force-conflicts"] and not server:
        raise error("--force-conflicts only works with --server-side")
    if dry == "client" and server:
        raise error("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)")
    if server and flags["force"]:
        raise error("--force cannot be used with --server-side")
    if dry == "server" and flags["force"]:
        raise error("--dry-run=server cannot be used with --force")
    if flags["all"] and flags.text("selector"):
        raise error("cannot set --all and --selector at the same time")
    if flags.text("applyset") and not flags["prune"]:
        raise error("--applyset requires --prune")
    if flags.text("subresource") and not server:
        raise error("--subresource can only be specified for --server-side")


def go_list(words: list[str]) -> str:
    """Words as Go prints a list."""
    return f"[{' '.join(words)}]"


def apply(env: Env, info: Info) -> tuple[str, dict[str, Any]]:
    """Apply one object: (created, configured, unchanged or serverside-applied; its JSON afterwards)."""
    assert info.data is not None
    if not info.name and info.data["metadata"].get("generateName"):
        raise error(f"from {info.data['metadata']['generateName']}: cannot use generate name with apply")
    if env.flags["server-side"]:
        return _server_side(env, info)
    try:
        live = env.get(info.resource, info.namespace, info.name)
    except StatusError as refused:
        if refused.reason != "NotFound":
            raise retrieving(refused, info) from None
        return "created", _create(env, info)
    return _update(env, info, data_of(live))


def retrieving(refused: StatusError, info: Info) -> StatusError:
    """A refusal to show the live object, with its place."""
    text = f'error when retrieving current configuration of:\n{_about(info)}\nfrom server for: "{info.source}": '
    return StatusError(refused.code, refused.reason, text + refused.message, refused.details)


def with_source(refused: StatusError, verb: str, source: str) -> StatusError:
    """A refusal that names the file: `error when creating "web.yaml": …`."""
    text = f'error when {verb} "{source}": {refused.message}'
    return StatusError(refused.code, refused.reason, text, refused.details)


def _create(env: Env, info: Info) -> dict[str, Any]:
    assert info.data is not None
    data = annotated(info.data)
    if env.dry_run() == "client":
        return data
    try:
        return data_of(env.create(info.resource, info.namespace, data, env.options()))
    except StatusError as refused:
        raise with_source(refused, "creating", info.source) from None


def _update(env: Env, info: Info, live: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    assert info.data is not None
    wanted = annotated(info.data)
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if text is None:
        env.warn(MISSING.format(f"{info.resource.plural}/{info.name}"))
    if env.dry_run() == "client":
        return "configured", live
    patch = patch_for(info, files.parsed(text) if text else {}, wanted, live)
    if not patch:
        return "unchanged", live
    try:
        kind = "merge" if is_custom(info) else "strategic"
        made = env.patch(info.resource, info.namespace, info.name, patch, kind, env.options())
    except StatusError as refused:
        if env.flags["force"] and refused.reason in ("Conflict", "Invalid"):
            return "configured", _recreate(env, info)
        raise _patching(refused, info, patch) from None
    return "configured", data_of(made)


def is_custom(info: Info) -> bool:
    """Whether a type has no strategic schema."""
    return "." not in info.resource.definition


def patch_for(info: Info, applied: dict[str, Any], wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """The three-way patch; Fail if the manifest does not fit the schema."""
    try:
        if is_custom(info):
            return three_way.json_patch(applied, wanted, live)
        return three_way.strategic(info.resource.definition, applied, wanted, live)
    except (PatchError, TypeError) as wrong:
        raise error(
            f"error when creating patch with:\noriginal:\n{go_json(applied)}\nmodified:\n{go_json(wanted)}\n"
            f'for: "{info.source}": {wrong}'
        ) from None


def _recreate(env: Env, info: Info) -> dict[str, Any]:
    """--force: delete, and create anew."""
    env.delete(info.resource, info.namespace, info.name, evolve(env.options(), grace=0))
    return _create(env, info)


def _about(info: Info) -> str:
    r = info.resource
    group = f"{r.group}/{r.version}" if r.group else f"/{r.version}"
    return (
        f'Resource: "{group}, Resource={r.plural}", GroupVersionKind: "{group}, Kind={r.kind}"\n'
        f'Name: "{info.name}", Namespace: "{info.namespace}"'
    )


def _patching(refused: StatusError, info: Info, patch: dict[str, Any]) -> StatusError:
    """A refused patch, with everything that helps."""
    text = (
        f'error when applying patch:\n{go_json(patch)}\nto:\n{_about(info)}\nfor: "{info.source}": '
        f'error when patching "{info.source}": {refused.message}'
    )
    return StatusError(refused.code, refused.reason, text, refused.details)


def _server_side(env: Env, info: Info) -> tuple[str, dict[str, Any]]:
    assert info.data is not None
    manager = env.flags.text("field-manager")
    manager = manager if env.flags.given("field-manager") else "kubectl"
    options = evolve(env.options(force=bool(env.flags["force-conflicts"])), field_manager=manager)
    try:
        made = env.patch(
            info.resource, info.namespace, info.name, info.data, "apply", options, env.flags.text("subresource")
        )
    except StatusError as refused:
        if refused.reason == "Conflict":
            raise Fail(conflict_text(refused)) from None
        raise with_source(refused, "applying", info.source) from None
    return "serverside-applied", data_of(made)


def conflict_text(refused: StatusError) -> str:
    """What is said of fields that somebody else owns."""
    return (
        f"error: {refused.message}\n"
        "Please review the fields above--they currently have other managers. Here\n"
        "are the ways you can resolve this warning:\n"
        "* If you intend to manage all of these fields, please re-run the apply\n"
        "  command with the `--force-conflicts` flag.\n"
        "* If you do not intend to manage all of the fields, please edit your\n"
        "  manifest to remove references to the fields that should keep their\n"
        "  current managers.\n"
        "* You may co-own fields by updating your manifest to match the existing\n"
        "  value; in this case, you'll become the manager if the other manager(s)\n"
        "  stop managing the field (remove it from their configuration).\n"
        "See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"
    )


def label(info: Info) -> str:
    """`deployment.apps/web`."""
    return f"{discovery.label(info.resource)}/{info.name}"
