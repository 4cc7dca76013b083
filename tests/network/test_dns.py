"""Cluster DNS, by the cases of the DNS specification, and as it hears of changes."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.types import EndpointSlice, Service
from kubesim_tui.network.dns import ZoneFollower
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.dns_zone import Zone
from kubesim_tui.network.name_server import Cached, NameServer, plain
from kubesim_tui.network.resolver import of_namespace
from tests.harness import Harness

SHOP = of_namespace("shop")


def resolve(zone: Zone, name: str, *outside: str) -> Answer:
    """As a Pod of shop asks a server of a zone, which asks the world outside for the rest."""

    def others(_address: str, asked: str, _hops: int) -> Answer:
        return Answer(asked, alias=asked, exists=asked in outside)

    return NameServer("c", zone, plain("53"), "53", Cached(), 0, others).resolve(name, SHOP)


class Rig(Harness):
    """A DNS server, and no other component."""

    def __init__(self, lag: int = 0) -> None:
        super().__init__()
        informers = self.informer("services", lag), self.informer("endpointslices", lag)
        self.follower = ZoneFollower(self.engine, self.client("coredns"), *informers)
        self.add(self.follower)
        self.dns = self.follower.live

    def service(self, name: str = "web", namespace: str = "shop", **spec) -> None:
        meta = {"name": name, "namespace": namespace}
        if not any(n.metadata.name == namespace for n in self.namespaces()):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        self.create({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})

    def namespaces(self):
        return self.etcd.table("namespaces")

    def endpoints(self, service: str, namespace: str, *endpoints, **ports: int) -> None:
        meta = {"name": service + "-1", "namespace": namespace, "labels": {"kubernetes.io/service-name": service}}
        made = [{"name": n, "port": p, "protocol": "TCP"} for n, p in ports.items()]
        self.create(
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": meta,
                "addressType": "IPv4",
                "endpoints": list(endpoints),
                "ports": made,
            }
        )

    def ask(self, name: str):
        return resolve(self.dns, name)


@pytest.mark.parametrize("name", ["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local", "WEB.shop.svc"])
def test_a_service_is_found_by_any_part_of_its_name(name):
    rig = Rig()
    rig.service(clusterIP="10.96.0.77", ports=[{"port": 80}])
    rig.tick()
    assert (rig.ask(name).addresses, rig.ask(name).service) == (("10.96.0.77",), ("shop", "web"))


def test_the_short_name_of_another_namespace_does_not_exist():
    rig = Rig()
    rig.service(namespace="other", ports=[{"port": 80}])
    rig.tick()
    assert (rig.ask("web").exists, rig.ask("web.other").exists) == (False, True)


def test_a_name_of_the_world_outside_is_asked_for_there():
    assert resolve(Rig().dns, "db.example.com", "db.example.com").alias == "db.example.com"


def test_a_name_that_nobody_knows_does_not_exist():
    assert not Rig().ask("db.example.com").exists


def test_endpoints_without_a_hostname_are_named_after_their_address():
    rig = Rig()
    rig.service(clusterIP="None", ports=[{"port": 80}])
    rig.endpoints("web", "shop", {"addresses": ["10.244.1.5"]}, http=80)
    rig.tick()
    assert rig.ask("10-244-1-5.web").addresses == ("10.244.1.5",)


def test_an_ipv6_address_is_known_by_its_name_in_reverse():
    rig = Rig()
    meta = types.ObjectMeta(name="web", namespace="shop")
    spec = types.ServiceSpec(cluster_ip="2001:db8::1", cluster_ips=("2001:db8::1",))
    rig.put("services", Service(metadata=meta, spec=spec))
    rig.tick()
    name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
    asked = (name, "0" + name, "1.0.ip6.arpa", "x.example.com")
    assert [rig.dns.pointer(a) for a in asked] == ["web.shop.svc.cluster.local", "", "", ""]


def test_the_server_tells_which_version_of_the_specification_it_follows():
    asked = ("dns-version.cluster.local.", "web.shop.svc.cluster.local")
    assert [Rig().dns.text(name) for name in asked] == ["1.1.0", ""]


def test_pods_are_found_by_their_address():
    assert Rig().ask("10-244-1-5.shop.pod.cluster.local").addresses == ("10.244.1.5",)


def test_headless_answers_follow_the_endpoints():
    rig = Rig()
    rig.service(clusterIP="None", ports=[{"port": 80}])
    rig.endpoints("web", "shop", {"addresses": ["10.244.1.5"]}, {"addresses": ["10.244.1.6"]}, http=80)
    rig.tick()
    assert rig.ask("web").addresses == ("10.244.1.5", "10.244.1.6")
    rig.patch(EndpointSlice, "web-1", {"endpoints": [{"addresses": ["10.244.1.6"]}]}, namespace="shop")
    rig.tick()
    assert (rig.ask("web").addresses, rig.ask("10-244-1-5.web").exists) == (("10.244.1.6",), False)


def test_a_change_is_heard_one_tick_late():
    rig = Rig(lag=1)
    rig.service(ports=[{"port": 80}])
    rig.tick()
    assert not rig.ask("web").exists
    rig.tick()
    assert rig.ask("web").exists


def test_a_copy_stays_as_it_was():
    rig = Rig()
    rig.service(ports=[{"port": 80}])
    rig.tick()
    copy = rig.dns.copy()
    rig.delete(Service, "web", namespace="shop")
    rig.tick()
    assert (rig.ask("web").exists, resolve(copy, "web").exists) == (False, True)


def test_the_version_grows_with_what_is_answered_only():
    rig = Rig()
    rig.service(ports=[{"port": 80}])
    rig.tick()
    before = rig.dns.version
    rig.patch(Service, "web", {"metadata": {"labels": {"a": "b"}}}, namespace="shop")
    rig.tick()
    assert before == rig.dns.version
