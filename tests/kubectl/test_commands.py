"""Commands whose answers no recording holds: what they leave in the cluster, and how they go together."""

import json
import subprocess
import sys

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.authorization import Rbac
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import User
from kubesim_tui.kubectl import Config, run
from kubesim_tui.kubectl.complete import complete
from tests.harness import Harness
from tests.kubectl.board import Terminal, kubectl, load

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: shop, image: "shop:1", env: [{name: A, value: "1"}, {name: B, value: "2"}]}
"""


@pytest.fixture
def board():
    return load("board.yaml")


# -- apply -----------------------------------------------------------------------------------------------------------


def applied(board, text, flags=""):
    reply = kubectl(board, f"apply -f web.yaml {flags}", Terminal({"web.yaml": text}))
    assert reply.err == ()
    return reply.out


def container(board):
    return board.get(types.Deployment, "shop").spec.template.spec.containers[0]


def test_applying_twice_changes_nothing_the_second_time(board):
    assert applied(board, WEB) == ("deployment.apps/shop created",)
    before = board.get(types.Deployment, "shop")
    assert applied(board, WEB) == ("deployment.apps/shop unchanged",)
    assert before == board.get(types.Deployment, "shop")


def test_apply_takes_away_what_the_manifest_no_longer_has_and_leaves_what_others_added(board):
    applied(board, WEB)
    kubectl(board, "set env deploy/shop C=3")
    kubectl(board, "label deploy shop team=x")
    assert applied(board, WEB.replace(', {name: B, value: "2"}', "")) == ("deployment.apps/shop configured",)
    assert [(e.name, e.value) for e in container(board).env] == [("A", "1"), ("C", "3")]
    assert dict(board.get(types.Deployment, "shop").metadata.labels) == {"team": "x"}


def test_a_bad_document_does_not_lose_the_others(board):
    text = f"{WEB}---\napiVersion: v1\nkind: Nonsense\nmetadata: {{name: x}}\n---\napiVersion: v1\nkind: ConfigMap\n"
    reply = kubectl(board, "apply -f -", Terminal({"-": text + "metadata: {name: last}\n"}))
    assert reply.out == ("deployment.apps/shop created", "configmap/last created")
    assert reply.code == 1
    assert 'no matches for kind "Nonsense" in version "v1"' in "\n".join(reply.err)


def test_an_unknown_field_is_refused_with_its_path(board):
    reply = kubectl(board, "apply -f w", Terminal({"w": WEB.replace("replicas", "replica")}))
    assert reply.err == (
        'Error from server (BadRequest): error when creating "w": Deployment in version "v1" cannot be handled as a '
        'Deployment: strict decoding error: unknown field "spec.replica"',
    )


def test_server_side_apply_conflicts_and_can_be_forced(board):
    applied(board, WEB, "--server-side")
    kubectl(board, "scale deploy shop --replicas=5")
    reply = kubectl(board, "apply --server-side -f w", Terminal({"w": WEB}))
    conflict = 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas'
    assert reply.err[0] == f"error: Apply failed with 1 conflict: {conflict}"
    assert applied(board, WEB, "--server-side --force-conflicts") == ("deployment.apps/shop serverside-applied",)
    assert board.get(types.Deployment, "shop").spec.replicas == 2


# -- edit ------------------------------------------------------------------------------------------------------------


def test_edit_sends_what_has_changed(board):
    terminal = Terminal(edits=(("image: nginx", "image: nginx:2"),))
    assert kubectl(board, "edit deploy web", terminal).out == ("deployment.apps/web edited",)
    assert board.get(types.Deployment, "web").spec.template.spec.containers[0].image == "nginx:2"
    assert terminal.opened[0].startswith(
        "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    )


def test_edit_opens_again_with_what_was_wrong(board):
    terminal = Terminal(edits=(("replicas: 2", "replicas: -2"), ("replicas: -2", "replicas: 3")))
    reply = kubectl(board, "edit deploy web", terminal)
    assert reply.out == ("deployment.apps/web edited",)
    assert reply.err == ('error: deployments.apps "web" is invalid',)
    assert '# deployments.apps "web" was not valid:\n# * spec.replicas: Invalid value: -2:' in terminal.opened[1]


def test_edit_without_a_change_does_nothing(board):
    assert kubectl(board, "edit deploy web").err == ("Edit cancelled, no changes made.",)


class Later(Exception):
    """A terminal's editor takes time."""


