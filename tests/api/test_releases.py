"""The releases that there are, and what they no longer know."""

from kubesim_tui.api.releases import REMOVED, minor, newest, numbers, unknown_gates
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.reference import parse


def test_a_version_is_three_numbers():
    assert (numbers("v1.37.2"), numbers("1.38.0"), minor("v1.38.0")) == ((1, 37, 2), (1, 38, 0), 38)


def test_the_newest_of_all_and_of_a_minor():
    assert (newest(), newest(37)) == ("v1.38.0", "v1.37.2")


def test_a_gate_is_known_until_the_release_that_removes_it():
    gates = "JobManagedBy=true, NodeSwap=true"
    assert (unknown_gates("v1.37.2", gates), unknown_gates("v1.38.0", gates)) == ((), ("JobManagedBy",))


def test_images_refuse_the_gates_that_their_release_does_not_know():
    found = {}
    for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        spec = Catalogue.bundled().find(parse(f"registry.k8s.io/{name}:v1.38.0"))
        found[name] = tuple(gate for never in spec.programs[name].forbids for gate in never.lists)
    assert found == dict.fromkeys(found, REMOVED[38])
