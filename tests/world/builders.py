"""Builders for the tests of world: a machine with one container, advanced tick by tick."""

from __future__ import annotations

from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.container import Container
from kubesim_tui.world.net import REFUSED, UNKNOWN_HOST, Fetched, Resolved
from kubesim_tui.world.world import World

CATALOGUE = Catalogue.bundled()


class FakeNet:
    """A network on which some URLs answer. Everything else does not resolve."""

    def __init__(self, **answers: Fetched) -> None:
        self.answers: dict[str, Fetched] = {}
        self.names: dict[str, str] = {}
        self.asked: list[tuple[str, str, str]] = []

    def serve(self, host: str, answer: Fetched | None = None) -> FakeNet:
        self.answers[host] = answer or Fetched(200)
        self.names[host] = "10.96.0.9"
        return self

    def fetch(self, machine, source, url, method="GET", body="", timeout_us=30_000_000, headers=()):
        self.asked.append((url, method, body))
        host = url.split("://")[1].split("/")[0].split("@")[-1].split(":")[0]
        if host not in self.names:
            return Fetched(error=UNKNOWN_HOST)
        return self.answers.get(host, Fetched(error=REFUSED))

    def resolve(self, machine, source, name):
        found = (self.names[name],) if name in self.names else ()
        return Resolved(name, found, "10.96.0.10")


class Box:
    """A machine and the containers that a test starts on it. Ticks are counted from `self.now`."""

    def __init__(self, net: object | None = None, catalogue: Catalogue = CATALOGUE) -> None:
        self.world = World(catalogue)
        self.machine = self.world.add_machine("node-a", processes=("kubelet",))
        self.runtime = self.machine.runtime
        if net is not None:
            self.world.wire(net)
        self.now = 0
        self.sandbox = self.runtime.run_sandbox("pod", "web-1", "10.244.0.7", 0)

    def create(self, image: str, *command: str, args: tuple[str, ...] = (), **config) -> Container:
        """A container that is made and not started; its image is there."""
        if not self.runtime.has_image(image):
            pull = self.runtime.pull(image, self.now)
            self.until(pull.done)
            assert pull.error is None, pull.error
        identity = self.runtime.create(
            self.sandbox, "main", image, now=self.now, command=tuple(command), args=tuple(args), **config
        )
        return self.runtime.container(identity)

    def start(self, image: str, *command: str, **config) -> Container:
        """A container that was just started."""
        container = self.create(image, *command, **config)
        self.runtime.start(container.id, self.now)
        return container

    def run(self, image: str, *command: str, ticks: int = 30, **config) -> Container:
        """A container, started and advanced some ticks (30: long enough for every image to be ready)."""
        container = self.start(image, *command, **config)
        self.until(self.now + ticks)
        return container

    def until(self, tick: int) -> None:
        """Let time go on, tick by tick."""
        while self.now < tick:
            self.now += 1
            self.runtime.due(self.now)

    def sh(self, script: str, image: str = "busybox", ticks: int = 30, **config) -> tuple[str, int | None]:
        """What a script as a container's first process writes (both streams), and its exit code after some ticks."""
        container = self.run(image, "sh", "-c", script, ticks=ticks, **config)
        return text(container), container.exit_code


def text(container: Container) -> str:
    """The log as one text."""
    return "".join(f"{line.text}\n" for line in container.lines())


def ticks(container: Container) -> list[tuple[int, str]]:
    """(ticks since the start, text) of each line of the log."""
    assert container.started is not None
    return [(line.tick - container.started, line.text) for line in container.lines()]
