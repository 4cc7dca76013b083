"""The digest: equal runs have equal ones, and whatever differs shows."""

import copy

import pytest

from kubesim_tui.api.types import ConfigMap, ObjectMeta, Pod
from kubesim_tui.apiserver.etcd import ADDED, DELETED, MODIFIED, Change
from kubesim_tui.cluster.digest import Digest
from tests.boards import APP, Board, image


def change(revision: int = 7, kind: str = ADDED, name: str = "a", value: str = "1", tick: int = 3) -> Change:
    obj = ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data={"k": value})
    return Change(revision, tick, kind, "configmaps", ("default", name), obj, None)


def of(*ticks: tuple[int, list[Change], tuple]) -> str:
    digest = Digest()
    for tick in ticks:
        digest.tick(*tick)
    return digest.hex


FIGURES = (("web", 10, 9, 1, ((4, 9),)),)
BASE = of((3, [change()], FIGURES))


@pytest.mark.parametrize(
    "other",
    [
        (4, [change()], FIGURES),
        (3, [change(revision=8)], FIGURES),
        (3, [change(kind=MODIFIED)], FIGURES),
        (3, [change(kind=DELETED)], FIGURES),
        (3, [change(name="b")], FIGURES),
        (3, [change(value="2")], FIGURES),
        (3, [], FIGURES),
        (3, [change()], (("web", 11, 9, 1, ((4, 9),)),)),
        (3, [change()], (("web", 10, 9, 1, ((5, 9),)),)),
    ],
)
def test_whatever_differs_shows(other):
    assert of(other) != BASE


def test_the_same_is_the_same():
    assert of((3, [change()], FIGURES)) == BASE


def test_the_order_of_changes_counts():
    one, two = change(name="a"), change(name="b", revision=8)
    assert of((3, [one, two], ())) != of((3, [two, one], ()))


def test_a_tick_in_which_nothing_happens_leaves_it_as_it_is():
    digest = Digest()
    digest.tick(1, [change()], ())
    before = digest.hex
    digest.tick(2, [], ())
    digest.absorb([])
    assert digest.hex == before


def test_a_copy_goes_on_alike():
    digest = Digest()
    digest.tick(1, [change()], ())
    other = copy.deepcopy(digest)
    for one in (digest, other):
        one.tick(2, [change(revision=9)], FIGURES)
    assert digest.hex == other.hex


# whole runs


def run(seed: str = "1", service: str = "5ms", replicas: int = 2, delete: bool = False) -> str:
    made = image("own", text=APP.replace("service: 5ms", f"service: {service}"))
    board = Board(images=[made], seed=seed)
    board.app("web", replicas, "test/own")
    board.route("shop.example.com", "web")
    board.settle()
    board.users()
    board.tick(10)
    if delete:
        board.delete(Pod, board.list(Pod)[0].metadata.name)
    board.tick(10)
    return board.cluster.digest


def test_two_equal_runs_have_equal_digests():
    assert run() == run()


@pytest.mark.parametrize("other", [{"seed": "2"}, {"service": "6ms"}, {"replicas": 3}, {"delete": True}])
def test_one_seed_figure_or_input_changes_it(other):
    assert run(**other) != run()
