"""Commands in containers, and their terminals (upstream: the streaming server of the container runtime).

A stream is asked again and again, with what it answered first in the body; each answer holds what was said since.

exec: {"container", "command": […], "stdin": text, "held", "tty"}, answered with {"execution", "stdout", "stderr",
"partial"} while it runs, in the end with {"exitCode", "stdout", "stderr"}. `held`: what it reads will be typed.
attach: {"container"}, answered with {"attachment", "stdout", "partial"}, in the end without the attachment.
portforward: {} asks whether the Pod runs; {"url", "method", "body"} asks one of its ports, answered with {"fetched"}.
exec and attach take, with the execution or attachment, {"input": text}, {"close": true} and {"interrupt": true}, which
is answered with {"idle": true} where nothing but a shell at its prompt was there to be interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import internal
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.world import answer, urls
from kubesim_tui.world import execute as sessions
from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.execute import Execution, Stdin
from kubesim_tui.world.net import REFUSED
from kubesim_tui.world.runtime import Runtime

Body = Mapping[str, Any]
Answer = dict[str, Any]


@frozen
class Attachment:
    """Somebody looks at a container's output: from which entry of its log on they have not seen it."""

    container: str
    seen: int


def running(kubelet: Kubelet, pod: Pod, name: str) -> Container:
    """The running container of a name. 500 as containerd's stream says it."""
    assert kubelet.parts is not None
    w = kubelet.parts.workers.get((pod.metadata.namespace, pod.metadata.name))
    runtime = kubelet.ground.machine.runtime
    for id in w.containers if w is not None else ():
        if kubelet.parts.host.cri.running(id) and runtime.containers[id].config.name == name:
            return runtime.containers[id]
    raise internal(f'unable to upgrade connection: container not found ("{name}")')


# -- exec


def execute(kubelet: Kubelet, pod: Pod, name: str, body: Body) -> Answer:
    """Run a command in a running container, or go on with one."""
    runtime, now = kubelet.ground.machine.runtime, kubelet.engine.clock.tick
    if isinstance(body.get("execution"), Mapping):
        execution = Execution(**body["execution"])
        container = runtime.containers.get(execution.container)
        idle = container is not None and _speak(runtime, container, execution, body, now)
        return {**_said(runtime, execution), **({"idle": True} if idle else {})}
    container = running(kubelet, pod, name)
    command = tuple(str(word) for word in body.get("command") or ())
    stdin = Stdin(body.get("stdin"), bool(body.get("held")), bool(body.get("tty")))
    try:
        execution = runtime.exec_start(container.id, command, now, stdin)
    except CriError as error:
        raise internal(f"error executing command in container: {error.text}") from error
    return _said(runtime, execution)


def _speak(runtime: Runtime, container: Container, execution: Execution, body: Body, now: int) -> bool:
    """Pass on what is typed; True for Ctrl-C where nothing runs that it could end."""
    idle = False
    if body.get("input"):
        sessions.session_type(container, execution, str(body["input"]), now)
    if body.get("interrupt"):
        idle = not sessions.session_interrupt(container, execution, now)
    if body.get("close"):
        sessions.session_close(container, execution, now)
    runtime.given(container, now)
    return idle


def _said(runtime: Runtime, execution: Execution) -> Answer:
    result = runtime.exec_result(execution)
    if result is not None:
        return {"exitCode": result.exit_code, "stdout": result.stdout, "stderr": result.stderr}
    said = sessions.session_said(runtime.containers[execution.container], execution)
    return {"execution": attrs.asdict(execution), "stdout": said.stdout, "stderr": said.stderr, "partial": said.partial}


# -- attach


def attach(kubelet: Kubelet, pod: Pod, name: str, body: Body) -> Answer:
    """Look at what a running container says from now on, and type into its first process."""
    runtime, now = kubelet.ground.machine.runtime, kubelet.engine.clock.tick
    if not isinstance(body.get("attachment"), Mapping):
        container = running(kubelet, pod, name)
        return _shown(container, Attachment(container.id, container.log.written if container.log is not None else 0))
    attachment = Attachment(**body["attachment"])
    found = runtime.containers.get(attachment.container)
    if found is None:
        return {"stdout": "", "partial": ""}
    if body.get("input"):
        sessions.console_type(found, str(body["input"]), now)
    idle = bool(body.get("interrupt")) and not sessions.console_interrupt(found, now)
    if body.get("close"):
        sessions.console_close(found, now)
    if any(body.get(said) for said in ("input", "interrupt", "close")):
        runtime.given(found, now)
    return {**_shown(found, attachment), **({"idle": True} if idle else {})}


def _shown(container: Container, attachment: Attachment) -> Answer:
    lines = container.lines(attachment.seen)
    answer: Answer = {"stdout": "".join(f"{line.text}\n" for line in lines), "partial": ""}
    if container.exit_code is not None:
        return answer
    console, log = container.console, container.log
    answer["partial"] = console.output.partial if console is not None else ""
    answer["attachment"] = attrs.asdict(Attachment(container.id, log.written if log is not None else 0))
    return answer


# -- portforward


def forward(kubelet: Kubelet, pod: Pod, _name: str, body: Body) -> Answer:
    """Ask a port of a Pod from inside. 500 if the Pod does not run, or nobody listens there."""
    assert kubelet.parts is not None
    w = kubelet.parts.workers.get((pod.metadata.namespace, pod.metadata.name))
    runtime = kubelet.ground.machine.runtime
    sandbox = runtime.sandboxes.get(w.sandbox) if w is not None else None
    alive = [id for id in sandbox.containers if kubelet.parts.host.cri.running(id)] if sandbox is not None else []
    if sandbox is None or not alive:
        raise internal(f'failed to find sandbox "{w.sandbox if w is not None else ""}" in store: not found')
    if not body.get("url"):
        return {}
    address, now = urls.split(str(body["url"])), kubelet.engine.clock.tick
    asked = runtime.containers[alive[0]]
    fetched = answer.local(asked, address, str(body.get("method") or "GET"), str(body.get("body") or ""), now)
    if fetched.error == REFUSED:
        raise internal(
            f"error forwarding port {address.port} to pod {sandbox.id}, uid : failed to execute portforward in network "
            f'namespace "/var/run/netns/cni-{sandbox.id[:8]}": failed to connect to localhost:{address.port} inside '
            f'namespace "{sandbox.id}", IPv4: dial tcp4 127.0.0.1:{address.port}: connect: connection refused IPv6 '
            "dial tcp6: address localhost: no suitable address found"
        )
    return {"fetched": fetched}
