"""Shells in containers, from the prompt: what is typed goes into them until they end, and recordings keep it."""

from pathlib import Path

import pytest

from kubesim_tui.game.player import ScriptTerminal, play
from kubesim_tui.game.replay import replay
from kubesim_tui.game.script import parse
from kubesim_tui.game.session import Session

TERMINAL = ScriptTerminal(Path("/nonexistent"))


class Prompt:
    """A player at a prompt; each line is answered with what is said at once."""

    def __init__(self, level):
        self.session = Session(level)
        self.job = None
        self.ended = False
        for _ in range(5):
            self.session.advance()

    @property
    def asks(self):
        talk = self.session.talk()
        return talk.prompt if talk is not None else None

    def type(self, line):
        if self.asks is not None:
            self.session.type(line)
        else:
            reply = self.session.run(line, TERMINAL)
            if reply.job is None:
                return [*reply.out, *reply.err]
            self.job, said = reply.job, [*reply.out, *reply.err]
            return said + self.more()
        return self.more()

    def more(self, ticks=0):
        for _ in range(ticks):
            self.session.advance()
        lines, self.ended = self.session.job_output(self.job)
        return list(lines)

    def interrupt(self):
        self.session.cancel(self.job)
        return self.more()


@pytest.fixture
def prompt(level):
    return Prompt(level)


def test_exec_it_gives_a_shell_that_keeps_its_place(prompt):
    assert (prompt.type("kubectl exec -it deploy/web -- sh"), prompt.asks) == ([], "# ")
    prompt.type("cd /tmp")
    assert prompt.type("pwd") == ["# pwd", "/tmp"]


def test_exit_gives_the_prompt_back_and_its_code(prompt):
    prompt.type("kubectl exec -it deploy/web -- sh")
    said = prompt.type("exit 3")
    assert (said, prompt.asks, prompt.ended) == (
        ["# exit 3", "command terminated with exit code 3"],
        None,
        True,
    )


def test_ctrl_c_ends_what_runs_and_then_the_shell(prompt):
    prompt.type("kubectl exec -it deploy/web -- sh")
    prompt.type("sleep 1000")
    assert prompt.more(2) == []
    prompt.interrupt()
    assert prompt.asks == "# "
    prompt.interrupt()
    assert (prompt.asks, prompt.ended) == (None, True)


def test_run_it_rm_leaves_nothing(prompt):
    prompt.type("kubectl run box --image=busybox -it --rm --restart=Never")
    said = prompt.more(10)
    assert (said[-1], prompt.asks) == ("If you don't see a command prompt, try pressing enter.", "/ # ")
    assert prompt.type("wget -qO- http://web | head -n 1")[:1] == ["/ # wget -qO- http://web | head -n 1"]
    assert prompt.type("exit") + prompt.more(3) == [
        "/ # exit",
        "Session ended, resume using 'kubectl attach box -c box -n default -i -t' command",
        'pod "box" deleted from default namespace',
    ]


def test_debug_gives_a_shell_in_a_pod_whose_image_has_none(prompt):
    pod = prompt.type("kubectl get pods -o name")[0].partition("/")[2]
    prompt.type(f"kubectl debug -it {pod} --image=busybox -c probe")
    prompt.more(6)
    assert prompt.asks == "/ # "
    assert prompt.type("hostname") == ["/ # hostname", pod]
    again = f"kubectl attach {pod} -c probe -n default -i -t"
    assert prompt.type("exit") == [
        "/ # exit",
        f"Session ended, the ephemeral container will not be restarted but may be reattached using '{again}' if it is "
        "still running",
    ]
    assert prompt.type(f"kubectl logs {pod} -c probe")[-1] == "/ # exit"
    described = prompt.type(f"kubectl describe pod {pod}")
    at = described.index("Ephemeral Containers:")
    assert [line.split() for line in described[at + 1 : at + 3]] == [
        ["probe:"],
        ["Container", "ID:", described[at + 2].split()[-1]],
    ]


