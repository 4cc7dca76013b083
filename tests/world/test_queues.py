"""Queues of messages, by themselves: what becomes of each message, in exact numbers."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.disk import Disk, Volume
from kubesim_tui.world.queues import DROP_HEAD, Messages, Queue, Queueing

PLAIN = Queueing("publish", "jobs")


def queue(n: int = 0, tick: int = 0) -> Queue:
    made = Queue("jobs")
    made.publish(PLAIN, n, tick)
    return made


def balance(one: Queue) -> tuple[int, int]:
    """What came, and what is known of it."""
    return one.published, one.acknowledged + one.ready + one.unacknowledged + sum(one.lost.values())


# batches


def test_the_oldest_messages_are_taken_first():
    messages = Messages()
    for tick, n in ((1, 5), (2, 3), (2, 1)):
        messages.add(tick, n)
    assert (messages.take(6), messages.total, list(messages.batches)) == ([(1, 5), (2, 1)], 3, [(2, 3)])


def test_the_youngest_can_be_taken_off_the_end():
    messages = Messages()
    for tick, n in ((1, 5), (2, 3)):
        messages.add(tick, n)
    assert (messages.take_last(4), list(messages.batches)) == ([(1, 1), (2, 3)], [(1, 4)])


# the course of a message


def test_what_a_consumer_has_taken_is_no_more_ready_but_not_gone():
    one = queue(10)
    assert (one.take("a", 4, 4, automatic=False), one.ready, one.unacknowledged, one.depth) == (4, 6, 4, 10)


def test_what_is_acknowledged_is_told_with_the_tick_in_which_it_was_published():
    one = queue(3, tick=7)
    one.publish(PLAIN, 2, 8)
    one.take("a", 4, 4, automatic=False)
    assert (one.acknowledge("a", 4), one.acknowledged, one.depth) == ([(7, 3), (8, 1)], 4, 1)


def test_what_a_dead_consumer_had_waits_before_all_others_and_is_redelivered():
    one = queue(3, tick=1)
    one.take("a", 2, 2, automatic=False)
    one.publish(PLAIN, 1, 5)
    one.give_back("a")
    assert (list(one.waiting.batches), one.redelivered, one.oldest()) == ([(1, 2), (1, 1), (5, 1)], 2, 1)


def test_without_acknowledgements_a_dead_consumer_takes_along_what_it_worked_on_but_not_what_was_set_aside():
    one = queue(10)
    one.take("a", 7, 2, automatic=True)
    one.lose("a", "consumer-died")
    assert (one.lost, one.ready, one.unacknowledged) == ({"consumer-died": 2}, 8, 0)


# limits


def test_a_full_queue_refuses_the_new_or_drops_the_old():
    refusing, dropping = queue(), queue()
    assert refusing.publish(Queueing("publish", "jobs", limit=5), 8, 1) == 5
    assert dropping.publish(Queueing("publish", "jobs", limit=5, overflow=DROP_HEAD), 8, 1) == 8
    assert (refusing.refused, refusing.lost, dropping.refused, dropping.lost) == (3, {}, 0, {"maxlen": 3})


def test_a_queue_on_a_full_disk_refuses_and_acknowledged_messages_make_room():
    one, disk = Queue("jobs", 100, volume=Volume("v", 500)), Queueing("publish", "jobs", "/data")
    assert one.publish(disk, 8, 1) == 5
    one.take("a", 3, 3, automatic=False)
    one.acknowledge("a", 3)
    assert (one.publish(disk, 8, 2), one.volume.used_bytes) == (3, 500)


def test_a_deleted_volume_loses_its_queues_and_gives_their_room_back():
    disk = Disk(1 << 20)
    volume = Volume("v", disk=disk)
    one = volume.queues["/data", "jobs"] = Queue("jobs", 100, volume=volume)
    one.publish(Queueing("publish", "jobs", "/data"), 5, 1)
    volume.release()
    assert (one.lost, one.gone, disk.used_bytes) == ({"disk-gone": 5}, True, 0)


# whatever happens

DEEDS = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, 50)),
    st.tuples(st.sampled_from(["take", "done", "back", "lose"]), st.sampled_from("abc"), st.integers(0, 30)),
    st.tuples(st.sampled_from(["dies", "leaves"]), st.sampled_from("abc")),
    st.tuples(st.sampled_from(["rest", "forget", "end"])),
)


@given(st.lists(DEEDS, max_size=40), st.sampled_from([None, 20]), st.sampled_from(["", DROP_HEAD]))
def test_no_message_is_lost_from_the_account(deeds, limit, overflow):
    one, at = Queue("jobs", 10, volume=Volume("v", 5_000)), Queueing("publish", "jobs", "/d", limit, overflow)
    for tick, deed in enumerate(deeds):
        match deed:
            case ("publish", n):
                one.publish(at, n, tick)
            case ("take", who, n):
                one.take(who, n, 5, automatic=who == "c")
            case ("done", who, n):
                one.acknowledge(who, n)
            case ("back", who, n):
                one.give_back(who, n)
            case ("lose", who, n):
                one.lose(who, "failed", n)
            case ("dies", who):
                one.lose(who, "consumer-died")
            case ("leaves", who):
                one.give_back(who)
            case ("rest",):
                one.rest()
            case ("forget",):
                one.forget(tick - 1, "broker-died")
            case ("end",):
                one.end("broker-died")
        assert balance(one)[0] == balance(one)[1]
        assert one.volume.used_bytes == one.depth * 10
        assert all(n >= 0 for n in (one.ready, one.unacknowledged, one.kept))
