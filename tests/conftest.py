"""Hypothesis: the same examples every time, however busy the machine is. The collector: out of the way."""

import copy
import gc

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "kubesim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("kubesim")


def pytest_collection_finish():
    """Fifteen thousand tests and all their modules stay to the end: circles are not looked for among them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture
def board(settled):
    """A copy for one test of what a module calls `settled`: a cluster that is built and Ready once for all of them."""
    return copy.deepcopy(settled)