def test_what_is_typed_is_recorded_and_played_again(prompt, level):
    prompt.type("kubectl exec -it deploy/web -- sh")
    prompt.type("echo changed > /usr/share/nginx/html/index.html")
    prompt.type("exit")
    prompt.more(3)
    recording = prompt.session.recording()
    assert [i.kind for i in recording.inputs] == ["run", "typed", "typed"]
    again = replay(level, recording.seed, recording.inputs, recording.ticks)
    assert again.digest == recording.digest


def test_a_script_types_as_a_player_does(level, tmp_path):
    session = Session(level)
    text = "+5\nkubectl exec -it deploy/web -- sh\n> hostname\n> exit\n> late\nkubectl get pods -o name\n"
    log = play(session, parse(text, "test"), tmp_path, strict=False)
    assert [line for _, line, _, _ in log.lines] == [
        "kubectl exec -it deploy/web -- sh",
        "hostname",
        "exit",
        "kubectl get pods -o name",
    ]
    assert log.lines[1][2][1].startswith("web-")
    assert log.failed == ["late: there is no shell to type it into"]


def test_without_a_terminal_exec_it_says_so(prompt):
    piped = ScriptTerminal(TERMINAL.folder, typing=False)
    reply = prompt.session.run("kubectl exec -it deploy/web -- echo hello", piped)
    assert (reply.out, reply.err) == (
        ("hello",),
        ("Unable to use a TTY - input is not a terminal or the right kind of file",),
    )


# -- cp


@pytest.fixture
def files(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine\n")
    (tmp_path / "site" / "about.html").write_text("about\n")
    return ScriptTerminal(tmp_path)


def told(prompt, line, terminal):
    reply = prompt.session.run(line, terminal)
    return list(reply.out), list(reply.err), reply.code


def pod_of(prompt):
    return prompt.type("kubectl get pods -o name")[0].partition("/")[2]


def test_cp_puts_a_file_into_a_container_that_then_serves_it(prompt, files):
    pod = pod_of(prompt)
    assert told(prompt, f"kubectl cp site/index.html {pod}:/usr/share/nginx/html/index.html", files) == ([], [], 0)
    assert prompt.type(f"kubectl exec {pod} -- curl -s http://localhost/") == ["mine"]


def test_cp_puts_a_folder_into_a_directory_that_is_there(prompt, files):
    pod = pod_of(prompt)
    told(prompt, f"kubectl cp site {pod}:/tmp", files)
    assert prompt.type(f"kubectl exec {pod} -- ls /tmp/site") == ["about.html", "index.html"]


def test_cp_fetches_a_file_and_a_folder(prompt, files):
    pod = pod_of(prompt)
    said = ["tar: Removing leading `/' from member names"]
    assert told(prompt, f"kubectl cp {pod}:/etc/nginx/nginx.conf got/nginx.conf", files) == (said, [], 0)
    assert "worker_processes" in (files.folder / "got/nginx.conf").read_text()
    told(prompt, f"kubectl cp {pod}:/usr/share/nginx/html html", files)
    assert "index.html" in [f.name for f in (files.folder / "html").iterdir()]


def test_cp_of_what_is_not_there(prompt, files):
    out, err, code = told(prompt, f"kubectl cp {pod_of(prompt)}:/nowhere x", files)
    assert (out[-1], err, code) == (
        "tar: Exiting with failure status due to previous errors",
        ["command terminated with exit code 2"],
        2,
    )


def test_a_replay_copies_in_what_was_read_and_writes_nothing(prompt, files, level):
    pod = pod_of(prompt)
    told(prompt, f"kubectl cp site/index.html {pod}:/usr/share/nginx/html/index.html", files)
    told(prompt, f"kubectl cp {pod}:/usr/share/nginx/html/index.html back.html", files)
    (files.folder / "back.html").unlink()
    prompt.more(3) if prompt.job else prompt.session.advance()
    recording = prompt.session.recording()
    assert replay(level, recording.seed, recording.inputs, recording.ticks).digest == recording.digest
    assert not (files.folder / "back.html").exists()
