"""What a kubelet serves to the API server: logs, and commands in containers (upstream: pkg/kubelet/server).

`KubeletHandler` stands in the API server's proxy table under "log" and "exec". It goes over the links: a cut one, a
stopped kubelet or a machine without power breaks `kubectl logs`, too.

Bodies. log: {"container", "previous", "tailLines", "sinceSeconds", "sinceTick"}; answers a list of (Unix second, text).
exec: {"container", "command", "stdin"}; answers {"exitCode", "stdout", "stderr"}, or {"execution"} while the command
runs: ask again with that in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define

from kubesim_tui.api.types import ContainerStatus, Pod, PodStatus
from kubesim_tui.apiserver.errors import StatusError, bad_request, internal
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.execute import ExecResult, Execution

PORT = 10250
Line = tuple[int, str]


class Links(Protocol):
    """Who reaches whom."""

    def reachable(self, a: str, b: str) -> bool:
        """Packets get from a to b and back."""
        ...


@define(eq=False)
class KubeletHandler:
    """One kind of call to whichever kubelet has the Pod. `place` is where the API server stands."""

    call: str  # log, exec
    kubelets: Mapping[str, Kubelet]
    etcd: Etcd
    links: Links
    place: str

    def handle(self, request: Request) -> Any:
        """Answer, or raise a StatusError."""
        body: Mapping[str, Any] = request.body if isinstance(request.body, Mapping) else {}
        pod = self.etcd.get("pods", (request.namespace, request.name))
        assert isinstance(pod, Pod)
        container = choose_container(pod, str(body.get("container") or ""))
        kubelet = self._kubelet(pod, container)
        if self.call == "log":
            return container_log(kubelet, pod, container, body)
        return execute(kubelet, pod, container, body)

    def _kubelet(self, pod: Pod, container: str) -> Kubelet:
        node = pod.spec.node_name if pod.spec is not None else ""
        kubelet = self.kubelets.get(node)
        if not node or kubelet is None:
            raise bad_request(f"pod {pod.metadata.name} does not have a host assigned")
        dial = f"dial tcp {kubelet.ground.options.ip}:{PORT}"
        if not kubelet.ground.machine.powered or not self.links.reachable(self.place, node):
            raise self._unreachable(pod, container, kubelet, f"{dial}: i/o timeout")
        if not kubelet.runs() or kubelet.parts is None:
            raise self._unreachable(pod, container, kubelet, f"{dial}: connect: connection refused")
        return kubelet

    def _unreachable(self, pod: Pod, container: str, kubelet: Kubelet, why: str) -> StatusError:
        if self.call != "log":
            return StatusError(500, "InternalError", f"error dialing backend: {why}")
        meta = pod.metadata
        path = f"containerLogs/{meta.namespace}/{meta.name}/{container}"
        return StatusError(500, "InternalError", f'Get "https://{kubelet.ground.options.ip}:{PORT}/{path}": {why}')


def choose_container(pod: Pod, name: str) -> str:
    """The container that a call means. 400 if there is none of that name, or several to choose from."""
    spec = pod.spec
    assert spec is not None
    names = [c.name for c in spec.containers]
    init = [c.name for c in spec.init_containers]
    if name:
        if name not in names and name not in init:
            raise bad_request(f"container {name} is not valid for pod {pod.metadata.name}")
        return name
    if len(names) == 1:
        return names[0]
    said = f"a container name must be specified for pod {pod.metadata.name}, choose one of: [{' '.join(names)}]"
    raise bad_request(said + (f" or one of the init containers: [{' '.join(init)}]" if init else ""))


# -- logs ------------------------------------------------------------------------------------------------------------


def container_log(kubelet: Kubelet, pod: Pod, name: str, body: Mapping[str, Any]) -> list[Line]:
    """The lines of a container, the running one or (`previous`) the one before it."""
    id = log_container(_status(kubelet, pod), pod.metadata.name, name, bool(body.get("previous")))
    runtime = kubelet.ground.machine.runtime
    if id not in runtime.containers:
        raise internal(f"unable to retrieve container logs for containerd://{id}")
    first = int(body.get("sinceTick") or 0)
    if body.get("sinceSeconds") is not None:
        first = max(first, kubelet.engine.clock.tick - int(body["sinceSeconds"]))
    tail = body.get("tailLines")
    lines = [line for line in runtime.logs(id, None if tail is None else int(tail)) if line.tick >= first]
    return [(kubelet.engine.clock.epoch + line.tick, line.text) for line in lines]


def _status(kubelet: Kubelet, pod: Pod) -> PodStatus:
    assert kubelet.parts is not None
    w = kubelet.parts.workers.get((pod.metadata.namespace, pod.metadata.name))
    return (w.status if w is not None else None) or pod.status or PodStatus()


def log_container(status: PodStatus, pod: str, name: str, previous: bool) -> str:
    """The id of the container whose log is meant; 400 in the kubelet's words (validateContainerLogStatus)."""
    found = next((s for s in (*status.container_statuses, *status.init_container_statuses) if s.name == name), None)
    if found is None or found.state is None:
        raise bad_request(f'container "{name}" in pod "{pod}" is not available')
    last = found.last_state.terminated if found.last_state is not None else None
    if previous:
        if last is None or not last.container_id:
            raise bad_request(f'previous terminated container "{name}" in pod "{pod}" not found')
        return _id(last.container_id)
    if found.state.running is not None:
        return _id(found.container_id)
    ended = found.state.terminated or last
    if ended is not None:
        if not ended.container_id:
            raise bad_request(f'container "{name}" in pod "{pod}" is terminated')
        return _id(ended.container_id)
    raise bad_request(f'container "{name}" in pod "{pod}" is waiting to start: {_why(found)}')


_WORDS = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


def _why(status: ContainerStatus) -> str:
    reason = status.state.waiting.reason if status.state is not None and status.state.waiting is not None else ""
    return _WORDS.get(reason, reason)


def _id(container_id: str) -> str:
    return container_id.partition("://")[2]


# -- commands --------------------------------------------------------------------------------------------------------


def execute(kubelet: Kubelet, pod: Pod, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command in a running container, or ask what has become of one."""
    runtime, now = kubelet.ground.machine.runtime, kubelet.engine.clock.tick
    execution = body.get("execution")
    if isinstance(execution, Execution):
        return _answer(runtime.exec_result(execution), execution)
    assert kubelet.parts is not None
    w = kubelet.parts.workers.get((pod.metadata.namespace, pod.metadata.name))
    running = [id for id in (w.containers if w is not None else ()) if kubelet.parts.host.cri.running(id)]
    id = next((id for id in running if runtime.containers[id].config.name == name), "")
    if not id:
        raise internal(f'unable to upgrade connection: container not found ("{name}")')
    command = tuple(str(word) for word in body.get("command") or ())
    try:
        execution = runtime.exec_start(id, command, now, body.get("stdin"))
    except CriError as error:
        raise internal(f"error executing command in container: {error.text}") from error
    return _answer(runtime.exec_result(execution), execution)


def _answer(result: ExecResult | None, execution: Execution) -> dict[str, Any]:
    if result is None:
        return {"execution": execution}
    return {"exitCode": result.exit_code, "stdout": result.stdout, "stderr": result.stderr}
