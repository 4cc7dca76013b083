"""The campaign: chapters, what opens them, what is won, what comes next; and what the levels themselves promise."""

import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from kubesim_tui.game import folders, loader
from kubesim_tui.game.campaign import CHAPTERS, Campaign
from kubesim_tui.game.session import Session
from kubesim_tui.game.state import Verdict

LEVEL = (
    "apiVersion: kubesim.dev/v1\nkind: Level\nmetadata: {{name: {name}, version: 1}}\nspec:\n"
    "  title: {{en: {name}, zh: 关}}\n  goal: {{en: g, zh: 目标}}\n  minutes: 3\n  mode: drill\n"
)


def levels(tmp_path, *ids):
    """Heads of levels, without anything below."""
    for name in ids:
        chapter, number = name.split("-")
        folder = tmp_path / "levels" / f"{chapter:0>2}-chapter" / f"{number:0>2}-level-{name}"
        folder.mkdir(parents=True)
        (folder / "level.yaml").write_text(LEVEL.format(name=f"level-{name}"), "utf-8")
    return folders.catalogue(tmp_path / "levels")


def campaign(tmp_path, *ids, language="en"):
    return Campaign(levels(tmp_path, *ids), tmp_path / "progress", language)


@pytest.fixture(scope="module")
def state():
    return Session(loader.load(folders.find("0-1"))).state()


def win(campaign, state, level, stars=1):
    verdict = Verdict(stars > 0, stars, (), ())
    campaign.record(level, evolve(state, verdict=verdict))


def test_levels_come_by_chapter_and_number(tmp_path):
    made = campaign(tmp_path, "2-1", "0-2", "0-1", "10-1", "0-10")
    assert made.levels == ("0-1", "0-2", "0-10", "2-1", "10-1")
    assert [chapter.number for chapter in made.chapters()] == [0, 2, 10]


def test_a_chapter_opens_when_half_of_the_one_before_is_won(tmp_path, state):
    made = campaign(tmp_path, "0-1", "0-2", "0-3", "0-4", "3-1", "4-1")
    seen = []
    for level in ("0-1", "0-3", "3-1"):
        seen.append([chapter.open for chapter in made.chapters()])
        win(made, state, level)
    seen.append([chapter.open for chapter in made.chapters()])
    assert seen == [[True, False, False], [True, False, False], [True, True, False], [True, True, True]]


def test_no_level_locks_another_of_its_chapter(tmp_path):
    made = campaign(tmp_path, "0-1", "0-2", "0-3")
    assert [card.open for card in made.chapters()[0].levels] == [True, True, True]


@pytest.mark.parametrize(
    ("language", "note"), [("en", "opens when half of chapter 0 is won"), ("zh", "第 0 章通过一半后开放")]
)
def test_a_closed_chapter_says_what_opens_it(tmp_path, language, note):
    made = campaign(tmp_path, "0-1", "3-1", language=language)
    assert [chapter.note for chapter in made.chapters()] == ["", note]


def test_the_next_level_is_the_first_open_one_that_is_not_won(tmp_path, state):
    made = campaign(tmp_path, "0-1", "0-2", "3-1")
    found = [made.next_level()]
    for level in ("0-2", "0-1", "3-1"):
        win(made, state, level)
        found.append(made.next_level())
    assert found == ["0-1", "0-1", "3-1", ""]


def test_a_level_that_is_lost_leaves_no_trace(tmp_path, state):
    made = campaign(tmp_path, "0-1")
    win(made, state, "0-1", stars=0)
    card = made.chapters()[0].levels[0]
    assert (card.won, card.stars, (tmp_path / "progress").exists()) == (False, 0, False)


def test_the_best_stars_are_kept_over_another_start_of_the_game(tmp_path, state):
    made = campaign(tmp_path, "0-1")
    win(made, state, "0-1", stars=3)
    win(made, state, "0-1", stars=1)
    again = Campaign(folders.catalogue(tmp_path / "levels"), tmp_path / "progress")
    assert again.chapters()[0].levels[0].stars == 3


def test_titles_follow_the_language_and_it_is_remembered(tmp_path):
    made = campaign(tmp_path, "0-1")
    before = made.chapters()[0].levels[0].title
    made.set_language("zh")
    again = Campaign(folders.catalogue(tmp_path / "levels"), tmp_path / "progress")
    found = (before, made.chapters()[0].title, again.language, again.chapters()[0].levels[0].title)
    assert found == ("level-0-1", CHAPTERS[0][1], "zh", "关")


def test_a_broken_level_does_not_hide_the_others(tmp_path):
    made = campaign(tmp_path, "0-1", "0-2")
    (made._levels["0-1"] / "level.yaml").write_text("spec: [", "utf-8")
    cards = made.chapters()[0].levels
    assert [card.title for card in cards] == ["level-0-1", "level-0-2"]
    assert cards[0].goal == "This level is broken: open it to see where."


def test_a_chapter_without_a_name_of_its_own_is_still_shown(tmp_path):
    assert [c.number for c in campaign(tmp_path, "0-1", "42-1").chapters()] == [0, 42]


def test_the_level_list_loads_no_engine():
    code = (
        "import sys; from kubesim_tui.game import folders; from kubesim_tui.game.campaign import Campaign; "
        "from pathlib import Path; Campaign(folders.catalogue(), Path('/nonexistent'), 'en').chapters(); "
        "print([m for m in sys.modules if m.startswith(('kubesim_tui.apiserver', 'kubesim_tui.cluster.cluster', "
        "'kubesim_tui.kubectl', 'kubesim_tui.controllers', 'textual'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- what the levels promise ------------------------------------------------------------------------------------------

ALL = [loader.load(path) for path in folders.catalogue().values()]


@pytest.mark.parametrize("level", ALL, ids=lambda level: level.id)
def test_every_level_has_pars_two_approaches_a_bonus_and_a_trap(level):
    approaches = {solution.head["approach"] for solution in level.solutions}
    assert (sorted(level.par), len(approaches) >= 2, len(level.bonus), bool(level.traps)) == (
        ["changes", "cost", "served"],
        True,
        1,
        True,
    )


@pytest.mark.parametrize("level", ALL, ids=lambda level: level.id)
def test_files_that_the_last_hint_names_are_there(level):
    for hint in (level.hints["en"][2], level.hints["zh"][2]):
        lines = [line for line in hint.splitlines() if line.startswith("    ")]
        named = [word for line in lines for word in line.split() if ".yaml" in word]
        assert [name for name in named if not (Path(level.folder) / "solutions" / name).is_file()] == []


@pytest.mark.parametrize("level", ALL, ids=lambda level: level.id)
def test_a_manifest_beside_a_script_is_used_by_one(level):
    for part in ("solutions", "traps"):
        folder = Path(level.folder) / part
        scripts = "\n".join(path.read_text("utf-8") for path in folder.glob("*.txt"))
        assert [path.name for path in folder.glob("*.yaml") if path.name not in scripts] == []
