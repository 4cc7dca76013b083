"""The parts that commands are made of: flags, words, columns, templates, paths, pipes."""

import re

import pytest

from kubesim_tui.api import jsonpath
from kubesim_tui.kubectl import flags, kyaml, main, pipes, tabwriter, template
from kubesim_tui.kubectl.complete import complete
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.result import Config, Poll
from kubesim_tui.kubectl.wait_conditions import For, parse
from tests.kubectl import board


@pytest.mark.parametrize(
    "line, given",
    [
        ("-n shop", {"namespace": "shop"}),
        ("-nshop", {"namespace": "shop"}),
        ("-n=shop", {"namespace": "shop"}),
        ("--namespace shop", {"namespace": "shop"}),
        ("--namespace=shop", {"namespace": "shop"}),
        ("-Aw", {"all-namespaces": True, "watch": True}),
        ("-Aowide", {"all-namespaces": True, "output": "wide"}),
        ("--watch=false", {"watch": False}),
        ("-l a=b -f x -f y,z", {"selector": "a=b", "filename": ["x", "y", "z"]}),
        ("pods -- -w", {"watch": False}),
    ],
)
def test_flags_are_read_as_pflag_reads_them(line, given):
    found = flags.parse("get", line.split())
    assert given == {name: found[name] for name in given}


@pytest.mark.parametrize(
    "line, said",
    [
        ("--foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage."),
        ("-x", "error: unknown shorthand flag: 'x' in -x\nSee 'kubectl get --help' for usage."),
        ("-Ax", "error: unknown shorthand flag: 'x' in -Ax\nSee 'kubectl get --help' for usage."),
        ("-n", "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage."),
        ("--namespace", "error: flag needs an argument: --namespace\nSee 'kubectl get --help' for usage."),
        (
            "--watch=maybe",
            'error: invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid '
            "syntax\nSee 'kubectl get --help' for usage.",
        ),
    ],
)
def test_wrong_flags_are_told_as_pflag_tells_them(line, said):
    with pytest.raises(Fail) as wrong:
        flags.parse("get", line.split())
    assert said == wrong.value.text


def test_what_stands_behind_two_dashes_is_no_flag():
    found = flags.parse("exec", ["-it", "web", "--", "sh", "-c", "ls -l"])
    assert (found.args, found.dash, found["stdin"]) == (["web", "sh", "-c", "ls -l"], 1, True)


def test_a_mistyped_command_is_near_to_some():
    assert main.suggestions("gett", ["get", "set", "delete", "getter"]) == ["get", "set", "getter"]


def test_columns_are_runs_of_lines_that_have_a_cell_there():
    assert tabwriter.align("a\tb\ncc\td\nlong line\ne\tf").split("\n") == ["a   b", "cc  d", "long line", "e  f"]


OBJECT = {
    "metadata": {"name": "web", "labels": {"a.b/c": "x"}},
    "items": [{"n": 1, "s": "one"}, {"n": 2, "s": "two"}, {"n": 3}],
    "empty": None,
    "yes": True,
}


@pytest.mark.parametrize(
    "path, text",
    [
        ("{.metadata.name}", "web"),
        ("{.metadata.labels.a\\.b/c}", "x"),
        ("{.metadata.labels['a\\.b/c']}", "x"),
        ("{.items[*].n}", "1 2 3"),
        ("{.items[-1:].n}", "3"),
        ("{.items[0:2].s}", "one two"),
        ("{.items[?(@.n>1)].n}", "2 3"),
        ('{.items[?(@.s=="two")].n}', "2"),
        ("{range .items[*]}{.n}{','}{end}", "1,2,3,"),
        ("{..n}", "1 2 3"),
        ("{.items[0]['n','s']}", "1 one"),
        ("name={.metadata.name}", "name=web"),
        ("{.yes}", "true"),
        ("{.nope}", ""),
    ],
)
def test_jsonpath(path, text):
    assert text == jsonpath.render(jsonpath.parse(path), OBJECT, missing=True)


@pytest.mark.parametrize(
    "source, text",
    [
        ("{{.metadata.name}}", "web"),
        ("{{range .items}}{{.n}} {{end}}", "1 2 3 "),
        ("{{range $i, $x := .items}}{{if $i}},{{end}}{{$x.n}}{{end}}", "1,2,3"),
        ("{{if .yes}}y{{else}}n{{end}}", "y"),
        ("{{with .metadata}}{{.name}}{{end}}", "web"),
        ("{{len .items}}", "3"),
        ('{{index .metadata.labels "a.b/c"}}', "x"),
        ('{{printf "%s-%v" .metadata.name .yes}}', "web-true"),
        ("{{.nope}}", "<no value>"),
    ],
)
def test_go_templates(source, text):
    assert text == template.Template(source)(OBJECT).removesuffix("\n")


def test_kyaml_quotes_texts_and_shows_where_lines_end():
    assert (
        kyaml.dump({"a": 'x"y', "b": [1], "c": {}, "true": None})
        == '---\n{\n  a: "x\\"y",\n  b: [\n    1,\n  ],\n  c: {},\n  "true": null,\n}\n'
    )


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("condition=Ready", For("condition", "Ready", "true")),
        ("condition=Ready=false", For("condition", "Ready", "false")),
        ("delete", For("delete")),
        ("jsonpath={.status.phase}=Running", For("jsonpath", "{.status.phase}", "Running")),
        ("jsonpath=.status.phase", For("jsonpath", "{.status.phase}")),
        (
            "jsonpath={.items[?(@.a==1)].b}=x",
            For("jsonpath", "{.items[?(@.a==1)].b}", "x"),
        ),
    ],
)
def test_what_wait_waits_for(text, wanted):
    assert wanted == parse(text)


