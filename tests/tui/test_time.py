"""The clock of the front end: what runs when, and what stops it."""

from attrs import evolve

from kubesim_tui.tui.pace import Pace
from kubesim_tui.tui.widgets.timeline import Timeline
from tests.tui import builders
from tests.tui.scenes import app_for, arrange, playing, press, screen_text, settle


def steps(pilot):
    return sum(call[1] for call in pilot.app.session.calls if call[0] == "step")


async def pass_seconds(pilot, seconds):
    """Move the wall clock on in beats, as the timer would."""
    for _ in range(round(seconds * 20)):
        pilot.app.wall.now += 0.05
        pilot.app.screen_stack[1].beat()
    await settle(pilot)


def test_owed_ticks_are_whole_and_none_is_lost():
    pace = Pace(speed=3)
    run = 0
    for _ in range(20):
        due = pace.due(0.05)
        pace.ran(due)
        run += due
    assert run == 3


def test_a_pause_owes_nothing():
    pace = Pace(speed=5, paused=True)
    assert pace.due(10.0) == 0
    pace.paused = False
    assert pace.due(0.0) == 0


def test_a_late_timer_does_not_make_the_game_jump():
    assert Pace(speed=2).due(3600.0) == 1


def test_a_slow_machine_runs_late_and_is_forgiven():
    pace = Pace(speed=60)
    for _ in range(10):
        assert pace.due(0.5) <= 60
        pace.ran(1)


def test_speeds_step_through_the_table():
    pace = Pace()
    seen = []
    for _ in range(8):
        pace.faster()
        seen.append(pace.speed)
    assert seen == [2, 3, 5, 10, 20, 30, 60, 60]
    pace.slower()
    assert pace.speed == 30


async def test_in_a_drill_the_cluster_runs_before_go():
    async with playing("start") as pilot:
        await pass_seconds(pilot, 3)
        assert steps(pilot) == 3


async def test_an_incident_stands_until_go():
    state = evolve(builders.start(), mode="incident")
    async with playing("start", states=[state]) as pilot:
        await pass_seconds(pilot, 3)
        assert steps(pilot) == 0
        assert "before Go" in screen_text(pilot.app)


async def test_the_speed_keys_change_the_pace():
    async with playing("outage", keys=("space", "5")) as pilot:
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 10
        assert "5×" in screen_text(pilot.app)


async def test_space_stops_time_and_typing_goes_on():
    async with playing("start", keys=("space",)) as pilot:
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 0
        assert "paused" in screen_text(pilot.app)


async def test_reading_stops_time_in_the_first_chapters():
    async with playing("start", keys=("question_mark",)) as pilot:
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 0


async def test_reading_does_not_stop_time_later():
    async with playing("shop", keys=("question_mark",)) as pilot:
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 2


async def test_the_briefing_opens_first_and_time_waits_for_it():
    async with playing("start", briefing=True) as pilot:
        assert "Time stands still while you read." in screen_text(pilot.app)
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 0


async def test_a_game_that_stops_by_itself_says_why():
    async with playing("start", states=[builders.start(), builders.outage()]) as pilot:
        await pass_seconds(pilot, 1.2)
        assert pilot.app.screen.pace.paused
        assert "The first request failed." in screen_text(pilot.app)
        await pilot.press("space")
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 3


async def test_it_paints_at_most_ten_times_a_second():
    async with playing("start") as pilot:
        screen = pilot.app.screen
        await pilot.press("9", "greater_than_sign", "greater_than_sign", "greater_than_sign", "greater_than_sign")
        painted = []
        paint = screen.paint
        screen.paint = lambda: (painted.append(1), paint())
        await pass_seconds(pilot, 2)
        assert steps(pilot) == 120
        assert len(painted) <= 20


async def test_next_event_runs_on_and_pauses_there():
    async with playing("start", keys=("n",)) as pilot:
        assert ("next_event",) in pilot.app.session.calls
        assert pilot.app.screen.pace.paused


async def test_the_end_is_recorded_and_told_once():
    async with playing("start", states=[builders.start(), builders.won()]) as pilot:
        await pass_seconds(pilot, 3)
        assert pilot.app.campaign.recorded == [("0-1", True)]
        text = screen_text(pilot.app)
        assert all(word in text for word in ("WON", "★★☆", "99.7 %", "3 of 3 other seeds", "What was learnt"))


