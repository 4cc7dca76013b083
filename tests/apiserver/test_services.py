"""Addresses and node ports of Services: given out, asked for, kept, given back."""

import contextlib
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.registry.allocators import Allocators
from tests.apiserver.door import Door, service
from tests.harness import Harness

RANGE = ip_network("10.96.0.0/12")


@pytest.fixture
def door():
    return Harness()


def ask(door, name="web", **spec):
    return door.create(service(name, **spec))


def change(door, made, **spec):
    """A Service as kubectl would write it back, with other fields of the spec (None: left out)."""
    data = encode_object(made)
    data["spec"] = {k: v for k, v in {**data["spec"], **spec}.items() if v is not None}
    return Door.send(door, "update", data)


def refused(call):
    with pytest.raises(StatusError) as found:
        call()
    return found.value.message


def test_a_service_gets_an_address_of_the_range_and_one_family(door):
    made = ask(door)
    assert ip_address(made.spec.cluster_ip) in RANGE
    assert (made.spec.cluster_ips, made.spec.ip_families, made.spec.ip_family_policy) == (
        (made.spec.cluster_ip,),
        ("IPv4",),
        "SingleStack",
    )


def test_the_same_service_in_the_same_game_has_the_same_address_whatever_else_there_is():
    one, other = Harness(7), Harness(7)
    ask(other, "earlier")
    assert ask(one).spec.cluster_ip == ask(other).spec.cluster_ip
    assert ask(Harness(8)).spec.cluster_ip != ask(Harness(7)).spec.cluster_ip


def test_the_lower_part_of_the_range_is_left_to_those_who_ask(door):
    addresses = [int(ip_address(ask(door, f"s{i}").spec.cluster_ip)) for i in range(50)]
    assert min(addresses) >= int(RANGE.network_address) + 256
    assert ask(door, "mine", clusterIP="10.96.0.10").spec.cluster_ip == "10.96.0.10"


def test_an_address_that_is_taken_or_outside_is_refused(door):
    ask(door, "first", clusterIP="10.96.0.10")
    why = "failed to allocate IP 10.96.0.10: provided IP is already allocated"
    taken = f'spec.clusterIPs: Invalid value: ["10.96.0.10"]: {why}'
    assert refused(lambda: ask(door, clusterIP="10.96.0.10")) == f'Service "web" is invalid: {taken}'
    outside = refused(lambda: ask(door, clusterIP="10.1.2.3"))
    assert "The range of valid IPs is 10.96.0.0/12" in outside


def test_an_address_is_free_again_when_its_service_is_gone(door):
    ask(door, "first", clusterIP="10.96.0.10")
    door.delete(types.Service, "first")
    assert ask(door, clusterIP="10.96.0.10").spec.cluster_ip == "10.96.0.10"


def test_headless_and_external_services_have_no_address(door):
    assert ask(door, "headless", clusterIP="None").spec.cluster_ip == "None"
    external = ask(door, "external", type="ExternalName", externalName="example.com", ports=None, selector=None)
    assert (external.spec.cluster_ip, external.spec.ip_families) == ("", ())


def test_node_ports_are_given_out_honoured_and_shared_between_protocols(door):
    made = ask(door, type="NodePort")
    assert 30000 + 86 <= made.spec.ports[0].node_port <= 32767
    wanted = ask(door, "wanted", type="NodePort", ports=[{"port": 80, "nodePort": 30001}])
    assert wanted.spec.ports[0].node_port == 30001
    two = [{"name": p, "port": 53, "protocol": p.upper()} for p in ("udp", "tcp")]
    dns = ask(door, "dns", type="NodePort", ports=two)
    assert dns.spec.ports[0].node_port == dns.spec.ports[1].node_port


def test_node_ports_that_are_taken_or_outside_are_refused(door):
    ask(door, "first", type="NodePort", ports=[{"port": 80, "nodePort": 30001}])
    head = 'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: '
    taken = refused(lambda: ask(door, type="NodePort", ports=[{"port": 80, "nodePort": 30001}]))
    assert taken == f"{head}30001: provided port is already allocated"
    outside = refused(lambda: ask(door, type="NodePort", ports=[{"port": 80, "nodePort": 8080}]))
    assert outside == (f"{head}8080: provided port is not in the valid range. The range of valid ports is 30000-32767")


