"""What the container runtime says of a Pod, in the kubelet's own form (upstream: kubecontainer.PodStatus)."""

from __future__ import annotations

from enum import StrEnum

from attrs import define, frozen


class State(StrEnum):
    """The state of a container in the runtime."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"
    UNKNOWN = "unknown"


@frozen
class Status:
    """One container, running or dead. Times are ticks."""

    id: str
    name: str
    state: State
    restart_count: int = 0
    image: str = ""
    image_id: str = ""
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    started: int | None = None
    finished: int | None = None


@define
class PodStatus:
    """One Pod: its newest sandbox, and its containers with the newest first. Without a sandbox the id is ""."""

    sandbox_id: str = ""
    sandbox_ready: bool = False
    attempt: int = 0
    ip: str = ""
    containers: tuple[Status, ...] = ()

    def find(self, name: str) -> Status | None:
        """The newest container of a name."""
        for status in self.containers:
            if status.name == name:
                return status
        return None

    @property
    def running(self) -> list[Status]:
        """The containers that run, oldest first."""
        return [status for status in reversed(self.containers) if status.state is State.RUNNING]
