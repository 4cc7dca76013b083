"""crictl itself: its words and flags, and what it says where the runtime does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.cluster.crictl import containers, inspection, sandboxes
from kubesim_tui.cluster.crictl.base import Act, Call, Failure
from kubesim_tui.world.errors import CriError, RuntimeDown, RuntimeHung
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Running

COMMANDS: Mapping[str, Act] = {**containers.COMMANDS, **sandboxes.COMMANDS, **inspection.COMMANDS}
LETTERS = {
    "a": "all", "q": "quiet", "l": "latest", "n": "last", "s": "state", "p": "pod", "f": "follow", "t": "timestamps",
    "o": "output", "i": "interactive",
}  # fmt: skip
OF_LOGS, OF_STOP = {"p": "previous"}, {"t": "timeout"}
VALUED = ("last", "state", "pod", "name", "namespace", "id", "tail", "since", "timeout", "output", "label")
ALIASES = {"container": "ps", "sandboxes": "pods"}
Answer = tuple[tuple[str, ...], tuple[str, ...], int]


def run(machine: Machine, words: Sequence[str], tick: int, now: int) -> Answer:
    """(output, errors, exit code)."""
    name = words[0] if words else ""
    act = COMMANDS.get(ALIASES.get(name, name))
    if act is None:
        return (), (f'FATA[0000] unknown command: "{name}"' if name else "NAME:\n   crictl - client for CRI",), 1
    try:
        rest, flags = _read(name, words[1:])
        _answers(machine)
        return tuple(act(Call(machine, rest, flags, tick, now))), (), 0
    except (Failure, CriError) as wrong:
        *said, last = str(wrong).split("\n")
        return tuple(said), (f"FATA[0000] {last}",), 1


def _answers(machine: Machine) -> None:
    """Failure if nobody listens on the runtime's socket."""
    brand, state = machine.runtime.brand, machine.process(machine.runtime.brand.process).state
    endpoint = f'validate service connection: validate CRI v1 runtime API for endpoint "unix://{brand.socket}"'
    if state is Running.STOPPED:
        raise Failure(f"{endpoint}: {RuntimeDown(brand.socket)}")
    if state is Running.PAUSED:
        raise Failure(f"{endpoint}: {RuntimeHung()}")


def _read(name: str, given: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Words and flags; what stands behind the id of `exec` is the command's own."""
    letters = {**LETTERS, **(OF_LOGS if name == "logs" else OF_STOP if name == "stop" else {})}
    words: list[str] = []
    flags: dict[str, str] = {}
    rest = iter(given)
    for word in rest:
        if not word.startswith("-") or word == "-" or (name == "exec" and words):
            words.append(word)
            continue
        long = word.startswith("--")
        head, equals, value = word.lstrip("-").partition("=")
        heads = [head] if long or (letters.get(head) is None and len(head) > 1 and head in VALUED) else list(head)
        for one in heads:
            flag = one if len(one) > 1 else letters.get(one, "")
            if not flag or (long and flag not in (*VALUED, *LETTERS.values(), "previous")):
                raise Failure(f"flag provided but not defined: -{one}")
            flags[flag] = value if equals else next(rest, "") if flag in VALUED else ""
    return words, flags
