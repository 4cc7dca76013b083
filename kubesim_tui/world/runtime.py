"""The container runtime of one machine: what a kubelet asks of it over CRI.

`due` (world/schedule.py) brings everything up to a tick. When its process is stopped or hangs every call fails with
its text, while the containers go on: they do not need it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, frozen

from kubesim_tui.world import execute, lifecycle
from kubesim_tui.world.brands import CONTAINERD, DOCKER, Brand
from kubesim_tui.world.burden import Burden
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.config import Config, Limits, Mount, Sandbox
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.disk import Disk
from kubesim_tui.world.errors import NO_FORK, CriError, ExecError, NoProcess, StartError
from kubesim_tui.world.execute import ExecResult, Execution, Stdin
from kubesim_tui.world.links import Links
from kubesim_tui.world.logs import LogLine
from kubesim_tui.world.process import Process
from kubesim_tui.world.pulls import Image, ImageStore, Pull
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.reference import parse
from kubesim_tui.world.registry import Credentials, Registry
from kubesim_tui.world.schedule import DEFAULT_EPOCH, Waker
from kubesim_tui.world.shared import NOTHING, Shared
from kubesim_tui.world.startup import first_process
from kubesim_tui.world.units import SECOND_US

UNKNOWN_EXIT = 255
__all__ = ["DEFAULT_EPOCH", "Runtime", "Status", "Waker"]


@frozen(eq=False, repr=False)
class Status(Shared):
    """What CRI tells about a container."""

    id: str
    name: str
    image: str
    state: State
    created: int
    started: int | None
    finished: int | None
    exit_code: int | None
    reason: str
    message: str


@define(eq=False, repr=False)
class Runtime(Burden):
    """See the module's theory."""

    @classmethod
    def make(
        cls,
        machine: str,
        catalogue: Catalogue,
        registries: dict[str, Registry],
        links: Links,
        *,
        disk: Disk,
        memory_bytes: int,
        cpu_milli: int = 4_000,
        process: Process | None = None,
        epoch: int = DEFAULT_EPOCH,
        pulse: Pulse | None = None,
        brand: Brand = CONTAINERD,
    ) -> Runtime:
        """A runtime without images and containers."""
        store = ImageStore(machine, catalogue, registries, links, disk, {}, {}, brand)
        main = process or Process(brand.process)
        made = cls(machine, main, store, disk, memory_bytes, cpu_milli, epoch, pulse=pulse or Pulse())
        disk.keeper = made
        return made

    @property
    def brand(self) -> Brand:
        """Whose make it is."""
        return self.store.brand

    # -- images

    def has_image(self, image: str) -> bool:
        """Whether an image is here. Raises InvalidReference."""
        return self.image(image) is not None

    def image(self, image: str) -> Image | None:
        """An image that is here. Raises InvalidReference."""
        self._check()
        return self.store.find(image)

    def pull(self, image: str, now: int, who: Credentials | None = None) -> Pull:
        """Pull an image: look at the result's `finished` and `error` from tick `done` on. Raises InvalidReference."""
        self._check()
        self.now = max(self.now, now)
        pull = self.store.pull(image, now, who)
        self._tell()
        return pull

    def image_id(self, image: str) -> str:
        """`docker.io/library/nginx@sha256:…` of an image that is here, "" if it is not."""
        found = self.store.find(image)
        prefix = "docker-pullable://" if self.brand is DOCKER else ""
        return prefix + found.digest if found is not None else ""

    # -- sandboxes

    def run_sandbox(
        self,
        name: str,
        hostname: str,
        ip: str,
        now: int,
        labels: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        mapped: Mapping[tuple[int, str], int] | None = None,
    ) -> str:
        """Make a network namespace, with ports of the machine mapped to its own; returns its id."""
        self._check()
        self.now = max(self.now, now)
        self.pulse.beat()
        identity = self._new_id()
        self.sandboxes[identity] = Sandbox(
            identity, name, hostname, ip, created=now, labels=labels or NOTHING, files=files or NOTHING, mapped=mapped
        )
        return identity

    def stop_sandbox(self, identity: str, now: int) -> None:
        """Kill what is in it and give up its address."""
        self._check()
        sandbox = self.sandboxes.get(identity)
        if sandbox is not None:
            for container in list(sandbox.containers):
                self.kill(container, now)
            sandbox.ready = False
            self.pulse.beat()

    def remove_sandbox(self, identity: str, now: int) -> None:
        """Remove it with all its containers."""
        self.stop_sandbox(identity, now)
        for container in list(self.sandboxes[identity].containers) if identity in self.sandboxes else ():
            self.remove(container)
        self.sandboxes.pop(identity, None)

    # -- containers

    def create(
        self,
        sandbox_id: str,
        name: str,
        image: str,
        *,
        now: int,
        command: tuple[str, ...] = (),
        args: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        mounts: tuple[Mount, ...] = (),
        limits: Limits | None = None,
        expected_ports: tuple[int, ...] = (),
        user: int | None = None,
        group: int | None = None,
        read_only_root: bool = False,
        working_dir: str = "",
    ) -> str:
        """Create a container in a sandbox; returns its id. Raises CriError (no image, no sandbox, no command)."""
        config = Config(
            name,
            image,
            command,
            args,
            env if env is not None else NOTHING,
            mounts,
            limits or Limits(),
            expected_ports,
            user,
            group,
            read_only_root,
            working_dir,
        )
        return self.create_from(sandbox_id, config, now)

    def create_from(self, sandbox_id: str, config: Config, now: int) -> str:
        """The same from settings that replicas may share."""
        self._check()
        self.now = max(self.now, now)
        held = self.store.images.get(parse(config.image).name)
        if held is None:
            raise CriError("NotFound", f'failed to resolve image "{config.image}": not found')
        sandbox = self.sandboxes.get(sandbox_id)
        if sandbox is None:
            raise CriError("NotFound", f'failed to find sandbox id "{sandbox_id}": not found')
        if not (config.command or config.args or held.spec.entrypoint or held.spec.command):
            raise CriError(
                "Unknown", "failed to generate container spec: failed to generate spec: no command specified"
            )
        held.last_used = now
        identity = self._new_id()
        container = Container(identity, self._made, sandbox, config, held.spec, self, now)
        self.containers[identity] = container
        sandbox.containers.append(identity)
        for mount in config.mounts:
            mount.volume.watchers[identity] = self
        return identity

    def start(self, identity: str, now: int) -> None:
        """Start a container. Raises StartError when its command cannot be executed."""
        container = self._find(identity, now)
        if container.state is not State.CREATED:
            raise CriError("Unknown", f"container is in {container.state.upper()} state")
        try:
            if not self.can_fork():
                raise NoProcess
            main = first_process(container, now)
        except StartError as error:
            lifecycle.fail(container, 128, str(error.text), now)
            self._tell()
            raise
        lifecycle.start(container, main, now)
        self._after(container, now)

    def stop(self, identity: str, grace: int, now: int) -> int | None:
        """Its stop signal now, SIGKILL after `grace` ticks; returns the tick of its next change, None if it ended."""
        container = self._find(identity, now)
        if container.state is not State.EXITED:
            lifecycle.stop(container, grace, now)
            self._after(container, now)
        return lifecycle.next_change(container)

    def kill(self, identity: str, now: int, reason: str = "") -> None:
        """SIGKILL (137), as a fault, the end of a sandbox or the kernel (`OOMKilled`) does it."""
        self.now = max(self.now, now)
        container = self.container(identity)
        if container.state is not State.EXITED:
            lifecycle.kill(container, now, reason)
            self._tell()

    def remove(self, identity: str) -> None:
        """Remove a container that has ended; its own layer of files is gone."""
        container = self.container(identity)
        if container.state is State.RUNNING:
            raise CriError("Unknown", f"failed to set removing state for container {identity}: container is running")
        for mount in container.config.mounts:
            mount.volume.watchers.pop(identity, None)
        if container.layer is not None:
            container.layer.release()
        if container.log is not None:
            container.log.release()
        if identity in container.sandbox.containers:
            container.sandbox.containers.remove(identity)
        self._touched.pop(identity, None)
        del self.containers[identity]

    def _find(self, identity: str, now: int) -> Container:
        self._check()
        self.now = max(self.now, now)
        return self.container(identity)

    def status(self, identity: str) -> Status:
        """What has become of a container."""
        self._check()
        one = self.container(identity)
        return Status(
            identity,
            one.config.name,
            one.config.image,
            one.state,
            one.created,
            one.started,
            one.finished,
            one.exit_code,
            one.reason,
            one.message,
        )

    def logs(self, identity: str, tail: int | None = None, since: int = 0) -> list[LogLine]:
        """The log: the last `tail` lines of the entries from number `since` on (see `Log.written`)."""
        return self.container(identity).lines(since, tail)

    # -- executing something in a container

    def exec(self, identity: str, argv: tuple[str, ...], now: int, timeout_us: int = 60 * SECOND_US) -> ExecResult:
        """Run a command at once, ahead of time: `took_us` says how long it would have taken. Raises ExecError."""
        container = self._running(identity, now)
        result = execute.run_ahead(container, argv, now, timeout_us)
        self._after(container, now)
        return result

    def exec_start(self, identity: str, argv: tuple[str, ...], now: int, stdin: Stdin = execute.NOTHING) -> Execution:
        """Run a command in simulated time; ask `exec_result` from time to time. Raises ExecError."""
        container = self._running(identity, now)
        execution = execute.begin_session(container, argv, now, stdin)
        self._after(container, now)
        return execution

    def exec_result(self, execution: Execution) -> ExecResult | None:
        """The result of a command, None while it runs. If its container has ended, 137."""
        return execute.session_result(self.containers.get(execution.container), execution)

    def _running(self, identity: str, now: int) -> Container:
        container = self._find(identity, now)
        if container.state is not State.RUNNING:
            raise ExecError(f"container is in {container.state.upper()} state")
        if not self.can_fork():
            raise ExecError(f"exec failed: unable to start container process: error starting setns process: {NO_FORK}")
        return container

    # -- faults

    def wipe(self) -> None:
        """The disk of the machine is empty: no images, no containers."""
        self.containers.clear()
        self.sandboxes.clear()
        self.store.images.clear()
        self.disk.used_bytes = 0
        self.pulse.beat()

    def power_off(self, now: int) -> None:
        """The machine has lost its power: nothing runs any more. Images, layers and volumes stay."""
        self.now = max(self.now, now)
        for container in self.containers.values():
            if container.state is not State.EXITED:
                lifecycle.finish(container, UNKNOWN_EXIT, now, "Unknown")
        for sandbox in self.sandboxes.values():
            sandbox.ready = False
        self.store.pulls.clear()
        self._heap.clear()