def test_an_update_that_leaves_addresses_and_ports_out_keeps_them(door):
    made = ask(door, type="NodePort")
    changed = change(door, made, clusterIP=None, clusterIPs=None, ports=[{"port": 80, "targetPort": 8080}])
    assert changed.spec.cluster_ip == made.spec.cluster_ip
    assert changed.spec.ports[0].node_port == made.spec.ports[0].node_port


def test_a_cluster_ip_never_changes_but_a_type_may(door):
    made = ask(door)
    other = refused(lambda: change(door, made, clusterIP="10.96.0.9", clusterIPs=None))
    assert "may not change once set" in other
    public = change(door, made, type="LoadBalancer")
    assert (public.spec.cluster_ip, bool(public.spec.ports[0].node_port)) == (made.spec.cluster_ip, True)
    private = change(door, public, type="ClusterIP")
    assert (private.spec.cluster_ip, private.spec.ports[0].node_port) == (made.spec.cluster_ip, None)
    name = change(door, private, type="ExternalName", externalName="example.com")
    assert name.spec.cluster_ip == ""


def test_a_port_that_a_service_gives_up_is_free(door):
    made = ask(door, type="NodePort", ports=[{"port": 80, "nodePort": 30001}])
    change(door, made, type="ClusterIP")
    assert ask(door, "b", type="NodePort", ports=[{"port": 80, "nodePort": 30001}]).spec.ports[0].node_port == 30001


def test_a_local_balancer_has_a_port_for_health_checks(door):
    made = ask(door, type="LoadBalancer", externalTrafficPolicy="Local")
    assert 30000 <= made.spec.health_check_node_port <= 32767
    assert made.spec.health_check_node_port != made.spec.ports[0].node_port
    assert not change(door, made, externalTrafficPolicy="Cluster").spec.health_check_node_port


def test_there_is_one_family(door):
    why = refused(lambda: ask(door, ipFamilyPolicy="RequireDualStack"))
    assert "this cluster is not configured for dual-stack services" in why
    assert 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster' in refused(
        lambda: ask(door, ipFamilies=["IPv6"])
    )


class Addresses(RuleBasedStateMachine):
    """Services come, go and change their type: no two ever share an address or a port, and nothing is lost."""

    NAMES = st.sampled_from(["a", "b", "c", "d"])
    TYPES = st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"])

    def __init__(self):
        super().__init__()
        self.door = Harness()

    @rule(name=NAMES, kind=TYPES, port=st.none() | st.sampled_from([30001, 30002]))
    def create(self, name, kind, port):
        ports = [{"port": 80, "nodePort": port}] if port and kind != "ClusterIP" else [{"port": 80}]
        self._try(lambda: ask(self.door, name, type=kind, ports=ports))

    @rule(name=NAMES, kind=TYPES)
    def change(self, name, kind):
        made = self.door.etcd.get("services", ("default", name))
        if made is not None:
            self._try(lambda: change(self.door, made, type=kind))

    @rule(name=NAMES)
    def delete(self, name):
        self._try(lambda: self.door.delete(types.Service, name))

    def _try(self, call):
        with contextlib.suppress(StatusError):
            call()

    @invariant()
    def nothing_is_shared(self):
        found = self.door.list(types.Service)
        addresses = [s.spec.cluster_ip for s in found]
        ports = [p.node_port for s in found for p in s.spec.ports if p.node_port]
        assert len(set(addresses)) == len(addresses)
        assert len(set(ports)) == len(ports)

    @invariant()
    def what_is_remembered_is_what_is_stored(self):
        fresh, kept = Allocators(self.door.etcd, "x"), self.door.server.registry.context.allocators
        assert (fresh._addresses, fresh._ports) == (kept._addresses, kept._ports)


Addresses.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestAddresses = Addresses.TestCase
