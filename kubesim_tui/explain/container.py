"""Why a container does not run: it cannot be pulled, made or kept alive."""

from __future__ import annotations

import re

from kubesim_tui.api import types
from kubesim_tui.explain import beside, overload
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.links import own_network
from kubesim_tui.explain.node import came_back
from kubesim_tui.world.runtime import UNKNOWN_EXIT

PULLS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
REFUSALS = (
    "no basic auth credentials",
    "401 Unauthorized",
    "403 Forbidden",
    "authentication required",
    "proper credentials",
)
"""Words of runtimes for an image that is not for everybody."""
AGAIN = ("CrashLoopBackOff", "RunContainerError")
OFTEN = 2
"""Restarts from which on a container that has just ended counts as one that ends again and again."""
LATELY = 30
"""Ticks, from its end or its next start, for which the end of a container may be why its Pod does not serve."""
LONGEST_GRACE = 40
"""Ticks after which a container that was told to stop has ended."""
FORGOTTEN = 120
"""Ticks after which a probe that failed is no longer why."""
STOPPED = (0, 143)
"""Exit codes of programs that were told to stop."""
_NOT_FOUND = re.compile(r'(configmap|secret)s? "([^"]+)" not found', re.IGNORECASE)
_NO_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) ([^/\s]+)/(\S+)")
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}


