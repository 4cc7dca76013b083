"""kubectl set selector: the selector of a Service."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import labelparse
from kubesim_tui.api.labels import SelectorError
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import builder, change
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    if not args:
        raise error("one selector is required")
    try:
        selector = labelparse.parse_object(args[-1])
    except SelectorError as wrong:
        raise error(str(wrong)) from None
    infos, failures = builder.chosen(env, args[:-1], select_all=bool(env.flags["all"]))
    wanted = _Selector(selector, env.flags.text("resource-version"))
    for info in infos:
        try:
            change.one(env, info, wanted, "selector updated", always=True)
        except (ApiError, Fail) as failure:
            failures.append(failure)
            break
    builder.finish(failures)


class _Selector:
    def __init__(self, selector: dict[str, Any], version: str) -> None:
        self.selector, self.version = selector, version

    def __call__(self, data: change.Data) -> None:
        if data.get("kind") != "Service":
            raise error("setting a selector is only supported for Services")
        if found := self.selector.get("matchExpressions"):
            shown = " ".join(f"{{{e['key']} {e['operator']} [{' '.join(e.get('values') or ())}]}}" for e in found)
            raise error(f"match expression [{shown}] not supported on this object")
        data["spec"]["selector"] = dict(self.selector.get("matchLabels") or {})
        if self.version:
            data["metadata"]["resourceVersion"] = self.version