LINES = ["NAME   READY", "web-1  1/1", "web-2  0/1", "db-0   1/1"]


@pytest.mark.parametrize(
    "stages, out",
    [
        ("grep web", ["web-1  1/1", "web-2  0/1"]),
        ("grep -v web", ["NAME   READY", "db-0   1/1"]),
        ("grep -c 1/1", ["2"]),
        ("grep -i NAME", ["NAME   READY"]),
        ("grep -E 'db|web-2'", ["web-2  0/1", "db-0   1/1"]),
        ("grep -o 'web-.'", ["web-1", "web-2"]),
        ("grep -A1 web-2", ["web-2  0/1", "db-0   1/1"]),
        ("grep -n nothing", []),
        ("wc -l", ["4"]),
        ("head -2", ["NAME   READY", "web-1  1/1"]),
        ("tail -n 1", ["db-0   1/1"]),
        ("tail -n +4", ["db-0   1/1"]),
        ("sort", ["NAME   READY", "db-0   1/1", "web-1  1/1", "web-2  0/1"]),
        ("sort -r | head -1", ["web-2  0/1"]),
        ("awk '{print $2}' | sort | uniq -c", ["      1 0/1", "      2 1/1", "      1 READY"]),
        ("cut -d- -f1", ["NAME   READY", "web", "web", "db"]),
        ("awk 'NR>1 {print $1, $NF}'", ["web-1 1/1", "web-2 0/1", "db-0 1/1"]),
        ("less", LINES),
        ("sed 's/web-\\(.\\)/w\\1/'", ["NAME   READY", "w1  1/1", "w2  0/1", "db-0   1/1"]),
        ("sed -E 's/[0-9]/<&>/g' | tail -1", ["db-<0>   <1>/<1>"]),
        ("sed 1d", ["web-1  1/1", "web-2  0/1", "db-0   1/1"]),
        ("sed -n '/db/p'", ["db-0   1/1"]),
        ("tail -1 | base64", ["ZGItMCAgIDEvMQo="]),
        ("tail -1 | base64 | base64 -d | head -1", ["db-0   1/1"]),
        ("tail -2 | tr -d '\\n'", ["web-2  0/1db-0   1/1"]),
        ("tail -1 | tr -d '[:space:]'", ["db-01/1"]),
        ("tail -1 | tr -d ''", ["db-0   1/1"]),
    ],
)
def test_pipes(stages, out):
    words = [main.split(part) for part in pipes.split(stages)]
    assert out == pipes.apply(words, list(LINES))[0]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ("grep -A x web", "grep: x: invalid context length argument"),
        ("head -n --1", "head: invalid number of lines: '--1'"),
        ("tail +x", "tail: invalid number of lines: '+x'"),
    ],
)
def test_a_tool_says_which_number_is_none(stages, said):
    with pytest.raises(Fail, match=re.escape(said)):
        pipes.apply([main.split(stages)], list(LINES))


class Ended:
    """A job that has something to say, and is over."""

    def poll(self, client, now):
        return Poll(("web-1",), (), True)


def test_a_tool_that_fails_behind_a_job_ends_it():
    words = main.split("sed -E s/(/x/")
    poll = pipes.Piped(Ended(), [words]).poll(None, 0)
    assert (poll.done, poll.code, poll.out) == (True, 1, ())
    assert poll.err[0].startswith("sed: -e expression #1: ")


@pytest.mark.parametrize("line", ["get pods && get svc", "get pods ; ls"])
def test_what_only_a_shell_can_do_is_said(line):
    with pytest.raises(Fail, match="this prompt is none"):
        pipes.split(line)


def test_a_quoted_bar_is_no_pipe():
    assert pipes.split("exec web -- sh -c 'ls | wc'") == ["exec web -- sh -c 'ls | wc'"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("attach web-", ("web-0", "web-1", "web-2")),
        ("debug no", ("nolab", "node/node-a", "node/node-b")),
        ("debug web-1 --profile=s", ("--profile=sysadmin",)),
        ("cp web-1", ("web-1:",)),
        ("cp si", ("site/",)),
        ("cp site/in", ("site/index.html",)),
        ("apply -f si", ("site/", "site.yaml")),
        ("apply -k si", ("site/",)),
        ("kustomize si", ("site/",)),
        ("apply view-last-applied deploy/w", ("deploy/web",)),
        ("apply edit-last-applied cm co", ("conf",)),
        ("port-forward svc/web ", ("80",)),
        ("port-forward rich 9000:4", ("9000:443",)),
    ],
)
def test_completion_knows_pods_ports_and_files(line, words):
    terminal = board.Terminal({"site/index.html": "", "site.yaml": ""})
    found = complete(line, len(line), board.load("board.yaml").admin, Config(), terminal)
    assert set(words) <= set(found)
    assert all(w.startswith(line.rpartition(" ")[2]) for w in found)
