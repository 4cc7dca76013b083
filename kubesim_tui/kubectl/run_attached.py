"""What kubectl run does after the Pod is made, with --attach or --stdin: show its output until it ends.

There is no way to type into a container: its standard input is at its end from the beginning (docs/FIDELITY.md).
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.log_source import Reader, Source
from kubesim_tui.kubectl.result import Config, Poll

PROMPT = (
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive "
    "information passed through the command prompt.\n"
    "If you don't see a command prompt, try pressing enter."
)
ENDED = ("Succeeded", "Failed")


@define
class Attached:
    """Wait for the Pod, read its output, take its exit code, and delete it if --rm was given."""

    flags: Flags
    config: Config
    namespace: str
    name: str
    until: int
    reader: Reader | None = None

    def poll(self, client: Client, now: int) -> Poll:
        """Go on."""
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            done = self._step(env)
        except (ApiError, Fail) as failure:
            env.failed(failure)
            done = True
        if done:
            self._remove(env)
        return Poll(tuple(env.out), tuple(env.err), done, env.code)

    def interrupt(self) -> Poll:
        """Ctrl-C: the Pod stays."""
        return jobs.INTERRUPTED

    def _step(self, env: Env) -> bool:
        pod = env.get(for_plural("pods"), self.namespace, self.name)
        assert isinstance(pod, Pod)
        phase = pod.status.phase if pod.status is not None else "Pending"
        if self.reader is None:
            if phase not in ("Running", *ENDED):
                if self.until and env.now >= self.until:
                    raise error("timed out waiting for the condition")
                return False
            self._begin(env, phase)
        elif not self.reader.ended:
            env.out += self.reader.more(env)
        assert self.reader is not None
        return self.reader.ended and self._ended(pod, phase)

    def _begin(self, env: Env, phase: str) -> None:
        if env.flags["stdin"] and not env.flags["quiet"] and phase not in ENDED:
            env.warn(PROMPT)
        self.reader = Reader(Source(self.namespace, self.name, self.name))
        env.out += self.reader.begin(env)

    def _ended(self, pod: Pod, phase: str) -> bool:
        """Whether it is over; Fail if the Pod has failed."""
        if self.flags["leave-stdin-open"] or (self.flags.text("restart") or "Always") == "Always":
            return True
        if phase != "Failed":
            return phase == "Succeeded"
        where = f"pod {self.namespace}/{self.name}"
        statuses = pod.status.container_statuses if pod.status is not None else ()
        ended = statuses[0].state.terminated if statuses and statuses[0].state is not None else None
        if ended is None or not ended.exit_code:
            raise error(f"{where} failed with unknown exit code")
        raise Fail(f"{where} terminated ({ended.reason})\n{ended.message}", ended.exit_code)

    def _remove(self, env: Env) -> None:
        if not self.flags["rm"]:
            return
        try:
            env.delete(for_plural("pods"), self.namespace, self.name)
        except StatusError:
            return
        if not self.flags["quiet"]:
            env.say(f'pod "{self.name}" deleted from {self.namespace} namespace')
