"""kubeadm and ssh at the prompt: certificates, tokens, processes of machines."""

from __future__ import annotations

import json
import re

import pytest

from kubesim_tui.apiserver.audit import PATH
from kubesim_tui.cluster.kubeadm.certs import CERTIFICATES, DONE
from kubesim_tui.faults.catalogue import aim, parse, strike
from kubesim_tui.game.replay import replay
from tests.game.test_own_machine import Desk

HOUR = 3600


@pytest.fixture
def desk(level):
    return Desk(level)


def do(desk, text):
    cluster, draws = desk.session.game.cluster, desk.session.game.cluster.chance.stream("test/faults")
    return strike(cluster.hand, aim(cluster.hand, parse(f"{text}@{desk.session.game.tick}"), draws), draws)


def residual(desk, machine="control-plane"):
    """What check-expiration says is left of each certificate."""
    lines = desk.type(f"ssh {machine} kubeadm certs check-expiration")
    first = next(i for i, line in enumerate(lines) if line.startswith("CERTIFICATE "))
    rows = [re.split(r" {2,}", line.strip()) for line in lines[first + 1 : first + 1 + len(CERTIFICATES)]]
    return {row[0]: row[2] for row in rows if len(row) > 2}


def test_every_certificate_has_a_date(desk):
    lines = desk.type("kubeadm certs check-expiration")
    assert lines[:2] == [
        '[check-expiration] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
        "[check-expiration] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.",
    ]
    assert lines[3].split("  ")[0] == "CERTIFICATE"
    assert residual(desk) == dict.fromkeys(CERTIFICATES, "364d")


def test_certificates_expire_at_midnight_and_renewing_them_lets_kubectl_in_again(desk):
    """They can be seen coming; Pods serve on while nobody believes the API server."""
    do(desk, f"apiserver-cert-expired:,seconds={HOUR}")
    assert residual(desk)["apiserver"] == "59m"
    desk.wait(HOUR - 60)
    before = desk.type("kubectl get nodes -o name")
    desk.wait(61)
    after = desk.type("kubectl get nodes -o name")
    assert (before[0], after[0].split(": current time")[0]) == (
        "node/control-plane",
        "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not "
        "yet valid",
    )
    assert desk.type("kubeadm certs check-expiration")[0] == (
        "[check-expiration] Error reading configuration from the Cluster. Falling back to default configuration"
    )
    assert residual(desk)["apiserver"] == "<invalid>"
    told = desk.type("kubeadm certs renew all")
    assert (told[-1], "certificate for serving the Kubernetes API renewed" in told) == (DONE, True)
    assert (desk.type("kubectl get nodes -o name")[0], residual(desk)["apiserver"]) == ("node/control-plane", "364d")


def test_one_that_is_renewed_in_time_does_not_end(desk):
    do(desk, f"apiserver-cert-expired:,seconds={HOUR}")
    assert desk.type("kubeadm certs renew apiserver")[-1] == "certificate for serving the Kubernetes API renewed"
    assert (residual(desk)["apiserver"], residual(desk)["etcd-server"]) == ("364d", "59m")
    desk.wait(HOUR + 10)
    assert desk.type("kubectl get nodes -o name")[0] == "node/control-plane"


def test_a_worker_has_none_of_them(desk):
    name = next(n for n in desk.session.game.cluster.world.machines if n != "control-plane")
    assert [line.rstrip() for line in desk.type(f"ssh {name} kubeadm certs check-expiration") if "MISSING" in line][
        :2
    ] == [
        "!MISSING! admin.conf",
        "!MISSING! apiserver",
    ]


def test_a_token_is_a_secret_that_ends(desk):
    told = desk.type("kubeadm token create --print-join-command")[0]
    token = re.fullmatch(
        r"kubeadm join 172\.18\.0\.2:6443 --token (\S+) --discovery-token-ca-cert-hash sha256:[0-9a-f]{64} ", told
    )[1]
    lines = desk.type("kubeadm token list")
    assert lines[0].split() == ["TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA", "GROUPS"]
    assert lines[1].split() == [
        token, "23h", lines[1].split()[2], "authentication,signing", "<none>",
        "system:bootstrappers:kubeadm:default-node-token",
    ]  # fmt: skip
    assert desk.type(f"kubectl get secret -n kube-system bootstrap-token-{token[:6]} -o name") == [
        f"secret/bootstrap-token-{token[:6]}"
    ]
    assert desk.type(f"kubeadm token delete {token[:6]}") == [f'bootstrap token "{token[:6]}" deleted']
    assert desk.type("kubeadm token list") == []


