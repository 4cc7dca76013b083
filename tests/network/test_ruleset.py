"""What one Service and its slices amount to on a machine."""

import pytest

from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.types import Service
from kubesim_tui.network.ruleset import Rule, Ruleset, rules_of
from tests.network.builders import ON_A, ON_B, endpoint, service, slice_


def only(*slices, **spec) -> Rule:
    """The rule of a Service with one port."""
    ((rule, _),) = rules_of(service(**spec), list(slices))
    return rule


def ips(targets) -> list[str]:
    return [t.ip for t in targets]


def test_a_ready_endpoint_gets_traffic_on_its_own_port():
    (target,) = only(slice_(endpoint("10.0.0.1", **ON_A))).targets
    assert (target.ip, target.port, target.node, target.zone, target.pod) == ("10.0.0.1", 8080, "a", "east", "pod-1")


@pytest.mark.parametrize("conditions", [{}, {"ready": None}])
def test_a_condition_that_is_not_given_counts_as_ready(conditions):
    found = endpoint("10.0.0.1") | {"conditions": conditions}
    assert ips(only(slice_(found)).targets) == ["10.0.0.1"]


def test_who_leaves_is_asked_only_when_nobody_is_ready():
    leaving = endpoint("10.0.0.2", ready=False, serving=True, terminating=True)
    assert ips(only(slice_(endpoint("10.0.0.1"), leaving)).targets) == ["10.0.0.1"]
    assert ips(only(slice_(leaving)).targets) == ["10.0.0.2"]


@pytest.mark.parametrize("more", [{"serving": False, "terminating": True}, {"serving": True, "terminating": False}, {}])
def test_who_is_neither_ready_nor_serving_its_last_requests_gets_none(more):
    assert ips(only(slice_(endpoint("10.0.0.1", ready=False, **more))).targets) == []


def test_serving_counts_as_true_when_it_is_not_given():
    assert ips(only(slice_(endpoint("10.0.0.1", ready=False, terminating=True))).targets) == ["10.0.0.1"]


def test_an_address_in_two_slices_counts_once():
    assert ips(only(slice_(endpoint("10.0.0.1")), slice_(endpoint("10.0.0.1"), name="web-2")).targets) == ["10.0.0.1"]


def test_ports_are_told_apart_by_their_names():
    found = rules_of(
        service("web", {"name": "http", "port": 80}, {"name": "admin", "port": 81}),
        [slice_(endpoint("10.0.0.1"), http=8080, admin=9000)],
    )
    assert [(rule.port, rule.targets[0].port) for rule, _ in found] == [(80, 8080), (81, 9000)]


# policies


LOCAL = {"internalTrafficPolicy": "Local", "externalTrafficPolicy": "Local", "type": "NodePort"}
TWO = slice_(endpoint("10.0.0.1", **ON_A), endpoint("10.0.0.2", **ON_B))


def test_policy_cluster_takes_all_endpoints():
    assert ["10.0.0.1", "10.0.0.2"] == ips(only(TWO).internal("a")) == ips(only(TWO).external("a"))


def test_policy_local_takes_those_of_the_own_node():
    rule = only(TWO, **LOCAL)
    assert (ips(rule.internal("b")), ips(rule.external("a"))) == (["10.0.0.2"], ["10.0.0.1"])


def test_policy_local_on_a_node_without_endpoints_finds_none_though_there_are_some():
    rule = only(TWO, **LOCAL)
    assert (ips(rule.external("c")), len(rule.targets)) == ([], 2)


def test_policy_local_asks_the_leaving_one_of_its_node_though_others_are_ready_elsewhere():
    leaving = endpoint("10.0.0.3", ready=False, serving=True, terminating=True, **ON_A)
    rule = only(slice_(endpoint("10.0.0.2", **ON_B), leaving), **LOCAL)
    assert (ips(rule.external("a")), ips(rule.external("b"))) == (["10.0.0.3"], ["10.0.0.2"])


# hints


