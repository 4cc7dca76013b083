"""Load generators: containers that send requests of their own accord, over the cluster's real ways."""

from typing import Any

import pytest

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.cluster.addresses import POD
from kubesim_tui.cluster.diagnoses import Diagnoses
from kubesim_tui.cluster.picture.request import follow, sorts
from kubesim_tui.cluster.view import Ref
from kubesim_tui.controllers.generic import plain
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.world.container import Container
from kubesim_tui.world.execute import ExecResult
from tests.boards import APP, Board, image
from tests.traffic.test_policies import policy


def shop(tag: str = "", replicas: int = 2) -> Board:
    """web: two replicas of 16 servers, 5 ms a request."""
    board = Board()
    board.app("web", replicas, f"test/app{tag}", probe=False)
    board.settle(20)
    return board


@pytest.fixture(scope="module")
def calm() -> Board:
    """One for all who leave it as they found it."""
    return shop()


def run(board: Board, image: str, command: str, name: str = "load", **limits: str) -> None:
    """A Pod that runs a tool once."""
    container: dict[str, Any] = {"name": "main", "image": image, "args": command.split()}
    if limits:
        container["resources"] = {"limits": limits}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}
    metadata = {"name": name, "labels": {"app": name}}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def live(board: Board) -> Generator:
    return next(iter(board.cluster.traffic.generators.live.values()))


def begun(board: Board, ticks: int = 20) -> Generator:
    """The generator, as soon as it has begun."""
    for _ in range(ticks):
        board.tick()
        if board.cluster.traffic.generators.live:
            break
    return live(board)


def ended(board: Board, name: str = "load", ticks: int = 60) -> str:
    """The log of a Pod that has run to its end, which is taken away."""
    for _ in range(ticks):
        board.tick()
        if phase(board, name) in ("Succeeded", "Failed"):
            break
    text = log(board, name)
    board.client.delete(Pod, "default", name)
    board.tick(3)
    return text


def phase(board: Board, name: str = "load") -> str:
    return next(pod.status.phase for pod in board.list(Pod) if pod.metadata.name == name)


def log(board: Board, name: str) -> str:
    return "\n".join(line.text for line in container_of(board, name).lines())


def container_of(board: Board, name: str) -> Container:
    """That of the first Pod whose name begins so."""
    there = (c for machine in board.cluster.world.machines.values() for c in machine.runtime.containers.values())
    return next(one for one in there if one.sandbox.labels.get(POD, "").startswith(name))


def executed(board: Board, name: str, *command: str) -> ExecResult:
    """What a command in a Pod has come to after four seconds."""
    container = container_of(board, name)
    runtime = board.cluster.world.machines[container.host.machine].runtime
    execution = runtime.exec_start(container.id, command, board.now)
    board.tick(4)
    return runtime.exec_result(execution)


def exact(one: Generator) -> None:
    """Sent = served + failed + in flight, and nobody has two requests under way."""
    stream = one.stream
    assert stream.sent == stream.served + stream.failed + stream.in_flight
    assert 0 <= stream.in_flight <= one.does.most_users


def test_a_job_of_hey_completes_and_its_summary_tells_what_became_of_all_requests(calm):
    container = {"name": "hey", "image": "rakyll/hey", "args": ["-n", "205", "-c", "50", "http://web/"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "hey"}, "spec": {"template": template}}
    calm.create(job)
    calm.tick(12)
    done = plain(calm.cluster.etcd.get("jobs.batch", ("default", "hey")), "status")["succeeded"]
    assert (done, log(calm, "hey").split("Status code distribution:\n")[1]) == (1, "  [200]\t200 responses")


@pytest.mark.parametrize("users", [1, 8, 20])
def test_where_there_is_room_users_ask_as_often_as_they_are_answered(calm, users):
    run(calm, "rakyll/hey", f"-z 20s -c {users} http://web/")
    one = begun(calm)
    calm.tick(10)
    assert one.stream.served / 11 == pytest.approx(users / 0.00536, rel=0.02)
    exact(one)
    ended(calm)


@pytest.mark.parametrize("users", [40, 100, 150])
def test_in_an_overload_a_closed_loop_gets_what_its_target_can_do_and_waits_for_it(calm, users):
    """X = c ÷ S, and R = N ÷ X (Little)."""
    run(calm, "williamyeh/wrk", f"-t2 -c{users} -d20s http://web/")
    one = begun(calm)
    for _ in range(18):
        calm.tick()
        exact(one)
    rate, figures = one.stream.served / 19, one.figures()
    assert (rate, figures.mean_us / 1e6) == (pytest.approx(6400, rel=0.02), pytest.approx(users / rate, rel=0.05))
    assert one.stream.failed == 0
    ended(calm)


