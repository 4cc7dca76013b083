"""Which Pod a command means that was given a workload (`logs deploy/web`), and which of its containers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kubesim_tui.api import labels
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import ContainerStatus, Pod
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error, usage
from kubesim_tui.kubectl.info import Info

DEFAULT = "kubectl.kubernetes.io/default-container"
PHASES = {"Running": 0, "Unknown": 1, "Pending": 2}


def selector_of(info: Info, doing: str) -> str:
    """The label selector of a workload's or Service's Pods. Fail `cannot {doing} *v1.X: …` if it has none."""
    assert info.object is not None
    data = data_of(info.object)
    selector = (data.get("spec") or {}).get("selector")
    kind = info.resource.kind
    if kind in ("Service", "ReplicationController"):
        if not selector:
            if kind == "Service":
                text = f"invalid service '{info.name}': Service is defined without a selector"
            else:
                text = "invalid label selector: null"
            raise error(f"cannot {doing} *v1.{kind}: {text}")
        return ",".join(f"{k}={v}" for k, v in sorted(selector.items()))
    if kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"):
        return str(labels.from_object(selector or {}))
    raise error(f"cannot {doing} *v1.{kind}: selector for *v1.{kind} not implemented")


def pods_of(env: Env, namespace: str, selector: str) -> list[Pod]:
    """The Pods of a selector."""
    return [p for p in env.list(for_plural("pods"), namespace, selector) if isinstance(p, Pod)]


# -- the best Pod ----------------------------------------------------------------------------------------------------


def for_logs(pods: Iterable[Pod]) -> list[Pod]:
    """The most interesting first: assigned, running, ready (for long), often restarted, old."""
    return sorted(pods, key=lambda p: _rank(p, often=-1))


def for_exec(pods: Iterable[Pod]) -> list[Pod]:
    """The healthiest first: as for logs, but seldom restarted."""
    return sorted(pods, key=lambda p: _rank(p, often=1))


def _rank(pod: Pod, often: int) -> tuple[int, ...]:
    status = pod.status
    phase = status.phase if status is not None else "Pending"
    since = ready_since(pod)
    restarts = max((s.restart_count for s in status.container_statuses), default=0) if status is not None else 0
    return (
        0 if pod.spec is not None and pod.spec.node_name else 1,
        PHASES.get(phase, 0),
        0 if since is not None else 1,
        since or 0,
        often * restarts,
        pod.metadata.creation_timestamp or 0,
    )


def ready_since(pod: Pod) -> int | None:
    """When the Pod became ready (Unix seconds); None if it is not."""
    for c in pod.status.conditions if pod.status is not None else ():
        if c.type == "Ready" and c.status == "True":
            return c.last_transition_time or 0
    return None


def check_timeout(env: Env) -> None:
    """Fail if --pod-running-timeout leaves no time."""
    if env.flags["pod-running-timeout"] <= 0:
        raise usage("--pod-running-timeout must be higher than zero", env.flags.path)


class Wanting(Protocol):
    """Something that wants a Pod of a namespace."""

    namespace: str
    pod: str


def found(env: Env, wanting: Wanting, selector: str, until: int) -> bool:
    """Give it the healthiest Pod of a selector; False while there is none. Fail after `until`, if that is set."""
    pods = for_exec(pods_of(env, wanting.namespace, selector))
    if pods:
        wanting.pod = pods[0].metadata.name
    elif until and env.now >= until:
        raise error("timed out waiting for the condition")
    return bool(pods)


# -- containers ------------------------------------------------------------------------------------------------------


def containers(pod: Pod) -> list[tuple[str, str]]:
    """(name, kind) of all containers, the main ones first. kind: "", "ephem" or "init"."""
    spec = pod.spec
    if spec is None:
        return []
    lists = (("", spec.containers), ("ephem", spec.ephemeral_containers), ("init", spec.init_containers))
    return [(c.name, kind) for kind, found in lists for c in found]


def all_names(pod: Pod) -> str:
    """`web, side, debugger-x7k2p (ephem), setup (init)`."""
    return ", ".join(f"{name} ({kind})" if kind else name for name, kind in containers(pod))


def default_container(env: Env, pod: Pod, *, quiet: bool = False) -> str:
    """The container that is meant when none is named; says so if there was a choice."""
    known = containers(pod)
    chosen = pod.metadata.annotations.get(DEFAULT, "")
    if chosen:
        if any(name == chosen for name, _ in known):
            return chosen
        if not quiet:
            env.warn(f'Default container name "{chosen}" not found in pod {pod.metadata.name}')
    if len(known) > 1 and not quiet:
        env.warn(f'Defaulted container "{known[0][0]}" out of: {all_names(pod)}')
    return known[0][0]


def container_of(env: Env, pod: Pod, name: str, *, quiet: bool = False) -> str:
    """The container of a name, "" for the default one. Fail if there is none."""
    if not name:
        return default_container(env, pod, quiet=quiet)
    if not any(n == name for n, _ in containers(pod)):
        raise error(f"container {name} is not valid for pod {pod.metadata.name} out of: {all_names(pod)}")
    return name


def status_of(pod: Pod, container: str) -> ContainerStatus | None:
    """What a Pod's status says of a container."""
    status = pod.status
    if status is None:
        return None
    known = (*status.container_statuses, *status.init_container_statuses, *status.ephemeral_container_statuses)
    return next((s for s in known if s.name == container), None)
