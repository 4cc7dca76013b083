"""The scheduler as a component: Pods are bound, refused in the right words, and tried again when it can help."""

from tests.scheduler.bench import Cluster


def test_a_pod_is_bound_and_the_event_says_where():
    c = Cluster(nodes=1)
    c.pod("web")
    c.tick()
    assert c.node_of("web") == "node-a"
    assert c.said("web") == [("Scheduled", "Successfully assigned default/web to node-a")]
    assert c.condition("web")[0] == "True"
