"""What the options of faults may be: each makes a value of what was written, or says in a ValueError what is wrong."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.quantity import QuantityError, value

CAN_BE_SLOW = (
    "cloud-controller-manager", "cluster-autoscaler", "etcd", "kube-controller-manager", "kube-scheduler", "kubelet",
)  # fmt: skip
"""Processes whose work takes longer when they are slowed."""


def text(given: Any) -> str:
    """Any text but none."""
    if not isinstance(given, str) or not given:
        raise ValueError(f"{given!r} is not a text")
    return given


def flag(given: Any) -> bool:
    """true or false."""
    words = {"true": True, "false": False, "": True}
    known = given if isinstance(given, bool) else words.get(str(given).lower())
    if known is None:
        raise ValueError(f"{given!r} is not true or false")
    return known


def size(given: Any) -> int:
    """Bytes, as a number or a quantity (4Mi)."""
    try:
        found = value(str(given))
    except QuantityError as wrong:
        raise ValueError(f"{given!r} is not a quantity: {wrong}") from wrong
    if found < 1:
        raise ValueError(f"{given!r} is not more than 0")
    return found


def amount(given: Any) -> int:
    """Bytes, none among them."""
    return 0 if str(given) == "0" else size(given)


def absolute(given: Any) -> str:
    """The path of a file, from the root on."""
    if not str(given).startswith("/") or str(given).endswith("/"):
        raise ValueError(f"{given!r} is not the absolute path of a file")
    return str(given)


def number(given: Any) -> int:
    """A whole number from 0 on."""
    words = str(given)
    if not words.isdecimal():
        raise ValueError(f"{given!r} is not a whole number")
    return int(words)


def whole(given: Any) -> int:
    """A whole number, below 0 as well."""
    words = str(given)
    return -number(words[1:]) if words.startswith("-") else number(words)


def positive(given: Any) -> int:
    """A whole number from 1 on."""
    found = number(given)
    if not found:
        raise ValueError(f"{given!r} is not a whole number from 1 on")
    return found


MACHINE, ZONE, USERS = "machine", "zone", "users"
"""Which links lose packets: a machine's own, those between its zone and others, or those of users outside."""


def links(given: Any) -> str:
    """One of these."""
    if given not in (MACHINE, ZONE, USERS):
        raise ValueError(f"{given!r} is not {MACHINE}, {ZONE} or {USERS}")
    return str(given)


def percent(given: Any) -> int:
    """A whole number from 1 to 100."""
    found = positive(given)
    if found > 100:
        raise ValueError(f"{given!r} is more than 100")
    return found


def slowable(given: Any) -> str:
    """The name of a process that can be slowed."""
    if given not in CAN_BE_SLOW:
        raise ValueError(f"{given!r} cannot be slowed; there are {', '.join(CAN_BE_SLOW)}")
    return str(given)
