"""The same terminal for every test: no colour switches from outside, no animation, a still cursor, no waiting.

Textual's pilot waits until the process has been idle for a while by the wall clock: slow, and wrong on a busy machine.
Here it only gives the loop a few turns; `scenes.settle` then looks whether anything is left to do.
"""

import os

KEPT = "TEXTUAL_SNAPSHOT_TEMPDIR"  # where the picture plugin's workers meet
for name in [n for n in os.environ if n.startswith(("TEXTUAL", "KUBESIM_")) or n in ("NO_COLOR", "FORCE_COLOR")]:
    if name != KEPT:
        del os.environ[name]
os.environ.update(TEXTUAL_ANIMATIONS="none", TEXTUAL_COLOR_SYSTEM="truecolor", COLORTERM="truecolor", LANG="C.UTF-8")

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def _still(monkeypatch):
    """A cursor that does not blink, a version that does not change, a pilot that does not look at the clock."""
    import textual.app
    import textual.pilot
    from textual.widgets import Input, TextArea

    from kubesim_tui.tui.screens import play, title
    from tests.tui.scenes import some_turns

    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", some_turns)
    monkeypatch.setattr(play, "BEAT", 3600)  # tests call `beat` themselves

    monkeypatch.setattr(title, "__version__", "0.0.0")
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(TextArea, "cursor_blink", False)
