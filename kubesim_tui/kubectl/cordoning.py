"""kubectl cordon, uncordon and drain: take a node out of service, and give it back.

Draining cordons, then evicts the node's Pods one by one (disruption budgets are asked) and waits until they are gone.
"""

from __future__ import annotations

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, discovery, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error, no_match, several, usage
from kubesim_tui.kubectl.info import Info


def run(env: Env) -> None:
    """kubectl cordon and uncordon."""
    verb = env.flags.path
    for info in nodes(env, verb):
        mark(env, info, verb == "cordon")


def nodes(env: Env, verb: str) -> list[Info]:
    """The nodes that the arguments or the selector name. Fail if one of the arguments names none."""
    args = env.flags.args
    if not args and not env.flags.text("selector"):
        raise usage(f"USAGE: {verb} NODE [flags]", verb)
    if args and env.flags.text("selector"):
        raise usage("cannot specify both a node name and a --selector option", verb)
    resource = for_plural("nodes")
    names = [_name(env, word) for word in args]
    if not names:
        return builder.listed(env, resource)
    found = []
    failures: list[ApiError | Fail] = []
    for name in names:
        try:
            found.append(Info(resource, "", name, env.get(resource, "", name)))
        except StatusError as refused:
            failures.append(refused)
    if failures:
        raise several(failures)
    return found


def _name(env: Env, word: str) -> str:
    """The name of `node/n1`, or of what is a name already. Fail for another type."""
    kind, slash, name = word.partition("/")
    if not slash:
        return word
    found = discovery.find(env.client, kind)
    if found is None:
        raise error(no_match(kind))
    if found.plural != "nodes":
        group = f"{found.group}/{found.version}" if found.group else f"/{found.version}"
        raise error(f'expected resource of type node, got "{group}, Resource={found.plural}"')
    return name


def mark(env: Env, info: Info, wanted: bool) -> None:
    """Set spec.unschedulable, and say so."""
    assert info.object is not None
    word = "cordoned" if wanted else "uncordoned"
    before = bool((data_of(info.object).get("spec") or {}).get("unschedulable"))
    if before == wanted:
        output.report(env, info.resource, data_of(info.object), f"already {word}")
        return
    if env.dry_run() != "client":
        patch = {"spec": {"unschedulable": True if wanted else None}}
        env.patch(info.resource, "", info.name, patch, "strategic", env.options())
    output.report(env, info.resource, data_of(info.object), word)
