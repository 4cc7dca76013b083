"""KubeSchedulerConfiguration: which plugins run, with which weights and arguments, for which schedulerName."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.scheduler import args
from kubesim_tui.scheduler.config import ConfigError, read
from tests.scheduler.bench import Cluster

HEAD = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}


def config(**more):
    return read({**HEAD, **more})


def profile(**more):
    return config(profiles=[more]).profiles[0]


def names(plugins):
    return [p.name for p in plugins]


def test_an_empty_configuration_is_the_default_profile():
    found = config().profiles[0]
    assert (found.name, found.preempts, len(found.plugins)) == ("default-scheduler", True, 15)
    assert found.weights["TaintToleration"] == 3


def test_a_plugin_can_be_disabled_at_one_point_only():
    found = profile(plugins={"score": {"disabled": [{"name": "NodeResourcesFit"}]}})
    assert "NodeResourcesFit" not in names(found.score)
    assert "NodeResourcesFit" in names(found.filter)


def test_a_disabled_star_takes_all_defaults_away():
    enabled = [{"name": "ImageLocality", "weight": 7}]
    found = profile(plugins={"score": {"disabled": [{"name": "*"}], "enabled": enabled}})
    assert names(found.score) == ["ImageLocality"]
    assert found.weights["ImageLocality"] == 7


def test_preemption_can_be_switched_off():
    assert not profile(plugins={"multiPoint": {"disabled": [{"name": "DefaultPreemption"}]}}).preempts


@pytest.mark.parametrize(
    "data, message",
    [
        (
            {"profiles": [{"schedulerName": "a"}, {"schedulerName": "a"}]},
            'profiles[1].schedulerName: Duplicate value: "a"',
        ),
        (
            {"percentageOfNodesToScore": 101},
            "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
        ),
        (
            {"podInitialBackoffSeconds": 0, "podMaxBackoffSeconds": 1},
            "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(data, message):
    with pytest.raises(ConfigError) as refused:
        config(**data)
    assert str(refused.value).startswith(message)


def test_an_unknown_plugin_is_refused():
    with pytest.raises(ConfigError, match=r'profiles\[0\].plugins.score.enabled\[0\].name: Unsupported value: "Mine"'):
        profile(plugins={"score": {"enabled": [{"name": "Mine"}]}})


def test_a_shape_must_grow():
    errors = []
    args.shape([{"utilization": 50, "score": 1}, {"utilization": 10, "score": 11}], "shape", errors)
    assert [str(e) for e in errors] == [
        "shape[1].utilization: Invalid value: 10: values must be sorted in increasing order",
        "shape[1].score: Invalid value: 11: not in valid range [0, 10]",
    ]


def test_two_profiles_place_differently():
    most = {"scoringStrategy": {"type": "MostAllocated", "resources": [{"name": "cpu", "weight": 1}]}}
    only_fit = {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit"}]}}
    pack = {
        "schedulerName": "packer",
        "plugins": only_fit,
        "pluginConfig": [{"name": "NodeResourcesFit", "args": most}],
    }
    c = Cluster(nodes=3, configuration=config(profiles=[{}, pack]))
    for i in range(3):
        c.pod(f"spread-{i}", cpu="500m")
        c.tick()
    assert len({c.node_of(f"spread-{i}") for i in range(3)}) == 3
    for i in range(4):
        c.pod(f"packed-{i}", cpu="500m", schedulerName="packer")
        c.tick()
    assert len({c.node_of(f"packed-{i}") for i in range(4)}) == 1
    sources = {e.source.component for e in c.list(types.Event)}
    assert sources == {"default-scheduler", "packer"}


def test_added_affinity_must_be_one_that_can_match():
    errors = []
    terms = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a", "b"]}]}]
    terms.append({"matchExpressions": [{"key": "no label", "operator": "Exists"}, {"key": "a", "operator": "Like"}]})
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    args.node_affinity({"addedAffinity": {required: {"nodeSelectorTerms": terms}}}, errors)
    at = f"addedAffinity.{required}.nodeSelectorTerms"
    assert [(e.field, e.reason.removeprefix("FieldValue")) for e in errors] == [
        (f"{at}[0].matchFields[0].values", "Invalid"),
        (f"{at}[1].matchExpressions[0].key", "Invalid"),
        (f"{at}[1].matchExpressions[1].operator", "NotSupported"),
    ]


def test_added_affinity_holds_for_every_pod():
    term = {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["web"]}]}
    added = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    added = [{"name": "NodeAffinity", "args": {"addedAffinity": added}}]
    c = Cluster(nodes=1, configuration=config(profiles=[{"pluginConfig": added}]))
    c.pod("web")
    c.tick()
    assert c.condition("web")[2].startswith(
        "0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity."
    )


def test_own_default_constraints_replace_the_systems():
    constraint = {"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}
    spread = {"defaultingType": "List", "defaultConstraints": [constraint]}
    chosen = [{"name": "PodTopologySpread", "args": spread}]
    c = Cluster(configuration=config(profiles=[{"pluginConfig": chosen}]))
    c.node("a", labels={"rack": "r1"})
    c.node("b", labels={"rack": "r2"}, cpu="100m")
    service = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web"}}
    c.create({**service, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
    for i in range(2):
        c.pod(f"p{i}", cpu="1", labels={"app": "web"})
        c.tick()
    assert c.condition("p1")[2].startswith(
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints."
    )


def test_a_field_that_is_null_is_not_there():
    nothing = {"name": "InterPodAffinity", "args": {"hardPodAffinityWeight": None}}
    found = config(
        podInitialBackoffSeconds=None,
        percentageOfNodesToScore=None,
        clientConnection={"qps": None},
        profiles=[{"plugins": {"filter": None}, "pluginConfig": [nothing]}],
    )
    plain = config()
    assert (found.initial_backoff, found.qps) == (plain.initial_backoff, plain.qps)
    assert names(found.profiles[0].plugins) == names(plain.profiles[0].plugins)


@pytest.mark.parametrize(
    "data, message",
    [
        ({"profiles": 5}, "profiles: Invalid value: 5: must be a list"),
        ({"profiles": [None]}, "profiles[0]: Invalid value: null: must not be null"),
        ({"profiles": [{"name": "x"}]}, 'profiles[0].name: unknown field "profiles[0].name"'),
        (
            {"profiles": [{"plugins": {"score": {"enabled": [{"name": "ImageLocality", "weight": "7"}]}}}]},
            'profiles[0].plugins.score.enabled[0].weight: Invalid value: "7": must be an integer',
        ),
        (
            {"profiles": [{"pluginConfig": [{"name": "NodeAffinity", "args": {"addedAffinity": {"required": []}}}]}]},
            "profiles[0].pluginConfig[0].args.addedAffinity.required: "
            'unknown field "profiles[0].pluginConfig[0].args.addedAffinity.required"',
        ),
        (
            {"profiles": [{"pluginConfig": [{"name": "InterPodAffinity", "args": {"hardPodAffinityWeight": 200}}]}]},
            "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 200: not in valid range [0, 100]",
        ),
    ],
)
def test_an_unknown_field_or_a_wrong_type_is_said_with_its_path(data, message):
    with pytest.raises(ConfigError) as refused:
        config(**data)
    assert str(refused.value) == message
