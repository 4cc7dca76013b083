"""kubectl drain: cordon nodes, evict their Pods one by one (budgets are asked), wait until they are gone.

A Pod whose eviction a budget forbids is asked for again every 5 s.
"""

from __future__ import annotations

from attrs import Factory, define

from kubesim_tui.api import duration, labels
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubectl import drain_filters, fail, jobs
from kubesim_tui.kubectl.cordoning import mark, nodes
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.result import Config, Poll

AGAIN = 5
"""Seconds until a refused eviction is tried again."""


def run(env: Env) -> None:
    """The command."""
    try:
        labels.parse(env.flags.text("pod-selector"))
    except ValueError:
        raise error("--pod-selector=<pod_selector> must be a valid label selector") from None
    found = nodes(env, "drain")
    for info in found:
        mark(env, info, True)
    jobs.begin(env, Drain(env.flags, env.config, [i.name for i in found], jobs.deadline(env)))


@define
class Leaving:
    """One Pod on its way: to be evicted at a time, then waited for."""

    namespace: str
    name: str
    uid: str
    at: int
    evicted: bool = False
    done: bool = False


@define
class Drain:
    """Node after node. `errors`: what went wrong on the present node; `stuck`: nodes that were given up, and why."""

    flags: Flags
    config: Config
    left: list[str]
    until: int
    pods: list[Leaving] | None = None  # of the first node left; None: not asked yet
    errors: list[str] = Factory(list)
    stuck: list[tuple[str, list[str]]] = Factory(list)

    def poll(self, client: Client, now: int) -> Poll:
        """Go on as far as it goes."""
        env = jobs.resumed(client, now, self.config, self.flags)
        while self.left:
            if not self._node(env, self.left[0]):
                return Poll(tuple(env.out), tuple(env.err))
            self.left, self.pods, self.errors = self.left[1:], None, []
        self._end(env)
        return Poll(tuple(env.out), tuple(env.err), True, 1 if self.stuck else 0)

    def interrupt(self) -> Poll:
        """Ctrl-C: nodes stay cordoned."""
        return jobs.INTERRUPTED

    def _node(self, env: Env, node: str) -> bool:
        """Work on a node; True when it is settled."""
        if self.pods is None:
            try:
                chosen = drain_filters.choose(env, node)
            except ApiError as failure:
                return self._give_up(env, node, [fail.plain(failure)])
            if chosen.errors:
                return self._give_up(env, node, chosen.errors)
            if chosen.warnings:
                env.warn(f"Warning: {chosen.warnings}")
            self.pods = [Leaving(p.metadata.namespace, p.metadata.name, p.metadata.uid, env.now) for p in chosen.pods]
        for pod in self.pods:
            self._pod(env, pod)
        if not all(p.done for p in self.pods):
            return False
        if self.errors:
            self._pending(env, node)
            return self._give_up(env, node, self.errors)
        env.say(f"node/{node} drained{_dry(env)}")
        return True

    def _give_up(self, env: Env, node: str, errors: list[str]) -> bool:
        self.stuck = [*self.stuck, (node, errors)]
        env.warn(f'error: unable to drain node "{node}" due to error: {aggregate(errors)}, continuing command...')
        return True

    def _pending(self, env: Env, node: str) -> None:
        still = drain_filters.choose(env, node).pods
        if still:
            env.warn(f'There are pending pods in node "{node}" when an error occurred: {aggregate(self.errors)}')
            env.err += [f"pod/{p.metadata.name}" for p in still]

    def _end(self, env: Env) -> None:
        if not self.stuck:
            return
        env.warn("There are pending nodes to be drained:")
        env.err += [f" {node}" for node, _ in self.stuck]
        env.err += self.stuck[0][1] if len(self.stuck) == 1 else [aggregate(errors) for _, errors in self.stuck]

    # -- one Pod -----------------------------------------------------------------------------------------------

    def _pod(self, env: Env, pod: Leaving) -> None:
        if not pod.done and not pod.evicted and env.now >= pod.at:
            self._evict(env, pod)
        if pod.evicted and not pod.done:
            self._wait(env, pod)

    @property
    def _deletes(self) -> bool:
        return bool(self.flags["disable-eviction"])

    def _evict(self, env: Env, pod: Leaving) -> None:
        word = "deleting" if self._deletes else "evicting"
        env.say(f"{word} pod {pod.namespace}/{pod.name}{_dry(env)}")
        if env.dry_run() != "none":
            pod.done = True
            return
        if self._over(env):
            self._fail(pod, f"error when {word} {_at(pod)}: {self._timeout}")
            return
        try:
            self._ask(env, pod)
            pod.evicted = True
        except StatusError as refused:
            self._refused(env, pod, refused)
        except ApiError as failure:
            self._fail(pod, f"error when {word} {_at(pod)}: {fail.plain(failure)}")

    def _ask(self, env: Env, pod: Leaving) -> None:
        resource, grace = for_plural("pods"), self.flags["grace-period"]
        options = Options(grace=grace if grace >= 0 else None)
        if self._deletes:
            env.delete(resource, pod.namespace, pod.name, options)
            return
        env.send("create", resource, pod.namespace, pod.name, subresource="eviction", body={}, options=options)

    def _refused(self, env: Env, pod: Leaving, refused: StatusError) -> None:
        if refused.reason == "NotFound":
            pod.done = True
        elif refused.reason == "TooManyRequests":
            env.warn(f"error when evicting {_at(pod)} (will retry after 5s): {refused.message}")
            pod.at = env.now + AGAIN
        elif refused.reason == "Forbidden" and any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
            pod.evicted = _current(env, pod) is None or _terminating(env, pod)
            if not pod.evicted:
                env.warn(
                    f'error when evicting pod "{pod.name}" from terminating namespace "{pod.namespace}" (will retry '
                    f"after 5s): {refused.message}"
                )
                pod.at = env.now + AGAIN
        else:
            word = "deleting" if self._deletes else "evicting"
            self._fail(pod, f"error when {word} {_at(pod)}: {refused.message}")

    def _wait(self, env: Env, pod: Leaving) -> None:
        try:
            found = _current(env, pod)
        except ApiError as failure:
            self._fail(pod, self._waiting(pod, fail.plain(failure)))
            return
        if found is None:
            pod.done = True
            env.say(f"pod/{pod.name} {'deleted' if self._deletes else 'evicted'}")
        elif drain_filters.skipped(env, found):
            seconds = self.flags["skip-wait-for-delete-timeout"]
            env.say(f'pod "{pod.name}" has DeletionTimestamp older than {seconds} seconds, skipping')
            pod.done = True
        elif self._over(env):
            self._fail(pod, self._waiting(pod, "context deadline exceeded"))

    def _waiting(self, pod: Leaving, why: str) -> str:
        return f'error when waiting for pod "{pod.name}" in namespace "{pod.namespace}" to terminate: {why}'

    def _fail(self, pod: Leaving, text: str) -> None:
        self.errors = [*self.errors, text]
        pod.done = True

    def _over(self, env: Env) -> bool:
        return bool(self.until and env.now >= self.until)

    @property
    def _timeout(self) -> str:
        return f"global timeout reached: {duration.format(self.flags['timeout'])}"


def _at(pod: Leaving) -> str:
    return f'pods/"{pod.name}" -n "{pod.namespace}"'


def _current(env: Env, pod: Leaving) -> Pod | None:
    """The Pod, if it is still the same one."""
    try:
        found = env.get(for_plural("pods"), pod.namespace, pod.name)
    except StatusError as refused:
        if refused.reason == "NotFound":
            return None
        raise
    return found if isinstance(found, Pod) and found.metadata.uid == pod.uid else None


def _terminating(env: Env, pod: Leaving) -> bool:
    found = _current(env, pod)
    return found is None or found.metadata.deletion_timestamp is not None


def _dry(env: Env) -> str:
    return {"client": " (dry run)", "server": " (server dry run)"}.get(env.dry_run(), "")


def aggregate(errors: list[str]) -> str:
    """Several errors as Go shows them: `[a, b]`."""
    texts = list(dict.fromkeys(errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
