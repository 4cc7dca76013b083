"""The ingress controller: whose Ingresses it takes, when, and what it tells about them."""

import pytest

from kubesim_tui.api.types import Ingress
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.network.ingress import IngressController
from tests.harness import Harness

NGINX = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx"}}
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


class Replicas:
    """The controller's Pods."""

    def __init__(self) -> None:
        self.there, self.asked = True, 0

    def hear(self) -> bool:
        return self.there

    def ask(self, tick: int) -> None:
        self.asked += 1

    def advance(self, newest, tick):
        return (), None


class Rig(Harness):
    """An ingress controller, and no other component."""

    def __init__(self, lag: int = 0) -> None:
        super().__init__()
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        self.create(NGINX | {"spec": {"controller": "k8s.io/ingress-nginx"}})
        kinds = ("ingresses", "ingressclasses", "services", "endpointslices", "configmaps", "secrets")
        informers = [self.informer(kind, lag) for kind in kinds]
        self.replicas = Replicas()
        self.controller = IngressController(
            self.engine, self.client("ingress-nginx"), self.replicas, *informers, "203.0.113.10"
        )
        self.add(self.controller)

    def ingress(self, name: str = "web", cls: str | None = "nginx", host: str = "h", **annotations: str) -> None:
        path = {"path": "/", "pathType": "Prefix", "backend": BACKEND}
        spec = {"rules": [{"host": host, "http": {"paths": [path]}}]} | ({"ingressClassName": cls} if cls else {})
        notes = {f"kubernetes.io/{k.replace('_', '.')}": v for k, v in annotations.items()}
        self.create(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": name, "annotations": notes},
                "spec": spec,
            }
        )

    def routed(self, host: str = "h") -> bool:
        return self.controller.live.match(host, "/") is not None


@pytest.mark.parametrize(
    "given, ours",
    [
        ({"cls": "nginx"}, True),
        ({"cls": "other"}, False),
        ({"cls": None}, False),  # admission gives those of the default class its name when they are created
        ({"cls": None, "ingress_class": "nginx"}, True),
        ({"cls": None, "ingress_class": "traefik"}, False),
    ],
)
def test_it_takes_those_of_its_own_class(given, ours):
    rig = Rig()
    rig.ingress(**given)
    rig.tick()
    assert ours is rig.routed()


def test_a_class_that_comes_later_brings_its_ingresses():
    rig = Rig()
    rig.ingress(cls="late")
    rig.tick()
    rig.create(NGINX | {"metadata": {"name": "late"}, "spec": {"controller": "k8s.io/ingress-nginx"}})
    rig.tick()
    assert rig.routed()


def test_it_writes_its_address_and_says_that_it_has_heard():
    rig = Rig()
    rig.ingress()
    rig.tick()
    assert rig.get(Ingress, "web").status.load_balancer.ingress[0].ip == "203.0.113.10"
    assert rig.events() == [("web", "Sync", "Scheduled for sync")]


def test_it_says_nothing_more_when_only_its_own_status_has_changed():
    rig = Rig()
    rig.ingress()
    rig.tick(5)
    assert (len(rig.events()), rig.events().count(("web", "Sync", "Scheduled for sync"))) == (1, 1)


def test_a_change_is_heard_one_tick_late():
    rig = Rig(lag=1)
    rig.ingress()
    rig.tick()
    assert not rig.routed()
    rig.tick()
    assert rig.routed()


def test_what_is_deleted_or_leaves_the_class_is_routed_no_more():
    rig = Rig()
    rig.ingress()
    rig.ingress("other", host="o")
    rig.tick()
    rig.delete(Ingress, "web")
    rig.patch(Ingress, "other", {"spec": {"ingressClassName": "else"}})
    rig.tick()
    assert (rig.routed(), rig.routed("o")) == (False, False)


def test_a_table_does_not_wait_for_an_address_that_cannot_be_written():
    rig = Rig()
    refused = StatusError(409, "Conflict", "somebody was faster")

    def busy(obj):
        raise refused

    write, rig.controller.client.update_status = rig.controller.client.update_status, busy
    rig.ingress()
    rig.tick()
    assert rig.routed()
    rig.controller.client.update_status = write
    rig.tick(3)
    assert rig.get(Ingress, "web").status is not None


def test_while_no_pod_of_it_hears_the_api_server_nothing_is_said_or_written():
    rig = Rig()
    rig.replicas.there = False
    rig.ingress()
    rig.tick(3)
    assert (rig.events(), rig.get(Ingress, "web").status.load_balancer.ingress) == ([], ())
    rig.replicas.there = True
    rig.tick(8)
    assert rig.events() == [("web", "Sync", "Scheduled for sync")]
    assert rig.get(Ingress, "web").status.load_balancer.ingress[0].ip == "203.0.113.10"
