"""Which Service gets a request, by host and path."""

import pytest

from kubesim_tui.network.ingress_table import Table
from tests.network.builders import ingress, rule


def match(table: Table, host: str, path: str) -> str:
    """The Service that is asked, "" for 404."""
    found = table.match(host, path)
    return found.service if found is not None else ""


def test_the_exact_host_comes_before_the_wildcard_and_that_before_any_host():
    table = Table(
        [
            ingress(rule("", any="Prefix /"), name="any"),
            ingress(rule("*.example.com", star="Prefix /"), name="star"),
            ingress(rule("shop.example.com", web="Prefix /")),
        ]
    )
    hosts = ("shop.example.com", "SHOP.example.com", "other.example.com", "a.b.example.com", "example.com")
    assert [match(table, host, "/") for host in hosts] == ["web", "web", "star", "any", "any"]


def test_a_path_that_its_host_does_not_know_is_not_looked_for_elsewhere():
    """nginx chooses the server by the host alone."""
    table = Table([ingress(rule("", any="Prefix /"), name="any"), ingress(rule("shop.example.com", api="Prefix /api"))])
    assert [match(table, "shop.example.com", path) for path in ("/api/x", "/other")] == ["api", ""]


def test_two_ingresses_may_share_a_host():
    table = Table(
        [ingress(rule("h", web="Prefix /")), ingress(rule("h", api="Prefix /api"), name="api", namespace="back")]
    )
    found = table.match("h", "/api/orders")
    assert (found.service, found.ingress) == ("api", ("back", "api"))


def test_of_two_that_claim_the_same_path_the_older_one_has_it():
    young, old = ingress(rule("h", b="Prefix /"), name="a", age=9), ingress(rule("h", a="Prefix /"), name="z", age=1)
    assert match(Table([young, old]), "h", "/") == "a"


def test_the_same_path_may_be_there_as_prefix_and_exactly():
    table = Table([ingress(rule("h", web="Prefix /api", one="Exact /api"))])
    assert [match(table, "h", path) for path in ("/api", "/api/", "/api/x")] == ["one", "web", "web"]


def test_implementation_specific_counts_characters_not_elements():
    table = Table([ingress(rule("h", web="ImplementationSpecific /api"))])
    assert [match(table, "h", path) for path in ("/api", "/apis", "/ap")] == ["web", "web", ""]


# default backends


def test_a_default_backend_alone_catches_everything():
    table = Table([ingress(default="page"), ingress(rule("h", web="Prefix /web"), name="web", age=1)])
    assert [match(table, *at) for at in (("x", "/"), ("h", "/"), ("h", "/web"))] == ["page", "", "web"]


def test_a_default_backend_beside_rules_is_for_the_hosts_of_these_rules():
    table = Table([ingress(rule("h", web="Prefix /web"), default="page")])
    assert [match(table, "h", path) for path in ("/other", "/web")] == ["page", "web"]


def test_a_rule_without_paths_leads_to_the_default_backend():
    assert match(Table([ingress(rule("h"), default="page")]), "h", "/x") == "page"


def test_a_backend_that_is_no_service_is_passed_over():
    broken = rule("h")
    broken["http"] = {
        "paths": [{"path": "/", "pathType": "Prefix", "backend": {"resource": {"kind": "X", "name": "x"}}}]
    }
    assert match(Table([ingress(broken)]), "h", "/") == ""


# rewriting


def test_without_an_annotation_the_application_is_asked_for_the_same_path():
    assert Table([ingress(rule("h", api="Prefix /api"))]).match("h", "/api/x").asked("/api/x") == "/api/x"


@pytest.mark.parametrize("path, asked", [("/api", "/"), ("/api/", "/"), ("/api/orders/1", "/orders/1")])
def test_rewrite_target_takes_groups_of_the_path(path, asked):
    table = Table([ingress(rule("h", api="ImplementationSpecific /api(/|$)(.*)"), rewrite_target="/$2")])
    assert asked == table.match("h", path).asked(path)


def test_a_plain_rewrite_target_asks_for_that_alone():
    table = Table([ingress(rule("h", api="Prefix /api"), rewrite_target="/")])
    assert table.match("h", "/api/orders").asked("/api/orders") == "/"


def test_regular_expressions_hold_for_all_paths_of_their_host():
    table = Table(
        [
            ingress(rule("h", api="ImplementationSpecific /v[0-9]+"), use_regex="true"),
            ingress(rule("h", web="Exact /a"), name="b"),
        ]
    )
    assert [match(table, "h", path) for path in ("/V12/x", "/a", "/ab")] == ["api", "web", ""]


def test_a_broken_regular_expression_is_taken_literally():
    assert match(Table([ingress(rule("h", api="ImplementationSpecific /a("), use_regex="true")]), "h", "/a(") == "api"
