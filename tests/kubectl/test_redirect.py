"""What people put around kubectl at a prompt: files, here-documents, and kubectl behind a pipe."""

import pytest

from kubesim_tui.kubectl import redirect, xargs
from kubesim_tui.kubectl.fail import Fail
from tests.kubectl import board

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n"


class Desk(board.Terminal):
    """Files in memory that can be written."""

    def write(self, path, text):
        self.files[path] = text


@pytest.fixture
def harness():
    return board.load("board.yaml")


def test_output_goes_into_a_file(harness):
    desk = Desk()
    reply = board.kubectl(harness, "get cm conf -o name > out/names.txt", desk)
    assert (reply.out, reply.code, desk.files) == ((), 0, {"out/names.txt": "configmap/conf\n"})


def test_output_is_added_to_a_file(harness):
    desk = Desk({"names.txt": "first\n"})
    board.kubectl(harness, "get cm conf -o name | sed 's#/conf#/x#' >> names.txt", desk)
    assert desk.files["names.txt"] == "first\nconfigmap/x\n"


def test_a_file_that_was_written_can_be_applied(harness):
    desk = Desk()
    board.kubectl(harness, "create cm made --from-literal=a=b --dry-run=client -o yaml > made.yaml", desk)
    assert list(board.kubectl(harness, "apply -f made.yaml", desk).out) == ["configmap/made created"]
    assert list(board.kubectl(harness, "get -f - -o name < made.yaml", desk).out) == ["configmap/made"]


@pytest.mark.parametrize("word", ["EOF", "'EOF'", '"EOF"'])
def test_a_manifest_is_typed_behind_the_command(harness, word):
    reply = board.kubectl(harness, f"kubectl apply -f - <<{word}\n{MAP}EOF\n", Desk())
    assert list(reply.out) == ["configmap/a created"]


def test_a_manifest_that_does_not_end_is_told(harness):
    reply = board.kubectl(harness, f"kubectl apply -f - <<EOF\n{MAP}", Desk())
    assert (list(reply.err), reply.code) == (["bash: here-document delimited by end-of-file (wanted `EOF')"], 2)


def test_kubectl_reads_what_kubectl_writes(harness):
    line = "create cm b --from-literal=k=v --dry-run=client -o yaml | sed 's/name: b/name: c/' | kubectl apply -f -"
    assert list(board.kubectl(harness, line, Desk()).out) == ["configmap/c created"]


def test_lines_become_arguments_of_kubectl(harness):
    reply = board.kubectl(harness, "get cm -o name | grep /conf | xargs kubectl delete --wait=false", Desk())
    assert list(reply.out) == ['configmap "conf" deleted from default namespace']
    reply = board.kubectl(harness, "get cm -o name | grep nothing | xargs -r kubectl delete", Desk())
    assert (reply.out, reply.err) == ((), ())


@pytest.mark.parametrize(
    ("stage", "commands"),
    [
        ("xargs kubectl get pod", [["kubectl", "get", "pod", "a", "b", "c"]]),
        ("xargs -n 2 k get", [["k", "get", "a", "b"], ["k", "get", "c"]]),
        ("xargs -n1 -r k get", [["k", "get", "a"], ["k", "get", "b"], ["k", "get", "c"]]),
        ("xargs -I{} k get {} -o name", [["k", "get", "a b", "-o", "name"], ["k", "get", "c", "-o", "name"]]),
        ("xargs -I % k get pod/%-%", [["k", "get", "pod/a b-a b"], ["k", "get", "pod/c-c"]]),
    ],
)
def test_xargs_makes_commands_of_lines(stage, commands):
    assert xargs.commands(stage.split(), ["a b", " c"], ("kubectl", "k")) == commands


@pytest.mark.parametrize(
    ("stage", "text", "code"),
    [
        ("xargs -n x k get", 'xargs: invalid number "x" for -n option', 1),
        ("xargs -n", "xargs: option requires an argument -- 'n'", 1),
        ("xargs rm", "xargs: rm: only kubectl can be run here", 127),
        ("xargs -P 4 k get", "xargs: -P: only -I, -n, -r and -t are known here", 1),
    ],
)
def test_xargs_says_what_it_cannot_do(stage, text, code):
    with pytest.raises(Fail) as told:
        xargs.commands(stage.split(), ["a"], ("kubectl", "k"))
    assert (told.value.text, told.value.code) == (text, code)


def test_xargs_goes_on_after_a_command_that_failed(harness):
    reply = board.kubectl(harness, "get cm -o name | grep /conf | xargs -I{} kubectl get {} nope", Desk())
    assert reply.code == 123
    reply = board.kubectl(harness, "get pods -o name | xargs -n 1 kubectl get -o name", Desk())
    assert (reply.code, reply.out) == (0, board.kubectl(harness, "get pods -o name", Desk()).out)


@pytest.mark.parametrize(
    ("line", "out", "err"),
    [
        ("get cm nope 2>/dev/null", 0, 0),
        ("get cm nope 2>&1", 1, 0),
        ("get cm nope > /dev/null", 0, 1),
        ("get cm nope &> /dev/null", 0, 0),
        ("get cm nope > /dev/null 2>&1", 0, 0),
    ],
)
def test_errors_go_where_the_line_sends_them(harness, line, out, err):
    reply = board.kubectl(harness, line, Desk())
    assert (len(reply.out), len(reply.err), reply.code) == (out, err, 1)


def test_what_is_quoted_is_no_redirection():
    line = """get pods -o jsonpath='{.items[?(@.a > 1)]}' -l "a<b" """
    assert redirect.take(line) == redirect.Redirected(line)


def test_a_desk_that_cannot_be_written_to_is_told(harness):
    reply = board.kubectl(harness, "get cm conf > x", board.Terminal())
    assert (list(reply.err), reply.code) == (["bash: x: Read-only file system"], 1)
