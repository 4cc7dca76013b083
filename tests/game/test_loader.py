"""Broken levels are told with file, line, field and what is wrong; good ones come back whole."""

# ruff: noqa: E501 - a table

import pytest

from kubesim_tui.cluster.spec import RegionSpec
from kubesim_tui.game import folders, loader
from kubesim_tui.traffic.profile import Batch, Flash, Profile, Ramp, Spike, Wave
from kubesim_tui.traffic.retries import Backoff
from kubesim_tui.traffic.spec import Route, Users
from tests.game.builders import LEVEL, folder, small

BROKEN = [
    ("  minutes: 1", "  minutes: [1", 11, "", "did not find expected"),
    ("  minutes: 1", "  minutes: soon", 10, "spec.minutes", "'soon' is not of type 'integer'"),
    ("  minutes: 1", "  minuets: 1", 4, "spec", "'minuets' was unexpected"),
    ("  lesson: small\n", "", 4, "spec", "'lesson' is a required property"),
    ("mode: MODE", "mode: exam", 11, "spec.mode", "'exam' is not one of ['drill', 'incident']"),
    ("rate: 20/s", "rate: 20", 14, "spec.traffic[0].rate", "20 is not of type 'string'"),
    ("rate: 20/s", "rate: 20/m", 14, "spec.traffic[0].rate", "does not match"),
    ("rate: 20/s", "users: 20", 14, "spec.traffic[0]", "users and think belong together"),
    ("rate: 20/s, ", "", 14, "spec.traffic[0]", "needs either rate (an open loop) or users and think (a closed one)"),
    ("rate: 20/s", "rate: 20/s, users: 20, think: 5s", 14, "spec.traffic[0]", "needs either rate"),
    ("rate: 20/s", "users: 20, think: 500ms", 14, "spec.traffic[0].think", "must be at least a second"),
    ("rate: 20/s", "users: 20, think: 5s, profile: [{shape: batch, count: 5}]", 14, "spec.traffic[0].profile", "does not come in batches"),
    ("rate: 20/s", "rate: 20/s, region: mars", 14, "spec.traffic[0].region", "there is no region 'mars'; there are none"),
    ("  settle: 30", "  regions: [{name: eu}]", 12, "spec.regions[0]", "'latency' is a required property"),
    ("do: pod-delete, target: {pods: app=web, pick: 1}", "do: region-cut, target: mars", 16, "spec.faults[0]", "there is no region 'mars'"),
    ("rate: 20/s", "rate: 20/s, routes: [{path: cart}]", 14, "spec.traffic[0].routes[0].path", "does not match"),
    ("rate: 20/s", "rate: 20/s, routes: [{path: /}, {path: /, method: GET}]", 14, "spec.traffic[0].routes[1].path", "GET / is there twice"),
    ("rate: 20/s", "rate: 20/s, jitter: full", 14, "spec.traffic[0].jitter", "says nothing without retries"),
    ("rate: 20/s", "rate: 20/s, retries: 3, backoff: 2s, backoffMax: 1s", 14, "spec.traffic[0].backoffMax", "1s is less than the back-off itself"),
    ("rate: 20/s", "rate: 20/s, retries: 3, jitter: some", 14, "spec.traffic[0].jitter", "'some' is not one of ['none', 'equal', 'full']"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: circle}]", 14, "spec.traffic[0].profile[0].shape", "'circle' is not one of"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: batch, every: 5s}]", 14, "spec.traffic[0].profile[0]", "'count' is a required property"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: spike, at: 5s, for: 5s, peak: 500}]", 14, "spec.traffic[0].profile[0].peak", "500 is not of type 'string'"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: wave, every: 1h, low: 90%, high: 50%}]", 14, "spec.traffic[0].profile[0].low", "90% is above the high, 50%"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: spike, at: 5s, for: 5s, peak: 500%, every: 5s}]", 14, "spec.traffic[0].profile[0].every", "must be longer than it lasts (5s)"),
    ("rate: 20/s", "rate: 20/s, profile: [{shape: flash, at: 5s, peak: 500%, halves: 0s}]", 14, "spec.traffic[0].profile[0].halves", "must be at least a second"),
    ("do: pod-delete", "do: pod-eat", 16, "spec.faults[0].do", "there is no fault 'pod-eat'; there are "),
    (", target: {pods: app=web, pick: 1}", "", 16, "spec.faults[0]", "pod-delete needs a target"),
    ("type: served, traffic: web", "type: served, traffic: api", 19, "spec.objectives[0].traffic", "no stream of users 'api'"),
    ("type: served, traffic: web, atLeast: 95%", "type: data, store: web", 19, "spec.objectives[0]", "'maxLost' is a required property"),
    ("type: served, traffic", "type: serve, traffic", 19, "spec.objectives[0].type", "'serve' is not one of"),
    ("atLeast: 95%", "atLeast: 95", 19, "spec.objectives[0].atLeast", "95 is not of type 'string'"),
    ("atLeast: 95%", "from: 50s, atLeast: 95%", 19, "spec.objectives[0]", "from 50s to 40s is not within the level"),
    ("zh: 在线", "en: Up", 19, "spec.objectives[0].text", "'zh' is a required property"),
    ("  settle: 30", "  cluster: {nodes: [{name: a, kubelet: {evictionHard: {disk: 1Gi}}}]}", 12, "spec.cluster.nodes[0].kubelet", "unsupported eviction signal disk"),
    ("  settle: 30", "  cluster: {nodes: [{name: a, memory: lots}]}", 12, "spec.cluster.nodes[0].memory", "'lots' is not a quantity"),
    ("  settle: 30", "  cluster: {flags: {no-such: 1}}", 12, "spec.cluster.flags.no-such", "there is no flag 'no-such'"),
    ("  settle: 30", "  cluster: {flags: {kube-api-qps: many}}", 12, "spec.cluster.flags.kube-api-qps", "not a whole number"),
    ("  settle: 30", "  cluster: {nodes: [{name: a, count: 4, max: 3}]}", 12, "spec.cluster.nodes[0].count", "4 is not between the min, 0, and the max, 3"),
    ("  settle: 30", "  cluster: {nodes: [{name: a, min: 1}]}", 12, "spec.cluster.nodes[0]", "without a max a group has no min"),
    ("  settle: 30", "  cluster: {autoscaler: {scan-intervall: 5s}}", 12, "spec.cluster.autoscaler.scan-intervall", "there is no flag 'scan-intervall'"),
    ("  settle: 30", "  cluster: {controlPlanes: 2}", 12, "spec.cluster.controlPlanes", "2 is not one of [1, 3, 5]"),
    ("  settle: 30", "  cluster: {scheduler: {kind: KubeScheduler}}", 12, "spec.cluster.scheduler.apiVersion", "Unsupported value"),
    ("  settle: 30", "  cluster: {scheduler: {profiles: 1}}", 12, "spec.cluster.scheduler.profiles", "must be a list"),
    ("  settle: 30", "  tour: [{say: {en: a, zh: 甲}, until: dinner}]", 12, "spec.tour[0].until", "there is no event 'dinner'"),
    ("  settle: 30", "  outside: [{name: a, image: b, from: c}]", 12, "spec.outside[0].from", "there is no system 'c'"),
]  # fmt: skip


