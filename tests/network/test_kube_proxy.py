"""kube-proxy: what it hears, when, and what stays in the kernel when it hears nothing."""

import pytest

from kubesim_tui.api.types import EndpointSlice, Service
from kubesim_tui.kernel.process import Always
from kubesim_tui.network.kube_proxy import KubeProxy, RulesetFollower, conntrack_max
from kubesim_tui.network.modes import EVEN, MODES, Mode
from kubesim_tui.world.conntrack import CONNECTIONS, Table
from tests.harness import Harness


class Kernel:
    """The part of a machine that kube-proxy writes to."""

    def __init__(self):
        self.rules = None
        self.cpu_milli = 8_000
        self.connections = Table(CONNECTIONS)


class Rig(Harness):
    """Two nodes, each with its proxy, and the follower that works for all who are in sync."""

    def __init__(self, lag: int = 1, mode: Mode = MODES[EVEN]) -> None:
        super().__init__()
        informers = self.informer("services", lag), self.informer("endpointslices", lag)
        self.follower = RulesetFollower(self.engine, self.client("proxy"), *informers, mode)
        self.add(self.follower)
        self.kernels = {name: Kernel() for name in "ab"}
        self.proxies = {
            name: KubeProxy(name, self.engine, self.client("proxy"), Always(), kernel, self.follower)
            for name, kernel in self.kernels.items()
        }
        for proxy in self.proxies.values():
            self.add(proxy)
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        self.create(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
        )
        self.endpoints("10.244.1.1")

    def endpoints(self, *ips: str) -> None:
        """The endpoints of web, by hand: it has no selector."""
        data = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [ip]} for ip in ips],
            "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
        }
        if any(s.metadata.name == "web-1" for s in self.list(EndpointSlice)):
            self.patch(EndpointSlice, "web-1", {"endpoints": data["endpoints"]})
        else:
            self.create(data)

    def at(self, node: str) -> list[str]:
        """Where a node sends what is meant for web."""
        rules = self.kernels[node].rules.by_name.get(("default", "web"), ())
        return [t.ip for rule in rules for t in rule.targets]


@pytest.fixture
def rig():
    found = Rig()
    found.tick(3)
    return found


def test_a_service_without_a_selector_leads_to_the_endpoints_that_somebody_wrote(rig):
    assert ["10.244.1.1"] == rig.at("a") == rig.at("b")


def test_a_change_is_heard_exactly_one_tick_late(rig):
    rig.endpoints("10.244.1.2")
    rig.tick()  # the tick of the change
    assert rig.at("a") == ["10.244.1.1"]
    rig.tick()
    assert rig.at("a") == ["10.244.1.2"]


@pytest.mark.parametrize("lag", [0, 3])
def test_the_lag_can_be_set(lag):
    rig = Rig(lag)
    rig.tick(5)
    rig.endpoints("10.244.1.2")
    rig.tick(lag)
    assert rig.at("a") == ["10.244.1.1"]
    rig.tick()
    assert rig.at("a") == ["10.244.1.2"]


def test_what_a_stopped_proxy_has_programmed_stays_in_the_kernel(rig):
    rig.proxies["a"].stop()
    rig.endpoints("10.244.1.2")
    rig.tick(3)
    assert (rig.at("a"), rig.at("b")) == (["10.244.1.1"], ["10.244.1.2"])


def test_a_proxy_that_is_cut_off_obeys_its_old_rules_and_catches_up(rig):
    rig.proxies["a"].disconnect()
    rig.endpoints("10.244.1.2")
    rig.tick(3)
    assert rig.at("a") == ["10.244.1.1"]
    rig.proxies["a"].connect()
    assert rig.at("a") == ["10.244.1.2"]


def test_a_service_that_is_deleted_has_no_rule_a_tick_later(rig):
    rig.delete(Service, "web")
    rig.tick()
    assert rig.at("a") == ["10.244.1.1"]
    rig.tick()
    assert (rig.kernels["a"].rules.by_name.get(("default", "web"), ()), rig.kernels["a"].rules.addresses) == ((), {})


def test_all_proxies_in_sync_share_one_set_of_rules(rig):
    assert rig.kernels["a"].rules is rig.kernels["b"].rules


def test_proxies_that_hear_nothing_share_one_copy(rig):
    for proxy in rig.proxies.values():
        proxy.disconnect()
    assert rig.kernels["a"].rules is rig.kernels["b"].rules is not rig.follower.live


@pytest.mark.parametrize(
    ("cores", "per_core", "least", "expected"),
    [(1, 32_768, 131_072, 131_072), (8, 32_768, 131_072, 262_144), (64, 32_768, 131_072, 1_048_576), (4, 0, 9, 0)],
)
def test_the_kernel_tracks_so_many_connections_a_processor(cores, per_core, least, expected):
    assert conntrack_max(cores, per_core, least) == expected


def test_a_proxy_that_starts_tells_the_kernel_how_many_connections_to_track():
    assert Rig().kernels["a"].connections.limit == 8 * 32_768


def test_where_all_rules_are_written_at_every_sync_a_change_comes_the_later_the_more_there_are():
    """Two endpoints of one port are three rules; here one is written a second."""
    rig = Rig(mode=Mode(draws=True, rules_a_second=1))
    rig.tick(3)
    rig.endpoints("10.244.1.1", "10.244.1.2")
    rig.tick(5)
    assert rig.at("a") == ["10.244.1.1", "10.244.1.2"]
    rig.endpoints("10.244.1.3")
    rig.tick(4)
    assert rig.at("a") == ["10.244.1.1", "10.244.1.2"]
    rig.tick(1)
    assert rig.at("a") == ["10.244.1.3"]


@pytest.mark.parametrize(
    ("mode", "rules", "seconds"), [("iptables", 25_000, 2), ("nftables", 25_000, 0), ("ipvs", 9, 0)]
)
def test_only_iptables_is_late_where_there_are_many_rules(mode, rules, seconds):
    assert MODES[mode].lag(rules) == seconds
