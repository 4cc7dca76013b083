"""The phase of a Pod, by upstream's own tables."""

import pytest

from kubesim_tui.api.codec import decode
from kubesim_tui.api.types import PodSpec, PodStatus
from kubesim_tui.kubelet.phase import get_phase
from tests.kubelet.upstream import cases


@pytest.mark.parametrize(("name", "given", "want"), cases("pod_phase"))
def test_phase(name, given, want):
    """status.phase follows from the spec and the states of the containers."""
    spec = decode(PodSpec, given["pod"]["spec"])
    status = decode(PodStatus, given["pod"]["status"])
    statuses = (*status.init_container_statuses, *status.container_statuses)
    assert get_phase(spec, statuses, terminal=given.get("podIsTerminal", False)) == want["phase"]
