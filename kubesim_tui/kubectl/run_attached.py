"""What `kubectl run` does after the Pod is made, with --attach or --stdin: attach to it until it ends.

Of a Pod that has ended before, the log is shown. Where nothing is restarted its exit code is the command's.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import choose_pod, jobs
from kubesim_tui.kubectl.attach import COMPLETED, Attach
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.stream import Stream

Made = tuple[str, str]
"""What --rm removes: (plural, name)."""


@define(kw_only=True)
class Attached(Attach):
    """Wait for the Pod, attach to it, take its exit code, and delete what was made if --rm was given."""

    made: tuple[Made, ...] = ()
    runs: bool = False
    told: bool = False  # all that the container says has been shown

    def step(self, env: Env, **said: Any) -> bool:
        """Go on."""
        stream = self.stream
        pod = env.get(for_plural("pods"), stream.namespace, stream.pod)
        assert isinstance(pod, Pod)
        phase = pod.status.phase if pod.status is not None else "Pending"
        if not self.runs and not self._runs(env, pod, phase):
            return False
        if not self.told:
            self.told = self.step_or_log(env, **said)
            if self.told:
                super().over(env)
        return self.told and self._ended(pod, phase)

    def _runs(self, env: Env, pod: Pod, phase: str) -> bool:
        if phase in COMPLETED:
            self.runs = self.told = True
            self.log(env, pod)
        elif phase == "Running" and choose_pod.ready_since(pod) is not None:
            self.runs = True
        elif self.until and env.now >= self.until:
            raise error("timed out waiting for the condition")
        return self.runs

    def _ended(self, pod: Pod, phase: str) -> bool:
        """Whether it is over; Fail if the Pod has failed."""
        restart = (pod.spec.restart_policy if pod.spec is not None else "") or "Always"
        if self.flags["leave-stdin-open"] or restart == "Always":
            return True
        if phase != "Failed":
            return phase == "Succeeded"
        where = f"pod {self.stream.namespace}/{self.stream.pod}"
        statuses = pod.status.container_statuses if pod.status is not None else ()
        ended = statuses[0].state.terminated if statuses and statuses[0].state is not None else None
        if ended is None or not ended.exit_code:
            raise error(f"{where} failed with unknown exit code")
        raise Fail(f"{where} terminated ({ended.reason})\n{ended.message}", ended.exit_code)

    def over(self, env: Env) -> None:
        """--rm: nothing of it stays."""
        if not self.flags["rm"]:
            return
        for plural, name in self.made:
            resource = for_plural(plural)
            try:
                env.delete(resource, self.stream.namespace, name)
            except StatusError:
                continue
            if not self.flags["quiet"]:
                env.say(f'{resource.singular} "{name}" deleted from {self.stream.namespace} namespace')


def begin(env: Env, name: str, stdin: dict[str, Any], made: tuple[Made, ...]) -> None:
    """Attach to a Pod that has just been made."""
    stream = Stream("attach", env.namespace, name, stdin)
    until = jobs.deadline(env, "pod-running-timeout")
    jobs.begin(env, Attached(env.flags, env.config, stream, until=until, made=made))
