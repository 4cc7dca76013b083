"""kubectl set selector: the selector of a Service."""

from __future__ import annotations

from kubesim_tui.kubectl import builder, change
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    if len(args) < 2 or "=" not in args[-1]:
        raise error("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    selector = dict(part.partition("=")[::2] for part in args[-1].split(","))
    infos, failures = builder.chosen(env, args[:-1], select_all=bool(env.flags["all"]))
    change.each(env, infos, failures, _Selector(selector), "selector updated")


class _Selector:
    def __init__(self, selector: dict[str, str]) -> None:
        self.selector = selector

    def __call__(self, data: change.Data) -> None:
        if data.get("kind") != "Service":
            raise error(f"setting a selector is only supported for Services, not {data.get('kind')}")
        data["spec"]["selector"] = self.selector
