"""Who leads: the decisions of a quorum's members, one by one."""

import pytest

from kubesim_tui.world.replication.decide import Act, Action, Fact, decide, due
from kubesim_tui.world.replication.member import Contact, Part
from tests.world.ensembles import Ensemble

LOOKING, FOLLOWER, LEADER = Part.LOOKING, Part.FOLLOWER, Part.LEADER


def fact(name: str, part: Part = LOOKING, hears: str = "", position=(1, 0), **more) -> Fact:
    """A member of three, `a` … `c`, which hears those whose letters are given."""
    return Fact(name, ord(name), 2, part, position, frozenset(hears), **more)


def follower(name: str, leader: str, contact: Contact, hears: str = "", **more) -> Fact:
    return fact(name, FOLLOWER, hears, leader=leader, to_leader=contact, **more)


CASES = {
    "one alone cannot be elected": ([fact("a")], []),
    "of equals the one of the highest rank stands": (
        [fact("a", hears="b"), fact("b", hears="a")],
        [Action("b", Act.STAND)],
    ),
    "who has more stands, whatever its rank": (
        [fact("a", hears="b", position=(1, 5)), fact("b", hears="a", position=(1, 4))],
        [Action("a", Act.STAND)],
    ),
    "a later term counts for more than a longer index": (
        [fact("a", hears="b", position=(2, 1)), fact("b", hears="a", position=(1, 9))],
        [Action("a", Act.STAND)],
    ),
    "it leads when an election's time is over": (
        [fact("a", hears="b"), fact("b", hears="a", stands_since=9)],
        [Action("b", Act.LEAD)],
    ),
    "it no longer stands when it hears too few": ([fact("a"), fact("b", stands_since=9)], [Action("b", Act.SIT)]),
    "who looks follows a leader that it hears": (
        [fact("a", LEADER, "bc"), follower("b", "a", Contact.OPEN, "a"), fact("c", hears="a")],
        [Action("c", Act.FOLLOW, "a")],
    ),
    "nobody follows a leader of an earlier term": (
        [fact("a", LEADER, "c", (1, 3)), fact("c", hears="a", position=(2, 0))],
        [Action("a", Act.RESIGN)],
    ),
    "a follower whose leader hung up looks for another": (
        [follower("b", "a", Contact.CLOSED)],
        [Action("b", Act.RESIGN)],
    ),
    "a follower waits for a silent leader": ([follower("b", "a", Contact.SILENT)], [Action("b", Act.MISS)]),
    "… until its patience is over": (
        [follower("b", "a", Contact.SILENT, alone_since=0)],
        [Action("b", Act.RESIGN)],
    ),
    "a leader that is followed by too few notices": ([fact("a", LEADER)], [Action("a", Act.MISS)]),
    "… and takes heart again": (
        [fact("a", LEADER, "b", alone_since=5), follower("b", "a", Contact.OPEN, "a")],
        [Action("a", Act.HEAR)],
    ),
    "a follower that missed something copies its leader again": (
        [fact("a", LEADER, "b", (1, 7)), follower("b", "a", Contact.OPEN, "a")],
        [Action("b", Act.FOLLOW, "a")],
    ),
    "a quorum at peace does nothing": (
        [fact("a", LEADER, "b"), follower("b", "a", Contact.OPEN, "a")],
        [],
    ),
}


@pytest.mark.parametrize("facts,actions", CASES.values(), ids=CASES)
def test_what_members_decide(facts, actions):
    assert decide(facts, 10) == actions


def test_they_look_again_when_patience_or_an_election_ends():
    assert due([fact("a", LEADER, alone_since=5), fact("b", stands_since=9)]) == 10
    assert due([fact("a", LEADER, alone_since=5)]) == 15
    assert due([fact("a")]) is None


def test_a_follower_that_was_silent_for_less_than_the_time_out_gets_what_it_has_missed():
    ensemble = Ensemble(3)
    for i in range(3):
        ensemble.start(i, "start-zookeeper", "--servers=3", "--data_dir=/var/lib/zookeeper")
    ensemble.tick(8)
    follower = ensemble.parts().index(FOLLOWER)
    ensemble.world.links.isolate(f"node-{follower}")
    ensemble.look()
    taken = ensemble.write(ensemble.parts().index(LEADER), 1, 5)
    ensemble.tick(2)
    ensemble.world.links.heal()
    ensemble.look()
    assert (taken, len(ensemble.on_disk(follower)), ensemble.parts()[follower]) == (5, 5, FOLLOWER)
