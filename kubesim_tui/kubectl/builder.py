"""Which objects a command means: `pods`, `pod web`, `deploy/web svc/db`, `pods,svc -l app=web`, `-f file`.

As cli-runtime's resource builder: arguments become visits, each of which gives an object or an error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import discovery, fail, files
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

MUST_PROVIDE = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""
NO_NAME = "resource(s) were provided, but no name was specified"


@frozen
class Wanted:
    """What the arguments ask for: types without names (then `listed`), or types with names."""

    types: tuple[Resource, ...]
    pairs: tuple[tuple[Resource, str], ...]
    single: bool  # one object by name

    @property
    def listed(self) -> bool:
        """Whether objects are to be listed."""
        return bool(self.types)


def arguments(env: Env, args: Sequence[str], *, select_all: bool = False) -> Wanted:
    """Read TYPE, TYPE NAME…, TYPE/NAME…. Fail in upstream's words."""
    slashes = [a for a in args if "/" in a]
    if slashes:
        return _pairs(env, args, slashes)
    types = discovery.expand(env.client, args[0])
    for word in args[0].split(","):
        if (said := discovery.ambiguous(env.client, word)) and said not in env.err:
            env.warn(said)
    names = list(dict.fromkeys(args[1:]))
    if names:
        if _selects(env):
            raise error("name cannot be provided when a selector is specified")
        if env.all_namespaces:
            raise error("a resource cannot be retrieved by name across all namespaces")
        pairs = tuple((t, n) for t in types for n in names)
        return Wanted((), pairs, len(pairs) == 1)
    if not select_all and not _selects(env):
        raise error(NO_NAME)
    return Wanted(tuple(types), (), False)


def _selects(env: Env) -> bool:
    if env.flags.path == "expose":
        return False  # there --selector is that of the Service
    return bool(env.flags.text("selector") or env.flags.text("field-selector"))


def _pairs(env: Env, args: Sequence[str], slashes: Sequence[str]) -> Wanted:
    if len(slashes) != len(args):
        raise error(
            "there is no need to specify a resource type as a separate argument when passing arguments in "
            "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
            "resource/<resource_name>'"
        )
    if env.all_namespaces:
        raise error("a resource cannot be retrieved by name across all namespaces")
    if _selects(env):
        raise error("name cannot be provided when a selector is specified")
    pairs = []
    for text in args:
        parts = text.split("/")
        if len(parts) != 2:
            raise error("arguments in resource/name form may not have more than one slash")
        word, name = parts
        if not word or not name:
            raise error("arguments in resource/name form must have a single resource and name")
        found = discovery.expand(env.client, word)
        if len(found) != 1:
            raise error("arguments in resource/name form must have a single resource and name")
        pairs.append((found[0], name))
    return Wanted((), tuple(dict.fromkeys(pairs)), len(pairs) == 1)


def visit(env: Env, wanted: Wanted, *, fetch: bool = True) -> Iterator[Info | ApiError]:
    """The objects asked for, or the error instead of one."""
    for resource in wanted.types:
        try:
            yield from listed(env, resource)
        except ApiError as failure:
            yield failure
    for resource, name in wanted.pairs:
        namespace = env.namespace if resource.namespaced else ""
        if not fetch:
            yield Info(resource, namespace, name)
            continue
        try:
            yield Info(resource, namespace, name, env.get(resource, namespace, name))
        except ApiError as failure:
            yield failure


def listed(env: Env, resource: Resource) -> list[Info]:
    """All objects of a type that the selectors choose."""
    namespace = "" if env.all_namespaces else env.namespace
    labels, fields = env.flags.text("selector"), env.flags.text("field-selector")
    try:
        found = env.list(resource, namespace, labels, fields)
    except StatusError as refused:
        raise _explained(refused, resource, labels, fields) from None
    return [Info(resource, o.metadata.namespace, o.metadata.name, o) for o in found]


def _explained(refused: StatusError, resource: Resource, labels: str, fields: str) -> StatusError:
    """A refused list call says what was looked for."""
    if refused.reason not in ("BadRequest", "NotFound"):
        return refused
    group = f"{resource.group}/{resource.version}" if resource.group else f"/{resource.version}"
    what = f'"{group}, Resource={resource.plural}"'
    if not labels and not fields:
        text = f"Unable to list {what}: {refused.message}"
    else:
        text = (
            f'Unable to find {what} that match label selector "{labels}", field selector "{fields}": {refused.message}'
        )
    return StatusError(refused.code, refused.reason, text, refused.details)


def collect(found: Iterator[Info | ApiError]) -> tuple[list[Info], list[ApiError | Fail]]:
    """(objects, errors) of a visit."""
    infos: list[Info] = []
    failures: list[ApiError | Fail] = []
    for item in found:
        (infos if isinstance(item, Info) else failures).append(item)  # type: ignore[arg-type]
    return infos, failures


def chosen(env: Env, args: Sequence[str], *, select_all: bool = False) -> tuple[list[Info], list[ApiError | Fail]]:
    """The objects that arguments and -f name, as the server has them; Fail if neither is there."""
    if files.named(env) and env.flags["local"]:
        return files.read(env, env.flags.path.split(" ")[0])
    if files.named(env):
        return files.fetched(env)
    return chosen_by(env, args, select_all=select_all)


def chosen_by(env: Env, args: Sequence[str], *, select_all: bool = False) -> tuple[list[Info], list[ApiError | Fail]]:
    """The objects that arguments name, whatever files are named; Fail if there are none."""
    if not args:
        raise error(MUST_PROVIDE)
    return collect(visit(env, arguments(env, args, select_all=select_all)))


def finish(failures: Sequence[ApiError | Fail]) -> None:
    """End with the errors that were met, if any."""
    if failures:
        raise fail.several(failures)