def test_a_rate_of_each_user_is_kept(calm):
    run(calm, "rakyll/hey", "-z 10s -c 5 -q 10 http://web/")
    assert "[200]\t500 responses" in ended(calm)


def test_a_rate_of_all_users_is_kept(calm):
    run(calm, "fortio/fortio", "load -qps 25.5 -c 8 -t 10s http://web/")
    assert "Code 200 : 255 (100.0 %)" in ended(calm)


def test_a_generator_with_little_processor_time_sends_less(calm):
    run(calm, "rakyll/hey", "-z 10s -c 50 http://web/", cpu="60m", memory="64Mi")
    one = begun(calm)
    calm.tick(5)
    assert one.stream.last.sent == 1000  # 60 µs each
    ended(calm)


def test_the_target_bears_what_is_asked(calm):
    web = [c for m in calm.cluster.world.machines.values() for c in m.runtime.containers.values()]
    web = [c for c in web if c.sandbox.labels.get(POD, "").startswith("web")]
    before = sum(c.meter.cpu_us for c in web)
    run(calm, "rakyll/hey", "-n 2000 -c 10 http://web/")
    ended(calm)
    assert sum(c.meter.cpu_us for c in web) - before == pytest.approx(2_000_000, rel=0.01)


@pytest.mark.parametrize(
    ("service", "servers", "users", "rate"), [("400ms", 1, 10, 5), ("2500ms", 64, 100, 40), ("950ms", 16, 16, 16.8)]
)
def test_services_that_take_long_keep_the_bounds_as_well(service, servers, users, rate):
    """min(N ÷ R, c ÷ S), and N users are N."""
    text = APP.replace("service: 5ms, scv: 500", f"service: {service}, scv: 0").replace("queue: 64", "queue: 999")
    board = Board(images=[image("long", text=text.replace("concurrency: 16", f"concurrency: {servers}"))])
    board.app("web", 2, "test/long", probe=False)
    board.settle(20)
    run(board, "rakyll/hey", f"-z 1h -c {users} -t 60 http://web/")
    one = begun(board)
    board.tick(20)
    before, waiting = one.stream.served, 0
    for _ in range(60):
        board.tick()
        waiting += one.stream.in_flight
    assert (one.stream.served - before) / 60 == pytest.approx(rate, rel=0.06)
    assert waiting / 60 <= users * 1.02


def test_errors_are_told_as_what_they_are():
    board = shop(":bad")
    run(board, "rakyll/hey", "-n 100 -c 10 http://web/")
    assert "Status code distribution:\n  [500]\t100 responses" in ended(board)


def test_hey_tells_that_it_was_refused_and_wrk_and_ab_do_not_begin():
    board = shop(replicas=0)
    run(board, "rakyll/hey", "-n 100 -c 10 http://web/", "hey")
    run(board, "williamyeh/wrk", "-c10 -d5s http://web/", "wrk")
    run(board, "jordi/ab", "-n 10 http://web/", "ab")
    board.tick(15)
    found = [log(board, "hey").splitlines()[-1], log(board, "wrk"), log(board, "ab")]
    assert found == [
        '  [100]\tGet "http://web/": dial tcp: connect: connection refused',
        "unable to connect to web:80 Connection refused",
        "apr_socket_recv: Connection refused (111)",
    ]
    assert [phase(board, name) for name in ("hey", "wrk", "ab")] == ["Succeeded", "Failed", "Failed"]


def test_a_network_policy_lets_nothing_through_and_all_users_wait_in_vain():
    board = shop()
    policy(board, app="web", ingress=[])
    board.tick(2)
    run(board, "rakyll/hey", "-z 6s -c 7 -t 3 http://web/")
    one = begun(board)
    board.tick(4)
    exact(one)
    assert (one.stream.in_flight, {failure.fail.code for failure in one.stream.failures.values()}) == (7, {"policy"})
    assert one.stream.reasons == {"timed out": 7}


def test_a_generator_that_is_deleted_sends_no_more_and_its_requests_are_accounted_for():
    board = shop(":slow")
    run(board, "rakyll/hey", "-z 60s -c 10 http://web/")
    one = begun(board)
    board.tick(5)
    board.client.delete(Pod, "default", "load")
    board.tick(5)
    stream = one.stream
    assert stream.sent == stream.served + stream.failed
    assert stream.reasons["canceled"] > 0
    assert not board.cluster.traffic.generators.live
    sent = stream.sent
    board.tick(5)
    assert stream.sent == sent


def test_a_generator_whose_machine_has_lost_its_power_is_silent():
    board = shop()
    run(board, "rakyll/hey", "-z 60s -c 10 -q 5 http://web/")
    one = begun(board)
    board.cluster.hand.crash(one.place.machine)
    sent = one.stream.sent
    board.tick(5)
    assert one.stream.sent == sent


