"""The container runtime as a kubelet uses it: images, containers, signals, limits, faults, what is due when."""

from __future__ import annotations

import copy

import pytest

from kubesim_tui.world.config import Limits, Mount
from kubesim_tui.world.container import State
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.errors import CriError, ExecError, InvalidReference, NoSuchContainer, RuntimeDown, RuntimeHung
from kubesim_tui.world.execute import MOST_ENDED, Stdin
from kubesim_tui.world.probes import grpc_probe, http_probe, tcp_probe
from kubesim_tui.world.registry import Registry
from tests.world.builders import Box, FakeNet, text, ticks


class Clock:
    """A waker that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def wake(self, tick: int) -> None:
        self.told.append(tick)


# -- machines


def test_the_disk_of_a_machine_that_is_replaced_is_empty():
    box = Box()
    box.run("busybox", "sleep", "1000", ticks=2)
    box.machine.volume("data").write("a", "x" * 5000)
    box.machine.fill_disk(leave_bytes=10 << 20)
    box.machine.replace(box.now)
    assert (box.machine.disk.used_bytes, box.machine.disk.rubbish_bytes) == (0, 0)


# -- images


def test_a_pull_takes_as_long_as_its_size_needs():
    box = Box()
    pull = box.runtime.pull("nginx", 0)  # 72 MiB at 50 MiB/s
    assert (pull.done, pull.finished, box.runtime.has_image("nginx")) == (2, False, False)
    box.until(2)
    assert (pull.finished, pull.error, box.runtime.has_image("docker.io/library/nginx:latest")) == (True, None, True)


def test_two_pulls_of_one_image_are_one():
    box = Box()
    assert box.runtime.pull("nginx", 0) is box.runtime.pull("docker.io/library/nginx:latest", 1)


UNPULLABLE = [
    (
        "nginx:1.999",
        'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.999": failed to '
        'resolve reference "docker.io/library/nginx:1.999": docker.io/library/nginx:1.999: not found',
    ),
    ("nginx:1.161", "docker.io/library/nginx:1.161: not found"),
]


@pytest.mark.parametrize("image,said", UNPULLABLE)
def test_a_tag_that_was_never_published_is_not_found(image, said):
    box = Box()
    pull = box.runtime.pull(image, 0)
    box.until(pull.done)
    assert str(pull.error).endswith(said)


def test_a_registry_that_is_down_times_out_after_thirty_seconds():
    box = Box()
    box.world.registries["docker.io"] = Registry("docker.io", up=False)
    pull = box.runtime.pull("nginx", 0)
    box.until(30)
    assert pull.done == 30
    assert str(pull.error).startswith(
        'rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/nginx:latest": failed to '
        'resolve reference "docker.io/library/nginx:latest": failed to do request: Head '
        '"https://registry-1.docker.io/v2/library/nginx/manifests/latest": dial tcp '
    )
    assert str(pull.error).endswith(":443: i/o timeout")


def test_a_registry_behind_a_cut_link_times_out_too():
    box = Box()
    box.world.links.cut("node-a", "docker.io")
    pull = box.runtime.pull("nginx", 0)
    box.until(pull.done)
    assert "i/o timeout" in str(pull.error)
    box.world.links.heal()
    assert box.runtime.pull("nginx", box.now).refused is None


def test_a_pull_fails_when_the_registry_goes_away_in_the_middle():
    box = Box()
    pull = box.runtime.pull("mysql", 0)
    box.until(1)
    box.world.registries["docker.io"].down()
    box.until(pull.done)
    assert "failed to copy: httpReadSeeker" in str(pull.error)


def test_a_full_disk_stops_a_pull():
    box = Box()
    box.machine.fill_disk(leave_bytes=10 << 20)
    pull = box.runtime.pull("nginx", 0)
    box.until(pull.done)
    assert str(pull.error).endswith("no space left on device")


NAMES = [
    ("nginx", "docker.io/library/nginx:latest"),
    ("foo/bar:1", "docker.io/foo/bar:1"),
    ("localhost:5000/x", "localhost:5000/x:latest"),
    ("ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1"),
    ("nginx@sha256:" + "0" * 64, "docker.io/library/nginx@sha256:" + "0" * 64),
]


@pytest.mark.parametrize("image,name", NAMES)
def test_names_are_normalised(image, name):
    box = Box()
    assert box.runtime.pull(image, 0).reference.name == name


BAD = [
    ("Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"),
    ("nginx@latest", "invalid reference format"),
    ("nginx:", "invalid reference format"),
    ("nginx:la test", "invalid reference format"),
    ("", "invalid reference format"),
    ("{{ image }}", "invalid reference format"),
]


@pytest.mark.parametrize("image,said", BAD)
def test_what_is_no_name_is_refused_in_docker_words(image, said):
    with pytest.raises(InvalidReference) as caught:
        Box().runtime.pull(image, 0)
    assert str(caught.value) == said


# -- containers


def test_a_container_goes_from_created_over_running_to_exited():
    box = Box()
    container = box.create("busybox", "sh", "-c", "echo a; sleep 2; exit 4")
    assert box.runtime.status(container.id).state is State.CREATED
    started = box.now
    box.runtime.start(container.id, started)
    assert box.runtime.status(container.id).state is State.RUNNING
    box.until(started + 2)
    status = box.runtime.status(container.id)
    assert (status.state, status.exit_code, status.reason) == (State.EXITED, 4, "Error")
    assert (status.started, status.finished) == (started, started + 2)


def test_a_container_that_serves_has_nothing_due():
    box = Box()
    box.run("nginx")
    assert box.runtime.next_due is None


def test_next_due_is_when_it_will_be_ready():
    box = Box()
    container = box.start("postgres", env={"POSTGRES_PASSWORD": "x"})
    box.runtime.due(box.now)
    assert box.runtime.next_due == box.now + 3
    box.until(box.now + 3)
    assert container.ports == (5432,)


def test_the_waker_hears_of_what_becomes_due_earlier():
    box = Box()
    clock = Clock()
    box.runtime.waker = clock
    box.run("busybox", "sh", "-c", "sleep 100", ticks=5)
    clock.told.clear()
    first = next(iter(box.runtime.containers))
    box.runtime.kill(first, box.now)
    assert clock.told == [box.now]


def test_due_returns_the_containers_that_changed():
    box = Box()
    container = box.start("busybox", "sh", "-c", "sleep 3")
    assert box.runtime.due(box.now) == [container.id]
    assert box.runtime.due(box.now + 1) == []
    assert box.runtime.due(box.now + 3) == [container.id]


def test_a_stopped_container_refuses_from_that_moment_on():
    box = Box()
    container = box.run("nginx")
    box.runtime.stop(container.id, 30, box.now)
    assert container.plan(80).refused
    assert (container.state, container.exit_code) == (State.EXITED, 0)


def test_a_script_without_trap_is_killed_at_the_end_of_its_grace():
    box = Box()
    container = box.run("busybox", "sh", "-c", "sleep 1000", ticks=3)
    stopped = box.now
    box.runtime.stop(container.id, 5, stopped)
    box.until(stopped + 10)
    assert (container.exit_code, container.finished) == (137, stopped + 5)


def test_a_script_with_a_trap_ends_as_it_says():
    box = Box()
    script = "trap 'echo bye; exit 3' TERM; while true; do sleep 1; done"
    container = box.run("busybox", "sh", "-c", script, ticks=3)
    stopped = box.now
    box.runtime.stop(container.id, 30, stopped)
    box.until(stopped + 3)
    assert (container.exit_code, text(container)) == (3, "bye\n")
    assert container.finished <= stopped + 1


def test_wait_is_interrupted_by_a_trapped_signal():
    box = Box()
    container = box.run("busybox", "sh", "-c", "trap 'exit 9' TERM; sleep 1000 & wait", ticks=3)
    box.runtime.stop(container.id, 30, box.now)
    box.until(box.now + 1)
    assert container.exit_code == 9


def test_exec_in_a_script_hands_the_signals_to_the_program():
    box = Box()
    script = "echo hello > /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"
    container = box.run("nginx", "sh", "-c", script)
    assert container.ports == (80,)
    box.runtime.stop(container.id, 30, box.now)
    box.until(box.now + 1)
    assert container.exit_code == 0


def test_a_server_in_the_foreground_of_a_script_holds_it_until_it_ends():
    box = Box()
    container = box.run("nginx", "sh", "-c", "nginx -g 'daemon off;'; echo ended $?; exit 5")
    assert container.ports == (80,)
    box.runtime.exec(container.id, ("nginx", "-s", "stop"), box.now)
    box.until(box.now + 2)
    assert (container.exit_code, text(container).splitlines()[-1]) == (5, "ended 0")


def test_the_pre_stop_hook_of_the_documentation_ends_nginx():
    box = Box()
    container = box.run("nginx")
    hook = ("/bin/sh", "-c", "nginx -s quit; while killall -0 nginx; do sleep 1; done")
    execution = box.runtime.exec_start(container.id, hook, box.now)
    box.until(box.now + 3)
    assert (container.exit_code, box.runtime.exec_result(execution).exit_code) == (0, 137)


def test_leaking_memory_kills_at_the_computed_tick():
    box = Box()
    container = box.run("nginx", limits=Limits(memory_bytes=64 << 20))
    begun = box.now
    box.runtime.leak(container.id, 1 << 20, begun)
    assert box.runtime.next_due == begun + 60  # 5 of 64 MiB are in use
    box.until(begun + 60)
    assert (container.exit_code, container.reason, container.finished) == (137, "OOMKilled", begun + 60)


def test_too_much_work_in_flight_kills_too():
    box = Box()
    container = box.run("nginx", limits=Limits(memory_bytes=32 << 20))
    box.runtime.load(container.id, box.now, in_flight=100, memory_bytes=20 << 20)
    assert container.state is State.RUNNING
    box.runtime.load(container.id, box.now, in_flight=200, memory_bytes=40 << 20)
    assert container.reason == "OOMKilled"


def test_the_log_keeps_times_and_streams():
    box = Box()
    container = box.run("busybox", "sh", "-c", "echo out; sleep 2; echo err >&2", ticks=5)
    assert ticks(container) == [(0, "out"), (2, "err")]
    assert [line.stream for line in container.lines()] == ["stdout", "stderr"]


def test_tail_and_since_choose_lines():
    box = Box()
    container = box.run("busybox", "sh", "-c", "seq 1 5", ticks=2)
    assert [line.text for line in box.runtime.logs(container.id, tail=2)] == ["4", "5"]
    seen = container.log.written
    assert box.runtime.logs(container.id, since=seen) == []


def test_requests_are_logged_as_lines_when_they_are_read():
    box = Box()
    container = box.run("nginx")
    container.access(box.now, "GET", "/", 200, count=3)
    assert text(container).count('"GET / HTTP/1.1" 200') == 3


def test_a_follower_of_a_file_sees_what_another_container_writes():
    box = Box()
    mounts = (Mount("/logs", Volume("logs")),)
    reader = box.run("busybox", "sh", "-c", "tail -F /logs/app.log", ticks=2, mounts=mounts)
    box.run("busybox", "sh", "-c", "for i in 1 2 3; do echo line $i >> /logs/app.log; sleep 5; done", mounts=mounts)
    assert [line.text for line in reader.lines()] == ["line 1", "line 2", "line 3"]
    assert box.runtime.next_due is None


def test_a_script_that_never_rests_does_not_stop_the_world():
    box = Box()
    container = box.run("busybox", "sh", "-c", "while true; do :; done", ticks=20)
    assert container.state is State.RUNNING
    assert container.cpu_total_us(box.now) >= 15 * 1_000_000


def test_commands_replace_entrypoint_and_args_replace_the_command():
    box = Box()
    assert text(box.run("busybox", "echo", args=("a", "b"), ticks=1)) == "a b\n"
    assert text(box.run("busybox", args=("echo", "args"), ticks=1)) == "args\n"
    assert box.run("redis", args=("--port", "7000")).ports == (7000,)


def test_no_command_at_all_is_refused():
    box = Box()
    catalogue = box.world.catalogue.with_texts({"x.yaml": "repositories: [docker.io/library/empty]\n"})
    box = Box(catalogue=catalogue)
    with pytest.raises(CriError, match="no command specified"):
        box.create("empty")


def test_removing_a_container_removes_its_layer_and_gives_the_space_back():
    box = Box()
    container = box.run("busybox", "sh", "-c", "echo 1234567 > /tmp/f", ticks=2)
    used = box.machine.disk.used_bytes
    box.runtime.remove(container.id)
    assert box.machine.disk.used_bytes == used - 8
    with pytest.raises(NoSuchContainer):
        box.runtime.status(container.id)


def test_a_running_container_cannot_be_removed():
    box = Box()
    container = box.run("nginx")
    with pytest.raises(CriError, match="container is running"):
        box.runtime.remove(container.id)


# -- exec


def test_exec_says_what_how_and_how_long():
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    result = box.runtime.exec(container.id, ("sh", "-c", "echo out; echo err >&2; sleep 3; exit 6"), box.now)
    assert (result.exit_code, result.stdout, result.stderr, result.took_us) == (6, "out\n", "err\n", 3_000_000)


def test_exec_of_something_endless_times_out():
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    result = box.runtime.exec(container.id, ("sleep", "100"), box.now, timeout_us=1_000_000)
    assert (result.timed_out, result.took_us) == (True, 1_000_000)


def test_exec_in_simulated_time_takes_it():
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    execution = box.runtime.exec_start(container.id, ("sh", "-c", "sleep 3; hostname"), box.now)
    box.until(box.now + 2)
    assert box.runtime.exec_result(execution) is None
    box.until(box.now + 1)
    assert box.runtime.exec_result(execution).stdout == "web-1\n"


def test_commands_that_have_ended_are_no_processes_and_are_forgotten_in_the_end():
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    alone = container.pids
    runs = box.runtime.exec_start(container.id, ("sleep", "100"), box.now)
    ended = [box.runtime.exec_start(container.id, ("hostname",), box.now) for _ in range(3 * MOST_ENDED)]
    assert container.pids == alone + 1
    assert len(container.sessions) == len(container.streams) <= MOST_ENDED + 2
    assert box.runtime.exec_result(runs) is None
    assert {box.runtime.exec_result(one).stdout for one in ended[-MOST_ENDED:]} == {"web-1\n"}


def test_exec_reads_its_standard_input():
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    execution = box.runtime.exec_start(container.id, ("cat",), box.now, stdin=Stdin("typed\n"))
    assert box.runtime.exec_result(execution).stdout == "typed\n"


def test_exec_of_what_is_not_there_fails_as_runc_says():
    box = Box()
    container = box.run("hashicorp/http-echo", args=("-text=x",))
    with pytest.raises(ExecError, match='exec: "sh": executable file not found in \\$PATH'):
        box.runtime.exec(container.id, ("sh",), box.now)


def test_the_liveness_example_of_the_documentation():
    box = Box()
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    container = box.run("busybox", "/bin/sh", "-c", script, ticks=10)
    healthy = box.runtime.exec(container.id, ("cat", "/tmp/healthy"), box.now)
    assert (healthy.exit_code, healthy.steady) == (0, True)
    before = container.probe_generation
    box.until(box.now + 20)
    assert container.probe_generation > before
    sick = box.runtime.exec(container.id, ("cat", "/tmp/healthy"), box.now)
    assert (sick.exit_code, sick.stderr) == (1, "cat: can't open '/tmp/healthy': No such file or directory\n")


STEADY = [
    (("cat", "/etc/hostname"), True),
    (("test", "-f", "/tmp/x"), True),
    (("sh", "-c", "[ -d /tmp ] && exit 0"), True),
    (("date",), False),
    (("wget", "-qO-", "http://localhost/"), False),
    (("touch", "/tmp/x"), False),
]


@pytest.mark.parametrize("argv,steady", STEADY)
def test_a_command_knows_whether_it_would_say_the_same_again(argv, steady):
    box = Box()
    container = box.run("busybox", "sleep", "1000", ticks=2)
    assert box.runtime.exec(container.id, argv, box.now).steady is steady


def test_curl_reaches_the_pods_own_server_and_the_network():
    box = Box(FakeNet().serve("api"))
    container = box.run("nginx")
    local = box.runtime.exec(
        container.id, ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "localhost"), box.now
    )
    remote = box.runtime.exec(container.id, ("curl", "-sS", "http://nowhere/"), box.now)
    assert (local.stdout, remote.exit_code, remote.stderr) == ("200", 6, "curl: (6) Could not resolve host: nowhere\n")


def test_wget_of_busybox_complains_as_the_real_one():
    box = Box(FakeNet())
    container = box.run("busybox", "sleep", "1000", ticks=2)
    bad = box.runtime.exec(container.id, ("wget", "-qO-", "http://web"), box.now)
    refused = box.runtime.exec(container.id, ("wget", "-qO-", "http://localhost:81"), box.now)
    assert (bad.exit_code, bad.stderr) == (1, "wget: bad address 'web'\n")
    assert refused.stderr == "wget: can't connect to remote host (127.0.0.1): Connection refused\n"


# -- probes


def test_probes_succeed_and_fail_in_the_kubelets_words():
    box = Box()
    container = box.run("ghcr.io/stefanprodan/podinfo:6.9.0", "./podinfo", args=("--port=9000", "--grpc-port=9999"))
    assert http_probe(container, 9000, "/healthz").success
    assert http_probe(container, 9000, "/status/500").output == "HTTP probe failed with statuscode: 500"
    assert http_probe(container, 80, "/").output == (
        'Get "http://10.244.0.7:80/": dial tcp 10.244.0.7:80: connect: connection refused'
    )
    assert http_probe(container, 9000, "/delay/2").output == (
        'Get "http://10.244.0.7:9000/delay/2": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)"
    )
    assert http_probe(container, 9000, scheme="HTTPS").output == (
        'Get "https://10.244.0.7:9000/": http: server gave HTTP response to HTTPS client'
    )
    assert tcp_probe(container, 9000).success
    assert tcp_probe(container, 1).output == "dial tcp 10.244.0.7:1: connect: connection refused"
    assert grpc_probe(container, 9999).success
    assert grpc_probe(container, 1).output == (
        'timeout: failed to connect service "10.244.0.7:1" within 1s: context deadline exceeded'
    )


def test_a_probe_times_out_under_load_and_its_generation_says_so():
    box = Box()
    container = box.run("nginx")
    before = container.probe_generation
    box.runtime.load(container.id, box.now, wait_us=3_000_000)
    assert container.probe_generation != before
    assert not http_probe(container, 80).success
    box.runtime.load(container.id, box.now + 1, wait_us=0)
    assert http_probe(container, 80).success


# -- the runtime's own troubles


def test_a_stopped_or_frozen_containerd_refuses_while_containers_run_on():
    box = Box()
    container = box.run("nginx")
    box.machine.stop_process("containerd")
    with pytest.raises(RuntimeDown, match=r"dial unix /run/containerd/containerd\.sock: connect: connection refused"):
        box.runtime.status(container.id)
    assert container.plan(80).status == 200
    box.machine.start_process("containerd")
    box.machine.pause_process("containerd")
    with pytest.raises(RuntimeHung, match="context deadline exceeded"):
        box.runtime.status(container.id)
    box.machine.resume_process("containerd")
    assert box.runtime.status(container.id).state is State.RUNNING


def test_without_power_everything_ends_and_disks_stay():
    box = Box()
    volume = box.machine.volume("host")
    container = box.run("nginx", mounts=(Mount("/data", volume),))
    volume.write("kept", "yes")
    box.machine.power_off(box.now)
    assert (container.exit_code, container.reason, container.plan(80).refused) == (255, "Unknown", True)
    assert not box.machine.runs("kubelet")
    assert box.runtime.next_due == box.now or box.runtime.next_due is None
    box.machine.power_on(box.now + 60)
    assert (box.machine.runs("kubelet"), volume.files["kept"], box.runtime.has_image("nginx")) == (True, "yes", True)
    assert box.machine.process("kubelet").starts == 2


# -- checkpoints


def test_a_copy_goes_on_by_itself():
    box = Box()
    box.run("busybox", "sh", "-c", "i=0; while true; do echo $i; i=$((i+1)); sleep 1; done", ticks=5)
    other = copy.deepcopy(box)
    box.until(box.now + 5)
    other.until(other.now + 5)
    logs = [text(next(iter(one.runtime.containers.values()))) for one in (box, other)]
    assert logs[0] == logs[1] == "".join(f"{i}\n" for i in range(11))


def test_a_copy_shares_the_images_and_nothing_that_changes():
    box = Box()
    container = box.run("nginx", mounts=(Mount("/data", box.machine.volume("v")),))
    other = copy.deepcopy(box)
    twin = other.runtime.container(container.id)
    assert twin.spec is container.spec
    other.machine.volume("v").write("x", "1")
    assert (twin.files().is_file("/data/x"), container.files().is_file("/data/x")) == (True, False)
