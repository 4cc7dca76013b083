"""What a CoreDNS answers, by its Corefile."""

import pytest

from kubesim_tui.network.dns_records import Answer, Records
from kubesim_tui.network.dns_zone import Zone
from kubesim_tui.network.name_server import Cached, NameServer, plain
from kubesim_tui.network.resolver import Resolver, of_namespace
from kubesim_tui.world.corefile_read import read

WEB, OUTSIDE = "web.shop.svc.cluster.local", "api.example.com"
KUBERNETES = "kubernetes cluster.local {\n ttl 10\n}"


def zone(**services):
    made = Zone()
    for name, address in services.items():
        full = f"{name}.shop.svc.cluster.local"
        made.replace(("shop", name), Records({full: Answer(full, (address,))}))
    return made


class Server:
    """Of these plugins for all names; it forwards to the world outside, but 10.0.0.9 is a server that is silent."""

    def __init__(self, *plugins, zones="."):
        self.zone, self.cached, self.tick = zone(web="10.96.0.7"), Cached(), 0
        self.corefile = read("Corefile", f"{zones} {{\n" + "\n".join(plugins) + "\n}\n", {}, {})

    def __call__(self, name):
        return self.now.lookup(name)

    @property
    def now(self):
        return NameServer("c", self.zone, self.corefile, "53", self.cached, self.tick, self.others)

    def others(self, address, name, hops):
        if address == "10.0.0.9":
            return None
        if address == "10.0.0.8":
            return self.now.lookup(name, hops)
        return Answer(name, alias=name) if name == OUTSIDE else Answer(name, exists=False)


def told(answer):
    return answer.addresses or answer.alias or answer.failure.partition(":")[0] or "NXDOMAIN"


@pytest.mark.parametrize(
    ("plugins", "name", "expected"),
    [
        ([KUBERNETES], WEB, ("10.96.0.7",)),
        ([KUBERNETES], "nobody.shop.svc.cluster.local", "NXDOMAIN"),
        ([KUBERNETES], OUTSIDE, "SERVFAIL"),
        ([KUBERNETES, "forward . /etc/resolv.conf"], OUTSIDE, OUTSIDE),
        ([KUBERNETES, "forward . 8.8.8.8 {\n except example.com\n}"], OUTSIDE, "SERVFAIL"),
        ([KUBERNETES, "forward . 10.0.0.9"], OUTSIDE, "SERVFAIL"),
        ([KUBERNETES, "forward . 10.0.0.9 8.8.8.8"], OUTSIDE, OUTSIDE),
        ([KUBERNETES, "forward . 10.0.0.8"], OUTSIDE, "SERVFAIL"),
        (["forward . /etc/resolv.conf"], WEB, "NXDOMAIN"),
        ([KUBERNETES], "10-244-0-3.shop.pod.cluster.local", "NXDOMAIN"),
        (["kubernetes cluster.local {\n pods insecure\n}"], "10-244-0-3.shop.pod.cluster.local", ("10.244.0.3",)),
        (["kubernetes k8s.example.org"], "web.shop.svc.k8s.example.org", ("10.96.0.7",)),
        (["hosts {\n 1.2.3.4 own.example.com\n fallthrough\n}", KUBERNETES], "own.example.com", ("1.2.3.4",)),
        (["hosts {\n 1.2.3.4 own.example.com\n fallthrough\n}", KUBERNETES], WEB, ("10.96.0.7",)),
        (["hosts {\n 1.2.3.4 own.example.com\n}", KUBERNETES], WEB, "NXDOMAIN"),
        (["rewrite name shop.example.com " + WEB, KUBERNETES], "shop.example.com", ("10.96.0.7",)),
    ],
)
def test_the_plugins_decide(plugins, name, expected):
    assert told(Server(*plugins)(name)) == expected


def test_a_name_in_no_zone_of_it_is_refused():
    assert told(Server(KUBERNETES, zones="cluster.local")(OUTSIDE)) == "REFUSED"


def test_a_resolver_goes_on_after_a_failure_and_tells_of_it_if_nothing_is_found():
    server = Server("forward example.com /etc/resolv.conf", KUBERNETES)
    found = [server.now.resolve(name, of_namespace("shop")) for name in (OUTSIDE, "web", "nobody.example.org")]
    assert [told(one) for one in found] == [OUTSIDE, ("10.96.0.7",), "SERVFAIL"]


def test_that_a_name_does_not_exist_is_kept_as_long_as_the_zone_says():
    server = Server(KUBERNETES, "cache 30")
    seen = []
    for server.tick in range(12):
        seen.append(told(server("new.shop.svc.cluster.local")))
        if server.tick == 1:
            server.zone = zone(new="10.96.0.8")
        server.cached.turned(server.tick)
    assert seen == ["NXDOMAIN"] * 10 + [("10.96.0.8",)] * 2


def test_denials_of_the_cluster_are_not_kept_where_kubeadm_says_so():
    server = Server(KUBERNETES, "cache 30 {\n disable denial cluster.local\n}")
    before = told(server("new.shop.svc.cluster.local"))
    server.zone = zone(new="10.96.0.8")
    assert (before, told(server("new.shop.svc.cluster.local"))) == ("NXDOMAIN", ("10.96.0.8",))


def test_records_may_be_kept_for_their_ttl():
    assert (Server(KUBERNETES).now.ttl, Server("kubernetes cluster.local").now.ttl) == (10, 5)


def test_who_has_no_corefile_serves_the_zone():
    server = Server()
    server.corefile = plain("53")
    assert [told(server.now.resolve(name, Resolver())) for name in (WEB, OUTSIDE)] == [("10.96.0.7",), OUTSIDE]