@pytest.mark.parametrize("old, new, line, place, message", BROKEN, ids=[b[1].strip() or b[0].strip() for b in BROKEN])
def test_a_mistake_in_level_yaml_is_told_with_its_place(tmp_path, old, new, line, place, message):
    assert old in LEVEL
    made = folder(tmp_path, level=LEVEL.replace(old, new))
    with pytest.raises(loader.LevelError) as raised:
        loader.load(made)
    wrong = raised.value
    assert (wrong.file, wrong.line, wrong.place) == (str(made / "level.yaml"), line, place)
    assert message in str(wrong)


def test_a_level_may_have_a_control_plane_of_three(tmp_path):
    made = folder(tmp_path, level=LEVEL.replace("  settle: 30", "  cluster: {controlPlanes: 3}\n  settle: 30"))
    assert loader.load(made).cluster.control_planes == 3


def test_a_level_may_have_etcd_on_machines_of_its_own(tmp_path):
    told = "  cluster: {controlPlanes: 3, etcdMembers: 5, etcdZones: [a, b]}\n  settle: 30"
    cluster = loader.load(folder(tmp_path, level=LEVEL.replace("  settle: 30", told))).cluster
    assert (cluster.etcd_members, cluster.etcd_zones) == (5, ("a", "b"))


def test_a_level_may_have_machines_that_come_and_go(tmp_path):
    made = "cluster: {nodes: [{name: a, min: 0, count: 0, max: 3, spot: true}], cloud: {boot: 1m, cpus: 24}, autoscaler: {scale-down-unneeded-time: 2m}}"
    found = loader.load(folder(tmp_path, level=LEVEL.replace("  settle: 30", f"  {made}\n  settle: 30"))).cluster
    (group,) = found.nodes
    assert (group.names, group.autoscaled, group.spot) == ((), True, True)
    assert (found.cloud.boot, found.cloud.cpus, found.autoscaler.scale_down_unneeded_time) == (60, 24, 120)