def test_an_editor_that_takes_time_may_interrupt_the_command(board):
    terminal = Terminal()
    terminal.edit = lambda text: (_ for _ in ()).throw(Later(text))
    with pytest.raises(Later):
        kubectl(board, "edit deploy web", terminal)


# -- history ---------------------------------------------------------------------------------------------------------


def test_record_keeps_the_line_for_the_history(board):
    reply = kubectl(board, "set image deploy/web web=nginx:3 --record")
    assert reply.err == ("Flag --record has been deprecated, --record will be removed in the future",)
    cause = board.get(types.Deployment, "web").metadata.annotations["kubernetes.io/change-cause"]
    assert cause == "kubectl set image deploy/web web=nginx:3 --record=true"


def test_the_namespace_of_the_context_can_be_changed(board):
    reply = kubectl(board, "config set-context --current --namespace=shop")
    assert Config(namespace="shop") == reply.config
    assert tuple(r.split()[0] for r in kubectl(board, "get pods", config=reply.config).out[1:]) == ("db-0",)


# -- who may ---------------------------------------------------------------------------------------------------------


class Somebody:
    """A user of a cluster with RBAC."""

    def __init__(self, *rules):
        self.harness = Harness()
        self.harness.server.authorizer = Rbac(self.harness.etcd)
        group = "rbac.authorization.k8s.io"
        role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": list(rules)}
        self.harness.create(role)
        ref = {"apiGroup": group, "kind": "Role", "name": "r"}
        subjects = [{"kind": "User", "name": "jane", "apiGroup": group}]
        binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": {"name": "b"}, "roleRef": ref}
        self.harness.create({**binding, "subjects": subjects})
        self.client = Client(self.harness.server, User("jane", ()), self.harness.admin.road)

    def type(self, line):
        return run(line, self.client, Terminal(), 0)


@pytest.fixture
def jane():
    return Somebody({"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list"]})


def test_who_may_not_is_told_so_in_the_servers_words(jane):
    assert jane.type("get secrets").err == (
        'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group '
        '"" in the namespace "default"',
    )


def test_can_i_asks_the_authorizer(jane):
    assert [
        (reply.out[0], reply.code) for reply in (jane.type("auth can-i list pods"), jane.type("auth can-i delete pods"))
    ] == [("yes", 0), ("no", 1)]


def test_can_i_lists_the_rules(jane):
    rows = [line.split("  ")[0] for line in jane.type("auth can-i --list --no-headers").out]
    assert {"pods", "deployments", "deployments.apps", "pods.apps"} <= set(rows)


def test_names_that_one_may_not_list_are_not_completed(jane):
    jane.harness.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hidden"}})
    assert complete("get secrets h", 13, jane.client) == ()


# -- completion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, first",
    [
        ("", "get"),
        ("kubectl ro", "rollout"),
        ("k get ", "pods"),
        ("get pods web-", "web-0"),
        ("get deploy/w", "deploy/web"),
        ("rollout undo ", "deployment/multi"),
        ("rollout undo deploy/w", "deploy/web"),
        ("set image deploy/web ", "web="),
        ("logs rich -c s", "side"),
        ("get pods -n s", "shop"),
        ("get pods -l app=w", "app=web"),
        ("get pods --out", "--output"),
        ("get pods --output=y", "--output=yaml"),
        ("scale deploy web --", "--replicas"),
        ("cordon n", "n1"),
        ("explain pod.spec.containers.im", "pod.spec.containers.image"),
        ("create ", "deployment"),
        ("delete pod web-0 web-", "web-1"),
    ],
)
def test_the_best_word_comes_first(board, line, first):
    assert first == complete(line, len(line), board.admin)[0]


