"""Scripts: what can be written, and what is said of what cannot."""

import pytest

from kubesim_tui.game.script import ScriptError, Until, parse

LINES = [
    ("go", "go", {}),
    ("+5", "wait", {"ticks": 5}),
    ("+1m30s", "wait", {"ticks": 90}),
    ("@12", "at", {"ticks": 12}),
    ("kubectl get pods", "run", {"text": "kubectl get pods", "taught": False}),
    ("kubectl get pods  #: taught", "run", {"text": "kubectl get pods", "taught": True, "instead": ""}),
    ("kubectl a  #: taught instead kubectl b", "run", {"text": "kubectl a", "taught": True, "instead": "kubectl b"}),
    ("$P = kubectl get pods -o name", "set", {"variable": "P", "text": "kubectl get pods -o name"}),
]


@pytest.mark.parametrize("line, kind, fields", LINES, ids=[entry[0] for entry in LINES])
def test_a_line_is_one_step(line, kind, fields):
    (step,) = parse(line, "x").steps
    assert (step.kind, {name: getattr(step, name) for name in fields}) == (kind, fields)


UNTIL = [
    ("until end", Until("end", "", "", "", "", 600)),
    ("until served web < 95% within 60s", Until("served", "web", "", "<", "950", 60)),
    ("until served web < 99.5%", Until("served", "web", "", "<", "995", 600)),
    ("until deploy/api Available within 1m", Until("condition", "deploy/api", "Available", "==", "True", 60)),
    ("until deploy/api !Available", Until("condition", "deploy/api", "Available", "!=", "True", 600)),
    ("until sts/db status.readyReplicas >= 3", Until("state", "sts/db", "status.readyReplicas", ">=", "3", 600)),
]


@pytest.mark.parametrize("line, until", UNTIL, ids=[entry[0] for entry in UNTIL])
def test_an_until_says_what_is_waited_for(line, until):
    assert parse(line, "x").steps[0].until == until


WRONG = [
    "until",
    "until never",
    "until served web < much",
    "until served web ~ 3%",
    "+soon",
    "@",
    "until a/b c within x",
]


@pytest.mark.parametrize("line", WRONG)
def test_what_is_not_understood_is_told_with_file_and_line(line):
    with pytest.raises(ScriptError, match=r"^file\.txt:2: "):
        parse(f"go\n{line}", "file.txt")


def test_the_head_says_what_a_script_is_for():
    head = parse("# approach: restart\n# reaches: won bonus\n# a remark\n\ngo", "x").head
    assert head == {"approach": "restart", "reaches": "won bonus"}


def test_without_what_is_taught_the_line_is_left_out_or_replaced():
    play = parse("kubectl a  #: taught\nkubectl b  #: taught instead kubectl c\ngo", "x")
    assert [(s.kind, s.text) for s in play.without_taught().steps] == [("run", "kubectl c"), ("go", "")]