def test_all_of_it_is_the_same_every_time():
    def digest() -> str:
        board = shop()
        run(board, "williamyeh/wrk", "-t2 -c100 -d5s http://web/")
        board.tick(15)
        return board.cluster.digest

    assert digest() == digest()


def test_where_nobody_sends_traffic_stands_still(calm):
    calm.tick(3)
    assert not calm.cluster.traffic._running


def script(board: Board, command: str, name: str = "load", image: str = "busybox:1.28") -> None:
    """A Pod that runs a shell's script."""
    container = {"name": "main", "image": image, "command": ["/bin/sh", "-c", command]}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec})


def test_a_script_that_asks_again_and_again_is_a_closed_loop_of_one_user(calm):
    script(calm, "while true; do wget -q -O- http://web > /dev/null; done")
    one = begun(calm)
    calm.tick(10)
    assert one.stream.last.sent == pytest.approx(1 / 0.0073, rel=0.02)  # 2 ms wget, 5.3 ms web
    assert one.stream.sent == one.stream.served + one.stream.in_flight
    calm.client.delete(Pod, "default", "load")
    calm.tick(4)
    assert not calm.cluster.traffic._running


def test_a_script_that_has_done_is_no_traffic_any_more(calm):
    script(calm, "for i in $(seq 50); do wget -q -O- http://web; done; sleep 1000")
    one = begun(calm)
    calm.tick(40)
    assert (one.stream.sent, one.done, calm.cluster.traffic._running) == (50, True, False)
    calm.client.delete(Pod, "default", "load")
    calm.tick(4)


def test_a_request_now_and_then_weighs_nothing(calm):
    script(calm, "while true; do wget -q -O- http://web; sleep 0.5; done")
    calm.tick(10)
    assert not calm.cluster.traffic.generators.live
    calm.client.delete(Pod, "default", "load")
    calm.tick(4)


def test_the_walkthrough_of_the_horizontal_pod_autoscaler_scales_out():
    board = Board()
    room = {"resources": {"requests": {"cpu": "200m"}, "limits": {"cpu": "500m"}}}
    board.app("php-apache", 1, "registry.k8s.io/hpa-example", target=80, probe=False, container=room)
    scale = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "php-apache"}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    spec = {"scaleTargetRef": scale, "minReplicas": 1, "maxReplicas": 10, "metrics": [cpu]}
    hpa = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "php-apache"}}
    board.create({**hpa, "spec": spec})
    board.settle(30)
    script(board, "while sleep 0.01; do wget -q -O- http://php-apache; done")
    board.tick(150)
    replicas = next(d.spec.replicas for d in board.list(Deployment) if d.metadata.name == "php-apache")
    assert 6 <= replicas <= 8  # 14 requests a second of 55 ms, at 50 % of 200m each


def test_the_shops_own_load_generator_keeps_its_frontend_busy():
    front = image("frontend", text=APP.replace("CALLS", "[]"))
    board = Board(images=[front])
    board.app("frontend", 1, "test/frontend", probe=False)
    board.settle()
    container = {
        "name": "main",
        "image": "us-central1-docker.pkg.dev/google-samples/microservices-demo/loadgenerator:v1",
    }
    container["env"] = [
        {"name": n, "value": v} for n, v in (("FRONTEND_ADDR", "frontend:80"), ("USERS", "55"), ("RATE", "20"))
    ]
    metadata = {"name": "load", "labels": {"app": "load"}}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}})
    one = begun(board, 30)
    board.tick(100)
    assert one.stream.served / 100 == pytest.approx(55 / 5.5 * 23 / 19, rel=0.1)
    assert "Aggregated" in log(board, "load")


def test_what_it_sends_is_seen_followed_and_explained():
    board = shop()
    run(board, "rakyll/hey", "-z 60s -c 7 -t 3 http://web/")
    begun(board)
    board.tick(3)
    traffic = board.cluster.traffic
    seen = board.cluster.picture().traffic[0]
    assert (seen.pod, seen.first_hop) == (Ref("Pod", "default", "load"), Ref("Service", "default", "web"))
    served = follow(board.cluster.fabric, traffic, sorts(traffic)[0], 0)
    kinds = [stop.kind for stop in served.stops if stop.kind not in ("link", "rule")]
    assert kinds == ["user", "dns", "service", "pod", "answer"]
    policy(board, app="web", ingress=[])
    diagnoses = Diagnoses()
    failed = []
    for _ in range(8):
        board.tick()
        failed.append(diagnoses.look(board.cluster, board.now - 1))
    chains = [chain for _, chain in diagnoses.weighed("default/load/main")]
    assert [(chain.cause, chain.object) for chain in chains] == [
        ("network-policy", ("NetworkPolicy", "default", "deny"))
    ]
    assert ("Pod", "default", "load") in [link.object for link in chains[0].links]
    assert not any(failed)  # no users are concerned


