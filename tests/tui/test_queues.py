"""What the board, the panel under it and the spoken summary say of queues of messages."""

import pytest
from attrs import evolve

from kubesim_tui.cluster.view import QueueView
from kubesim_tui.tui.i18n import load
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.spoken import summary
from kubesim_tui.tui.widgets import map as board
from kubesim_tui.tui.widgets import selection
from tests.traffic.test_queues import board as cluster
from tests.tui.scenes import STATES

BUSY, IDLE = QueueView("votes", 120, 3, 43), QueueView("mail", 0, 1, 0)


def state(*queues, language="en"):
    """The first Service keeps these queues."""
    found = STATES["shop"](language)
    first, *others = found.view.services
    return evolve(found, view=evolve(found.view, services=(evolve(first, queues=queues), *others)))


def texts(rows):
    return ["".join(segment.text for segment in row) for row in rows]


def drawn(state, language="en"):
    return "\n".join(texts(row.strip for row in board.rows(Look(t=load(language)), state.view, 120, None, 1)))


@pytest.mark.parametrize(("language", "said"), [("en", "120 wait, 43s"), ("zh", "120 条等待，43秒")])
def test_the_row_of_a_broker_says_how_many_messages_wait_and_for_how_long(language, said):
    assert said in drawn(state(BUSY, IDLE, language=language), language)


def test_it_says_nothing_where_messages_are_worked_off_at_once():
    assert drawn(state(IDLE)) == drawn(state())


def test_the_panel_tells_each_queue():
    view = state(BUSY).view
    ref = view.services[0].ref
    said = "\n".join(texts(selection.rows(Look(), view, ref, ref, 200, 4)))
    assert "queue votes: 120 wait, 3 in work, oldest 43s" in said


def test_it_is_spoken():
    assert "Queue votes: 120 messages wait, the oldest for 43 s" in list(summary(load("en"), state(BUSY)))


def test_the_picture_of_a_cluster_has_its_queues():
    made = cluster(workers=0, rate=20)
    made.tick(15)
    seen = next(one for one in made.cluster.picture().services if one.ref.name == "broker").queues
    flow = next(iter(made.cluster.traffic.queues.flows.values()))
    assert seen == (QueueView("jobs", flow.ready, 0, flow.age(made.now)),)
