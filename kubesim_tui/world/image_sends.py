"""What images say of programs that send requests of their own accord: load generators (world/sending)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.world.image_fields import duration, many, maybe, size, strings
from kubesim_tui.world.shared import Shared


@frozen(eq=False, repr=False)
class SendTo(Shared):
    """One of the things that are asked for, as often as its weight says; all may be templates."""

    to: str
    method: str = "GET"
    path: str = ""
    weight: int = 1


@frozen(eq=False, repr=False)
class Script(Shared):
    """A file that says what is asked for: `k6`, `locust`, or `vegeta`'s targets."""

    format: str
    file: str
    host: str = ""  # before paths
    sets: tuple[str, ...] = strings()  # flags that set a variable of its environment: -e NAME=value


@frozen(eq=False, repr=False)
class Reach(Shared):
    """It asks once before it begins; if nobody answers it exits."""

    code: int = 1
    log: tuple[str, ...] = strings()


def _lines(values: Any) -> tuple[Said, ...]:
    return tuple(Said(**one) if isinstance(one, Mapping) else Said(one) for one in values)


@frozen(eq=False, repr=False)
class Said(Shared):
    """A line of a summary: once for each of a group of figures, or only if a figure is not 0."""

    line: str
    each: str = ""
    only: str = ""


@frozen(eq=False, repr=False)
class Sends(Shared):
    """How many requests a program sends, and to whom; texts are templates, and empty where nothing is said.

    Users wait for their answers and think before they ask again. `open`: nobody waits for anything, `rate` is all.
    """

    targets: tuple[SendTo, ...] = many(SendTo)
    script: Script | None = maybe(Script)  # noqa: RUF009
    when: str = "yes"  # nothing is sent while this is empty, no, false or 0
    users: str = field(default="1", converter=str)
    spawn: str = field(default="", converter=str)  # so many of them come each second
    think: str = ""  # `2s`, or evenly `1s..5s`
    each: str = field(default="", converter=str)  # so many requests a second each of them sends at most
    rate: str = field(default="", converter=str)  # and all together
    open: str = ""
    count: str = field(default="", converter=str)  # of requests, if it is not given how long it lasts
    most: str = field(default="", converter=str)  # of requests in any case
    rounds: str = field(default="", converter=str)  # of requests each of them sends
    iterations: str = field(default="", converter=str)  # of all that a script asks for
    even: bool = False  # `count` is shared out evenly, and what is left over is not sent
    lasts: str = ""
    timeout: str = "30s"
    opens: str = ""  # if it says yes each request opens a connection,
    keeps: str = ""  # unless this says yes, too
    cores: str = field(default="", converter=str)  # processors that it can use at once
    cpu_us: int = duration("cpu", 100)
    memory_bytes: int = size("memory")  # of each user
    reach: Reach | None = maybe(Reach)  # noqa: RUF009
    words: Mapping[str, str] = field(factory=dict)  # its own for errors, by what went wrong
    summary: tuple[Said, ...] = field(default=(), converter=_lines)
    every_us: int = duration("every")  # so often it says what it has found out so far
    progress: tuple[Said, ...] = field(default=(), converter=_lines)
    code: int = 0
    failure: int = 0  # its exit code if a request has failed
    crossed: int = 0  # and if a limit of its script does not hold
