"""Logs and commands, as the API server asks its kubelets for them."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kubelet.server import CALLS, KubeletHandler
from tests.harness import ADMIN
from tests.kubelet.rig import Rig

LOUD = {"image": "busybox:1.36", "command": ["sh", "-c", "echo one; sleep 2; echo two; sleep 2; exit 1"]}


class Handlers:
    """A rig whose API server may call its kubelets."""

    def __init__(self, **of):
        self.rig = Rig(**of)
        for call in CALLS:
            handler = KubeletHandler(call, self.rig.kubelets, self.rig.etcd, self.rig.world.links, "control-plane")
            self.rig.server.proxy.register(call, handler)

    def ask(self, call, name="web", **body):
        verb = "get" if call == "log" else "create"
        request = Request(ADMIN, verb, scheme.for_plural("pods"), "default", name, call, body=body)
        answer = self.rig.server.handle(request)
        epoch = self.rig.engine.clock.epoch
        return [(second - epoch, text) for second, text in answer] if call == "log" else answer

    def refused(self, call, name="web", **body):
        with pytest.raises(StatusError) as found:
            self.ask(call, name, **body)
        return found.value.code, found.value.message


def test_log():
    h = Handlers()
    h.rig.pod(**LOUD)
    h.rig.tick(4)
    assert h.ask("log") == [(0, "one"), (2, "two")]
    assert h.ask("log", tailLines=1) == h.ask("log", sinceSeconds=2) == h.ask("log", sinceTick=1) == [(2, "two")]


def test_log_of_the_one_before():
    h = Handlers()
    h.rig.pod(**LOUD)
    h.rig.tick(4)
    assert h.refused("log", previous=True) == (400, 'previous terminated container "app" in pod "web" not found')
    h.rig.tick(3)
    assert (h.ask("log"), h.ask("log", previous=True)) == ([(4, "one"), (6, "two")], [(0, "one"), (2, "two")])


def test_log_of_what_has_not_started():
    h = Handlers(have=())
    h.rig.pod()
    h.rig.tick(1)
    said = 'container "app" in pod "web" is waiting to start: ContainerCreating'
    assert h.refused("log") == (400, said)
    h.rig.pod("wrong", image="nginx:nope")
    h.rig.tick(8)
    said = 'container "app" in pod "wrong" is waiting to start: trying and failing to pull image'
    assert h.refused("log", "wrong") == (400, said)


def test_which_container():
    h = Handlers()
    both = [{"name": n, "image": "test/app", "imagePullPolicy": "IfNotPresent"} for n in ("a", "b")]
    h.rig.pod(spec={"containers": both})
    h.rig.tick(2)
    assert h.refused("log") == (400, "a container name must be specified for pod web, choose one of: [a b]")
    assert h.refused("log", container="x") == (400, "container x is not valid for pod web")


def test_a_pod_without_a_node():
    h = Handlers()
    h.rig.pod(node="")
    assert h.refused("log") == (400, "pod web does not have a host assigned")


def test_a_kubelet_that_does_not_answer():
    h = Handlers()
    h.rig.pod()
    h.rig.tick(2)
    h.rig.stop_kubelet()
    refused = "dial tcp 192.168.0.11:10250: connect: connection refused"
    get = 'Get "https://192.168.0.11:10250/containerLogs/default/web/app"'
    assert h.refused("log") == (500, f"{get}: {refused}")
    assert h.refused("exec", command=["ls"]) == (500, f"error dialing backend: {refused}")
    h.rig.start_kubelet()
    h.rig.world.links.cut("control-plane", "node-a")
    assert h.refused("log") == (500, f"{get}: dial tcp 192.168.0.11:10250: i/o timeout")


def test_exec():
    h = Handlers()
    h.rig.pod(image="busybox:1.36", command=["sleep", "99"])
    h.rig.tick(2)
    found = h.ask("exec", command=["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert found == {"exitCode": 3, "stdout": "out\n", "stderr": "err\n"}
    assert h.ask("exec", command=["cat"], stdin="hello\n")["stdout"] == "hello\n"


def test_a_command_that_takes_its_time():
    h = Handlers()
    h.rig.pod(image="busybox:1.36", command=["sleep", "99"])
    h.rig.tick(2)
    running = h.ask("exec", command=["sh", "-c", "sleep 3; echo done"])
    h.rig.tick(2)
    assert "exitCode" not in h.ask("exec", **running)
    h.rig.tick(2)
    assert h.ask("exec", **running) == {"exitCode": 0, "stdout": "done\n", "stderr": ""}


def test_exec_where_nothing_runs():
    h = Handlers()
    h.rig.pod(restartPolicy="Never", image="busybox:1.36", command=["true"])
    h.rig.tick(3)
    assert h.refused("exec", command=["ls"]) == (
        500,
        'Internal error occurred: unable to upgrade connection: container not found ("app")',
    )


def test_exec_of_what_is_not_there():
    h = Handlers()
    h.rig.pod(image="busybox:1.36", command=["sleep", "99"])
    h.rig.tick(2)
    code, message = h.refused("exec", command=["nope"])
    assert code == 500
    assert message.endswith('exec: "nope": executable file not found in $PATH')
