"""What a kubelet serves to the API server: logs, and what `kubelet.streaming` does (upstream: pkg/kubelet/server).

`KubeletHandler` stands in the API server's proxy table under "log", "exec" and so on. It goes over the links: a cut
one, a stopped kubelet or a machine without power breaks `kubectl logs`, too.

Body of log: {"container", "previous", "tailLines", "sinceSeconds", "sinceTick"}; answers a list of (Unix second, text).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define

from kubesim_tui.api.types import ContainerStatus, Pod, PodStatus
from kubesim_tui.apiserver.errors import StatusError, bad_request, internal
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kubelet import streaming
from kubesim_tui.kubelet.kubelet import Kubelet

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

    call: str  # one of CALLS
    kubelets: Mapping[str, Kubelet]
    etcd: Etcd
    links: Links
    place: str

    def handle(self, request: Request) -> Any:
        """Answer, or raise a StatusError."""
        body: Mapping[str, Any] = request.body if isinstance(request.body, Mapping) else {}
        pod = self.etcd.get("pods", (request.namespace, request.name))
        assert isinstance(pod, Pod)
        whole = self.call == "portforward"
        container = "" if whole else choose_container(pod, str(body.get("container") or ""))
        return CALLS[self.call](self._kubelet(pod, container), pod, container, body)

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
    ephemeral = [c.name for c in spec.ephemeral_containers]
    if name:
        if name not in (*names, *init, *ephemeral):
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
        raise internal(f"unable to retrieve container logs for {runtime.brand.scheme}://{id}")
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
    known = (*status.container_statuses, *status.init_container_statuses, *status.ephemeral_container_statuses)
    found = next((s for s in known if s.name == name), None)
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


Body = Mapping[str, Any]
CALLS: Mapping[str, Callable[[Kubelet, Pod, str, Body], Any]] = {
    "log": container_log,
    "exec": streaming.execute,
    "attach": streaming.attach,
    "portforward": streaming.forward,
}
"""What can be asked of a container; portforward: of a whole Pod."""
