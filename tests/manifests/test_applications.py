"""Applications of the documentation come up as its pages say; docs/APPLICATIONS.md has them all."""

import pytest

from tests.manifests import corpus
from tools import applications

pytestmark = corpus.needed


def folder(name):
    return sorted(p for p in (corpus.FOLDER / name).iterdir() if p.suffix in (".yaml", ".yml"))


@pytest.mark.parametrize("name", ["cassandra", "zookeeper", "mysql"])
def test_the_members_of_a_stateful_application_come_up_in_order(name):
    sim = applications.run(folder(f"k8s-website/application/{name}"), nodes=4, ticks=200)
    kept = [e for e in sim.cluster.etcd.table("events") if e.reason == "SuccessfulCreate" and "Pod" in e.message]
    said = [e.message.split()[2] for e in sorted(kept, key=lambda e: e.first_timestamp)]
    members = [p for p in applications.pods(sim) if p.metadata.name.rpartition("-")[2] in "012"]
    assert [n for n in said if n in {p.metadata.name for p in members}] == [p.metadata.name for p in members]
    assert [applications.state(p) for p in members] == ["ready"] * 3


def test_what_waits_is_named_with_its_cause():
    sim = applications.run(folder("k8s-website/application/wordpress"), nodes=3, ticks=60)
    assert {text.split(": ")[1].split(",")[0] for text in applications.waits(sim)} == {"`config-missing`"}


def test_files_that_define_the_same_object_are_alternatives():
    files = folder("k8s-website/pods")
    found = applications.rounds(files)
    assert sorted(f for group in found for f in group) == files
    assert len(found) > 1
