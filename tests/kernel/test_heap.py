"""What is set aside is not looked at, and not lost."""

import gc
import weakref

import pytest

from kubesim_tui.kernel import heap


class Circle:
    def __init__(self):
        self.me = self


@pytest.fixture(autouse=True)
def as_it_was():
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_lives_is_out_of_the_collectors_sight():
    kept = Circle()
    heap.set_aside(much=0)
    assert kept.me is kept
    assert not any(one is kept for one in gc.get_objects())


def test_what_was_set_aside_and_has_ended_goes_when_the_next_begins():
    gone = weakref.ref(kept := Circle())
    heap.set_aside(much=0)
    del kept
    gc.collect()
    assert gone() is not None
    heap.set_aside(much=0)
    assert gone() is None


def test_circles_that_come_later_are_found_as_ever():
    heap.set_aside(much=0)
    gone = weakref.ref(Circle())
    gc.collect()
    assert gone() is None


def test_for_little_that_came_since_the_whole_heap_is_not_looked_through_again():
    heap.set_aside(much=0)
    gone = weakref.ref(Circle())
    heap.set_aside()
    assert gone() is not None