def test_a_token_has_a_form(desk):
    assert desk.type("kubeadm token create nonsense") == [
        'the bootstrap token "nonsense" was not of the form "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z"',
        "To see the stack trace of this error execute with --v=5 or higher",
    ]


def test_without_an_api_server_there_are_no_tokens(desk):
    do(desk, "apiserver-down")
    assert desk.type("kubeadm token list")[0] == (
        'failed to list bootstrap tokens: Get "https://172.18.0.2:6443/api/v1/namespaces/kube-system/secrets'
        '?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken": dial tcp 172.18.0.2:6443: connect: connection refused'
    )


def test_kubectl_shows_priority_and_fairness(desk):
    schemas = desk.type("kubectl get flowschemas")
    assert schemas[0].split() == [
        "NAME",
        "PRIORITYLEVEL",
        "MATCHINGPRECEDENCE",
        "DISTINGUISHERMETHOD",
        "AGE",
        "MISSINGPL",
    ]
    assert [line.split()[0] for line in schemas[1:]] == [
        "catch-all", "exempt", "global-default", "kube-controller-manager", "kube-scheduler",
        "kube-system-service-accounts", "probes", "service-accounts", "system-leader-election", "system-node-high",
        "system-nodes",
    ]  # fmt: skip
    assert {line.split()[-1] for line in schemas[1:]} == {"False"}
    dump = desk.type("kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels")
    assert [line.split(",")[0] for line in dump if line][:3] == ["PriorityLevelName", "catch-all", "exempt"]


def test_a_stopped_kubelet_is_started_by_systemctl(desk):
    do(desk, "kubelet-stop:node-a")
    assert desk.type("ssh node-a systemctl is-active kubelet") == ["inactive"]
    assert desk.type("ssh node-a sudo systemctl start kubelet") == []
    assert desk.type("ssh node-a systemctl is-active kubelet.service") == ["active"]


def test_the_time_of_a_machine_is_its_own(desk):
    do(desk, "clock-skew:node-a,seconds=-3600")
    here, there = desk.type("ssh control-plane date")[0].split(), desk.type("ssh node-a date")[0].split()
    hours = [int(line[3].split(":")[0]) for line in (here, there)]
    assert (hours[0] - hours[1]) % 24 == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ssh nowhere date", "ssh: Could not resolve hostname nowhere: Name or service not known"),
        ("ssh node-a frob", "bash: line 1: frob: command not found"),
        ("ssh node-a systemctl start frob", "Unit frob.service could not be found."),
        ("kubeadm certs renew frob", 'unknown command "frob" for "kubeadm certs renew"'),
        ("kubeadm frob", 'unknown command "frob" for "kubeadm"'),
    ],
)
def test_what_is_not_there_is_said(desk, line, said):
    assert desk.type(line)[0] == said


def test_a_machine_without_power_is_not_reached(desk):
    do(desk, "node-crash:node-a")
    assert desk.type("ssh node-a date") == ["ssh: connect to host node-a port 22: Connection timed out"]


def test_what_was_done_on_machines_is_in_the_recording(desk, level):
    desk.type("kubeadm token create")
    desk.type("ssh node-a systemctl stop kubelet")
    desk.wait(60)
    recording = desk.session.recording()
    again = replay(level, recording.seed, recording.inputs, recording.ticks)
    assert again.digest == recording.digest


# upgrades


def test_an_upgrade_asks_before_it_begins_and_its_lines_come_as_it_goes_on(desk, level):
    desk.type("ssh control-plane apt-get install -y kubeadm=1.37.2-*")
    assert desk.type("kubeadm upgrade apply v1.37.2")[2] == "[upgrade/preflight] Running preflight checks"
    desk.wait(20)
    assert desk.session.talk().prompt == "[upgrade] Are you sure you want to proceed? [y/N]: "
    desk.session.type("y")
    lines = desk.wait(60)
    assert '[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "v1.37.2".' in lines
    assert desk.type("kubectl version")[2] == "Server Version: v1.37.2"
    recording = desk.session.recording()
    assert replay(level, recording.seed, recording.inputs, recording.ticks).digest == recording.digest


