"""What a kubelet says about Pods: reasons and words of upstream's pkg/kubelet/events."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder


@define(eq=False)
class Events:
    """The kubelet's voice."""

    recorder: Recorder
    _paths: dict[tuple[str, str], str] = field(factory=dict)

    def container(self, pod: Pod, container: str, type_: str, reason: str, message: str) -> None:
        """About one container of a Pod."""
        self.recorder.event(pod, type_, reason, message, self.field_path(pod, container))

    def field_path(self, pod: Pod, container: str) -> str:
        """`spec.containers{name}`, or that of its list; the same text for all Pods."""
        spec, kind = pod.spec, "containers"
        if spec is not None and any(c.name == container for c in spec.init_containers):
            kind = "initContainers"
        elif spec is not None and any(c.name == container for c in spec.ephemeral_containers):
            kind = "ephemeralContainers"
        found = self._paths.get((container, kind))
        if found is None:
            found = self._paths[container, kind] = f"spec.{kind}{{{container}}}"
        return found

    def pod(self, pod: Pod, type_: str, reason: str, message: str) -> None:
        """About a Pod."""
        self.recorder.event(pod, type_, reason, message)

    def created(self, pod: Pod, container: str) -> None:
        """A container was created."""
        self.container(pod, container, NORMAL, "Created", "Container created")

    def started(self, pod: Pod, container: str) -> None:
        """A container was started."""
        self.container(pod, container, NORMAL, "Started", "Container started")

    def failed(self, pod: Pod, container: str, message: str) -> None:
        """A container could not be created or started."""
        self.container(pod, container, WARNING, "Failed", f"Error: {message}")

    def killing(self, pod: Pod, container: str, message: str = "") -> None:
        """A container is being stopped."""
        self.container(pod, container, NORMAL, "Killing", message or f"Stopping container {container}")

    def unhealthy(self, pod: Pod, container: str, kind: str, output: str) -> None:
        """A probe has failed."""
        self.container(pod, container, WARNING, "Unhealthy", f"{kind} probe failed: {output}")

    def back_off(self, pod: Pod, container: str, full_name: str) -> None:
        """A container that crashes is not restarted yet."""
        said = f"Back-off restarting failed container {container} in pod {full_name}"
        self.container(pod, container, WARNING, "BackOff", said)


def full_name(pod: Pod) -> str:
    """`name_namespace(uid)`, as the kubelet writes Pods."""
    meta = pod.metadata
    return f"{meta.name}_{meta.namespace}({meta.uid})"
