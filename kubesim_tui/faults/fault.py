"""One row of the catalogue: what a fault strikes and how, what is told of it, and how it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.faults.hand import Hand

Options = Mapping[str, Any]
Act = Callable[[Hand, Any, Options], bool]


class FaultError(ValueError):
    """A fault, target or option that does not exist: says what there is."""


@frozen
class Story:
    """What docs/FAULTS.md tells of a fault. `causes`: the codes where explanations of it end, the usual one first."""

    mechanism: str
    symptoms: str
    see: str
    survive: str
    causes: tuple[str, ...] = ()


@frozen
class Fault:
    """One row. `target`: pod, node, namespace, image, outside, region, registry, storage, traffic, or a KIND."""

    target: str
    strike: Act
    heal: Act | None
    about: str
    options: Mapping[str, Callable[[Any], Any]] = {}  # what it takes, and what makes a value of that
    needs: tuple[str, ...] = ()  # those without which it means nothing
    story: Story | None = None  # every row of the catalogue has one
