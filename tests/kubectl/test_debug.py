"""What `kubectl debug` makes of a Pod, of a copy of it and on a node; what each profile adds and takes away."""

import pytest

from kubesim_tui.api import types
from tests.kubectl import board


@pytest.fixture
def harness():
    return board.load("board.yaml")


def debugged(harness, line, name, files=None):
    """The JSON of a Pod after a line; the line must succeed."""
    from kubesim_tui.kubectl.env import data_of

    reply = board.kubectl(harness, line, board.Terminal(files or {}))
    assert (reply.err, reply.code) == ((), 0)
    return data_of(harness.get(types.Pod, name))


def ephemeral(harness, flags, files=None):
    found = debugged(harness, f"debug rich --image=busybox -c dbg -q {flags}", "rich", files)
    return found["spec"]["ephemeralContainers"][-1]


def copied(harness, flags):
    found = debugged(harness, f"debug rich --copy-to=copy --image=busybox -c dbg -q {flags}", "copy")
    return found, next(c for c in found["spec"]["containers"] if c["name"] == "dbg")


def on_node(harness, flags):
    found = debugged(harness, f"debug node/node-a --image=busybox -q {flags}", _node_pod(harness, flags))
    return found["spec"]


def _node_pod(harness, flags):
    import copy

    tried = copy.deepcopy(harness)
    board.kubectl(tried, f"debug node/node-a --image=busybox -q {flags}")
    return next(p.metadata.name for p in tried.list(types.Pod) if p.metadata.name.startswith("node-debugger"))


CONTEXTS = {
    "legacy": None,
    "general": {"capabilities": {"add": ["SYS_PTRACE"]}},
    "baseline": None,
    "netadmin": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
    "sysadmin": {"privileged": True},
    "restricted": {
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "allowPrivilegeEscalation": False,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}


@pytest.mark.parametrize("profile", [p for p in CONTEXTS if p != "legacy"])
def test_the_security_context_of_an_ephemeral_container(harness, profile):
    assert ephemeral(harness, f"--profile={profile}").get("securityContext") == CONTEXTS[profile]


@pytest.mark.parametrize("profile", [p for p in CONTEXTS if p != "legacy"])
def test_a_copy_loses_labels_and_probes_and_shares_its_processes(harness, profile):
    pod, debugger = copied(harness, f"--profile={profile}")
    web = pod["spec"]["containers"][0]
    assert debugger.get("securityContext") == CONTEXTS[profile]
    assert pod["spec"]["shareProcessNamespace"]
    assert [k for k in ("labels", "annotations") if k in pod["metadata"]] == []
    assert [k for k in web if k.endswith("Probe")] == []


def test_a_copy_keeps_what_it_is_told_to_keep(harness):
    pod, _ = copied(harness, "--keep-labels --keep-annotations --keep-liveness --keep-init-containers=false")
    assert pod["metadata"]["labels"]["app"] == "rich"
    assert "annotations" in pod["metadata"]
    assert [k for k in pod["spec"]["containers"][0] if k.endswith("Probe")] == ["livenessProbe"]
    assert "initContainers" not in pod["spec"]


def test_the_legacy_profile_takes_only_the_labels(harness):
    reply = board.kubectl(harness, "debug rich --copy-to=copy --image=busybox -c dbg --profile=legacy")
    pod = harness.get(types.Pod, "copy")
    assert reply.err[0].startswith("--profile=legacy is deprecated")
    assert (dict(pod.metadata.labels), bool(pod.metadata.annotations)) == ({}, True)
    assert pod.spec.containers[0].liveness_probe is not None


def test_a_copy_is_scheduled_anew_unless_it_is_to_be_on_the_same_node(harness):
    assert "nodeName" not in copied(harness, "")[0]["spec"]
    other = board.load("board.yaml")
    assert copied(other, "--same-node")[0]["spec"]["nodeName"] == "node-a"


def test_a_copy_with_other_images_and_nothing_else_is_left_as_it_was(harness):
    pod = debugged(harness, "debug rich --copy-to=copy --set-image=web=nginx:2,*=busybox", "copy")
    assert [c["image"] for c in pod["spec"]["containers"]] == ["nginx:2", "busybox"]
    assert pod["metadata"]["labels"]["app"] == "rich"


def test_a_copy_with_another_command_in_one_of_its_containers(harness):
    pod = debugged(harness, "debug rich --copy-to=copy -c web -q -- sh -c env", "copy")
    web = pod["spec"]["containers"][0]
    assert (web["command"], web.get("args")) == (["sh", "-c", "env"], None)


def test_replace_deletes_the_original(harness):
    board.kubectl(harness, "debug web-1 --copy-to=copy --set-image=*=busybox --replace")
    assert "web-1" not in {p.metadata.name for p in harness.list(types.Pod)}


@pytest.mark.parametrize(
    ("profile", "host", "mounted"),
    [
        ("general", True, True),
        ("baseline", None, False),
        ("restricted", None, False),
        ("netadmin", True, False),
        ("sysadmin", True, True),
    ],
)
def test_a_pod_on_a_node(harness, profile, host, mounted):
    spec = on_node(harness, f"--profile={profile}")
    assert (spec.get("hostNetwork"), spec.get("hostPID"), spec.get("hostIPC")) == (host, host, host)
    mounts = [m["mountPath"] for m in spec["containers"][0].get("volumeMounts", ())]
    assert ("/host" in mounts, spec["nodeName"], spec["restartPolicy"]) == (mounted, "node-a", "Never")
    assert spec["tolerations"][0] == {"operator": "Exists"}


def test_arguments_are_the_command_unless_they_are_only_arguments(harness):
    assert ephemeral(harness, "-- sh -c id")["command"] == ["sh", "-c", "id"]
    assert ephemeral(board.load("board.yaml"), "--arguments-only -- x")["args"] == ["x"]


def test_target_and_variables(harness):
    found = ephemeral(harness, "--target=web --env=B=1,A=2")
    assert (found["targetContainerName"], found["env"]) == (
        "web",
        [{"name": "A", "value": "2"}, {"name": "B", "value": "1"}],
    )


def test_a_profile_of_ones_own_goes_over_the_built_in_one(harness):
    own = {"own.yaml": "securityContext: {runAsUser: 0}\nenv: [{name: A, value: b}]\n"}
    found = ephemeral(harness, "--custom=own.yaml", own)
    assert found["securityContext"] == {"runAsUser": 0, "capabilities": {"add": ["SYS_PTRACE"]}}
    assert found["env"] == [{"name": "A", "value": "b"}]


def test_a_name_is_made_up_that_is_free_and_the_same_in_a_replay():
    said = [board.kubectl(board.load("board.yaml"), "debug web-1 --image=busybox").out for _ in range(2)]
    assert said[0] == said[1]


def test_a_profile_of_wrong_types_is_refused(harness):
    files = {"x.yaml": "securityContext: 5\n"}
    reply = board.kubectl(harness, "debug web-1 --image=busybox --custom=x.yaml", board.Terminal(files))
    assert reply.err == (
        "error: x.yaml does not contain a valid container spec: json: cannot unmarshal number into Go struct field "
        "Container.securityContext of type v1.SecurityContext",
    )
