"""Commands of kubeadm that take their time: each is a list of steps, gone through on a machine second by second.

A step that is not done yet is asked again in the next tick; one that fails ends the command. It dies with its machine.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define, field

from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.base import TRACE, Call
from kubesim_tui.cluster.kubeadm.config import Configuration
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.kernel.engine import Engine, Key

PATCHED = '[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"'
CLOSED = "Connection to {} closed by remote host."
INTERRUPTED, LOST = 130, 255


class Step(Protocol):
    """A part of a command."""

    def go(self, run: Run) -> bool:
        """Do what can be done now; False: it is not done yet. Failure ends the command."""
        ...


@define(eq=False)
class Run:
    """One command on its way. `lines`: what it has said, each with whether that was an error."""

    call: Call
    steps: list[Step]
    lines: list[tuple[bool, str]] = field(factory=list)
    done: bool = False
    code: int = 0
    boots: int = 0  # of its machine, when it began
    asks: str = ""  # a question that waits for its answer
    answer: str | None = None
    configuration: Configuration = field(factory=dict)  # of the cluster, once it is read
    version: str = ""  # to which the cluster is brought

    @property
    def now(self) -> int:
        """The tick."""
        return self.call.cluster.engine.clock.tick

    @property
    def place(self) -> str:
        """The machine on which it runs."""
        return self.call.machine.name

    def say(self, *texts: str) -> None:
        """Print lines."""
        self.lines += [(False, line) for text in texts for line in text.split("\n")]

    def warn(self, *texts: str) -> None:
        """Print lines as errors."""
        self.lines += [(True, line) for text in texts for line in text.split("\n")]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Whether a flag that is yes or no is set."""
        given = self.call.flags.get(name)
        return default if given is None else given.lower() not in ("false", "f", "0")

    def advance(self) -> None:
        """As far as it gets now."""
        machine = self.call.machine
        if not machine.powered or machine.boots != self.boots:
            self.end(LOST, CLOSED.format(machine.name))
            return
        try:
            while self.steps and self.steps[0].go(self):
                del self.steps[0]
        except Failure as wrong:
            self.end(1, *str(wrong).split("\n"), TRACE)
            return
        if not self.steps:
            self.end(0)

    def end(self, code: int, *said: str) -> None:
        """It is over."""
        self.warn(*said)
        self.done, self.code, self.asks = True, code, ""


@define(eq=False)
class ReadConfiguration:
    """What the ConfigMap kubeadm-config says; the API server is asked again for a minute."""

    prefix: str  # of the lines that are printed
    failing: str  # what stands before the reason
    began: int = -1

    def go(self, run: Run) -> bool:
        """Ask."""
        if self.began < 0:
            self.began = run.now
            run.say(f'[{self.prefix}] Reading configuration from the "{config.NAME}" ConfigMap in namespace '
                    f'"{config.NAMESPACE}"...')  # fmt: skip
            run.say(f"[{self.prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' "
                    "to re-upload it.")  # fmt: skip
        try:
            run.configuration = config.read(run.call.config_map(config.NAMESPACE, config.NAME))
        except ApiError as wrong:
            if run.now < self.began + config.PATIENCE:
                return False
            said = run.call.told(wrong, f"/api/v1/namespaces/{config.NAMESPACE}/configmaps/{config.NAME}?timeout=10s")
            raise Failure(f"{self.failing}: failed to get config map: {said}") from wrong
        except Failure as wrong:
            raise Failure(f"{self.failing}: {wrong}") from wrong
        return True


@define(eq=False)
class Ask:
    """A question that whoever types must answer with y."""

    question: str

    def go(self, run: Run) -> bool:
        """Wait for the answer."""
        if run.answer is None:
            run.asks = self.question
            return False
        run.asks = ""
        if run.answer.strip().lower() not in ("y", "yes"):
            raise Failure("won't proceed; the user didn't answer (Y|y) in order to continue")
        return True


@define(eq=False)
class Say:
    """Lines that are printed when it is their turn."""

    texts: tuple[str, ...]

    def go(self, run: Run) -> bool:
        """Print them."""
        run.say(*self.texts)
        return True


class Runs:
    """A worker of the engine: commands that go on, by number."""

    name, order, phase = "kubeadm", 0, "timers"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.under_way: dict[int, Run] = {}
        self._begun = 0

    def runs(self) -> bool:
        """Each command dies with its own machine."""
        return True

    def begin(self, call: Call, steps: list[Step]) -> Run:
        """Begin a command; it may be over at once."""
        run = Run(call, steps, boots=call.machine.boots)
        self._begun += 1
        self.under_way[self._begun] = run
        self.reconcile(self._begun)
        return run

    def reconcile(self, key: Key) -> None:
        """One command goes on."""
        assert isinstance(key, int)
        run = self.under_way.get(key)
        if run is None:
            return
        if not run.done:
            run.advance()
        if run.done:
            del self.under_way[key]
        else:
            self.engine.at(self.engine.clock.tick + 1, self.phase, self, key)
