"""Typing into containers: a shell at a terminal, what a command reads, and the first process of a container."""

import pytest

from tests.kubelet.test_server import Handlers


class Typist:
    """Somebody at the other end of a stream: `type` gives what is said, and the beginning of a line as `partial`."""

    def __init__(self, handlers, call="exec", **body):
        self.handlers, self.call, self.partial, self.code = handlers, call, "", None
        self.name = body.pop("name", "web")
        self.stream = {}
        self.said = self._take(handlers.ask(call, self.name, **body))

    def type(self, line, ticks=0):
        return self._ask(input=f"{line}\n", ticks=ticks)

    def close(self):
        return self._ask(close=True)

    def wait(self, ticks):
        return self._ask(ticks=ticks)

    def interrupt(self):
        return self.handlers.ask(self.call, self.name, interrupt=True, **self.stream)

    def _ask(self, ticks=0, **body):
        said = self._take(self.handlers.ask(self.call, self.name, **self.stream, **body)) if body else []
        self.handlers.rig.tick(ticks)
        return said + (self._take(self.handlers.ask(self.call, self.name, **self.stream)) if ticks else [])

    def _take(self, answer):
        self.stream = {k: v for k, v in answer.items() if k in ("execution", "attachment")}
        self.partial, self.code = answer.get("partial", ""), answer.get("exitCode")
        return (answer["stdout"] + answer.get("stderr", "")).splitlines()


@pytest.fixture
def handlers():
    handlers = Handlers()
    handlers.rig.pod(image="busybox:1.36", command=["sleep", "9999"])
    handlers.rig.tick(2)
    return handlers


@pytest.fixture
def shell(handlers):
    return Typist(handlers, command=["sh"], held=True, tty=True)


def test_a_shell_at_a_terminal_asks(shell):
    assert (shell.said, shell.partial) == ([], "/ # ")


def test_a_terminal_shows_what_is_typed_before_the_answer(shell):
    assert shell.type("echo hello") == ["/ # echo hello", "hello"]


def test_directory_and_variables_stay_from_line_to_line(shell):
    shell.type("cd /tmp; name=kept; greet() { echo hi $1; }")
    assert shell.partial == "/tmp # "
    assert shell.type("pwd; echo $name; greet you") == ["/tmp # pwd; echo $name; greet you", "/tmp", "kept", "hi you"]


def test_a_command_that_is_not_whole_is_asked_on_for(shell):
    shell.type("for i in 1 2; do")
    assert shell.partial == "> "
    shell.type("echo $i")
    assert shell.type("done") == ["> done", "1", "2"]


def test_a_here_document_is_read_to_its_end(shell):
    shell.type("cat <<END")
    shell.type("text")
    assert shell.type("END") == ["> END", "text"]


def test_a_mistake_does_not_end_the_shell(shell):
    said = shell.type("fi")
    said += shell.type("nonsense")
    said += shell.type("echo ${gone:?is missing}")
    assert (said, shell.partial) == (
        [
            "/ # fi",
            'sh: syntax error: unexpected "fi"',
            "/ # nonsense",
            "sh: nonsense: not found",
            "/ # echo ${gone:?is missing}",
            "sh: gone: is missing",
        ],
        "/ # ",
    )


def test_exit_ends_it_with_its_code(shell):
    shell.type("false")
    shell.type("exit 7")
    assert shell.code == 7


def test_the_end_of_the_input_ends_it(shell):
    shell.close()
    assert shell.code == 0


def test_a_command_that_takes_its_time_is_waited_for(shell):
    assert shell.type("sleep 3; echo awake") == ["/ # sleep 3; echo awake"]
    assert shell.wait(1) == []
    assert shell.wait(3) == ["awake"]


def test_a_command_reads_what_is_typed(shell):
    shell.type("read answer")
    shell.type("yes")
    assert shell.type("echo you said $answer")[-1] == "you said yes"


def test_ctrl_c_ends_the_command_and_not_the_shell(shell):
    shell.type("sleep 1000")
    assert "idle" not in shell.interrupt()
    assert shell.type("echo $?")[-1] == "130"


def test_ctrl_c_at_a_prompt_finds_nothing_to_end(shell):
    assert shell.interrupt()["idle"]


def test_without_a_terminal_a_shell_does_not_ask(handlers):
    shell = Typist(handlers, command=["sh"], held=True)
    assert (shell.type("echo hello"), shell.partial) == (["hello"], "")


def test_output_comes_while_the_command_runs(handlers):
    counting = Typist(handlers, command=["sh", "-c", "for i in 1 2 3; do echo $i; sleep 2; done"])
    assert counting.said == ["1"]
    assert counting.wait(2) == ["2"]
    assert (counting.wait(2), counting.wait(2), counting.code) == (["3"], [], 0)


def test_when_the_container_ends_so_does_the_shell(handlers, shell):
    container = handlers.rig.container("app")
    handlers.rig.world.machines["node-a"].runtime.kill(container.id, handlers.rig.engine.clock.tick)
    shell.wait(1)
    assert shell.code == 137


# -- the first process of a container


def test_a_container_whose_shell_has_a_terminal_waits_for_who_attaches(handlers):
    handlers.rig.pod("box", image="busybox:1.36", stdin=True, tty=True)
    handlers.rig.tick(3)
    shell = Typist(handlers, "attach", name="box")
    assert (handlers.rig.status("box"), shell.said, shell.partial) == ("Running app=Running*", [], "/ # ")
    assert shell.type("hostname") == ["/ # hostname", "box"]
    assert [text for _, text in handlers.ask("log", "box")] == ["/ # hostname", "box"]


def test_exit_in_it_ends_the_container(handlers):
    handlers.rig.pod("box", image="busybox:1.36", stdin=True, tty=True, restartPolicy="Never")
    handlers.rig.tick(3)
    shell = Typist(handlers, "attach", name="box")
    shell.type("exit 4")
    handlers.rig.tick(2)
    assert (shell.stream, handlers.rig.status("box")) == ({}, "Failed app=Error(4)")


def test_without_standard_input_its_shell_ends_at_once(handlers):
    handlers.rig.pod("box", image="busybox:1.36", restartPolicy="Never")
    handlers.rig.tick(3)
    assert handlers.rig.status("box") == "Succeeded app=Completed(0)"


def test_stdin_once_is_over_when_the_first_leaves(handlers):
    handlers.rig.pod("box", image="busybox:1.36", stdin=True, stdinOnce=True, restartPolicy="Never")
    handlers.rig.tick(3)
    Typist(handlers, "attach", name="box").close()
    handlers.rig.tick(2)
    assert handlers.rig.status("box") == "Succeeded app=Completed(0)"


def test_who_attaches_sees_what_comes_from_then_on(handlers):
    handlers.rig.pod("box", image="busybox:1.36", command=["sh", "-c", "echo early; sleep 5; echo late; sleep 99"])
    handlers.rig.tick(3)
    watching = Typist(handlers, "attach", name="box")
    assert (watching.said, watching.wait(5)) == ([], ["late"])
