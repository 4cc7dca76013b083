"""Playing without typing and with it: cursor, menus, prepared lines, prompt, streams."""

import asyncio

from attrs import evolve
from textual import events
from textual.widgets import Input

from kubesim_tui.game.protocol import Talk
from kubesim_tui.game.state import Coach
from kubesim_tui.tui.app import AFTER_ESCAPE
from kubesim_tui.tui.screens.chooser import ActionMenu
from kubesim_tui.tui.screens.editor import EditorScreen
from kubesim_tui.tui.screens.sheet import Sheet
from kubesim_tui.tui.widgets.drawer import Drawer
from kubesim_tui.tui.widgets.prompt import Completions, PromptInput
from tests.tui import builders, fakes
from tests.tui.scenes import playing, press, screen_text, settle


async def type_in(pilot, text):
    await pilot.press(*["space" if c == " " else c for c in text])
    await settle(pilot)


def ran(pilot):
    return [call[1] for call in pilot.app.session.calls if call[0] == "run"]


DELETE = "kubectl delete pod web-7c9f6d4b5-x2k7q -n shop"


async def test_the_first_level_needs_three_enters_and_no_typing():
    """Enter opens the actions of the Pod under the cursor, Enter writes the line, Enter runs it."""
    async with playing("start") as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ActionMenu)
        await press(pilot, "enter")
        assert pilot.app.screen.armed == DELETE
        assert ran(pilot) == []
        await press(pilot, "enter")
        assert ran(pilot) == [DELETE]


async def test_in_the_machine_room_enter_opens_what_can_be_done_with_a_component():
    async with playing("shop") as pilot:
        await press(pilot, "m", "enter")
        menu = pilot.app.screen
        assert isinstance(menu, ActionMenu)
        await press(pilot, "l")
        assert pilot.app.screen.armed == "ssh cp-1 crictl ps -a"


async def test_in_the_machine_room_space_stops_time_and_the_cursor_stays():
    async with playing("shop") as pilot:
        before = pilot.app.screen.pace.paused
        await press(pilot, "m", "down", "space", "escape")
        assert pilot.app.screen.pace.paused is not before


async def test_a_letter_of_the_menu_chooses_at_once():
    async with playing("start") as pilot:
        await press(pilot, "enter", "ctrl+d")
        assert pilot.app.screen.armed == DELETE


async def test_looking_letters_run_at_once_and_open_the_drawer():
    async with playing("start") as pilot:
        await press(pilot, "d")
        assert ran(pilot) == ["kubectl describe pod web-7c9f6d4b5-x2k7q -n shop"]


async def test_a_writing_letter_only_prepares_its_line():
    async with playing("start") as pilot:
        await press(pilot, "ctrl+d")
        assert (pilot.app.screen.armed, ran(pilot)) == (DELETE, [])
        await press(pilot, "escape")
        assert pilot.app.screen.armed == ""


async def test_moving_the_cursor_drops_a_prepared_line():
    async with playing("start") as pilot:
        await press(pilot, "ctrl+d", "up")
        assert pilot.app.screen.armed == ""


async def test_plus_counts_up_in_the_prepared_line():
    async with playing("start") as pilot:
        await press(pilot, "plus", "plus", "minus", "plus", "enter")
        assert ran(pilot) == ["kubectl scale deployment/web --replicas=3 -n shop"]


async def test_a_prepared_line_can_be_changed_before_it_runs():
    async with playing("start") as pilot:
        await press(pilot, "plus", "colon")
        assert pilot.app.screen.query_one(PromptInput).value == "kubectl scale deployment/web --replicas=2 -n shop"
        await type_in(pilot, " -v")
        await press(pilot, "enter")
        assert ran(pilot) == ["kubectl scale deployment/web --replicas=2 -n shop -v"]


async def test_scaling_what_has_no_replicas_is_explained():
    async with playing("shop", keys=("shift+tab", "home", "plus")) as pilot:
        assert pilot.app.screen.armed == ""
        assert "Select a Deployment" in screen_text(pilot.app)