def test_an_upgrade_that_is_not_wanted_after_all_changes_nothing(desk):
    desk.type("kubeadm upgrade apply v1.37.0")
    desk.wait(20)
    desk.session.type("n")
    assert desk.wait(3)[0] == "won't proceed; the user didn't answer (Y|y) in order to continue"
    assert desk.session.talk() is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ssh node-a apt-get install kubelet=1.99.0-1.1", "E: Version '1.99.0-1.1' for 'kubelet' was not found"),
        ("ssh node-a apt-get install emacs", "E: Unable to locate package emacs"),
        ("ssh node-a apt-get frob", "E: Invalid operation frob"),
        (
            "ssh node-a apt-cache madison kubeadm",
            "   kubeadm | 1.37.0-1.1 | https://pkgs.k8s.io/core:/stable:/v1.37/deb  Packages",
        ),
        (
            "kubeadm upgrade apply",
            "missing one or more required arguments. Required arguments: [version]",
        ),
    ],
)
def test_packages_are_those_that_were_published(desk, line, said):
    assert said in desk.type(line)


# the audit log


def test_the_audit_log_tells_who_wrote_what_and_what_was_refused(desk):
    desk.type("kubectl scale deployment/web --replicas=3")
    desk.type("kubectl get pods --as=mallory")
    (scaled,) = [json.loads(line) for line in desk.type(f"ssh control-plane grep web/scale {PATH}")]
    assert (scaled["verb"], scaled["requestURI"]) == ("patch", "/apis/apps/v1/namespaces/default/deployments/web/scale")
    assert (scaled["user"]["username"], scaled["responseStatus"]["code"]) == ("kubernetes-admin", 200)
    (refused,) = [json.loads(line) for line in desk.type(f"ssh control-plane grep mallory {PATH}")]
    assert refused["annotations"] == {"authorization.k8s.io/decision": "forbid"}
    assert (refused["verb"], refused["responseStatus"]["reason"]) == ("list", "Forbidden")
    assert refused["objectRef"] == {"resource": "pods", "namespace": "default", "apiVersion": "v1"}


def test_its_end_can_be_looked_at_and_other_machines_have_none(desk):
    whole = desk.type(f"ssh control-plane cat {PATH}")
    assert desk.type(f"ssh control-plane tail -n 3 {PATH}") == whole[-3:]
    assert desk.type(f"ssh node-a tail {PATH}") == [f"tail: {PATH}: No such file or directory"]
    assert len({json.loads(line)["auditID"] for line in whole}) == len(whole)


def test_etcdctl_is_there_where_a_member_of_etcd_is(desk):
    lists = desk.type("ssh control-plane sudo etcdctl member list")
    assert [line.split(", ")[1:3] for line in lists] == [["started", "control-plane"]]
    assert desk.type("ssh node-a etcdctl member list") == ["bash: line 1: etcdctl: command not found"]


# files


def test_a_manifest_is_edited_on_its_machine_and_the_component_follows(desk):
    path = "/etc/kubernetes/manifests/kube-scheduler.yaml"
    names = ["cloud-controller-manager", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert desk.type("ssh control-plane ls /etc/kubernetes/manifests") == [f"{name}.yaml" for name in names]
    assert desk.type(f"ssh control-plane sed -i s/v1.37.0/v1.37.1/ {path}") == []
    assert desk.type(f"ssh control-plane grep image: {path}") == ["    image: registry.k8s.io/kube-scheduler:v1.37.1"]
    desk.wait(15)
    image = "jsonpath={.spec.containers[0].image}"
    assert desk.type(f"kubectl get pod -n kube-system kube-scheduler-control-plane -o {image}") == [
        "registry.k8s.io/kube-scheduler:v1.37.1"
    ]


def test_a_manifest_that_is_moved_away_stops_its_component_until_it_is_moved_back(desk):
    path = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    desk.type(f"ssh control-plane mv {path} /root/kept.yaml")
    desk.wait(4)
    assert desk.type("kubectl get nodes")[0].startswith("The connection to the server")
    desk.type(f"ssh control-plane mv /root/kept.yaml {path}")
    desk.wait(4)
    assert desk.type("kubectl get nodes -o name")[0] == "node/control-plane"
    assert desk.type("ssh control-plane ls /etc/kubernetes/nothing") == [
        "ls: cannot access '/etc/kubernetes/nothing': No such file or directory"
    ]


def test_a_machine_tells_of_its_services_and_containers(desk):
    desk.wait(2)
    assert desk.type("ssh node-a journalctl -u kubelet -n 1")[0].split()[3:5] == ["node-a", "kubelet[742]:"]
    assert "etcd-control-plane" in " ".join(desk.type("ssh control-plane sudo crictl ps"))
