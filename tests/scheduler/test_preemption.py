"""Preemption: upstream's tables, and what becomes of preemptor and victims in a cluster."""

import pytest

from kubesim_tui.api import types
from tests.scheduler.bench import Cluster


def full(**more):
    """Two nodes, each filled by a Pod of low priority."""
    c = Cluster()
    c.node("a", cpu="1")
    c.node("b", cpu="1")
    c.pod("low-1", cpu="1", priority=1, **more)
    c.pod("low-2", cpu="1", priority=2, **more)
    c.tick()
    c.run_pods()
    return c


def test_a_pod_of_higher_priority_takes_the_place_of_the_lowest():
    c = full()
    c.pod("high", cpu="1", priority=100)
    c.tick()
    victim, node = "low-1", c.node_of("low-1")
    assert c.get(types.Pod, victim).metadata.deletion_timestamp is not None
    assert c.get(types.Pod, "high").status.nominated_node_name == node
    condition = next(x for x in c.get(types.Pod, victim).status.conditions if x.type == "DisruptionTarget")
    assert condition.reason == "PreemptionByScheduler"
    assert condition.message == "default-scheduler: preempting to accommodate a higher priority pod"
    uid = c.get(types.Pod, "high").metadata.uid
    assert c.said(victim)[-1] == ("Preempted", f"Preempted by pod {uid} on node {node}")
    c.gone(victim)
    c.tick()
    assert c.node_of("high") == node


def test_the_message_of_a_successful_preemption_says_nothing_of_it():
    c = full()
    c.pod("high", cpu="1", priority=100)
    c.tick()
    assert c.condition("high") == ("False", "Unschedulable", "0/2 nodes are available: 2 Insufficient cpu.")


def test_while_its_victim_terminates_it_takes_no_other():
    c = full()
    c.pod("high", cpu="1", priority=100)
    c.tick()
    c.node("c", cpu="1", unschedulable=True)
    c.patch(
        types.Node,
        "c",
        {"spec": {"unschedulable": None, "taints": [{"key": "x", "effect": "NoSchedule"}]}},
        namespace="",
    )
    c.tick()
    assert c.condition("high")[2].endswith("preemption: not eligible due to a terminating pod on the nominated node.")
    assert c.get(types.Pod, "low-2").metadata.deletion_timestamp is None


@pytest.mark.parametrize("spec", [{"priority": 1}, {"priority": 100, "preemptionPolicy": "Never"}])
def test_neither_equals_nor_the_meek_preempt(spec):
    c = full()
    c.pod("other", cpu="1", **spec)
    c.tick()
    assert all(p.metadata.deletion_timestamp is None for p in c.list(types.Pod))


def test_never_is_said():
    c = full()
    c.pod("meek", cpu="1", priority=100, preemptionPolicy="Never")
    c.tick()
    assert c.condition("meek")[2] == (
        "0/2 nodes are available: 2 Insufficient cpu. "
        "no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    )


def test_what_is_freed_is_not_given_to_a_pod_of_lower_priority():
    c = full()
    c.pod("high", cpu="1", priority=100)
    c.tick()
    c.gone("low-1")
    c.pod("late", cpu="1", priority=5)
    c.tick()
    assert c.node_of("high")
    assert not c.node_of("late")


def test_victims_that_are_gone_before_they_are_deleted_hold_nobody_up():
    c = Cluster(qps=1, burst=1)
    c.node("a", cpu="1")
    for name in ("low-1", "low-2"):
        c.pod(name, cpu="500m", priority=1)
    c.tick(3)
    c.pod("high", cpu="1", priority=100)
    c.tick()
    assert c.get(types.Pod, "high").status.nominated_node_name == "a"
    c.gone("low-1")
    c.gone("low-2")
    c.tick(8)
    assert c.node_of("high") == "a"


class NoDeletion:
    """Everything is allowed, but to delete."""

    def authorize(self, user, verb, resource, subresource, namespace, name):
        return verb != "delete" or user.name == "admin", "not yours"


def test_a_victim_that_cannot_be_deleted_is_an_error_that_backs_off():
    c = full()
    allowed, c.server.authorizer = c.server.authorizer, NoDeletion()
    c.pod("high", cpu="1", priority=100)
    tried = []
    for _ in range(4):
        c.tick()
        tried.append(c.scheduler.queue.pods[c.get(types.Pod, "high").metadata.uid].attempts)
    assert tried == [1, 2, 3, 4]
    c.server.authorizer = allowed
    c.tick(2)
    c.run_pods()
    c.tick()
    assert c.node_of("high")
