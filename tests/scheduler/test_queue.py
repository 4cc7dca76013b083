"""The queue alone: who is next, who backs off and how long, who lies aside."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.scheduler.pod_info import Register
from kubesim_tui.scheduler.queue import Place, Queue

FIT = ("NodeResourcesFit",)


def pod(name, priority=0):
    meta, container = {"name": name, "namespace": "default", "uid": name}, {"name": "c", "image": "i"}
    spec = {"priority": priority, "containers": [container]}
    return Register.empty().info(decode_object(types.Pod, {"metadata": meta, "spec": spec}))


def popped(queue):
    found = queue.pop()
    return found.info.uid if found is not None else None


@given(st.lists(st.integers(-3, 3), max_size=12))
def test_the_highest_priority_is_first_and_of_equals_the_first_that_came(priorities):
    queue = Queue()
    for i, priority in enumerate(priorities):
        queue.add(pod(str(i), priority), now=i)
    wanted = sorted(range(len(priorities)), key=lambda i: (-priorities[i], i))
    assert [int(popped(queue)) for _ in priorities] == wanted
    assert popped(queue) is None


def test_the_back_off_doubles_from_one_second_to_ten():
    queue = Queue()
    assert [queue.delay(n) for n in range(1, 8)] == [1, 2, 4, 8, 10, 10, 10]


def test_a_pod_that_fits_nowhere_lies_aside_until_it_is_woken():
    queue = Queue()
    found = queue.add(pod("a"), now=0)
    queue.pop()
    queue.failed(found, FIT, now=0)
    assert (popped(queue), list(queue.unschedulable)) == (None, [FIT])
    queue.wake(found, now=5)
    assert (popped(queue), queue.unschedulable) == ("a", {})


def test_who_is_woken_too_early_backs_off_but_goes_before_nobody():
    queue = Queue()
    found = queue.add(pod("a", priority=9), now=0)
    queue.pop()
    queue.failed(found, FIT, now=0)
    queue.wake(found, now=0)
    queue.add(pod("b"), now=0)
    assert found.place is Place.BACKOFF
    assert [popped(queue), popped(queue)] == ["b", "a"]


def test_an_error_backs_off_to_the_end_even_if_nobody_else_is_there():
    queue = Queue()
    found = queue.add(pod("a"), now=0)
    queue.pop()
    queue.failed(found, (), now=0)
    assert (popped(queue), queue.next_due()) == (None, 1)
    for due in queue.due(1):
        queue.put(due)
    assert popped(queue) == "a"


def test_after_five_minutes_who_lies_aside_is_due():
    queue = Queue()
    found = queue.add(pod("a"), now=7)
    queue.pop()
    queue.failed(found, FIT, now=7)
    assert queue.next_due() == 307
    assert (queue.due(306), queue.due(307)) == ([], [found])


def test_who_waits_at_a_gate_is_never_due():
    queue = Queue()
    queue.add(pod("a"), now=0, gate="SchedulingGates")
    assert (popped(queue), queue.next_due(), queue.due(10_000)) == (None, None, [])


def test_a_higher_priority_moves_a_waiting_pod_forward():
    queue = Queue()
    first, second = queue.add(pod("a"), now=0), queue.add(pod("b"), now=0)
    queue.update(second, pod("b", priority=1))
    assert [popped(queue), popped(queue), popped(queue)] == ["b", "a", None]
    assert first.attempts == second.attempts == 1


def test_who_is_removed_is_nowhere():
    queue = Queue()
    found = queue.add(pod("a"), now=0)
    queue.pop()
    queue.failed(found, FIT, now=0)
    queue.remove("a")
    assert (queue.pods, queue.unschedulable, queue.due(1000)) == ({}, {}, [])
