"""Progress and recordings on disk: whole or not at all, told when they cannot be written, never lost."""

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kubesim_tui.game import progress
from kubesim_tui.game.campaign import Campaign
from kubesim_tui.game.desk import Desk, Recorder
from kubesim_tui.game.files import SaveError, write_atomic
from kubesim_tui.game.progress import Best, Progress
from tests.game.builders import folder

NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
SOME = Progress({"small": Best(2, ("served",), 15, 176, 1, 3)}, "zh", "small")


class Text:
    """What a recording is to those who write it."""

    def __init__(self, text="{}"):
        self.text = text

    def to_json(self):
        return self.text


def full_disk(monkeypatch):
    """The disk is full when a file is flushed: the usual moment."""

    def fsync(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)


def test_progress_is_read_back_as_it_was_written(tmp_path):
    progress.save(SOME, tmp_path)
    assert progress.load(tmp_path) == SOME


def test_without_a_file_nothing_has_been_reached(tmp_path):
    assert progress.load(tmp_path) == Progress()


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path, monkeypatch):
    progress.save(SOME, tmp_path)
    full_disk(monkeypatch)
    with pytest.raises(SaveError, match=r"progress\.json could not be written: No space left on device"):
        progress.save(Progress(), tmp_path)
    assert (progress.load(tmp_path), sorted(p.name for p in tmp_path.iterdir())) == (SOME, ["progress.json"])


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match=r"could not be written: (Not a directory|File exists)"):
        progress.save(SOME, tmp_path / "file" / "inside")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(SaveError, match="Permission denied"):
        progress.save(SOME, tmp_path)


def test_a_pipe_is_written_to_and_not_replaced():
    write_atomic(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_through_a_link_the_file_behind_it_is_written(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomic(tmp_path / "link", "new")
    assert ((tmp_path / "link").is_symlink(), (tmp_path / "real").read_text()) == (True, "new")


BROKEN = [
    "",
    "{",
    "[]",
    '{"version": 1}',
    '{"version": 99, "levels": {}}',
    '{"version": 1, "levels": {"a": {}}}',
    "\x00",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_save_is_set_aside_and_told(tmp_path, text):
    (tmp_path / "progress.json").write_text(text)
    found = progress.load(tmp_path)
    aside = tmp_path / "progress.json.broken"
    assert (found.levels, aside.read_text(), "was set aside as progress.json.broken" in found.notice) == (
        {},
        text,
        True,
    )


def test_a_second_broken_save_does_not_replace_the_first(tmp_path):
    for text in ("one", "two"):
        (tmp_path / "progress.json").write_text(text)
        progress.load(tmp_path)
    assert sorted(p.read_text() for p in tmp_path.glob("progress.json.broken*")) == ["one", "two"]


def test_each_figure_is_kept_from_the_run_that_was_best_in_it():
    best = Best().with_run(1, ("served",), 20, 300, 5).with_run(2, ("changes",), 30, 250, 1)
    assert best == Best(2, ("served", "changes"), 20, 250, 1, 2)


def test_a_recording_never_goes_over_another(tmp_path):
    recorder = Recorder(tmp_path, lambda: NOON)
    for text in "abc":
        recorder.keep("0-1", Text(text))
    names = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert names == {
        "0-1-20260101-120000.json": "a",
        "0-1-20260101-120000-2.json": "b",
        "0-1-20260101-120000-3.json": "c",
    }


def test_a_recording_that_cannot_be_written_is_remembered_as_such(tmp_path, monkeypatch):
    full_disk(monkeypatch)
    recorder = Recorder(tmp_path, lambda: NOON)
    recorder.keep("0-1", Text())
    assert (str(recorder.wrong).endswith("No space left on device"), list(tmp_path.iterdir())) == (True, [])


def test_a_game_that_is_left_lies_among_the_recordings(tmp_path):
    desk = Desk(tmp_path)
    session = desk.open("0-1")
    session.go()
    session.step(3, 1000)
    desk.close()
    (file,) = (tmp_path / "recordings").iterdir()
    written = json.loads(file.read_text())
    assert (file.name[:4], written["result"], written["level"]) == ("0-1-", "left", "kill-a-pod")


def test_opening_the_next_level_leaves_the_one_before(tmp_path):
    desk = Desk(tmp_path)
    desk.open("0-1").go()
    desk.open("0-2")
    assert len(list((tmp_path / "recordings").iterdir())) == 1


def test_an_outcome_is_kept_even_if_its_recording_could_not_be(tmp_path, monkeypatch):
    from kubesim_tui.game.state import GameState, Score, Verdict

    desk = Desk(tmp_path)
    desk.recorder.wrong = SaveError(errno.ENOSPC, "No space left on device", "x.json")
    verdict = Verdict(True, 2, ("served",), ())
    state = GameState("0-1", "", "", "drill", None, (), None, 0, Score(10, 9, 1, 5, 1), (), False, verdict)
    with pytest.raises(OSError, match="No space left"):
        desk.record("0-1", state)
    assert progress.load(tmp_path).levels["kill-a-pod"].stars == 2


def test_a_broken_level_does_not_hide_the_others(tmp_path):
    made = folder(tmp_path / "levels")
    good = folder(tmp_path / "other")
    (made / "level.yaml").write_text("spec: [")
    campaign = Campaign({"0-1": made, "0-2": good}, tmp_path)
    cards = campaign.chapters()[0].levels
    assert [(c.id, c.title) for c in cards] == [("0-1", "small"), ("0-2", "Small")]
    assert cards[0].goal.startswith("This level is broken")