async def test_in_the_prompt_printable_keys_are_text():
    async with playing("start", keys=("colon",)) as pilot:
        await type_in(pilot, "g w?:[1+")
        assert pilot.app.screen.query_one(PromptInput).value == "g w?:[1+"
        assert not pilot.app.session.gone


async def test_escape_returns_from_the_prompt_to_the_board():
    async with playing("start", keys=("colon", "escape", "g")) as pilot:
        assert pilot.app.session.gone


async def test_a_short_answer_stands_in_the_row_of_the_prompt():
    async with playing("start", keys=("plus", "enter")) as pilot:
        assert "✓ ran: kubectl scale deployment/web --replicas=2 -n shop" in screen_text(pilot.app)
        assert not pilot.app.screen.query_one(Drawer).display


async def test_a_long_answer_opens_the_drawer_over_the_lower_half():
    async with playing("shop", keys=("colon",)) as pilot:
        await type_in(pilot, "kubectl get pods")
        await press(pilot, "enter")
        drawer = pilot.app.screen.query_one(Drawer)
        assert drawer.display
        assert "CrashLoopBackOff" in screen_text(pilot.app)
        assert drawer.region.bottom == 20
        await press(pilot, "escape", "escape")
        assert not drawer.display


async def test_history_goes_up_and_down_and_keeps_what_was_begun():
    async with playing("start", keys=("colon",)) as pilot:
        prompt = pilot.app.screen.query_one(PromptInput)
        for line in ("one", "two"):
            await type_in(pilot, line)
            await press(pilot, "enter")
        await type_in(pilot, "thr")
        seen = []
        for key in ("up", "up", "up", "down", "down"):
            await press(pilot, key)
            seen.append(prompt.value)
        assert seen == ["two", "one", "one", "two", "thr"]


async def test_tab_completes_and_goes_through_the_choices():
    async with playing("start", keys=("colon",)) as pilot:
        prompt = pilot.app.screen.query_one(PromptInput)
        await type_in(pilot, "kub")
        await press(pilot, "tab")
        assert prompt.value == "kubectl "
        await type_in(pilot, "de")
        seen = []
        for _ in range(5):
            await press(pilot, "tab")
            seen.append(prompt.value)
        assert seen == [f"kubectl {w}" for w in ("describe", "delete", "deploy/api", "deploy/web", "describe")]
        assert pilot.app.screen.query_one(Completions).display
        await press(pilot, "escape")
        assert (pilot.app.screen.query_one(Completions).display, pilot.app.screen.typing) == (False, True)


async def test_ghost_text_is_taken_with_the_right_arrow():
    async with playing("start", keys=("colon",)) as pilot:
        await type_in(pilot, "kube")
        await press(pilot, "right")
        assert pilot.app.screen.query_one(PromptInput).value == "kubectl"


def stream(_terminal):
    return fakes.Answer(("NAME  READY",), job=7)


async def test_control_c_ends_a_stream_first_then_clears_the_line_then_asks():
    line = "kubectl get pods -w"
    async with playing("start", keys=("colon",), answers={line: stream}) as pilot:
        await type_in(pilot, line)
        await press(pilot, "enter")
        pilot.app.session.jobs[7] = ("web-1  1/1",)
        pilot.app.screen.paint()
        await settle(pilot)
        assert "web-1  1/1" in pilot.app.screen.query_one(Drawer).text()
        await press(pilot, "ctrl+c")
        assert ("cancel", 7) in pilot.app.session.calls
        await type_in(pilot, "abc")
        await press(pilot, "ctrl+c")
        assert pilot.app.screen.query_one(PromptInput).value == ""
        await press(pilot, "ctrl+c")
        assert isinstance(pilot.app.screen, Sheet)
        await press(pilot, "n")
        assert pilot.app.is_running


