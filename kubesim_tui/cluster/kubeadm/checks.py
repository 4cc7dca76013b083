"""Preflight checks: each names itself and says what is wrong; all of them are made before a command gives up."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.running import Run

ADVICE = (
    "[preflight] If you know what you are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`"
)


def conclude(run: Run, found: Iterable[tuple[str, str]], phase: str) -> None:
    """Go on if no check (name, what it says) has failed that is not ignored; `phase`: "" outside of one."""
    ignored = {name.strip().lower() for name in run.call.flags.get("ignore-preflight-errors", "").split(",")}
    errors: list[str] = []
    for name, said in found:
        if "all" in ignored or name.lower() in ignored:
            run.warn(f"\t[WARNING {name}]: {said}")
        else:
            errors.append(f"\t[ERROR {name}]: {said}")
    if errors:
        run.warn("[preflight] Some fatal errors occurred:", *errors, ADVICE)
        raise Failure(in_phase(phase, "preflight checks failed"))


def in_phase(phase: str, said: str) -> str:
    """An error, with the phase in which it came."""
    return f"error execution phase {phase}: {said}" if phase else said
