"""kubectl port-forward: ports of the player's own machine that lead into a Pod.

The job holds them open; whoever asks one of them (the prompt's `curl`) calls `ask`. It ends when the Pod does.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Pod, Service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import User
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kubectl import builder, choose_pod, jobs
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error, usage
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.forwarded_ports import Port, named_in_pod, named_in_service, read
from kubesim_tui.kubectl.result import Config, Poll
from kubesim_tui.kubectl.stream import not_upgraded
from kubesim_tui.world.net import Fetched

LOST = "error: lost connection to pod"
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*")
FIRST, LAST = 32768, 60999
"""Of the ports that a machine gives away by itself."""


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    choose_pod.check_timeout(env)
    if len(args) < 2:
        raise usage("TYPE/NAME and list of ports are required for port-forward", "port-forward")
    infos, failures = builder.chosen(env, [args[0]] if "/" in args[0] else ["pods", args[0]])
    builder.finish(failures)
    info = infos[0]
    selector = "" if isinstance(info.object, Pod) else choose_pod.selector_of(info, "attach to")
    service = info.object if isinstance(info.object, Service) else None
    job = Forward(env.user, env.flags, env.config, info.namespace, info.name if not selector else "", tuple(args[1:]))
    job.selector, job.service, job.until = selector, service, jobs.deadline(env, "pod-running-timeout")
    jobs.begin(env, job)


@define
class Forward:
    """Ports that are held open. pod "" until one of the selector's has been found."""

    user: User
    flags: Flags
    config: Config
    namespace: str
    pod: str
    wanted: tuple[str, ...]
    selector: str = ""
    service: Service | None = None
    until: int = jobs.NEVER
    uid: str = ""
    ports: tuple[Port, ...] = ()
    said: tuple[str, ...] = ()  # since it was last polled
    lost: str = ""  # why the connection is gone
    handled: int = 0
    last: int = 0  # the last answer's status

    # -- as a job

    def poll(self, client: Client, now: int) -> Poll:
        """Open the ports; afterwards look whether the Pod still runs."""
        env = jobs.resumed(client, now, self.config, self.flags)
        try:
            if not self.uid:
                self._open(env)
            elif not self.lost:
                self._look(env)
        except ApiError as failure:
            env.failed(failure)
            return Poll(tuple(env.out), tuple(env.err), True, 1)
        except Fail as failure:
            env.failed(failure)
            return Poll(tuple(env.out), tuple(env.err), True, failure.code)
        said, self.said = self.said, ()
        if self.lost:
            return Poll((*env.out, *said), (self.lost, LOST) if self.lost != LOST else (LOST,), True, 1)
        return Poll((*env.out, *said))

    def interrupt(self) -> Poll:
        """Ctrl-C: the ports are closed."""
        return jobs.INTERRUPTED

    def _open(self, env: Env) -> None:
        if not self.pod and not choose_pod.found(env, self, self.selector, self.until):
            return
        pod = env.get(for_plural("pods"), self.namespace, self.pod)
        assert isinstance(pod, Pod)
        numbered = [self._numbered(text, pod) for text in self.wanted]
        phase = pod.status.phase if pod.status is not None else ""
        if phase != "Running":
            raise error(f"unable to forward port because pod is not running. Current status={phase}")
        ports = [read(text) for text in numbered]
        hosts = _addresses(env)
        try:
            self._send(env, {})
        except StatusError as refused:
            raise error(f"error upgrading connection: {not_upgraded(refused)}") from None
        self.uid = pod.metadata.uid
        self.ports = tuple(p if p.local else Port(_free(pod, p.remote, env.now), p.remote) for p in ports)
        for port in self.ports:
            for host in hosts:
                env.say(f"Forwarding from {host}:{port.local} -> {port.remote}")

    def _numbered(self, text: str, pod: Pod) -> str:
        return named_in_pod(text, pod) if self.service is None else named_in_service(text, self.service, pod)

    def _look(self, env: Env) -> None:
        """A Pod that is gone, or cannot be reached, has lost its connection."""
        try:
            pod = env.get(for_plural("pods"), self.namespace, self.pod)
            self._send(env, {})
        except ApiError:
            self.lost = LOST
        else:
            self.lost = LOST if pod.metadata.uid != self.uid else ""

    def _send(self, env: Env, body: dict[str, Any]) -> Any:
        return env.send("create", for_plural("pods"), self.namespace, self.pod, subresource="portforward", body=body)

    # -- as ports

    def leads(self, local: int) -> Port | None:
        """The port of the Pod behind one of this machine; None if it is not one of ours."""
        return next((p for p in self.ports if p.local == local), None) if not self.lost else None

    def ask(self, client: Client, now: int, port: Port, method: str, target: str, body: str) -> Fetched:
        """Pass a request on. One that nobody takes ends the forwarding, as it does with the real one."""
        env = jobs.resumed(client, now, self.config, self.flags)
        self.said += (f"Handling connection for {port.local}",)
        self.handled += 1
        asked = {"url": f"http://localhost:{port.remote}{target}", "method": method, "body": body}
        try:
            answer = self._send(env, asked)
        except StatusError as refused:
            why = refused.message.removeprefix("Internal error occurred: ")
            self.lost = f"an error occurred forwarding {port.local} -> {port.remote}: {why}"
            return Fetched(error=NO_REPLY)
        except ApiError:
            self.lost = LOST
            return Fetched(error=NO_REPLY)
        fetched: Fetched = answer["fetched"]
        self.last = fetched.status
        return fetched


NO_REPLY = "no reply"
"""The connection was taken and closed without an answer."""


def _addresses(env: Env) -> list[str]:
    """Where it listens. Fail for what is no address."""
    found: list[str] = []
    for text in env.flags.text("address").strip("[]").split(","):
        if text == "localhost":
            found += ["127.0.0.1", "[::1]"]
        elif not ADDRESS.fullmatch(text):
            raise error(f"{text} is not a valid IP")
        else:
            found.append(f"[{text}]" if ":" in text else text)
    return found


def _free(pod: Pod, remote: int, now: int) -> int:
    """A port of its own for `:80`."""
    bits = Stream.seeded(f"kubectl port-forward {pod.metadata.uid} {remote} {now}").bits()
    return FIRST + bits % (LAST - FIRST + 1)
