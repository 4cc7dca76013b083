"""What goes wrong in the world, in the words of containerd, runc and the operating system."""

from __future__ import annotations

from typing import Any, Self

NO_SPACE = "No space left on device"
NO_FORK = "fork/exec /proc/self/exe: resource temporarily unavailable"


class WorldError(Exception):
    """Base of all that the world refuses. `str(error)` is the text that Kubernetes would show.

    Some are kept for a while (why a pull has failed), and never change: checkpoints share them.
    """

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


class CriError(WorldError):
    """A call to the container runtime failed: `rpc error: code = CODE desc = TEXT`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {text}")
        self.code = code
        self.text = text


class RuntimeDown(CriError):
    """The container runtime does not run."""

    def __init__(self, socket: str) -> None:
        dial = f"dial unix {socket}: connect: connection refused"
        super().__init__("Unavailable", f'connection error: desc = "transport: Error while dialing: {dial}"')


class RuntimeHung(CriError):
    """The container runtime is frozen and does not answer in time."""

    def __init__(self) -> None:
        super().__init__("DeadlineExceeded", "context deadline exceeded")


class NoSuchContainer(CriError):
    """No container of that id."""

    def __init__(self, container: str) -> None:
        super().__init__("NotFound", f'an error occurred when try to find container "{container}": not found')


class StartError(CriError):
    """The container's first process cannot be executed: reason StartError, exit code 128 (127: not found)."""

    def __init__(self, why: str, step: str = "error during container init: ") -> None:
        task = "failed to create containerd task: failed to create shim task"
        runc = f"{task}: OCI runtime create failed: runc create failed"
        super().__init__("Unknown", f"{runc}: unable to start container process: {step}{why}")
        self.why = why


class NoProcess(StartError):
    """The machine has no number left for a process."""

    def __init__(self) -> None:
        super().__init__(f"unable to start init: {NO_FORK}", step="")


class InvalidReference(WorldError):
    """Not the name of an image; `str(error)` is the part after `couldn't parse image name "x": `."""


class FileError(WorldError):
    """A file operation failed; `str(error)` is what strerror says."""


class NoSpace(FileError):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__(NO_SPACE)


class ExecError(CriError):
    """A command cannot be executed in a container; kubectl gives exit code 126 or 127."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "Unknown", f"failed to exec in container: failed to start exec: OCI runtime exec failed: {why}"
        )
        self.why = why
