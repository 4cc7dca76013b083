"""Records, volumes, links, processes, references, units, systems outside, and the loader's complaints."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.disk import Disk, Volume
from kubesim_tui.world.errors import CriError, FileError, NoSpace
from kubesim_tui.world.image_loader import ImageError, load_checked
from kubesim_tui.world.links import FAR_US, OTHER_ZONE_US, OUTSIDE, SAME_MACHINE_US, SAME_ZONE_US, Links
from kubesim_tui.world.persistence import last_snapshot
from kubesim_tui.world.process import Process, Running
from kubesim_tui.world.records import Records
from kubesim_tui.world.template import clock_text, expand
from kubesim_tui.world.units import duration_us, size_bytes
from kubesim_tui.world.urls import split
from kubesim_tui.world.world import World

# -- records


def test_records_are_kept_as_runs():
    records = Records()
    records.add(1, 10, 5)
    records.add(11, 20, 5)
    records.add(21, 30, 6)
    assert (list(records.runs()), len(records)) == ([(1, 20, 5), (21, 30, 6)], 30)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9), st.integers(0, 5)), max_size=25))
def test_records_are_a_set_of_numbers(runs):
    records, numbers = Records(), set()
    for first, more, tick in runs:
        records.add(first, first + more, tick)
        numbers.update(range(first, first + more + 1))
    assert (list(records), len(records)) == (sorted(numbers), len(numbers))


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_missing_is_the_difference(here, acknowledged):
    def made(numbers: set[int]) -> Records:
        records = Records()
        for number in sorted(numbers):
            records.add(number, number, 0)
        return records

    assert list(made(here).missing(made(acknowledged))) == sorted(acknowledged - here)


def test_records_until_a_tick():
    records = Records()
    records.add(1, 5, 1)
    records.add(6, 9, 2)
    assert list(records.until(1)) == [1, 2, 3, 4, 5]


SNAPSHOTS = [
    ([(10, 150)], 400, 300),  # a hundred changes: after five minutes
    ([(10, 5)], 400, None),  # a few: not before an hour
    ([(10, 5)], 4000, 3600),
    ([(10, 20_000)], 100, 60),  # very many: after a minute
    ([(10, 150), (350, 150)], 1000, 600),  # the next five minutes count from the last snapshot
]


@pytest.mark.parametrize("changes,now,expected", SNAPSHOTS)
def test_redis_saves_by_its_rules(changes, now, expected):
    records, number = Records(), 1
    for tick, count in changes:
        records.add(number, number + count - 1, tick)
        number += count
    assert last_snapshot({"s": records}, 0, now) == expected


# -- volumes


def test_a_full_volume_refuses():
    volume = Volume("v", capacity_bytes=10)
    volume.write("a", "12345678")
    with pytest.raises(NoSpace, match="No space left on device"):
        volume.write("b", "1234")
    assert volume.append("", "s", 1, 5, 0, record_bytes=1) == 2


def test_volumes_of_one_machine_share_its_disk():
    disk = Disk(100)
    one, two = Volume("1", disk=disk), Volume("2", disk=disk)
    one.write("f", "x" * 60)
    with pytest.raises(NoSpace):
        two.write("f", "x" * 60)
    one.remove("f")
    two.write("f", "x" * 60)
    assert disk.used_bytes == 60


def test_becoming_full_and_having_room_again_are_changes():
    volume = Volume("v", capacity_bytes=100)
    before = volume.version
    volume.fill()
    filled = volume.version
    volume.free(50)
    assert before < filled < volume.version


def test_lost_are_the_acknowledged_records_that_are_not_there():
    volume, acknowledged = Volume("v"), Records()
    acknowledged.add(1, 10, 0)
    volume.append("data", "orders", 1, 7, 0)
    assert list(volume.lost("orders", acknowledged)) == [8, 9, 10]


def test_replacing_files_tells_the_watchers_once_and_only_if_something_changed():
    class Ear:
        heard = 0

        def touched(self, container):
            self.heard += 1

    volume, ear = Volume("config"), Ear()
    volume.watchers["c"] = ear
    volume.replace({"a": "1"})
    volume.replace({"a": "1"})
    assert ear.heard == 1


def test_removing_what_is_not_there_fails():
    with pytest.raises(FileError, match="No such file or directory"):
        Volume("v").remove("x")


# -- links


def test_latency_follows_from_the_zones():
    links = Links()
    links.place("a1", "a")
    links.place("a2", "a")
    links.place("b1", "b")
    found = [links.latency_us("a1", other) for other in ("a1", "a2", "b1", OUTSIDE)]
    assert found == [SAME_MACHINE_US, SAME_ZONE_US, OTHER_ZONE_US, FAR_US]


def test_cutting_isolating_and_healing():
    links = Links()
    links.cut("a", "b")
    assert (links.reachable("a", "b"), links.reachable("a", "c")) == (False, True)
    links.heal("a", "b")
    links.isolate("a")
    assert (links.reachable("a", "b"), links.reachable("c", "a"), links.reachable("a", "a")) == (False, False, True)
    version = links.version
    links.heal("a")
    assert (links.reachable("a", "b"), links.version > version) == (True, True)


def test_a_link_cut_one_way_brings_no_answer_either():
    links = Links()
    links.cut("a", "b", both=False)
    assert (links.arrives("a", "b"), links.arrives("b", "a"), links.reachable("b", "a")) == (False, True, False)


# -- processes


def test_a_restarted_process_has_started_once_more_and_a_resumed_one_has_not():
    process = Process("kubelet")
    process.pause()
    assert (process.state, process.works) == (Running.PAUSED, False)
    process.resume()
    assert (process.starts, process.works) == (1, True)
    process.restart()
    assert (process.starts, process.works) == (2, True)


# -- words


DURATIONS = [("200us", 200), ("80ms", 80_000), ("1.5s", 1_500_000), ("2m", 120_000_000), ("1m30s", 90_000_000), (7, 7)]


@pytest.mark.parametrize("text,us", DURATIONS)
def test_durations(text, us):
    assert duration_us(text) == us


@pytest.mark.parametrize("text,count", [("64Ki", 65_536), ("1.5Gi", 1_610_612_736), ("250M", 250_000_000), ("5", 5)])
def test_sizes(text, count):
    assert size_bytes(text) == count


@pytest.mark.parametrize("text", ["fast", "5", "5 s", "-1s", ""])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is not a duration"):
        duration_us(text)


def test_templates():
    assert expand("${a}-${b:-x}-${c}", {"a": "1", "b": ""}) == "1-x-"


def test_the_clock_writes_times_as_strftime_does():
    form = "%Y-%m-%d %H:%M:%S.%L %a %b %e %j"
    assert clock_text(1_767_258_000_123_456, form) == "2026-01-01 09:00:00.123 Thu Jan  1 001"


ADDRESSES = [
    ("db", ("", "", "db", 0)),
    ("db:5433", ("", "", "db", 5433)),
    ("postgres://u:p@db/orders", ("u", "p", "db", 5432)),
    ("http://api:8080/x", ("", "", "api", 8080)),
    ("http://api:²/x", ("", "", "api", 80)),
    ("redis://cache", ("", "", "cache", 6379)),
]


@pytest.mark.parametrize("text,parts", ADDRESSES)
def test_addresses(text, parts):
    found = split(text)
    assert (found.user, found.password, found.host, found.port) == parts


# -- systems outside


def test_a_copied_system_has_the_records_of_that_moment():
    world = World(Catalogue.bundled())
    old = world.add_outside("db-old.example.com", "postgres", "198.51.100.1")
    store = old.container.plan(5432, "WRITE", "").store
    old.container.keep(store, "orders", 1, 5, 0)
    new = world.add_outside("db-new.example.com", "postgres", "198.51.100.2", copy_of="db-old.example.com")
    old.container.keep(store, "orders", 6, 9, 1)
    assert (list(new.records("orders")), len(old.records("orders"))) == ([1, 2, 3, 4, 5], 9)


def test_a_system_that_is_down_answers_nobody_and_keeps_its_disk():
    world = World(Catalogue.bundled())
    system = world.add_outside("db.example.com", "postgres", "198.51.100.1")
    system.container.keep(system.container.plan(5432, "WRITE", "").store, "orders", 1, 5, 0)
    system.down(10)
    assert (system.is_up, system.container, len(system.records("orders"))) == (False, None, 5)
    system.up(20)
    assert (system.container.ports, len(system.container.records("orders"))) == ((5432,), 5)


# -- the loader's complaints

BROKEN = [
    ("repositories: [docker.io/a/b]\nsize: many\n", "x.yaml:2: size: "),
    (
        "repositories: [a.io/b]\nprograms:\n  web:\n    routes:\n    - path: /\n    - path: /\n      status: []\n",
        "x.yaml:7: programs.web.routes[1].status: ",
    ),
    ("repositories: [docker.io/a/b]\nprograms: {web: {portz: []}}\n", "x.yaml:2: programs.web: "),
    ("size: 1Mi\n", "x.yaml:1: 'repositories' is a required property"),
    ("repositories: [docker.io/a/b\n", "x.yaml:2: "),
    ("- a\n", "x.yaml:1: an image is a map of fields"),
]


@pytest.mark.parametrize("text,said", BROKEN)
def test_a_mistake_is_told_with_file_line_and_field(text, said):
    with pytest.raises(ImageError) as caught:
        load_checked(text, "x.yaml")
    assert str(caught.value).startswith(said)


VERSIONS = """
repositories: [docker.io/shop/web]
entrypoint: [web]
programs:
  web:
    ports: [{port: 8080}]
    routes: [{path: /, body: fine}]
