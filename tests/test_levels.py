"""What the gate of levels finds. Every level goes through it in `make levels`, which `make test` runs as well."""

import json
from pathlib import Path

from kubesim_tui.game import folders
from kubesim_tui.game.gate import Piece, do

LEVELS = folders.catalogue()


def test_the_six_levels_of_the_campaign_are_there():
    assert list(LEVELS)[:6] == ["0-1", "0-2", "0-3", "3-1", "4-1", "7-1"]


def test_the_gate_finds_a_hollow_lesson(tmp_path):
    """A level that is won untouched fails rules 1, 2, 3 and 5."""
    from tests.game.builders import LEVEL, folder

    made = folder(tmp_path, level=LEVEL.replace("atLeast: 95%", "atLeast: 1%"))
    for part in ("solutions", "traps"):
        (made / part).mkdir()
    (made / "solutions" / "scale.txt").write_text(
        "# approach: scale\nkubectl scale deployment web --replicas=3  #: taught\ngo\n"
    )
    (made / "traps" / "wait.txt").write_text("# loses: web\n# why: single-replica deployment/web\ngo\n")
    rows = do(Piece(str(made), -1, 1, 1, 1)).rows
    wrong = {(row.rule, row.subject) for row in rows if not row.ok}
    expected = {(1, "untouched"), (2, "approaches"), (3, "scale"), (4, "wait"), (6, "star: bonus")}
    assert expected <= wrong
    assert do(Piece(str(made), 0)).wins != ()


def test_the_gate_finds_texts_that_name_what_is_not_there(tmp_path):
    from tests.game.builders import folder

    made = folder(tmp_path)
    (made / "briefing.en.md").write_text("Look at `shop-db`, at `deployment/web` and at db.example.com.")
    (row,) = [r for r in do(Piece(str(made), -1, 1, 1, 1)).rows if r.subject == "names en"]
    assert (row.ok, row.found) == (False, "db.example.com; shop-db")


def test_the_gate_finds_a_first_hint_that_says_too_much(tmp_path):
    from tests.game.builders import folder

    made = folder(tmp_path, solutions__a="")
    (made / "solutions" / "scale.txt").write_text("kubectl scale deployment web --replicas=3  #: taught\ngo\n")
    (made / "hints.en.md").write_text("Just scale it.\n---\nb\n---\nc")
    (row,) = [r for r in do(Piece(str(made), -1, 1, 1, 1)).rows if r.subject == "hint 1 en"]
    assert (row.ok, row.found) == (False, "scale")


def test_the_schema_of_levels_is_itself_a_schema():
    from jsonschema import Draft202012Validator

    from kubesim_tui.game.assets import schema

    Draft202012Validator.check_schema(json.loads(Path(schema("level.schema.json")).read_text("utf-8")))
