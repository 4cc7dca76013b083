"""Balancers of the cloud for Services of type LoadBalancer: made, told their hosts, taken down."""

from typing import Any

from kubesim_tui.api.types import Event, Node, Service
from tests.boards import Board


def board(**spec: Any) -> Board:
    """web, of type LoadBalancer."""
    made = Board(nodes=2)
    made.app("web", 1, **({"type": "LoadBalancer"} | spec))
    return made


def address(made: Board) -> list[str]:
    status = made.get(Service, "web").status
    return [i.ip for i in status.load_balancer.ingress] if status.load_balancer else []


def said(made: Board) -> list[tuple[str, str]]:
    """What the controller has said, in order."""
    mine = [e for e in made.list(Event) if e.source and e.source.component == "service-controller"]
    return [(e.reason, e.message) for e in sorted(mine, key=lambda e: (e.first_timestamp, e.metadata.resource_version))]


def test_an_address_is_pending_until_the_balancer_is_made():
    made = board()
    made.tick(29)
    pending = address(made)
    made.tick(3)
    assert (pending, address(made)) == ([], ["203.0.113.20"])
    assert said(made) == [
        ("EnsuringLoadBalancer", "Ensuring load balancer"),
        ("EnsuredLoadBalancer", "Ensured load balancer"),
    ]


def test_a_finalizer_holds_the_service_until_its_balancer_is_gone():
    made = board()
    made.tick(35)
    held = made.get(Service, "web").metadata.finalizers
    made.delete(Service, "web")
    made.tick(2)
    assert (held, made.list(Service)) == (
        ("service.kubernetes.io/load-balancer-cleanup",),
        [s for s in made.list(Service) if s.metadata.name == "kubernetes"],
    )
    assert made.cluster.world.cloud.balancers == {}


def test_without_its_controller_a_service_waits_to_be_deleted():
    made = board()
    made.tick(35)
    made.cluster.hand.stop_process("control-plane", "cloud-controller-manager")
    made.delete(Service, "web")
    made.tick(60)
    waiting = made.get(Service, "web").metadata.deletion_timestamp
    made.cluster.hand.start_process("control-plane", "cloud-controller-manager")
    made.tick(2)
    assert waiting is not None
    assert made.cluster.world.cloud.balancers == {}


def test_another_type_takes_the_balancer_away():
    made = board()
    made.tick(35)
    made.patch(Service, "web", {"spec": {"type": "ClusterIP"}})
    made.tick(2)
    service = made.get(Service, "web")
    assert (address(made), service.metadata.finalizers, made.cluster.world.cloud.balancers) == ([], (), {})


def test_another_class_is_somebody_elses():
    made = board(loadBalancerClass="example.com/internal")
    made.tick(40)
    assert (address(made), said(made)) == ([], [])


def test_each_balancer_has_an_address_of_its_own():
    made = board()
    made.service("other", type="LoadBalancer")
    made.tick(35)
    assert address(made) != [i.ip for i in made.get(Service, "other").status.load_balancer.ingress]


def test_a_wanted_address_that_the_cloud_has_not_is_refused_again_and_again():
    made = board(loadBalancerIP="198.51.100.1")
    made.tick(18)
    text = "requested IP address 198.51.100.1 is not available"
    assert said(made)[1] == (
        "SyncLoadBalancerFailed",
        f"Error syncing load balancer: failed to ensure load balancer: {text}",
    )
    refused = next(e for e in made.list(Event) if e.reason == "SyncLoadBalancerFailed")
    assert refused.count == 3  # at once, and after 5 and 10 seconds more


def test_balancers_are_told_of_new_and_excluded_nodes():
    made = board()
    made.tick(35)
    balancer = next(iter(made.cluster.world.cloud.balancers.values()))
    before = list(balancer.machines)
    label = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
    made.client.patch(Node, "", "node-a", {"metadata": {"labels": label}})
    made.tick(2)
    assert (before, list(balancer.machines)) == (["node-a", "node-b"], ["node-b"])
    assert said(made)[-1] == ("UpdatedLoadBalancer", "Updated load balancer with new hosts")


def test_a_cloud_that_does_not_answer_is_asked_again():
    made = board()
    made.cluster.world.cloud.up = False
    made.tick(10)
    pending = address(made)
    made.cluster.world.cloud.up = True
    made.tick(60)
    assert (pending, len(address(made))) == ([], 1)
