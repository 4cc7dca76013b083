"""Which Pods of a node a drain takes, leaves alone, or stumbles over (k8s.io/kubectl/pkg/drain/filters.go)."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kubesim_tui.api.helpers.static_pods import is_mirror
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl.env import Env

DAEMON_FATAL = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
DAEMON_WARNING = "ignoring DaemonSet-managed Pods"
STORAGE_FATAL = "Pods with local storage (use --delete-emptydir-data to override)"
STORAGE_WARNING = "deleting Pods with local storage"
UNMANAGED_FATAL = "Pods that declare no controller (use --force to override)"
UNMANAGED_WARNING = "deleting Pods that declare no controller"


@frozen
class Verdict:
    """Whether a Pod is to go, and what there is to say about it."""

    delete: bool
    warning: str = ""
    fatal: str = ""


OKAY = Verdict(True)


@frozen(eq=False)
class Chosen:
    """The Pods of a node with their verdicts."""

    items: tuple[tuple[Pod, Verdict], ...]

    @property
    def pods(self) -> list[Pod]:
        """Those that go."""
        return [pod for pod, verdict in self.items if verdict.delete]

    @property
    def warnings(self) -> str:
        """One line; "" for none."""
        return "; ".join(sorted(_grouped((p, v.warning) for p, v in self.items)))

    @property
    def errors(self) -> list[str]:
        """What forbids the drain."""
        return [f"cannot delete {text}" for text in _grouped((p, v.fatal) for p, v in self.items)]


def _grouped(said: Iterable[tuple[Pod, str]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for pod, text in said:
        if text:
            found.setdefault(text, []).append(f"{pod.metadata.namespace}/{pod.metadata.name}")
    return [f"{text}: {', '.join(names)}" for text, names in found.items()]


def choose(env: Env, node: str) -> Chosen:
    """The Pods of a node, judged."""
    selector = env.flags.text("pod-selector")
    pods = env.list(for_plural("pods"), "", selector, f"spec.nodeName={node}")
    return Chosen(tuple((p, judge(env, p)) for p in pods if isinstance(p, Pod)))


def judge(env: Env, pod: Pod) -> Verdict:
    """Ask one filter after the other until one says no; what the last one said holds."""
    verdict = OKAY
    for ask in (_leaving, _daemon, _mirror, _storage, _unmanaged):
        verdict = ask(env, pod)
        if not verdict.delete:
            break
    return verdict


def skipped(env: Env, pod: Pod) -> bool:
    """Whether the Pod has been leaving for longer than --skip-wait-for-delete-timeout."""
    seconds, since = env.flags["skip-wait-for-delete-timeout"] or 0, pod.metadata.deletion_timestamp
    return bool(seconds > 0 and since is not None and env.now - since > seconds)


def _leaving(env: Env, pod: Pod) -> Verdict:
    return Verdict(False) if skipped(env, pod) else OKAY


def _finished(pod: Pod) -> bool:
    return pod.status is not None and pod.status.phase in ("Succeeded", "Failed")


def _controller(pod: Pod) -> tuple[str, str]:
    """(kind, name) of the controlling owner."""
    return next(((o.kind, o.name) for o in pod.metadata.owner_references if o.controller), ("", ""))


def _daemon(env: Env, pod: Pod) -> Verdict:
    kind, name = _controller(pod)
    if kind != "DaemonSet" or _finished(pod):
        return OKAY
    try:
        env.get(for_plural("daemonsets"), pod.metadata.namespace, name)
    except StatusError as refused:
        if refused.reason == "NotFound" and env.flags["force"]:
            return Verdict(True, warning=refused.message)
        return Verdict(False, fatal=refused.message)
    if not env.flags["ignore-daemonsets"]:
        return Verdict(False, fatal=DAEMON_FATAL)
    return Verdict(False, warning=DAEMON_WARNING)


def _mirror(_env: Env, pod: Pod) -> Verdict:
    return Verdict(False) if is_mirror(pod) else OKAY


def _storage(env: Env, pod: Pod) -> Verdict:
    local = pod.spec is not None and any(v.empty_dir is not None for v in pod.spec.volumes)
    if not local or _finished(pod):
        return OKAY
    if not env.flags["delete-emptydir-data"]:
        return Verdict(False, fatal=STORAGE_FATAL)
    return Verdict(True, warning=STORAGE_WARNING)


def _unmanaged(env: Env, pod: Pod) -> Verdict:
    if _finished(pod) or _controller(pod)[0]:
        return OKAY
    if env.flags["force"]:
        return Verdict(True, warning=UNMANAGED_WARNING)
    return Verdict(False, fatal=UNMANAGED_FATAL)
