"""The player's own machine: ports that are forwarded into Pods, and asking as users ask."""

from pathlib import Path

import pytest

from kubesim_tui.game.player import ScriptTerminal
from kubesim_tui.game.replay import replay
from kubesim_tui.game.session import Session


class Desk:
    """A player with a prompt, whose commands that go on are asked for their lines."""

    def __init__(self, level, folder=Path("/nonexistent")):
        self.session = Session(level)
        self.terminal = ScriptTerminal(folder)
        self.job = None
        self.wait(5)

    def wait(self, ticks=1):
        for _ in range(ticks):
            self.session.advance()
        return list(self.session.job_output(self.job)[0]) if self.job else []

    def type(self, line):
        reply = self.session.run(line, self.terminal)
        self.job = reply.job or self.job
        return [*reply.out, *reply.err]

    @property
    def pod(self):
        return self.type("kubectl get pods -o name")[0].partition("/")[2]


@pytest.fixture
def desk(level):
    return Desk(level)


OPEN = ["Forwarding from 127.0.0.1:8080 -> 80", "Forwarding from [::1]:8080 -> 80"]


def test_curl_reaches_a_pod_through_a_forwarded_port(desk):
    assert desk.type("kubectl port-forward svc/web 8080:80") == OPEN
    assert "<title>Welcome to nginx!</title>" in desk.type("curl -s localhost:8080")
    assert desk.type("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/nowhere") == ["404"]
    assert desk.wait() == ["Handling connection for 8080"] * 2


def test_the_pod_logs_what_it_was_asked_through_the_tap(desk):
    desk.type(f"kubectl port-forward {desk.pod} 8080:80")
    desk.type("curl -s localhost:8080/tapped")
    assert any("/tapped" in line for line in desk.type(f"kubectl logs {desk.pod}"))


def test_without_a_forwarding_nobody_listens(desk):
    assert desk.type("curl localhost:8080")[0].startswith("curl: (7) Failed to connect to localhost port 8080")


def test_a_port_where_nothing_listens_ends_the_forwarding(desk):
    desk.type(f"kubectl port-forward {desk.pod} 8080:81")
    assert desk.type("curl -s localhost:8080") == []
    said = desk.wait()
    assert said[0] == "Handling connection for 8080"
    assert said[1].startswith("an error occurred forwarding 8080 -> 81: error forwarding port 81 to pod ")
    assert (said[1].split("IPv4: ")[1].split(" IPv6")[0], said[2]) == (
        "dial tcp4 127.0.0.1:81: connect: connection refused",
        "error: lost connection to pod",
    )


def test_it_ends_with_its_pod_and_ctrl_c_ends_it_too(desk):
    desk.type("kubectl port-forward deploy/web 8080:80")
    desk.session.run(f"kubectl delete pod {desk.pod} --now --wait=false", desk.terminal)
    assert desk.wait(6) == ["error: lost connection to pod"]
    desk.type("kubectl port-forward deploy/web 8080:80")
    desk.wait(10)
    desk.session.cancel(desk.job)
    assert desk.type("curl -s localhost:8080") == []


def test_a_port_that_is_taken_is_refused(desk):
    desk.type("kubectl port-forward deploy/web 8080:80")
    assert desk.type("kubectl port-forward svc/web 8080:80") == [
        "Unable to listen on port 8080: Listeners failed to create with the following errors: [unable to create "
        "listener: Error listen tcp4 127.0.0.1:8080: bind: address already in use unable to create listener: Error "
        "listen tcp6 [::1]:8080: bind: address already in use]",
        "error: unable to listen on any of the requested ports: [{8080 80}]",
    ]


def test_public_names_are_asked_as_users_ask_them(desk):
    assert "<title>Welcome to nginx!</title>" in desk.type("curl -s http://shop.example.com/")
    assert desk.type("curl -s -o /dev/null -w '%{http_code}' http://shop.example.com/nowhere") == ["404"]


def test_what_is_fetched_can_be_kept(level, tmp_path):
    desk = Desk(level, tmp_path)
    desk.type("kubectl port-forward deploy/web 8080:80")
    desk.type("curl -s -o page.html localhost:8080")
    assert "Welcome to nginx!" in (tmp_path / "page.html").read_text()


def test_what_is_fetched_goes_through_pipes_and_into_files(level, tmp_path):
    desk = Desk(level, tmp_path)
    desk.type("kubectl port-forward deploy/web 8080:80")
    assert desk.type("curl -s localhost:8080 | grep -c title") == ["1"]
    assert desk.type("curl -s localhost:8080 > page.html") == []
    assert "Welcome to nginx!" in (tmp_path / "page.html").read_text()


def test_the_board_shows_what_is_open_and_what_went_through(desk):
    desk.type("kubectl port-forward svc/web 8080:80")
    desk.type("curl -s localhost:8080/nowhere")
    taps = desk.session.state().taps
    assert [(t.ports, t.requests, t.last) for t in taps] == [("8080→80", 1, 404)]


def test_a_recording_asks_again(desk, level):
    desk.type("kubectl port-forward svc/web 8080:80")
    desk.type("curl -s localhost:8080/tapped")
    desk.wait(3)
    recording = desk.session.recording()
    again = replay(level, recording.seed, recording.inputs, recording.ticks)
    assert again.digest == recording.digest
    assert next(iter(again.jobs.values())).job.handled == 1
