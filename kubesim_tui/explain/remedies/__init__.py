"""What would have prevented each cause: told when a level is lost, not before."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.explain.remedies.ingress import INGRESS
from kubesim_tui.explain.remedies.machines import MACHINES
from kubesim_tui.explain.remedies.network import NETWORK
from kubesim_tui.explain.remedies.storage import STORAGE
from kubesim_tui.explain.remedies.workloads import WORKLOADS

REMEDIES: Mapping[str, tuple[str, str]] = {**WORKLOADS, **STORAGE, **MACHINES, **NETWORK, **INGRESS}
"""Code → what would have prevented it, in English and Chinese; none for what is too general to say."""


def remedy(cause: str, language: str) -> str:
    """What would have prevented a cause, in a language; "" where nothing general can be said."""
    english, chinese = REMEDIES.get(cause, ("", ""))
    return chinese if language == "zh" else english
