"""What inquests have shown together: how often the answer was right, at which faults it was not, what was said then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import asdict, frozen

from kubesim_tui.gameday.inquest import Answer, Inquest


@frozen
class Share:
    """Of some requests that failed, those of which the answer was right."""

    name: str
    runs: int
    failed: int
    right: int

    @property
    def wrong(self) -> int:
        """Of which it was not."""
        return self.failed - self.right

    @property
    def percent(self) -> float:
        """Rounded down, so that 100 is all."""
        return self.right * 10_000 // self.failed / 100 if self.failed else 100.0


def whole(inquests: Sequence[Inquest]) -> Share:
    """Of all."""
    return _share("", inquests)


def by_fault(inquests: Sequence[Inquest]) -> list[Share]:
    """Of the runs that each fault was in, the one with most wrong answers first."""
    names = dict.fromkeys(name for one in inquests for name in one.faults)
    shares = [_share(name, [one for one in inquests if name in one.faults]) for name in names]
    return sorted(shares, key=lambda share: (-share.wrong, share.name))


def _share(name: str, inquests: Sequence[Inquest]) -> Share:
    return Share(name, len(inquests), sum(one.failed for one in inquests), sum(one.right for one in inquests))


def worst(inquests: Sequence[Inquest], most: int) -> list[tuple[Inquest, Answer]]:
    """So many wrong answers, those of most requests first, one a run."""
    found = []
    for one in inquests:
        wrong = [answer for answer in one.answers if not answer.right]
        if wrong:
            found.append((one, max(wrong, key=lambda answer: answer.count)))
    return sorted(found, key=lambda pair: (-pair[1].count, pair[0].seed))[:most]


def lines(inquests: Sequence[Inquest], most: int) -> Iterator[str]:
    """The wrong answers in words."""
    for one, answer in worst(inquests, most):
        yield f"seed {one.seed}: {'; '.join(one.struck)}"
        yield f"  at {answer.tick}s, ×{answer.count}: {answer.code} = {answer.cause} {answer.object}".rstrip()
        yield from (f"    {'← ' if at else ''}{text}" for at, text in enumerate(answer.chain))
        yield ""


def to_json(inquests: Sequence[Inquest], goal: float) -> dict[str, Any]:
    """The shape of `kubesim mix --json` (docs/cli.md)."""
    every = whole(inquests)
    return {
        "ok": every.percent >= goal,
        "goal": goal,
        "runs": every.runs,
        "failed": every.failed,
        "right": every.right,
        "percent": every.percent,
        "faults": [asdict(share) | {"percent": share.percent} for share in by_fault(inquests)],
        "inquests": [
            {
                "seed": one.seed,
                "struck": list(one.struck),
                "sent": one.sent,
                "failed": one.failed,
                "right": one.right,
                "answers": [asdict(answer) for answer in sorted(one.answers, key=lambda answer: -answer.count)],
            }
            for one in inquests
        ],
    }