def test_users_are_read_whole(tmp_path):
    made = """\
    - name: web
      url: http://shop.example.com/
      rate: 20.5/s
      retries: 3
      backoff: 500ms
      backoffGrowth: 2
      backoffMax: 30s
      jitter: full
      retryBudget: 10%
      keepAlive: {requests: 100, connections: 20, renew: 1m}
      routes: [{path: /, weight: 9}, {path: /cart, method: POST}]
      profile:
        - {shape: wave, every: 24m, low: 40%, high: 160%, shift: 6m}
        - {shape: ramp, at: 10s, over: 1m, to: 300%}
        - {shape: spike, at: 2m, for: 30s, peak: 500%, every: 5m}
        - {shape: flash, at: 3m, rise: 10s, peak: 1000%, halves: 1m}
        - {shape: batch, at: 5s, count: 50, every: 1m}
"""
    old = LEVEL[LEVEL.index("    - {name: web, url") : LEVEL.index("  faults:")]
    (users,) = loader.load(folder(tmp_path, level=LEVEL.replace(old, made))).traffic
    shapes = (
        Wave(1440, 400, 1600, 360),
        Ramp(10, 60, 1000, 3000),
        Spike(120, 30, 5000, 300),
        Flash(180, 10, 10_000, 60),
    )
    assert users == Users(
        "web",
        "http://shop.example.com/",
        20_500,
        retries=3,
        backoff=Backoff(500_000, 2, 30_000_000, "full"),
        budget_pm=100,
        profile=Profile(shapes, (Batch(5, 50, 60),)),
        routes=(Route("/", "", 9), Route("/cart", "POST")),
        per_connection=100,
        connections=20,
        renew_us=60_000_000,
    )


def test_a_closed_loop_is_read(tmp_path):
    made = folder(tmp_path, level=LEVEL.replace("rate: 20/s", "users: 300, think: 2s500ms"))
    (users,) = loader.load(made).traffic
    assert (users.population, users.think_us, users.rate_milli) == (300, 2_500_000, 0)


def test_regions_are_read(tmp_path):
    regions = "  regions: [{name: eu, latency: 20ms, zones: {a: 9ms}}, {name: asia, latency: 150ms}]\n  settle: 30"
    text = LEVEL.replace("  settle: 30", regions).replace("rate: 20/s", "rate: 20/s, region: {eu: 3, asia: 1}")
    level = loader.load(folder(tmp_path, level=text))
    assert level.cluster.regions == (RegionSpec("eu", 20_000, {"a": 9_000}), RegionSpec("asia", 150_000))
    assert level.traffic[0].regions == (("eu", 3), ("asia", 1))


def test_a_missing_text_is_told_by_its_file(tmp_path):
    made = folder(tmp_path)
    (made / "briefing.zh.md").unlink()
    with pytest.raises(loader.LevelError, match=r"briefing\.zh\.md:1: cannot be read: .*No such file"):
        loader.load(made)


def test_a_text_that_is_not_utf8_is_told(tmp_path):
    made = folder(tmp_path)
    (made / "debrief.en.md").write_bytes(b"\xff\xfe")
    with pytest.raises(loader.LevelError, match=r"debrief\.en\.md:1: cannot be read"):
        loader.load(made)


def test_a_broken_script_is_told_with_its_line(tmp_path):
    made = folder(tmp_path, solutions__a=".")
    (made / "solutions" / "scale.txt").write_text("# approach: scale\ngo\nuntil the cows come home\n")
    with pytest.raises(loader.LevelError) as raised:
        loader.load(made)
    assert (raised.value.file, raised.value.line) == (str(made / "solutions" / "scale.txt"), 3)


def test_a_broken_image_is_told_with_its_line(tmp_path):
    made = folder(tmp_path, images__a=".")
    (made / "images" / "web.yaml").write_text("repositories: [docker.io/x/web]\nsize: 1Mi\nentrypoint: 7\n")
    with pytest.raises(loader.LevelError) as raised:
        loader.load(made)
    assert (raised.value.file, raised.value.line) == (str(made / "images" / "web.yaml"), 3)


def test_every_mistake_names_its_place_first(tmp_path):
    made = folder(tmp_path, level=LEVEL.replace("minutes: 1", "minutes: soon"))
    with pytest.raises(loader.LevelError) as raised:
        loader.load(made)
    assert str(raised.value).startswith(f"{made}/level.yaml:10: spec.minutes: ")


def test_the_hash_of_the_content_changes_with_every_file(tmp_path):
    before = small(tmp_path).content
    (tmp_path / "00-test/01-small/hints.en.md").write_text("other")
    assert small(tmp_path / "again").content == before != loader.load(tmp_path / "00-test/01-small").content


def test_a_level_is_found_by_id_name_folder_and_with_a_dot(tmp_path):
    made = folder(tmp_path)
    found = [folders.find(name, tmp_path) for name in ("0-1", "0.1", "small", str(made))]
    assert found == [made] * 4


def test_an_unknown_level_is_told_with_those_that_there_are(tmp_path):
    folder(tmp_path)
    with pytest.raises(folders.UnknownLevel, match="there is no level '9-9'; there are 0-1"):
        folders.find("9-9", tmp_path)