def of_containers(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind the first container of a Pod that is in trouble; None if none is."""
    status = pod.status or types.PodStatus()
    for container in (*status.init_container_statuses, *status.container_statuses):
        found = _of(evidence, pod, container)
        if found is not None:
            return found
    return None


def _of(evidence: Evidence, pod: types.Pod, container: types.ContainerStatus) -> Chain | None:
    state, about = container.state, subject(pod)
    waiting = state.waiting if state else None
    what = f"container {container.name} of Pod {pod.metadata.name}"
    if waiting is not None and waiting.reason in PULLS:
        told = evidence.event(about, "Failed")
        text = told.message if told is not None and told.message.startswith("Failed to pull") else waiting.message
        at = evidence.tick_of(told.last_timestamp) if told is not None else None
        link = Link(f"{what}: {waiting.reason}: {text}", "kubelet", at, about, "Failed")
        return _not_pulled(evidence, pod, link)
    if waiting is not None and waiting.reason == "CreateContainerConfigError":
        link = Link(f"{what}: {waiting.message}", "kubelet", None, about, "Failed")
        if "runAsNonRoot" in waiting.message:
            return Chain((link,), "runs-as-root", subject(evidence.workload(pod)))
        return Chain((link,), "config-missing", missing_config(waiting.message, about[1]) or about)
    ended = (state.terminated if state else None) or (container.last_state.terminated if container.last_state else None)
    again = waiting is not None and waiting.reason in AGAIN
    now = state is not None and state.terminated is not None and state.terminated.exit_code != 0
    if ended is None or not (again or now):
        return None
    often = again or container.restart_count >= OFTEN
    return _ended(evidence, pod, what, ended, "crash-loop" if often else "pod-died")


def _not_pulled(evidence: Evidence, pod: types.Pod, link: Link) -> Chain:
    """An image has not come: perhaps because nobody may have it."""
    about = subject(pod)
    if not any(words in link.text for words in REFUSALS):
        return Chain((link,), "image-pull", about)
    told = evidence.event(about, "FailedToRetrieveImagePullSecret")
    names = [ref.name for ref in pod.spec.image_pull_secrets] if pod.spec is not None else []
    if told is None or not names:
        return Chain((link,), "pull-secret", subject(evidence.workload(pod)))
    at = evidence.tick_of(told.last_timestamp)
    missing = Link(told.message, "kubelet", at, about, "FailedToRetrieveImagePullSecret")
    return Chain((link, missing), "pull-secret", ("Secret", pod.metadata.namespace, names[0]))


def _ended(
    evidence: Evidence, pod: types.Pod, what: str, ended: types.ContainerStateTerminated, otherwise: str
) -> Chain:
    about = subject(pod)
    at = evidence.tick_of(ended.finished_at)
    link = Link(f"{what} ended: {ended.reason}, exit code {ended.exit_code}", "kubelet", at, about, "BackOff")
    node = pod.spec.node_name if pod.spec is not None else ""
    if ended.reason == "OOMKilled":
        others = beside.takes_memory(evidence, node) or overload.takes_memory(evidence, node)
        return (others or Chain((), "oom-killed", about)).after(link)
    back = came_back(evidence, node) if ended.exit_code == UNKNOWN_EXIT else None
    if back is not None:
        return back.after(link)
    if beside.NO_FORK in ended.message:
        return (beside.takes_pids(evidence, node) or Chain((), otherwise, about)).after(link)
    probe = _killed_by_probe(evidence, pod, ended)
    if probe is not None:
        told = Link(probe.message, "kubelet", evidence.tick_of(probe.last_timestamp), about, "Unhealthy")
        own = own_network(evidence, pod)
        if own is not None:
            return Chain((link, told, own), "pod-network", about)
        return Chain((link, told), "liveness", about)
    return Chain((link,), otherwise, about)


def _killed_by_probe(evidence: Evidence, pod: types.Pod, ended: types.ContainerStateTerminated) -> types.Event | None:
    """The probe for which a kubelet stopped a container; None if it has not.

    It says so in an Event, unless it has said too much of the Pod before: then a container that was told to stop, in a
    Pod that is to stay, has failed the probe of which was told last.
    """
    about, at = subject(pod), evidence.tick_of(ended.finished_at)
    said = next((e for e in evidence.events(about, "Killing") if "probe, will be restarted" in e.message), None)
    when = evidence.tick_of(said.last_timestamp) if said is not None else None
    killed = when is not None and at is not None and 0 <= at - when <= LONGEST_GRACE
    told_to = ended.exit_code in STOPPED and pod.metadata.deletion_timestamp is None
    if not killed and not told_to:
        return None
    which = ("Liveness", "Startup")
    found = next((e for e in evidence.events(about, "Unhealthy") if e.message.startswith(which)), None)
    seen = evidence.tick_of(found.last_timestamp) if found is not None else None
    return found if killed or (seen is not None and at is not None and at - seen <= FORGOTTEN) else None


def ended_at(evidence: Evidence, pod: types.Pod) -> int | None:
    """When a container of a Pod ended last; None if none has."""
    found: list[int] = []
    for container in pod.status.container_statuses if pod.status is not None else ():
        for state in (container.state, container.last_state):
            at = evidence.tick_of(state.terminated.finished_at) if state and state.terminated else None
            found += [at] if at is not None else []
    return max(found, default=None)


def started_at(evidence: Evidence, pod: types.Pod) -> int | None:
    """When the latest of the containers that run was started; None if none runs."""
    statuses = pod.status.container_statuses if pod.status is not None else ()
    running = (one.state.running for one in statuses if one.state is not None)
    return max((evidence.tick_of(r.started_at) or 0 for r in running if r is not None), default=None)


def of_end(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind the last container of a Pod that ended, if it still matters; None if none does."""
    for container in pod.status.container_statuses if pod.status is not None else ():
        now, before = container.state, container.last_state
        ended = (now.terminated if now else None) or (before.terminated if before else None)
        if ended is not None and evidence.tick - _matters_since(evidence, container, ended) <= LATELY:
            what = f"container {container.name} of Pod {pod.metadata.name}"
            return _ended(evidence, pod, what, ended, "crash-loop" if container.restart_count > OFTEN else "pod-died")
    return None


def _matters_since(evidence: Evidence, container: types.ContainerStatus, ended: types.ContainerStateTerminated) -> int:
    """When a container ended, or, if it had to wait for that, was started again."""
    again = container.state.running if container.state is not None else None
    return evidence.tick_of(again.started_at if again is not None else ended.finished_at) or 0


def missing_config(message: str, namespace: str) -> Subject | None:
    """The ConfigMap or Secret of which a message says that it, or a key of it, is not there."""
    found = _NOT_FOUND.search(message)
    if found is not None:
        return _KINDS[found[1].lower()], namespace, found[2]
    key = _NO_KEY.search(message)
    return (key[2], key[3], key[4]) if key is not None else None
