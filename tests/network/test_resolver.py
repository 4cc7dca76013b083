"""How a Pod looks names up."""

import pytest

from kubesim_tui.network.resolver import Resolver, hosts, is_address, of_namespace, parse

SEARCH = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")


def test_a_short_name_goes_through_the_search_path_first():
    assert of_namespace("shop").candidates("web") == [
        "web.shop.svc.cluster.local",
        "web.svc.cluster.local",
        "web.cluster.local",
        "web",
    ]


def test_ndots_5_makes_four_questions_of_a_name_of_the_world_outside():
    assert of_namespace("shop").candidates("db.example.com")[-1] == "db.example.com"


def test_a_name_with_ndots_dots_is_asked_for_as_it_is_first():
    assert of_namespace("shop").candidates("a.b.c.d.e.f")[0] == "a.b.c.d.e.f"


def test_a_trailing_dot_says_that_the_name_is_complete():
    assert of_namespace("x").candidates("web.shop.svc.cluster.local.") == ["web.shop.svc.cluster.local"]


def test_resolv_conf_says_it_all():
    text = "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
    assert Resolver(("10.96.0.10",), SEARCH, 5) == of_namespace("shop") == parse(text)


def test_dns_config_may_ask_fewer_questions():
    found = parse("search shop.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:1 edns0\n")
    assert found.candidates("db.example.com") == ["db.example.com", "db.example.com.shop.svc.cluster.local"]


def test_hosts_files_have_names_after_addresses():
    text = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n10.1.2.3\tfoo.local bar.local # not this\n"
    assert hosts(text) == {"localhost": "127.0.0.1", "foo.local": "10.1.2.3", "bar.local": "10.1.2.3"}


@pytest.mark.parametrize(
    "text, yes", [("10.96.0.1", True), ("10.96.0", False), ("10.96.0.256", False), ("web", False), ("1.2.3.x", False)]
)
def test_an_address_is_told_from_a_name(text, yes):
    assert yes is is_address(text)
