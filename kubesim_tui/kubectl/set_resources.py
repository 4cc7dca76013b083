"""kubectl set resources: requests and limits of the containers of a Pod template."""

from __future__ import annotations

from kubesim_tui.api import quantity
from kubesim_tui.kubectl import builder, change
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    limits, requests = parse(flags.text("limits")), parse(flags.text("requests"))
    if not limits and not requests:
        raise error("you must specify an update to requests or limits (in the form of --requests/--limits)")
    infos, failures = builder.chosen(env, flags.args, select_all=bool(flags["all"]))
    wanted = _Resources(limits, requests, flags.text("containers") or "*")
    change.each(
        env,
        infos,
        failures,
        wanted,
        "resource requirements updated",
        "failed to patch resources update to pod template ",
    )


def parse(text: str, word: str = "invalid") -> dict[str, str]:
    """`cpu=200m,memory=512Mi`. Fail if it is not that."""
    found = {}
    for part in text.split(",") if text else ():
        name, equals, amount = part.partition("=")
        if not equals:
            raise error(f"{word} argument syntax {part}, expected <resource>=<value>")
        try:
            found[name] = quantity.canonical(amount)
        except quantity.QuantityError as wrong:
            raise error(str(wrong)) from None
    return found


class _Resources:
    def __init__(self, limits: dict[str, str], requests: dict[str, str], pattern: str) -> None:
        self.limits, self.requests, self.pattern = limits, requests, pattern

    def __call__(self, data: Data) -> None:
        found = change.selected(change.pod_spec(data), self.pattern)
        if not found:
            raise error(f"unable to find container named {self.pattern}")
        for container in found:
            resources = container.setdefault("resources", {})
            for key, wanted in (("limits", self.limits), ("requests", self.requests)):
                if wanted:
                    resources.setdefault(key, {}).update(wanted)
