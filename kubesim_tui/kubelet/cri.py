"""The container runtime as the rest of the kubelet sees it: CRI, with the errors and forms that a kubelet expects."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.kubelet.pod_workers import PodWorker, find_container
from kubesim_tui.kubelet.prober.probe import ProbeError
from kubesim_tui.kubelet.runtime_status import PodStatus, State, Status
from kubesim_tui.world.container import Container
from kubesim_tui.world.container import State as Running
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.execute import Execution
from kubesim_tui.world.probes import ProbeResult, http_probe
from kubesim_tui.world.process import Running as Process
from kubesim_tui.world.runtime import Runtime

UID, NAME, NAMESPACE = "io.kubernetes.pod.uid", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"
ATTEMPT = "io.kubernetes.pod.attempt"
MOST_MESSAGE, FALLBACK_BYTES, FALLBACK_LINES = 4096, 2048, 80
_STATES = {Running.CREATED: State.CREATED, Running.RUNNING: State.RUNNING, Running.EXITED: State.EXITED}


@define(eq=False)
class Cri:
    """A thin layer over one machine's runtime."""

    runtime: Runtime
    _image_ids: dict[str, str] = field(factory=dict)

    @property
    def answers(self) -> bool:
        """Whether the container runtime runs and answers."""
        return self.runtime.process.state is Process.RUNNING

    def container(self, id: str) -> Container | None:
        """A container, None if there is none of this id."""
        return self.runtime.containers.get(id)

    def running(self, container: str) -> bool:
        """Whether a container runs."""
        found = self.runtime.containers.get(container)
        return found is not None and found.state is Running.RUNNING

    def stop(self, container: str, grace: int, now: int) -> None:
        """The stop signal now, SIGKILL after the grace. A runtime that does not answer is asked again later."""
        if container in self.runtime.containers:
            self.runtime.stop(container, grace, now)

    # -- commands

    def exec_start(self, container: str, command: tuple[str, ...], now: int) -> Execution:
        """Start a command in simulated time. Raises CriError."""
        return self.runtime.exec_start(container, command, now)

    def exec_done(self, execution: Execution) -> tuple[int, str] | None:
        """(exit code, output) of a command that has ended, None while it runs."""
        result = self.runtime.exec_result(execution)
        return None if result is None else (result.exit_code, result.stdout + result.stderr)

    def exec(self, container: str, command: tuple[str, ...], now: int, timeout_us: int) -> ProbeResult:
        """What a probe with this command finds. Raises ProbeError if it cannot be run."""
        try:
            found = self.runtime.exec(container, command, now, timeout_us)
        except CriError as error:
            raise ProbeError(str(error)) from error
        if found.timed_out:
            said = f'command timed out: "{" ".join(command)}" timed out after {timeout_us // 1_000_000}s'
            return ProbeResult(False, said, timeout_us, found.steady)
        return ProbeResult(found.exit_code == 0, found.stdout + found.stderr, found.took_us, found.steady)

    def http_get(self, container: str, port: int, path: str, scheme: str, now: int) -> str:
        """Ask a container of the Pod; what went wrong, or ""."""
        asked = self.runtime.containers[container]
        target = asked if asked.listening(port)[1] is not None else self.runtime.neighbour(asked.sandbox, port) or asked
        found = http_probe(target, port, path, None, now, scheme=scheme)
        return "" if found.success else found.output

    # -- status

    def pod_status(self, w: PodWorker) -> PodStatus:
        """What has become of a Pod's sandbox and of its containers (the newest first)."""
        found = self.runtime.sandboxes.get(w.sandbox)
        known = self.runtime.containers
        w.states = {id: known[id].state for id in w.containers if id in known}
        statuses = tuple([self._status(known[id], w) for id in w.states])
        ready = found is not None and found.ready
        return PodStatus(w.sandbox if found is not None else "", ready, w.attempt, w.ip, statuses)

    def _status(self, one: Container, w: PodWorker) -> Status:
        config = one.config
        ended = one.state is Running.EXITED
        return Status(
            one.id,
            config.name,
            _STATES[one.state],
            config.attempt,
            config.image,
            self.image_id(config.image),
            one.exit_code or 0,
            one.reason,
            _message(one, w) if ended else "",
            one.started,
            one.finished,
        )

    def image_id(self, image: str) -> str:
        """`docker.io/library/nginx@sha256:…` of an image that is, or was, here."""
        found = self._image_ids.get(image)
        if not found:
            found = self._image_ids[image] = self.runtime.image_id(image)
        return found


def _message(one: Container, w: PodWorker) -> str:
    """What a container left at its terminationMessagePath, else what its log or the runtime says."""
    spec = find_container(w.pod, one.config.name)
    path = (spec.termination_message_path if spec is not None else "") or "/dev/termination-log"
    files = one.files()
    if (one.layer is not None or one.config.mounts) and files.is_file(path):
        text = files.read(path)
        if text:
            return text[-MOST_MESSAGE:]
    if spec is not None and spec.termination_message_policy == "FallbackToLogsOnError" and one.exit_code:
        lines = one.lines(limit=FALLBACK_LINES)
        return "\n".join(line.text for line in lines)[-FALLBACK_BYTES:] or one.message
    return one.message