@pytest.mark.parametrize(
    ("tool", "command", "said"),
    [
        (
            "peterevans/vegeta",
            "echo 'GET http://web/' | vegeta attack -rate=50 -duration=5s | vegeta report | grep Requests",
            "Requests      [total, rate, throughput]         250, 50.00, 50.00",
        ),
        ("httpd:2.4", "ab -n 90 -c 10 http://web/ > /tmp/out; grep Complete /tmp/out", "Complete requests:      90"),
        (
            "grafana/k6",
            "echo 'export default () => { http.get(\"http://web/\"); }' | k6 run -i 30 - | grep 'out of'",
            "    http_req_failed................: 0.00%  0 out of 30",
        ),
    ],
)
def test_a_shell_pipes_what_tools_are_given_and_what_they_say(calm, tool, command, said):
    script(calm, command, image=tool)
    assert ended(calm).splitlines()[-1] == said


def test_a_tool_that_is_executed_says_what_it_has_found_to_who_has_called_it(calm):
    run(calm, "rakyll/hey", "-z 1h -c 1 -q 0.1 http://web/")
    begun(calm)
    found = executed(calm, "load", "hey", "-n", "20", "-c", "2", "http://web/")
    assert (found.exit_code, found.stdout.splitlines()[-1]) == (0, "  [200]\t20 responses")
    calm.client.delete(Pod, "default", "load")
    calm.tick(4)


@pytest.mark.parametrize(
    ("limits", "ends"),
    [
        ("http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<200']", "Succeeded"),
        ("http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<2']", "Failed"),
    ],
)
def test_a_job_of_k6_fails_if_a_threshold_is_crossed(calm, limits, ends):
    text = (
        f"export const options = {{ thresholds: {{ {limits} }} }}; export default () => {{ http.get('http://web/') }}"
    )
    script(calm, f'echo "{text}" > /tmp/x.js; exec k6 run -i 50 -u 5 /tmp/x.js', image="grafana/k6")
    calm.tick(8)
    said = "thresholds on metrics 'http_req_duration' have been crossed" in log(calm, "load")
    assert (phase(calm), said) == (ends, ends == "Failed")
    calm.client.delete(Pod, "default", "load")
    calm.tick(3)


def test_a_tool_with_subcommands_is_executed_in_an_image_without_a_shell(calm):
    run(calm, "fortio/fortio", "server")
    calm.tick(5)
    command = ("/usr/bin/fortio", "load", "-c", "2", "-qps", "0", "-n", "20", "http://web/")
    assert "Code 200 : 20 (100.0 %)" in executed(calm, "load", *command).stdout
    calm.client.delete(Pod, "default", "load")
    calm.tick(3)


def test_a_script_notices_at_once_that_its_way_has_changed(calm):
    script(calm, "while true; do wget -q -O /dev/null http://web || echo lost; sleep 0.05; done")
    begun(calm)
    calm.tick(3)
    assert "lost" not in log(calm, "load")
    calm.client.patch(Deployment, "default", "web", {"spec": {"replicas": 0}})
    calm.tick(6)
    assert log(calm, "load").splitlines()[-1] == "lost"
    calm.client.patch(Deployment, "default", "web", {"spec": {"replicas": 2}})
    calm.client.delete(Pod, "default", "load")
    calm.tick(10)


def test_a_tool_that_a_script_runs_again_and_again_is_one_program_at_a_time(calm):
    script(calm, "while true; do hey -n 20 -c 2 http://web/ | grep responses; done", image="rakyll/hey")
    calm.tick(20)
    container = container_of(calm, "load")
    runs = log(calm, "load").count("  [200]\t20 responses")
    assert (len(container.programs), runs > 5) == (1, True)
    assert container.memory_bytes(calm.now) < 12 << 20
    calm.client.delete(Pod, "default", "load")
    calm.tick(3)


def test_many_users_who_think_wait_for_one_another_by_chance_as_users_outside_do():
    """60 requests a second of 10 ms for one server: M/M/1."""
    text = APP.replace("service: 5ms, scv: 500", "service: 10ms, scv: 1000").replace(
        "concurrency: 16", "concurrency: 1"
    )
    board = Board(images=[image("single", text=text.replace("queue: 64", "queue: 999"))])
    board.app("web", 1, "test/single", probe=False)
    board.settle(20)
    task = "@task\n def t(self): self.client.get('/')"
    file = f"from locust import *\nclass U(HttpUser):\n wait_time = constant(10)\n {task}"
    command = f'echo "{file}" > /tmp/f.py; locust -f /tmp/f.py --headless -u 600 -r 600 -H http://web'
    script(board, command, image="locustio/locust")
    one = begun(board)
    board.tick(200)
    assert one.figures().mean_us == pytest.approx(10_000 / (1 - 0.6) + 300, rel=0.15)