async def test_a_stream_that_ends_with_one_line_leaves_it_in_the_prompt():
    async with playing("start", answers={DELETE: fakes.Answer(('pod "web" deleted',), job=3)}) as pilot:
        await press(pilot, "ctrl+d", "enter")
        assert pilot.app.screen.query_one(Drawer).display
        assert "^C stops it" in screen_text(pilot.app)
        pilot.app.session.ended.add(3)
        pilot.app.screen.paint()
        await settle(pilot)
        assert not pilot.app.screen.query_one(Drawer).display
        assert '✓ pod "web" deleted' in screen_text(pilot.app)


async def test_leaving_a_judged_run_asks_first():
    async with playing("outage", keys=("q",)) as pilot:
        assert "This run does not count" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert pilot.app.screen.level == "0-1"
        await press(pilot, "q", "y")
        assert len(pilot.app.screen_stack) == 1


async def test_restart_asks_while_the_run_is_judged_and_not_before():
    async with playing("start", keys=("R",)) as pilot:
        assert ("restart",) in pilot.app.session.calls
    async with playing("outage", keys=("R",)) as pilot:
        assert ("restart",) not in pilot.app.session.calls
        await press(pilot, "y")
        assert ("restart",) in pilot.app.session.calls


async def test_why_shows_the_chain_down_to_the_cause():
    async with playing("outage", keys=("w",)) as pilot:
        text = screen_text(pilot.app)
        assert all(part in text for part in ("no ready endpoint", "kubelet", "single-replica", "Killing"))


async def test_why_on_something_well_explains_the_failing_users_instead():
    async with playing("outage") as pilot:
        pilot.app.session.well.add("Pod")
        await press(pilot, "w")
        assert "single-replica" in screen_text(pilot.app)


async def test_why_says_so_where_nothing_is_wrong():
    async with playing("start") as pilot:
        pilot.app.session.well.add("Pod")
        await press(pilot, "w")
        assert "Nothing is wrong with it" in screen_text(pilot.app)


async def test_why_here_shows_what_every_plugin_said_of_each_node():
    async with playing("outage", keys=("W",)) as pilot:
        text = screen_text(pilot.app)
        assert all(part in text for part in ("placed on node-b", "NodeResourcesFit", "node-c", "Insufficient cpu"))


async def test_why_here_says_so_where_no_scheduler_has_a_say():
    async with playing("outage") as pilot:
        pilot.app.session.placement = lambda ref: None
        await press(pilot, "W")
        assert "No scheduler has a say in it" in screen_text(pilot.app)


async def test_the_third_hint_names_its_price_first():
    async with playing("start", states=[evolve(builders.start(), hints_shown=2)], keys=("h",)) as pilot:
        assert "without medals" in screen_text(pilot.app)
        assert ("hint",) not in pilot.app.session.calls
        await press(pilot, "y")
        assert ("hint",) in pilot.app.session.calls


async def test_a_form_shows_the_difference_and_what_is_wrong_before_anything_runs():
    async with playing("start", keys=("up", "enter")) as pilot:
        await press(pilot, "enter")
        box = pilot.app.screen.query_one(Input)
        box.value = "x"
        await settle(pilot)
        assert "a whole number, please" in screen_text(pilot.app)
        await press(pilot, "enter")
        assert ran(pilot) == []
        box.value = "3"
        await settle(pilot)
        assert "+  replicas: 3" in screen_text(pilot.app)
        await press(pilot, "enter")
        assert ran(pilot) == ["kubectl scale deployment/web --replicas=3 -n shop"]


async def test_the_editor_shows_errors_at_their_lines_and_refuses_to_apply():
    async with playing("start", size=(120, 40), keys=("up", "e")) as pilot:
        assert isinstance(pilot.app.screen, EditorScreen)
        text = screen_text(pilot.app)
        assert '✗  7    replicas: "4"  ◂ Invalid value' in text
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, EditorScreen)
        assert ran(pilot) == []


