"""Hooks of containers: postStart and preStop (upstream: pkg/kubelet/lifecycle/handlers.go).

A hook takes simulated time: an exec as long as its command runs, a sleep its seconds. An HTTP hook is answered within
its tick.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define

from kubesim_tui.api.types import Container, LifecycleHandler, Pod
from kubesim_tui.kubelet.container_config import port_number
from kubesim_tui.kubelet.events import full_name
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.execute import Execution


@define(eq=False)
class Hook:
    """A hook that runs. `exec` names a command in the runtime; without one it is over at `until`."""

    container: str
    handler: LifecycleHandler
    until: int = -1
    exec: Execution | None = None
    error: str = ""


class Runner(Protocol):
    """What hooks need of the container runtime and the network."""

    def exec_start(self, container: str, command: tuple[str, ...], now: int) -> Execution:
        """Start a command. Raises CriError."""
        ...

    def exec_done(self, execution: Execution) -> tuple[int, str] | None:
        """(exit code, output) of a command that has ended, None while it runs."""
        ...

    def http_get(self, container: str, port: int, path: str, scheme: str, now: int) -> str:
        """Ask the Pod; what went wrong, or ""."""
        ...


def begin(runner: Runner, pod: Pod, container: Container, id: str, handler: LifecycleHandler, now: int) -> Hook:
    """Start a hook."""
    hook = Hook(id, handler)
    hook.until = now
    if handler.exec is not None:
        try:
            hook.exec = runner.exec_start(id, handler.exec.command, now)
        except CriError as error:
            hook.error = _exec_failed(pod, container, handler, f'error: {error}, message: ""')
    elif handler.sleep is not None:
        hook.until = now + handler.sleep.seconds
    elif handler.http_get is not None:
        port = port_number(handler.http_get.port, container) or 80
        path = handler.http_get.path or "/"
        wrong = runner.http_get(id, port, path, handler.http_get.scheme or "HTTP", now)
        if wrong:
            hook.error = f'HTTP lifecycle hook ({path}) for Container "{container.name}" in Pod "{full_name(pod)}" '
            hook.error += f'failed - error: {wrong}, message: ""'
    return hook


def is_over(runner: Runner, pod: Pod, container: Container, hook: Hook, now: int) -> bool:
    """Whether a hook has ended; `hook.error` says what went wrong."""
    if hook.exec is None:
        return now >= hook.until
    done = runner.exec_done(hook.exec)
    if done is None:
        return False
    code, output = done
    if code:
        words = " ".join(hook.handler.exec.command if hook.handler.exec is not None else ())
        why = f"error: command '{words}' exited with {code}: {output}, message: \"{output}\""
        hook.error = _exec_failed(pod, container, hook.handler, why)
    return True


def _exec_failed(pod: Pod, container: Container, handler: LifecycleHandler, why: str) -> str:
    words = " ".join(handler.exec.command if handler.exec is not None else ())
    return f'Exec lifecycle hook ([{words}]) for Container "{container.name}" in Pod "{full_name(pod)}" failed - {why}'
