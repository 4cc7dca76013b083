"""The steps of the documentation's pages about tasks (rollouts, Jobs, StatefulSets, budgets, lost nodes, policies).

On its own manifests, with the commands of its pages, and the results that they show.
"""

import pytest

from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.cli.sim import NoFiles
from kubesim_tui.cluster.sim import ADMIN
from kubesim_tui.kubectl import run as kubectl
from tests.manifests import corpus
from tools import applications

pytestmark = corpus.needed


class Task:
    """A cluster on which a page's manifests were applied, and whoever types its commands."""

    def __init__(self, *files: str, ticks: int = 100, nodes: int = 3) -> None:
        self.sim = applications.run([corpus.FOLDER / "k8s-website" / file for file in files], nodes=nodes, ticks=ticks)
        self.cluster = self.sim.cluster
        self.client = self.cluster.client(ADMIN)

    def type(self, line: str) -> list[str]:
        """What a command prints, errors included."""
        reply = kubectl(line.removeprefix("kubectl "), self.client, NoFiles(), self.cluster.etcd.clock.now)
        said, job = [*reply.out, *reply.err], reply.job
        while job is not None:
            self.tick(1)
            poll = job.poll(self.client, self.cluster.etcd.clock.now)
            said += [*poll.out, *poll.err]
            job = None if poll.done else job
        return said

    def tick(self, ticks: int) -> None:
        for _ in range(ticks):
            self.cluster.step()

    def column(self, line: str, *names: str) -> list[tuple[str, ...]]:
        """Some columns of a table."""
        head, *rows = [row.split() for row in self.type(line)]
        return [tuple(row[head.index(name)] for name in names) for row in rows]

    def pods(self, selector: str = "") -> list[Pod]:
        return self.client.list(Pod, "default", selector)


# Deployments


@pytest.fixture
def nginx():
    return Task("controllers/nginx-deployment.yaml")


def test_a_rolling_update_keeps_three_of_four_and_makes_at_most_one_more(nginx):
    nginx.type("kubectl set image deployment/nginx-deployment nginx=nginx:1.16.1")
    seen = []
    for _ in range(60):
        nginx.tick(1)
        status = nginx.client.get(Deployment, "default", "nginx-deployment").status
        seen.append((status.replicas, status.available_replicas))
    assert (max(total for total, _ in seen), min(available for _, available in seen)) == (4, 3)
    assert nginx.column("kubectl get rs --sort-by=.metadata.creationTimestamp", "DESIRED", "READY") == [
        ("0", "0"),
        ("3", "3"),
    ]


def test_a_stuck_rollout_leaves_the_old_pods_and_is_rolled_back(nginx):
    nginx.type("kubectl set image deployment/nginx-deployment nginx=nginx:1.161")
    nginx.tick(60)
    ready = nginx.client.get(Deployment, "default", "nginx-deployment").status.ready_replicas
    assert ready == 3
    assert nginx.type("kubectl rollout undo deployment/nginx-deployment") == [
        "deployment.apps/nginx-deployment rolled back"
    ]
    nginx.tick(40)
    history = nginx.type("kubectl rollout history deployment/nginx-deployment")
    assert [line.split()[0] for line in history[2:] if line.strip()] == ["2", "3"]
    assert {c.image for p in nginx.pods("app=nginx") for c in p.spec.containers} == {"nginx:1.14.2"}


def test_a_paused_rollout_waits_and_several_changes_are_one_revision(nginx):
    nginx.type("kubectl rollout pause deployment/nginx-deployment")
    nginx.type("kubectl set image deployment/nginx-deployment nginx=nginx:1.16.1")
    nginx.type("kubectl set resources deployment/nginx-deployment -c=nginx --limits=cpu=200m,memory=512Mi")
    nginx.tick(20)
    waiting = len(nginx.type("kubectl get rs --no-headers"))
    nginx.type("kubectl rollout resume deployment/nginx-deployment")
    nginx.tick(60)
    assert (waiting, len(nginx.type("kubectl get rs --no-headers"))) == (1, 2)


# Jobs


def test_pi_is_computed_once():
    task = Task("controllers/job.yaml", ticks=120)
    assert task.column("kubectl get job pi", "STATUS", "COMPLETIONS") == [("Complete", "1/1")]
    assert task.type("kubectl logs job/pi")[0].startswith("3.14159265358979")


def test_each_pod_of_an_indexed_job_has_its_own_item():
    task = Task("application/job/indexed-job.yaml", ticks=150)
    assert task.column("kubectl get job indexed-job", "COMPLETIONS") == [("5/5",)]
    said = {p.metadata.labels["batch.kubernetes.io/job-completion-index"]: p.metadata.name for p in task.pods()}
    assert {i: task.type(f"kubectl logs {name} -c worker") for i, name in sorted(said.items())} == {
        "0": ["oof"],
        "1": ["rab"],
        "2": ["zab"],
        "3": ["xuq"],
        "4": ["zyx"],
    }


def test_a_bug_that_is_known_by_its_exit_code_ends_the_job_at_once():
    task = Task("controllers/job-pod-failure-policy-example.yaml", ticks=120)
    job = "kubectl get job job-pod-failure-policy-example"
    path = "{.status.conditions[?(@.type=='Failed')].reason}"
    assert task.type(f'{job} -o jsonpath="{path}"') == ["PodFailurePolicy"]
    assert task.type(f"{job} -o jsonpath={{.status.failed}}") == ["3"]