async def test_a_sound_manifest_is_applied_as_standard_input():
    seen = []

    def apply(terminal):
        seen.append(terminal.read("-"))
        return fakes.Answer(("deployment.apps/api configured",))

    async with playing("start", keys=("up", "e"), answers={"kubectl replace --save-config -f -": apply}) as pilot:
        pilot.app.screen.area.text = fakes.MANIFEST.replace('"4"', "4")
        await press(pilot, "ctrl+s")
        assert seen == [fakes.MANIFEST.replace('"4"', "4")]
        assert "✓ deployment.apps/api configured" in screen_text(pilot.app)


async def test_closing_a_changed_manifest_asks():
    async with playing("start", keys=("up", "e", "x", "escape")) as pilot:
        assert "Throw the changes away?" in screen_text(pilot.app)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, EditorScreen)
        await press(pilot, "escape", "y")
        assert not isinstance(pilot.app.screen, EditorScreen)


async def test_kubectl_edit_opens_the_editor_and_then_runs_again_with_its_text():
    def edit(terminal):
        text = terminal.edit("replicas: 1\n")
        return fakes.Answer((f"edited {text!r}",))

    line = "kubectl edit deploy/web"
    async with playing("start", keys=("colon",), answers={line: edit}) as pilot:
        await type_in(pilot, line)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, EditorScreen)
        pilot.app.screen.area.text = "replicas: 3\n"
        await press(pilot, "ctrl+s")
        assert "edited 'replicas: 3\\n'" in pilot.app.screen.query_one(Drawer).text()


async def test_several_pasted_lines_are_a_manifest_and_one_line_is_text():
    from textual.events import Paste

    async with playing("start", keys=("colon",)) as pilot:
        prompt = pilot.app.screen.query_one(PromptInput)
        prompt.post_message(Paste("kubectl get"))
        await settle(pilot)
        assert prompt.value == "kubectl get"
        prompt.post_message(Paste("kind: Pod\nmetadata: {}\n"))
        await settle(pilot)
        assert isinstance(pilot.app.screen, EditorScreen)


async def test_tabs_and_arrows_reach_every_page():
    async with playing("shop") as pilot:
        board, seen = pilot.app.screen.board, []
        for _ in range(5):
            seen.append(board.tab)
            await press(pilot, "tab")
        assert sorted(seen) == ["config", "events", "map", "nodes", "storage"]
        await press(pilot, "left")
        assert board.tab == "map"


async def test_the_cursor_reaches_everything_on_the_map():
    async with playing("shop", size=(200, 60), keys=("shift+tab", "home")) as pilot:
        board, kinds = pilot.app.screen.board, set()
        for _ in range(60):
            kinds.add(board.target.kind)
            await press(pilot, "down")
        for _ in range(3):
            kinds.add(board.target.kind)
            await press(pilot, "right")
    assert {"Ingress", "Service", "Deployment", "StatefulSet", "Pod", "Node", "Job"} <= kinds


async def test_the_cursor_stays_on_its_pod_while_others_come_and_go():
    states = [builders.start(), builders.outage()]
    async with playing("start", states=states) as pilot:
        assert pilot.app.screen.board.target == builders.WEB_POD
        pilot.app.session.at = 1
        pilot.app.screen.paint()
        await settle(pilot)
        assert pilot.app.screen.board.target == builders.WEB_POD


async def test_a_click_selects_and_a_second_opens():
    async with playing("start") as pilot:
        await pilot.click("#board", offset=(10, 3))
        await settle(pilot)
        assert pilot.app.screen.board.target.kind == "Ingress"
        await pilot.click("#board", offset=(10, 6), times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ActionMenu)


async def test_a_chip_of_the_footer_can_be_clicked():
    async with playing("start") as pilot:
        await pilot.click("#chips", offset=(1, 0))
        await settle(pilot)
        assert pilot.app.session.gone


async def test_the_coach_moves_the_cursor_when_it_points_elsewhere():
    async with playing("shop") as pilot:
        assert (pilot.app.screen.board.tab, pilot.app.screen.board.target.name) == ("config", "api-config")


