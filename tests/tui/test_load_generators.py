"""What the board says of load generators: they are streams that begin in a Pod, and no users."""

import pytest
from attrs import evolve

from kubesim_tui.cluster.view import Ref
from kubesim_tui.tui.i18n import load
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.spoken import _traffic
from kubesim_tui.tui.widgets import map as board
from kubesim_tui.tui.widgets.topbar import users_ok
from tests.tui.builders import traffic
from tests.tui.scenes import STATES

POD = Ref("Pod", "default", "hey-x2k7q")
HEY = evolve(traffic("hey-x2k7q", (0, 0, 0), rate=900, slo=0, url="http://web/"), pod=POD)


def state(*streams):
    found = STATES["shop"]("en")
    return evolve(found, view=evolve(found.view, traffic=(*found.view.traffic, *streams)))


@pytest.mark.parametrize(("language", "word"), [("en", "load"), ("zh", "压测")])
def test_it_has_a_row_among_those_of_users(language, word):
    rows = board.rows(Look(t=load(language)), state(HEY).view, 120, None, 1)
    texts = ["".join(segment.text for segment in row.strip) for row in rows]
    assert [f" {word} hey-x2k7q  GET http://web/" in text for text in texts if "900/s" in text] == [True]


def test_its_failures_are_none_of_the_users():
    assert users_ok(state(HEY)) == users_ok(state())


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Load generator hey-x2k7q: 0.0% of"), ("zh", "压测程序 hey-x2k7q：0.0%")]
)
def test_it_is_spoken_of_as_what_it_is(language, said):
    assert next(iter(_traffic(load(language), state().view, state(HEY).view))).startswith(said)