@pytest.mark.parametrize("line", ["exec web-1 -- l", "get nonsense ", "nonsense ", "get pods | gr"])
def test_where_nothing_is_known_nothing_is_offered(board, line):
    assert complete(line, len(line), board.admin) == ()


# -- many -----------------------------------------------------------------------------------------------------------


def many(count):
    harness = Harness()
    for i in range(count):
        harness.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"web-{i:04}", "labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            }
        )
    return harness


def test_a_thousand_pods_are_a_line_each_and_their_header():
    harness = many(1000)
    assert len(kubectl(harness, "get pods").out) == 1001


def test_a_command_is_loaded_when_it_is_used():
    code = "import sys, json, kubesim_tui.kubectl; print(json.dumps([m for m in sys.modules if 'kubectl' in m]))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert [m for m in loaded if m.rsplit(".", 1)[1] in ("get", "describe", "apply", "template", "edit", "logs")] == []


def test_an_object_shown_as_yaml_comes_back_the_same(board):
    text = "\n".join(kubectl(board, "get deploy web -o yaml").out)
    before = encode_object(board.get(types.Deployment, "web"))
    assert kubectl(board, "replace -f -", Terminal({"-": text})).out == ("deployment.apps/web replaced",)
    assert before == encode_object(board.get(types.Deployment, "web"))


def test_cluster_info_dump_tells_everything_and_the_logs_of_each_container():
    reply = kubectl(load("board.yaml"), "cluster-info dump --namespaces=default")
    kinds = [line.split('"')[3] for line in reply.out if line.startswith('    "kind"')]
    assert kinds == [
        "NodeList",
        *("EventList", "ReplicationControllerList", "ServiceList", "DaemonSetList", "DeploymentList"),
        *("ReplicaSetList", "PodList"),
    ]
    at = reply.out.index("==== START logs for container web of pod default/web-1 ====")
    assert reply.out[at + 1 : at + 5] == (
        "l1",
        "l2",
        "l3",
        "==== END logs for container web of pod default/web-1 ====",
    )


def test_cluster_info_dump_writes_files():
    class Disk(Terminal):
        def write(self, path, text):
            self.files[path] = text

    disk = Disk()
    line = "cluster-info dump --namespaces=default -o yaml --output-directory=dump"
    assert kubectl(load("board.yaml"), line, disk).out == ("Cluster info dumped to dump",)
    assert {"dump/nodes.yaml", "dump/default/replication-controllers.yaml", "dump/default/web-1/logs.txt"} <= set(
        disk.files
    )


# -- set env ---------------------------------------------------------------------------------------------------------

KEYS = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\ndata: {raw: '/w=='}\n"
READER = """
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  containers:
  - name: c
    image: x
    env:
    - {name: A, valueFrom: {secretKeyRef: {name: keys, key: raw}}}
    - {name: B, valueFrom: {secretKeyRef: {key: raw}}}
"""


def test_values_that_are_no_text_or_cannot_be_found_do_not_hide_the_others(board):
    terminal = Terminal({"keys.yaml": KEYS, "reader.yaml": READER})
    kubectl(board, "create -f keys.yaml", terminal)
    reply = kubectl(board, "set env -f reader.yaml --local --list --resolve", terminal)
    assert reply.out[:2] == ("# Pod reader, container c", "A=\ufffd")
    assert reply.err == ('error retrieving reference for B: secrets "" not found',)


@pytest.mark.parametrize(
    ("line", "manifest", "said"),
    [
        (
            "set env --local A=b",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, env: 5}]}\n",
            "number into Go struct field Container.spec.containers.env of type []v1.EnvVar",
        ),
        (
            "set image --local c=d",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: 5\n",
            "number into Go struct field Pod.spec of type v1.PodSpec",
        ),
        (
            "auth reconcile",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [5]\n",
            "number into Go struct field Role.rules of type v1.PolicyRule",
        ),
    ],
)
def test_a_manifest_of_wrong_types_is_not_looked_into(board, line, manifest, said):
    reply = kubectl(board, f"{line} -f x.yaml", Terminal({"x.yaml": manifest}))
    assert reply.err == (f'error: unable to decode "x.yaml": json: cannot unmarshal {said}',)
