"""kubectl apply set-last-applied: write the annotation of apply for a live object, and nothing else."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import files, output
from kubesim_tui.kubectl.builder import MUST_PROVIDE
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error, several
from kubesim_tui.kubectl.last_applied import LAST_APPLIED, bare


def run(env: Env) -> None:
    """The command."""
    if not env.flags["filename"]:
        raise error(MUST_PROVIDE)
    infos, failures = files.read(env, "apply")
    if failures:
        raise several(failures)
    for info in infos:
        assert info.data is not None
        live = env.get(info.resource, info.namespace, info.name)
        if LAST_APPLIED not in live.metadata.annotations and not env.flags["create-annotation"]:
            raise error(
                f"no last-applied-configuration annotation found on resource: {info.name}, to create the annotation, "
                "run the command with --create-annotation"
            )
        text = files.compact(_without_empty(bare(info.data)))
        data = data_of(live)
        if live.metadata.annotations.get(LAST_APPLIED) != text and env.dry_run() == "none":
            patch = {"metadata": {"annotations": {LAST_APPLIED: text}}}
            data = data_of(env.patch(info.resource, info.namespace, info.name, patch, "merge", env.options()))
        output.report(env, info.resource, data, "configured")


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    """The object without a map of annotations that holds none."""
    meta = {k: v for k, v in data["metadata"].items() if k != "annotations" or v}
    return {**data, "metadata": meta}