async def test_the_tour_hears_what_the_player_does():
    async with playing("start", keys=("enter", "enter", "enter", "g")) as pilot:
        heard = [call[1] for call in pilot.app.session.calls if call[0] == "tour"]
        assert [name for name in ("opened", "ran", "go") if name in heard] == ["opened", "ran", "go"]


async def test_a_letter_that_no_command_has_is_an_action_of_the_selected_thing():
    async with playing("start", keys=("up", "r")) as pilot:
        assert pilot.app.screen.armed == "kubectl rollout restart deployment/web -n shop"


async def test_looking_works_where_the_session_has_no_action_for_it():
    async with playing("start", keys=("up", "l")) as pilot:
        assert ran(pilot) == ["kubectl logs deployment/web -n shop"]


async def test_a_shell_begins_a_line_to_be_completed():
    async with playing("start", keys=("s",)) as pilot:
        await type_in(pilot, " -c ls")
        assert pilot.app.screen.prompt.value == "kubectl exec -it web-7c9f6d4b5-x2k7q -n shop -- sh -c ls"


async def test_while_a_shell_listens_the_prompt_asks_as_it_does_and_lines_go_to_it():
    async with playing("start", keys=("colon",)) as pilot:
        session = pilot.app.screen.session
        session.talks = Talk(7, "/ # ")
        pilot.app.screen.show_mode()
        assert pilot.app.screen.prompt.placeholder == "/ #"
        await type_in(pilot, "ls -l")
        await press(pilot, "enter")
        assert session.calls[-1] == ("type", "ls -l")


async def test_a_completed_word_is_followed_by_a_blank_unless_it_goes_on():
    async with playing("start", keys=("colon",)) as pilot:
        seen = []
        for word in ("nodes", "--for=condition=", "deployment/"):
            pilot.app.session.complete = lambda line, cursor, terminal, word=word: (word,)
            pilot.app.screen.prompt.value = "kubectl "
            pilot.app.screen.prompt.cursor_position = 8
            await press(pilot, "tab")
            seen.append(pilot.app.screen.prompt.value)
        assert seen == ["kubectl nodes ", "kubectl --for=condition=", "kubectl deployment/"]


async def test_the_coach_goes_on_under_a_menu_that_stops_time():
    states = [builders.start(), evolve(builders.start(), coach=Coach("Choose Delete Pod.", builders.WEB_POD))]
    async with playing("start", (120, 40), states=states) as pilot:
        session = pilot.app.session
        session.tour_event = lambda name, ref=None: setattr(session, "at", max(session.at, name == "opened"))
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ActionMenu)
        assert "Choose Delete Pod." in screen_text(pilot.app)


async def test_the_menu_says_what_enter_does_with_each_entry():
    async with playing("start", keys=("enter",)) as pilot:
        assert "Enter writes the line into the prompt" in screen_text(pilot.app)
    async with playing("start", keys=("up", "enter")) as pilot:
        assert "Enter opens it" in screen_text(pilot.app)


async def test_where_a_pod_has_gone_the_cursor_takes_its_workload():
    gone = builders.kill_a_pod("en", [], tick=30, go=12, coach="")
    async with playing("start", states=[builders.start(), evolve(gone, coach=Coach())]) as pilot:
        pilot.app.session.at = 1
        pilot.app.screen.paint()
        await settle(pilot)
        assert pilot.app.screen.board.target == builders.WEB


async def test_a_letter_right_after_escape_reaches_the_board():
    """A terminal sends Esc and a key soon after it as Alt and the key (of digits and signs Textual drops the Esc)."""
    async with playing("start", keys=("colon",)) as pilot:
        pilot.app.post_message(events.Key("alt+g", "g"))
        await asyncio.sleep(2 * AFTER_ESCAPE)
        await settle(pilot)
        screen = pilot.app.screen
        assert (screen.typing, screen.prompt.value, pilot.app.session.gone) == (False, "", True)


async def test_another_speed_is_seen_while_time_stands():
    async with playing("outage", keys=("greater_than_sign",)) as pilot:
        assert "‖ paused 2×" in screen_text(pilot.app)
