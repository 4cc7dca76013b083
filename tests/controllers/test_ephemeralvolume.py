"""Generic ephemeral volumes: a claim each, made for its Pod and owned by it."""

from kubesim_tui.api import types
from kubesim_tui.controllers.ephemeralvolume import EphemeralVolumeController
from tests.boards import Board
from tests.controllers.bench import Manager


def pod(name="web", size="1Gi"):
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    template = {"metadata": {"labels": {"kind": "scratch"}}, "spec": claim}
    volume = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}
    container = {"name": "c", "image": "nginx:1.29", "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}]}
    spec = {"containers": [container], "volumes": [volume]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def claims(board):
    return board.list(types.PersistentVolumeClaim)


def test_the_claim_is_called_after_the_pod_and_belongs_to_it():
    m = Manager(EphemeralVolumeController)
    made = m.create(pod())
    m.tick(2)
    (found,) = claims(m)
    owner = found.metadata.owner_references[0]
    assert (found.metadata.name, owner.uid, owner.controller) == ("web-scratch", made.metadata.uid, True)
    assert dict(found.metadata.labels) == {"kind": "scratch"}
    assert found.spec.resources.requests == {"storage": "1Gi"}


def test_a_claim_that_belongs_to_somebody_else_is_left_alone():
    m = Manager(EphemeralVolumeController)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    m.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "web-scratch"}, "spec": spec})
    m.create(pod())
    m.tick(2)
    text = "ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)"
    assert m.said("FailedBinding")[0] == ("FailedBinding", text)


def test_the_volume_is_there_while_its_pod_is_and_goes_with_it():
    board = Board()
    board.create(pod())
    board.tick(30)
    (running,) = [p for p in board.list(types.Pod) if p.metadata.name == "web"]
    assert (running.status.phase, [c.status.phase for c in claims(board)]) == ("Running", ["Bound"])
    board.client.delete(types.Pod, "default", "web")
    board.tick(60)
    assert (claims(board), board.list(types.PersistentVolume)) == ([], [])
