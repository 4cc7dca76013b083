"""kubectl apply view-last-applied: what the annotation of the last apply holds."""

from __future__ import annotations

from kubesim_tui.kubectl import builder, files, output
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.last_applied import LAST_APPLIED


def run(env: Env) -> None:
    """The command."""
    infos, failures = builder.chosen(env, env.flags.args, select_all=bool(env.flags["all"]))
    kind = env.flags.text("output") or "yaml"
    for info in infos:
        assert info.object is not None
        text = info.object.metadata.annotations.get(LAST_APPLIED)
        if text is None and not info.source:
            continue  # as upstream
        if text is None:
            raise error(
                f"error when no last-applied-configuration annotation found on resource: {info.name}\n "
                f'"{info.source}": <nil>'
            )
        if kind not in ("yaml", "json"):
            raise error(f"Unexpected -o output mode: {kind}, the flag 'output' must be one of yaml|json")
        data = files.parsed(text)
        env.say(output.to_yaml(data) if kind == "yaml" else output.to_json(data, indent=2))
    builder.finish(failures)
