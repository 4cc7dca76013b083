"""Go templates that go wrong end in an error of kubectl's, never in one of ours."""

import pytest

from tests.kubectl import board


@pytest.mark.parametrize(
    "template",
    [
        *("{{len 3}}", "{{eq}}", '{{lt "a" 1}}', "{{index .metadata 1 2}}", "{{range true}}x{{end}}", "{{slice 1 2}}"),
        *('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', '{{template "nope"}}', "{{.kind.x}}", "{{printf}}"),
        *("{{range}}{{end}}", "{{if}}{{end}}", "{{else}}", "{{end}}", "{{", "{{define x}}{{end}}", "{{1 2}}", "{{|}}"),
    ],
)
def test_a_template_that_cannot_be_followed_is_refused(template):
    reply = board.kubectl(board.load("board.yaml"), f"get cm conf -o go-template='{template}'")
    assert (reply.out, reply.code, reply.err[0].split(":")[0]) == ((), 1, "error")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{range 3}}{{.}},{{end}}", "0,1,2,"),
        ('{{block "b" .kind}}[{{.}}]{{end}}', "[ConfigMap]"),
        ("{{with .nope}}x{{else}}y{{end}}", "y"),
        ("{{if eq .kind `ConfigMap`}}{{- 1 }} {{ end -}} .", "1 ."),
    ],
)
def test_templates_count_call_and_trim_as_go_does(template, text):
    reply = board.kubectl(board.load("board.yaml"), f"get cm conf -o go-template='{template}'")
    assert (list(reply.out), reply.code) == ([text], 0)
