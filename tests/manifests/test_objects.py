"""What is read back is what was applied plus defaults; what a cluster returns is valid, also after a minute of work.

Judges are the documents themselves, and the published schemas (`schemas`).
"""

import copy
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.quantity import QuantityError, parse
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.sim import Sim
from tests.apiserver.door import Door, document, pod
from tests.fuzz import mutations, seeds
from tests.harness import ADMIN, Request
from tests.manifests import corpus
from tests.manifests.schemas import faults

LEVELS = sorted(Path(__file__).parents[2].glob("levels/*/*/level.yaml"))
SERVERS = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "selfLink",
    "managedFields",
)
"""Metadata that are the server's to write."""
WHOLE = [row for row in corpus.index() if not row["file"].startswith("broken/")]
BATCH = 20


# -- read back -------------------------------------------------------------------------------------------------------


def lost(applied, found, path=""):
    """Paths of what was applied and is not found. Nothing counts that says nothing: null, empty, 0.

    Lists may have become longer: admission adds volumes, mounts and tolerations.
    """
    if isinstance(applied, dict):
        there = found if isinstance(found, dict) else {}
        return [p for k, v in applied.items() for p in lost(v, there.get(k), f"{path}.{k}")]
    if isinstance(applied, list) and isinstance(found, list) and len(applied) <= len(found):
        return [p for i, v in enumerate(applied) for p in lost(v, found[i], f"{path}[{i}]")]
    return [] if not applied or _same(applied, found) else [path]


def _same(applied, found):
    if applied == found:
        return True
    try:
        return isinstance(found, str) and parse(str(applied)) == parse(found)
    except QuantityError:
        return False


def of_its_author(data):
    """A document without what is not its author's to say: status, the server's metadata, stringData, a Pod's node; and
    without what the server drops, since its feature is off (EmptyDirVolumeMode).
    """
    data = copy.deepcopy(data)
    meta = data.get("metadata") or {}
    for name in SERVERS:
        meta.pop(name, None)
    data.pop("status", None)
    data.pop("stringData", None)
    if data["kind"] == "Pod":
        spec = data.get("spec") or {}
        spec.pop("nodeName", None)
        for volume in spec.get("volumes") or ():
            (volume.get("emptyDir") or {}).pop("mode", None)
    return data


@pytest.fixture(scope="module")
def door():
    """A cluster to ask: everything is a dry run but what `read_back` makes and deletes again."""
    return Door()


def read_back(door, data, **options):
    """What is read after a document was created; None if it is refused or of no served kind."""
    resource = door.server.resource_for_kind(str(data.get("apiVersion")), str(data.get("kind")))
    if resource is None:
        return None
    meta = data.get("metadata")
    namespace = (meta.get("namespace") if isinstance(meta, dict) else "") or "default"
    try:
        if resource.namespaced and isinstance(namespace, str):
            door.namespace(namespace)
        made = door.send("create", data, **options)
    except StatusError:
        return None
    if options.get("dry_run"):
        return encode_object(made)
    there = (made.metadata.namespace, made.metadata.name)
    found = door.server.handle(Request(ADMIN, "get", resource, *there))
    door.etcd.delete(resource.group_resource, there)
    return encode_object(found)


@corpus.needed
@pytest.mark.parametrize("row", corpus.files())
def test_a_published_manifest_is_read_back_as_it_was_applied(row, door):
    for applied in corpus.read(row["file"]):
        if (found := read_back(door, applied.data)) is not None:
            assert lost(of_its_author(applied.data), found) == []
            assert faults(found) == []


@settings(max_examples=500)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_accepted_is_read_back_as_it_was_applied(seed, door):
    rng, known = random.Random(str(seed)), seeds.documents()
    data = mutations.value(rng, known[rng.randint(0, len(known) - 1)], known)
    if (found := read_back(door, data, dry_run=True)) is not None:
        assert lost(of_its_author(data), found) == []
        loose = found["kind"] == "StatefulSet"  # whose template upstream does not validate either
        assert loose or faults(data) or faults(found) == []


# -- valid -----------------------------------------------------------------------------------------------------------


def faulty(sim):
    """The objects of a cluster that the schemas find wrong, with what is wrong."""
    found = {(o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]): faults(o) for o in sim.objects()}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_every_object_of_a_new_cluster_is_valid():
    assert faulty(Sim()) == {}


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.parent.name)
def test_every_object_of_an_application_is_valid_at_once_and_after_a_minute(level):
    sim = Sim()
    sim.apply(sorted(level.parent.glob("start/*.yaml")), create_namespaces=True)
    assert faulty(sim) == {}
    sim.run(60)
    assert faulty(sim) == {}


@corpus.needed
@pytest.mark.parametrize("first", range(0, len(WHOLE), BATCH))
def test_every_object_of_published_applications_is_valid_at_once_and_after_a_minute(first):
    sim = Sim()
    sim.apply([corpus.FOLDER / row["file"] for row in WHOLE[first : first + BATCH]], create_namespaces=True)
    assert faulty(sim) == {}
    sim.run(60)
    assert faulty(sim) == {}


def test_an_old_version_of_a_kind_is_valid_as_it_is_answered(door):
    spec = {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}}
    found = read_back(door, document("HorizontalPodAutoscaler", "autoscaling/v1", "web", spec=spec))
    assert (found["apiVersion"], faults(found)) == ("autoscaling/v1", [])


def test_the_judge_finds_what_is_wrong():
    data = pod() | {"status": {"phase": 1}}
    data["spec"]["colour"] = "red"
    assert [fault.split(":")[0] for fault in faults(data)] == ["spec", "status.phase"]
