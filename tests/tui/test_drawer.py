"""Output of commands: coloured words, headings, the gloss of the line under the cursor."""

from kubesim_tui.tui.widgets.drawer import Drawer, is_head, meaning, tokens
from tests.tui.scenes import playing, screen_text, settle


def test_kubernetes_words_are_coloured_by_what_they_mean():
    assert tokens("web-1  0/1  CrashLoopBackOff  3") == (
        ("web-1  0/1  ", "text"),
        ("CrashLoopBackOff", "red"),
        ("  3", "text"),
    )


def test_a_line_keeps_all_its_text():
    line = "api 1/1 Running 0 Pending NotReady x"
    assert "".join(text for text, _ in tokens(line)) == line


def test_headings_are_capitals_in_columns():
    assert is_head("NAME   READY   STATUS   RESTARTS   AGE")
    assert not is_head("Error from server (NotFound)")
    assert not is_head("NAME")


def test_the_first_known_word_of_a_line_has_a_gloss():
    assert meaning("db-0  0/1  ImagePullBackOff  0").startswith("The image cannot be pulled")
    assert meaning("web-1  0/1  Init:0/2  0").startswith("Its init containers")
    assert meaning("nothing special") == ""


async def test_the_gloss_of_the_line_under_the_cursor_stands_in_the_frame():
    keys = ("colon", *"kubectl", "space", *"get", "space", *"pods", "enter", "escape", "o", "o", "up", "up")
    async with playing("shop", keys=keys, language="zh") as pilot:
        await settle(pilot)
        assert "反复退出" in screen_text(pilot.app)


async def test_long_lines_move_to_the_left_and_back():
    async with playing("start") as pilot:
        screen = pilot.app.screen
        screen.show_lines("kubectl get pods -o wide", ["NAME  " + "x" * 100 + " END"])
        await settle(pilot)
        assert "END" not in screen_text(pilot.app)
        drawer = screen.query_one(Drawer)
        drawer.focus()
        for _ in range(6):
            await pilot.press("right")
        await settle(pilot)
        assert "END" in screen_text(pilot.app)


def test_the_ring_keeps_the_newest_lines():
    drawer = Drawer()
    drawer.repaint = lambda: None
    drawer.write(f"line {n}" for n in range(6000))
    kept = drawer.text().split("\n")
    assert (len(kept), kept[-1]) == (5000, "line 5999")
