"""What docs/FAULTS.md tells of every fault."""

from pathlib import Path

import pytest

from kubesim_tui.explain.causes import CAUSES
from kubesim_tui.faults.rows import FAULTS, document
from kubesim_tui.game.menu_texts import FAULT_TEXTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "FAULTS.md"


def test_the_document_is_made_from_the_rows():
    assert DOCUMENT.read_text("utf-8") == document()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_has_a_story_whose_causes_exist_and_a_chinese_word(name):
    story = FAULTS[name].story
    assert all((story.mechanism, story.symptoms, story.see, story.survive))
    assert [code for code in story.causes if code not in CAUSES] == []
    assert name in FAULT_TEXTS
