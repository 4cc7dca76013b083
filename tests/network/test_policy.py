"""What NetworkPolicies let through, by the comments of k8s.io/api/networking/v1."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.network.policy import Party, Policies, read

WEB = Party("10.244.1.5", "a", ("shop", "web"), {"app": "web"}, {"team": "shop"}, {("http", "TCP"): 8080})
API = Party("10.244.2.6", "b", ("shop", "api"), {"app": "api"}, {"team": "shop"}, {("http", "TCP"): 8080})
STRANGER = Party("10.244.3.7", "b", ("other", "tool"), {"app": "web"}, {"team": "other"})
USER = Party("192.0.2.1")
NODE_B = Party("172.18.0.4", "b")


def policies(**specs: dict[str, Any]) -> Policies:
    """Policies of the namespace shop, by name."""
    return Policies({"shop": tuple(read("shop", name, {"podSelector": {}} | spec) for name, spec in specs.items())})


def let_in(source: Party, *rules: dict[str, Any], port: int = 8080, protocol: str = "TCP") -> bool:
    return policies(one={"ingress": list(rules)}).denies(source, API, port, protocol) is None


def peer(**what: Any) -> dict[str, Any]:
    return {"from": [what]}


def test_no_rule_lets_nobody_in():
    assert not let_in(WEB)


def test_an_empty_rule_lets_everybody_in():
    assert [let_in(who, {}) for who in (WEB, STRANGER, USER)] == [True, True, True]


def test_a_pod_selector_alone_means_the_policys_own_namespace():
    rule = peer(podSelector={"matchLabels": {"app": "web"}})
    assert [let_in(who, rule) for who in (WEB, STRANGER, USER)] == [True, False, False]


def test_a_namespace_selector_alone_means_all_pods_of_these_namespaces():
    rule = peer(namespaceSelector={"matchLabels": {"team": "other"}})
    assert [let_in(who, rule) for who in (WEB, STRANGER, USER)] == [False, True, False]


def test_both_selectors_of_one_peer_must_hold():
    rule = peer(namespaceSelector={}, podSelector={"matchLabels": {"app": "api"}})
    assert [let_in(who, rule) for who in (WEB, STRANGER)] == [False, False]


def test_several_peers_are_any_of_them():
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}, {"ipBlock": {"cidr": "192.0.2.0/24"}}]}
    assert [let_in(who, rule) for who in (WEB, STRANGER, USER)] == [True, False, True]


def test_a_block_does_without_what_it_excepts():
    rule = peer(ipBlock={"cidr": "10.244.0.0/16", "except": ["10.244.3.0/24"]})
    assert [let_in(who, rule) for who in (WEB, STRANGER, USER)] == [True, False, False]


def test_ports_by_number_range_and_name():
    rules = ({"ports": [{"port": 8080}]}, {"ports": [{"port": 8000, "endPort": 8099}]}, {"ports": [{"port": "http"}]})
    assert [[let_in(WEB, rule, port=port) for port in (8080, 9090)] for rule in rules] == [[True, False]] * 3


def test_a_port_without_a_number_is_all_ports_of_its_protocol():
    rule = {"ports": [{"protocol": "UDP"}]}
    assert [let_in(WEB, rule, port=53, protocol=p) for p in ("UDP", "TCP")] == [True, False]


def test_a_machine_reaches_its_own_pods():
    assert (let_in(NODE_B), let_in(Party("172.18.0.3", "a"))) == (True, False)


def test_policies_add_up():
    closed = {"ingress": []}
    some = {"ingress": [peer(podSelector={"matchLabels": {"app": "web"}})]}
    both = policies(closed=closed, some=some)
    assert (both.denies(WEB, API, 8080), str(both.denies(USER, API, 8080))) == (
        None,
        "no rule of NetworkPolicy closed, some lets it in",
    )


def test_egress_is_looked_at_where_the_asker_is():
    closed = policies(quiet={"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"]})
    assert str(closed.denies(WEB, API, 8080)) == "no rule of NetworkPolicy quiet lets it out"
    assert closed.denies(API, WEB, 8080) is None


def test_types_follow_from_the_rules_where_they_are_left_out():
    open_ = policies(both={"egress": [{}]})
    assert (open_.denies(WEB, USER, 443), str(open_.denies(USER, WEB, 80))) == (
        None,
        "no rule of NetworkPolicy both lets it in",
    )


PARTIES = (WEB, API, STRANGER, USER, NODE_B)
RULES = st.lists(
    st.sampled_from(
        (
            {},
            peer(podSelector={"matchLabels": {"app": "web"}}),
            peer(namespaceSelector={"matchLabels": {"team": "other"}}),
            peer(ipBlock={"cidr": "10.244.0.0/16"}),
            {"ports": [{"port": 8080}]},
        )
    ),
    max_size=3,
)


@given(RULES, RULES, st.sampled_from(PARTIES))
def test_a_further_rule_never_takes_anything_away(rules, more, source):
    """Whoever was let in stays let in."""
    before = policies(one={"ingress": rules}).denies(source, API, 8080)
    after = policies(one={"ingress": rules + more}).denies(source, API, 8080)
    assert before is not None or after is None


@given(RULES, st.sampled_from(PARTIES), st.sampled_from(PARTIES))
def test_parties_with_the_same_face_are_treated_alike(rules, one, other):
    table = policies(one={"ingress": rules})
    if table.face(one) == table.face(other):
        assert (table.denies(one, API, 8080) is None) == (table.denies(other, API, 8080) is None)
