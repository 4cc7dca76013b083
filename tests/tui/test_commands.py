"""Keys, footer, palette and help are all read from one table."""

import re

from kubesim_tui.tui import commands
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.palette import Item, matching
from kubesim_tui.tui.screens.play import PlayScreen
from kubesim_tui.tui.widgets.chips import chips_of
from kubesim_tui.tui.widgets.prompt import PromptInput

IDS = [command.id for command in commands.COMMANDS]


def test_each_command_is_declared_once():
    assert len(IDS) == len(set(IDS))


def test_the_play_screen_has_a_method_for_each():
    assert [name for name in IDS if not hasattr(PlayScreen, f"action_{name}")] == []


def test_no_key_stands_for_two_commands_in_one_mode():
    for mode in ("board", "prompt", "armed", "output", "scrub"):
        keys = [key for command in commands.in_mode(mode) for key in command.keys]
        assert sorted(keys) == sorted(set(keys))


def test_every_key_of_the_table_is_bound_and_no_other():
    bound = {b.key for b in PlayScreen.BINDINGS} | {b.key for b in PromptInput.BINDINGS}
    assert bound == {key for command in commands.COMMANDS for key in command.keys}


def test_the_help_page_names_every_command_that_has_a_key():
    text = "\n".join(strip.text for strip in stories.help_page("?").pane.body(Look(), 100))
    missing = [c.id for c in commands.COMMANDS if c.keys and not re.search(rf"\b{re.escape(c.label)}", text)]
    assert missing == []


def test_the_footer_shows_commands_of_its_mode():
    for mode in ("board", "prompt", "armed", "output", "scrub"):
        assert {c[0] for c in chips_of(Look(), mode, False, False)} <= {c.id for c in commands.in_mode(mode)}


def test_go_leaves_the_footer_once_it_was_pressed():
    assert "go" in {c[0] for c in chips_of(Look(), "board", False, False)}
    assert "go" not in {c[0] for c in chips_of(Look(), "board", True, False)}


def test_the_palette_finds_by_letters_in_order_and_prefers_beginnings():
    items = [Item(c.id, c.label, c.id) for c in commands.COMMANDS if c.palette]
    assert matching("nx", items)[0].value == "next_event"
    assert [item.value for item in matching("re", items)][:2] == ["restart", "rewind_back"]
    assert matching("zzz", items) == []


def test_words_of_a_sentence_are_found_as_they_are():
    crash, gone = "node-crash a machine loses power", "image-gone an image is removed"
    items = [Item("a", "node-crash", crash), Item("b", "image-gone", gone)]
    assert [item.value for item in matching("power", items)] == ["a"]
    assert [item.value for item in matching("mvd", items)] == []


def test_keys_read_as_people_read_them():
    assert [commands.key_name(k) for k in ("ctrl+p", "left_square_bracket", "R")] == ["^P", "[", "R"]


def test_while_time_stands_space_says_that_it_goes_on():
    def label(paused):
        return next(c[2] for c in chips_of(Look(), "board", True, paused) if c[0] == "pause")

    assert (label(False), label(True)) == ("Pause", "Resume")