async def test_a_lost_level_says_why_and_again_starts_it_anew():
    async with playing("start", states=[builders.start(), builders.lost()]) as pilot:
        await pass_seconds(pilot, 3)
        assert all(word in screen_text(pilot.app) for word in ("LOST", "no ready endpoint", "single-replica"))
        await pilot.press("r")
        await settle(pilot)
        assert ("restart",) in pilot.app.session.calls
        assert pilot.app.screen.state.verdict is None


async def test_next_level_opens_from_the_verdict():
    async with playing("won", keys=("n",)) as pilot:
        assert pilot.app.screen_stack[1].level == "0-2"


async def test_rewinding_is_shown_first_and_done_with_enter():
    async with playing("shop", keys=("left_square_bracket", "left_square_bracket", "right_square_bracket")) as pilot:
        assert "rewind to 3:30: Enter, or Esc" in screen_text(pilot.app)
        await pilot.press("enter")
        await settle(pilot)
        assert ("rewind", 270) in pilot.app.session.calls


async def test_escape_gives_a_rewind_up():
    async with playing("shop", keys=("left_square_bracket", "escape")) as pilot:
        assert pilot.app.screen.query_one(Timeline).scrub is None
        assert not any(call[0] == "rewind" for call in pilot.app.session.calls)


async def test_scrubbing_shows_the_board_of_then_as_soon_as_it_is_found():
    async with playing("shop", size=(120, 40)) as pilot:
        pilot.app.session.found_after = 10**6
        await press(pilot, "left_square_bracket")
        await pass_seconds(pilot, 0.1)
        assert "14:05:32" in screen_text(pilot.app)
        pilot.app.session.found_after = 0
        await pass_seconds(pilot, 0.1)
        text = screen_text(pilot.app)
        assert "13:00:30" in text
        assert "the past" in text
        assert "rewind to 3:30" in text


async def test_escape_returns_to_now_with_the_cursor_where_it_was():
    async with playing("shop", size=(120, 40), keys=("shift+tab", "home", "down", "down")) as pilot:
        stood = pilot.app.screen.board.target
        await press(pilot, "left_square_bracket")
        await pass_seconds(pilot, 0.1)
        await press(pilot, "down", "escape")
        assert "14:05:32" in screen_text(pilot.app)
        assert pilot.app.screen.board.target == stood


async def test_nothing_can_be_done_in_the_past_but_going_there():
    async with playing("shop", keys=("shift+tab", "left_square_bracket", "d", "w", "plus")) as pilot:
        assert not any(call[0] == "run" for call in pilot.app.session.calls)
        assert pilot.app.screen.armed == ""
        assert "This is the past." in screen_text(pilot.app)


async def test_typing_and_time_return_to_now():
    for key in ("colon", "space", "n"):
        async with playing("shop", keys=("left_square_bracket", key)) as pilot:
            assert not pilot.app.screen.scrubbing


async def test_a_click_on_the_timeline_goes_there():
    async with playing("shop") as pilot:
        await pilot.click("#timeline", offset=(20, 0))
        await settle(pilot)
        assert pilot.app.screen.timeline.scrub == 60 + 55


async def test_a_past_that_cannot_be_found_leaves_the_game_as_it_is():
    app = app_for("shop")

    def fail(tick, budget_ms):
        raise ValueError("no such tick")

    app.session.past = fail
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "shop", ("left_square_bracket",))
        await pass_seconds(pilot, 0.1)
        assert "no such tick" in screen_text(app)
        assert not app.screen_stack[1].scrubbing
        assert len(app.mistakes) == 1


async def test_a_won_game_is_judged_on_other_seeds_before_the_verdict_is_shown():
    going = evolve(builders.won(), verdict=None, running=False, judging=330)
    async with playing("start", states=[builders.start(), going, going, builders.won()]) as pilot:
        await pass_seconds(pilot, 1.1)
        assert "judging 33%" in screen_text(pilot.app)
        assert "Three other seeds" in " ".join(screen_text(pilot.app).split())
        assert pilot.app.campaign.recorded == []
        pilot.app.screen.pace.paused = True
        await pass_seconds(pilot, 0.3)
        assert "WON" in screen_text(pilot.app)
        assert pilot.app.campaign.recorded == [("0-1", True)]