versions:
  - tags: ["2.*"]
    programs: {web: {routes: [{path: /, status: 500}]}}
  - tags: ["2.1"]
    programs: {web: {routes: [{path: /, body: fine again}]}}
"""


@pytest.mark.parametrize("tag,status", [("1.0", "200"), ("2.0", "500"), ("2.1", "200"), ("latest", "200")])
def test_versions_lay_their_differences_over_the_rest(tag, status):
    from kubesim_tui.world.reference import parse

    catalogue = Catalogue.bundled().with_texts({"web.yaml": VERSIONS})
    spec = catalogue.find(parse(f"shop/web:{tag}"))
    assert spec.programs["web"].routes[0].status == status


LAYERS = """
repositories: [docker.io/shop/own]
from: docker.io/shop/web:2.0
env: {COLOUR: blue}
versions:
  - repositories: [docker.io/shop/own]
    programs: {web: {ports: [{port: 9090}]}}
"""


def test_an_image_is_laid_over_the_one_that_it_is_built_on():
    from kubesim_tui.world.reference import parse

    catalogue = Catalogue.bundled().with_texts({"web.yaml": VERSIONS}).with_texts({"own.yaml": LAYERS})
    web = catalogue.find(parse("shop/own:7")).programs["web"]
    assert (web.routes[0].status, web.ports[0].port) == ("500", "9090")


@pytest.mark.parametrize("base", ["docker.io/no/such", "docker.io/a/b"])
def test_an_image_cannot_be_built_on_what_is_not_there_or_on_itself(base):
    with pytest.raises(ImageError, match="from: "):
        load_checked(f"repositories: [docker.io/a/b]\nfrom: {base}\n", "x.yaml")


def test_a_repository_that_does_not_exist_is_denied():
    from tests.world.builders import Box

    absent = {"x.yaml": "repositories: [docker.io/no/such]\nabsent: true\n"}
    box = Box(catalogue=Catalogue.bundled().with_texts(absent))
    pull = box.runtime.pull("no/such:1", 0)
    box.until(pull.done)
    assert "pull access denied, repository does not exist or may require authorization" in str(pull.error)


def test_an_error_that_is_kept_is_shared_by_checkpoints():
    refused = CriError("NotFound", "failed to pull")
    assert copy.deepcopy({"pull": refused})["pull"] is refused
