"""crictl ps, logs, exec and stop."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kubesim_tui.cluster.crictl.base import NAME, NAMESPACE, Act, Call, Failure, short, table
from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.pulls import image_id
from kubesim_tui.world.reference import parse

HEAD = ("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")
STATES = ("created", "running", "exited", "unknown")
GRACE = 0
"""Seconds that `crictl stop` leaves a container unless it is told (--timeout)."""


def _ps(call: Call) -> list[str]:
    found = sorted(filter(_filter(call), call.runtime.containers.values()), key=lambda c: -c.number)
    found = found[: _count(call)]
    if "quiet" in call.flags:
        return [container.id for container in found]
    return table([HEAD, *(_row(call, container) for container in found)])


def _count(call: Call) -> int | None:
    if "latest" in call.flags:
        return 1
    return _number(call, "last") if "last" in call.flags else None


def _filter(call: Call) -> Callable[[Container], bool]:
    state, wanted = call.flags.get("state", "").lower(), call.flags
    if state and state not in STATES:
        raise Failure("list containers: --state should be one of created, running, exited or unknown")
    whichever = {"all", "latest", "last"} & set(wanted)
    state = state or ("" if whichever else "running")

    def fits(container: Container) -> bool:
        labels = container.sandbox.labels
        return (
            (not state or str(container.state) == state)
            and container.id.startswith(wanted.get("id", ""))
            and container.sandbox.id.startswith(wanted.get("pod", ""))
            and re.search(wanted.get("name", ""), container.config.name) is not None
            and re.search(wanted.get("namespace", ""), labels.get(NAMESPACE, "")) is not None
        )

    return fits


def _row(call: Call, one: Container) -> tuple[str, ...]:
    labels, image = one.sandbox.labels, image_id(parse(one.config.image))
    return (
        short(one.id),
        short(image),
        call.ago(one.created),
        str(one.state).capitalize(),
        one.config.name,
        str(one.config.attempt),
        short(one.sandbox.id),
        labels.get(NAME, "unknown"),
        labels.get(NAMESPACE, "unknown"),
    )


def _logs(call: Call) -> list[str]:
    if len(call.words) != 1:
        raise Failure("ID cannot be empty")
    if "follow" in call.flags:
        raise Failure("logs are not followed here: ask again later")
    container = call.container(call.words[0])
    if "previous" in call.flags:
        container = _previous(call, container)
    lines = container.lines(limit=_number(call, "tail") if call.flags.get("tail", "-1") != "-1" else None)
    if "since" in call.flags:
        begin = call.tick - _seconds(call.flags["since"])
        lines = [line for line in lines if line.tick >= begin]
    stamped = "timestamps" in call.flags
    return [(f"{_stamp(call.time(line.tick))} " if stamped else "") + line.text for line in lines]


def _previous(call: Call, container: Container) -> Container:
    """The one that ran before it in its Pod."""
    others = (c for c in call.runtime.containers.values() if c.sandbox.labels == container.sandbox.labels)
    earlier = [c for c in others if c.config.name == container.config.name and c.number < container.number]
    if not earlier:
        raise Failure(f'previous terminated container "{container.config.name}" not found')
    return max(earlier, key=lambda c: c.number)


def _stamp(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


def _seconds(text: str) -> int:
    """`90s`, `5m`, `1h30m`."""
    parts = re.findall(r"(\d+)([smh])", text)
    if not parts or "".join(a + b for a, b in parts) != text:
        raise Failure(f'failed to parse timestamp value "{text}"')
    return sum(int(number) * {"s": 1, "m": 60, "h": 3600}[unit] for number, unit in parts)


def _number(call: Call, flag: str) -> int:
    text = call.flags[flag]
    if not text.isdecimal():
        raise Failure(f'invalid value "{text}" for flag -{flag}: parse error')
    return int(text)


def _exec(call: Call) -> list[str]:
    if len(call.words) < 2:
        raise Failure("ID cannot be empty")
    container = call.container(call.words[0])
    try:
        result = call.runtime.exec(container.id, tuple(call.words[1:]), call.tick)
    except CriError as wrong:
        raise Failure(f"execing command in container: {wrong}") from wrong
    said = [*result.stdout.splitlines(), *result.stderr.splitlines()]
    if result.exit_code:
        raise Failure("\n".join([*said, f"execing command in container: exit code {result.exit_code}"]))
    return said


def _stop(call: Call) -> list[str]:
    if not call.words:
        raise Failure("ID cannot be empty")
    grace = _number(call, "timeout") if "timeout" in call.flags else GRACE
    for id in call.words:
        call.runtime.stop(call.container(id).id, grace, call.tick)
    return list(call.words)


COMMANDS: Mapping[str, Act] = {"ps": _ps, "logs": _logs, "exec": _exec, "stop": _stop}