def near(*zones, nodes=()):
    found = {"forZones": [{"name": z} for z in zones]}
    return {"hints": found | ({"forNodes": [{"name": n} for n in nodes]} if nodes else {})}


def test_with_hints_on_all_the_own_zone_is_preferred():
    rule = only(slice_(endpoint("10.0.0.1", **ON_A, **near("east")), endpoint("10.0.0.2", **ON_B, **near("west"))))
    assert (ips(rule.internal("a", "east")), ips(rule.internal("b", "west"))) == (["10.0.0.1"], ["10.0.0.2"])


def test_a_zone_that_no_hint_names_gets_all():
    rule = only(slice_(endpoint("10.0.0.1", **ON_A, **near("east")), endpoint("10.0.0.2", **ON_B, **near("west"))))
    assert ips(rule.internal("c", "north")) == ["10.0.0.1", "10.0.0.2"]


def test_one_endpoint_without_a_hint_and_none_counts():
    rule = only(slice_(endpoint("10.0.0.1", **ON_A, **near("east")), endpoint("10.0.0.2", **ON_B)))
    assert ips(rule.internal("a", "east")) == ["10.0.0.1", "10.0.0.2"]


def test_hints_for_nodes_come_before_those_for_zones():
    first = endpoint("10.0.0.1", **ON_A, **near("east", nodes=["a"]))
    other = endpoint("10.0.0.4", nodeName="d", zone="east", **near("east", nodes=["d"]))
    rule = only(slice_(first, other))
    assert (ips(rule.internal("a", "east")), ips(rule.internal("e", "east"))) == (
        ["10.0.0.1"],
        ["10.0.0.1", "10.0.0.4"],
    )


# the set of all rules


KEY = ("shop", "web")


def test_a_rule_is_found_by_cluster_ip_external_ip_balancer_and_node_port():
    found = Ruleset()
    made = service("web", {"port": 80, "nodePort": 30080}, type="LoadBalancer", externalIPs=["192.0.2.1"])
    given = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}
    found.replace(KEY, decode_object(Service, encode_object(made) | {"status": given}), [TWO])
    assert sorted(ip for ip, _, _ in found.addresses) == ["10.96.0.1", "192.0.2.1", "203.0.113.7"]
    assert list(found.node_ports) == [(30080, "TCP")]


def test_a_headless_service_has_no_address_but_its_endpoints_are_known():
    found = Ruleset()
    found.replace(KEY, service(clusterIP="None"), [TWO])
    assert (found.addresses, len(found.by_name[KEY][0].targets)) == ({}, 2)


def test_an_external_name_is_no_rule():
    found = Ruleset()
    found.replace(KEY, service(type="ExternalName", externalName="db.example.com", clusterIP=""), [])
    assert (found.addresses, found.by_name) == ({}, {})


def test_what_a_service_has_given_up_is_gone():
    found = Ruleset()
    found.replace(KEY, service("web", {"port": 80, "nodePort": 30080}, type="NodePort"), [TWO])
    found.replace(KEY, service("web", {"port": 81}), [TWO])
    assert (list(found.addresses), list(found.node_ports)) == ([("10.96.0.1", 81, "TCP")], [])
    found.replace(KEY, None, [])
    assert (found.addresses, found.by_name, found.node_ports) == ({}, {}, {})


def test_a_copy_stays_as_it_is_and_is_made_once_a_version():
    found = Ruleset()
    found.replace(KEY, service(), [TWO])
    kept = found.copy()
    assert kept is found.copy()
    found.replace(KEY, None, [])
    assert (len(kept.addresses), len(found.copy().addresses)) == (1, 0)


@pytest.mark.parametrize("spec, seconds", [({}, 0), ({"sessionAffinity": "ClientIP"}, 10_800)])
def test_session_affinity_lasts_three_hours_unless_it_says_otherwise(spec, seconds):
    assert seconds == only(TWO, **spec).affinity_seconds


def test_session_affinity_may_say_otherwise():
    config = {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}}}
    assert only(TWO, **config).affinity_seconds == 60