def test_every_index_has_its_own_limit():
    task = Task("controllers/job-backoff-limit-per-index-example.yaml", ticks=400)
    job = "kubectl get job job-backoff-limit-per-index-example -o jsonpath="
    assert task.type(f"{job}{{.status.completedIndexes}}") == ["1,3,5,7,9"]
    assert task.type(f"{job}{{.status.failedIndexes}}") == ["0,2,4,6,8"]
    assert task.type(f"{job}{{.status.succeeded}}:{{.status.failed}}") == ["5:10"]


def test_hello_is_said_once_a_minute():
    task = Task("application/job/cronjob.yaml", ticks=200)
    assert [status for (status,) in task.column("kubectl get jobs", "STATUS")] == ["Complete"] * 3
    assert (
        task.type("kubectl logs -l batch.kubernetes.io/controller-uid --tail=1").count(
            "Hello from the Kubernetes cluster"
        )
        == 3
    )


# StatefulSets


def test_a_stateful_set_is_made_in_order_and_scaled_down_in_reverse():
    task = Task("application/web/web.yaml", ticks=10, nodes=2)
    born: list[str] = []
    for _ in range(60):
        task.tick(1)
        born += [p.metadata.name for p in task.pods("app=nginx") if p.metadata.name not in born]
    task.type("kubectl scale sts web --replicas=5")
    task.tick(100)
    grown = [name for (name,) in task.column("kubectl get pods -l app=nginx", "NAME")]
    task.type("kubectl scale sts web --replicas=3")
    gone: list[str] = []
    for _ in range(60):
        task.tick(1)
        left = {p.metadata.name for p in task.pods("app=nginx")}
        gone += [name for name in grown if name not in left and name not in gone]
    claims = [name for (name,) in task.column("kubectl get pvc -l app=nginx", "NAME")]
    assert (born, grown, gone) == (["web-0", "web-1"], [f"web-{i}" for i in range(5)], ["web-4", "web-3"])
    assert claims == [f"www-web-{i}" for i in range(5)]


def test_what_is_written_on_a_claim_is_still_there_after_the_pod_was_replaced():
    task = Task("application/web/web.yaml", ticks=100)
    for i in range(2):
        task.type(f"kubectl exec web-{i} -- sh -c 'echo $(hostname) > /usr/share/nginx/html/index.html'")
    task.type("kubectl delete pod -l app=nginx")
    task.tick(80)
    assert [task.type(f"kubectl exec web-{i} -- cat /usr/share/nginx/html/index.html") for i in range(2)] == [
        ["web-0"],
        ["web-1"],
    ]


def test_a_staged_update_changes_only_the_pods_from_the_partition_on():
    task = Task("application/web/web.yaml", ticks=100)
    task.type("kubectl scale sts web --replicas=3")
    task.tick(60)
    patch = '{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":2}}}}'
    task.type(f"kubectl patch statefulset web -p '{patch}'")
    task.type("kubectl set image statefulset/web nginx=registry.k8s.io/nginx-slim:0.21")
    task.tick(60)
    images = {p.metadata.name: p.spec.containers[0].image.rpartition(":")[2] for p in task.pods("app=nginx")}
    assert images == {"web-0": "0.8", "web-1": "0.8", "web-2": "0.21"}


# nodes


def test_after_the_loss_of_a_node_its_pods_are_replaced_in_the_documented_times():
    task = Task("controllers/nginx-deployment.yaml")
    lost = task.pods("app=nginx")[0].spec.node_name
    task.cluster.hand.crash(lost)
    seen: dict[str, int] = {}
    for second in range(420):
        task.tick(1)
        node = task.client.get(Node, "", lost)
        ready = next(c.status for c in node.status.conditions if c.type == "Ready")
        elsewhere = sum(p.spec.node_name not in ("", lost) for p in task.pods("app=nginx"))
        if ready == "Unknown":
            seen.setdefault("unknown", second)
        if any(p.metadata.deletion_timestamp for p in task.pods("app=nginx")):
            seen.setdefault("evicted", second)
        if elsewhere == 3:
            seen.setdefault("replaced", second)
    assert 45 <= seen["unknown"] <= 60  # --node-monitor-grace-period=50s, looked at every 5 s
    assert 299 <= seen["evicted"] - seen["unknown"] <= 306  # tolerationSeconds: 300
    assert seen["replaced"] - seen["evicted"] <= 15


def test_access_to_nginx_is_limited_to_pods_with_a_label():
    task = Task("service/networking/nginx-policy.yaml", ticks=5)
    task.type("kubectl create deployment nginx --image=nginx")
    task.type("kubectl expose deployment nginx --port=80")
    task.type("kubectl run busybox --image=busybox:1.28 --command -- sleep 3600")
    task.type("kubectl run friend --labels=access=true --image=busybox:1.28 --command -- sleep 3600")
    task.tick(60)
    asked = "wget --spider --timeout=1 nginx"
    assert task.type(f"kubectl exec busybox -- {asked}")[-2:-1] == ["wget: download timed out"]
    assert "remote file exists" in task.type(f"kubectl exec friend -- {asked}")
