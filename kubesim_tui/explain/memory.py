"""What was found out a while ago: why Pods were too busy before they ended, when whatever they waited for is back.

A detective's notebook: it holds explanations only, each with the tick in which it was true last.
"""

from __future__ import annotations

from collections.abc import Container

from attrs import define, field, frozen

from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence

MOST = 64
REMEMBERED = "its requests failed, or waited, for another reason"


@frozen
class Note:
    """A chain, and when it was true last."""

    chain: Chain
    tick: int


@define(eq=False)
class Memory:
    """By cause and object, and whose requests they were; the latest last."""

    notes: dict[tuple[str, Subject | None, str], Note] = field(factory=dict)

    def note(self, chain: Chain, tick: int) -> None:
        """Keep it, and forget the oldest of too many. What was remembered itself becomes no newer by that."""
        if any(link.text.endswith(REMEMBERED) for link in chain.links):
            return
        key = (chain.cause, chain.object, chain.links[0].text if chain.links else "")
        self.notes.pop(key, None)
        self.notes[key] = Note(chain, tick)
        while len(self.notes) > MOST:
            del self.notes[next(iter(self.notes))]

    def lately(
        self, evidence: Evidence, about: Subject, since: int, but: Container[str] = ()
    ) -> tuple[Link, Chain] | None:
        """What was so of a workload since a tick: that it was, and the chain behind; None if nothing is known.

        Chains that end at one of these causes do not count.
        """
        for note in reversed(self.notes.values()):
            if note.tick < since:
                return None
            if note.chain.cause in but:
                continue
            links = note.chain.links
            passed = [
                at
                for at, link in enumerate(links)
                if about in (evidence.workload_of(link.object), evidence.behind(link.object))
            ]
            if passed and (passed[-1] + 1 < len(links) or note.chain.object == about):
                head = Link(f"until {note.tick}s {REMEMBERED}", "users", note.tick, about)
                return head, Chain(links[passed[-1] + 1 :] or links[-1:], note.chain.cause, note.chain.object)
        return None
