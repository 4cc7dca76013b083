"""Who answers for which topic, and whether the answer is the one that the table wants."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from tests.upstream.folder import Case
from tests.upstream.given import Given

Adapter = Callable[[Given], dict[str, Any]]
ANY = ""
"""The operation of an adapter that takes all cases of its topic."""
INFORMATION = frozenset({"source", "since", "note", "basis"})
"""What a table tells beside what it wants."""

_adapters: dict[str, dict[str, Adapter]] = {}


def answers(topic: str, *operations: str) -> Callable[[Adapter], Adapter]:
    """The function is asked for the cases of a topic (of some operations only)."""

    def note(adapter: Adapter) -> Adapter:
        for operation in operations or (ANY,):
            known = _adapters.setdefault(topic, {})
            assert operation not in known, f"two adapters for {topic} {operation}"
            known[operation] = adapter
        return adapter

    return note


def load() -> dict[str, dict[str, Adapter]]:
    """All adapters, by topic and operation."""
    package = importlib.import_module("tests.upstream.topics")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return _adapters


def _chosen(case: Case, given: Given) -> Adapter:
    known = load().get(case.topic)
    assert known, f"no adapter for the topic {case.topic}"
    given.know("op")
    word = next((w for w in ("op", "kind") if case.given.get(w) in known), None)
    if word is not None:
        return known[given[word]]
    assert ANY in known, f"no adapter for {case.given.get('op') or case.given.get('kind')} of {case.topic}"
    return known[ANY]


def run(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a case wants, and what the engine answers to that."""
    given = Given(case.given)
    found = _chosen(case, given)(given)
    unread = given.unread()
    assert not unread, f"the adapter does not know {unread}"
    wanted = {k: v for k, v in case.want.items() if k not in INFORMATION}
    return wanted, {k: found[k] for k in wanted if k in found}
