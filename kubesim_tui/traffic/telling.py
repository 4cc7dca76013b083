"""What rows of replicas tell of a tick: what became of requests, and what containers had to bear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kubesim_tui.traffic.settling import Timed, any_failed, merged, settle_late, told
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.way import Destination, Held, Part, Result, Row, RowPart, Share, Station
from kubesim_tui.traffic.work import MOST, Work


def all_well(destination: Destination) -> Result | None:
    """What became of its requests, if all is well and what it calls is clean; None: some are still inside."""
    parts = destination.parts
    part = parts[0]
    if len(parts) == len(part.row.parts) == len(part.networks) == 1:
        return _alone(part.row, part.networks[0][0]) if not part.row.holds else None
    if any(part.row.holds for part in parts):
        return None
    found: dict[tuple[int, int], list[Any]] = {}  # a place, the work, how many requests
    for part in parts:
        each, first, odd, size, networks = part.each, part.first, part.odd, len(part.legs), part.networks
        for start, end, _, work in part.row.spans:
            n = each + 1 if (start - first) % size < odd else each
            if not n:
                continue
            for network_us, before in networks:
                many = before[end] - before[start]
                if many:
                    key = id(work), network_us
                    known = found.get(key)
                    if known is None:
                        found[key] = [part.places[start], work, n * many]
                    else:
                        known[2] += n * many
    timed_at = [(place, told(work, network_us, n)) for (_, network_us), (place, work, n) in found.items()]
    if len(parts) > 1:
        timed_at.sort(key=_place)
    return Result(destination.admitted, merged([timed for _, timed in timed_at]))


def _alone(row: Row, network_us: int) -> Result:
    """The same where there is one row that is asked by nobody else: whoever has done as much has the same result."""
    turn = row.turn
    if turn is not None:
        known = turn.pair.results.get(turn.odd)
        if known is None:
            kinds = [(turn.size - turn.odd, turn.each, turn.less), (turn.odd, turn.each + 1, turn.more)]
            known = turn.pair.results[turn.odd] = _together(kinds, network_us)
        return known
    found = row.plenty.results
    key = (network_us, *[one for _, count, _, work in row.kinds for one in (id(work), count)])
    kept = found.get(key)
    if kept is None:
        if len(found) >= MOST:
            found.clear()
        result = _together([kind[1:] for kind in row.kinds], network_us)
        kept = found[key] = result, tuple([work for _, _, _, work in row.kinds])
    return kept[0]


def _together(kinds: Iterable[tuple[int, int, Work]], network_us: int) -> Result:
    """The result of so many who had so many requests each, and did the same."""
    timed = [told(work, network_us, count * n) for count, n, work in kinds if count * n]
    return Result(sum([n for _, _, n in timed]), merged(timed))


def settled(destination: Destination) -> Result | None:
    """What became of its requests, if all is well but that some are still inside; None: each leg has to be asked."""
    if any_failed(destination.uses):
        return None
    parts = destination.parts
    found: list[tuple[int, Timed]] = []
    held: list[tuple[int, Held]] = []
    pieces: list[RowPart] = []
    for part in parts:
        for piece in _shares(part):
            start, end, done, stays, work = piece
            leg = part.legs[start]
            late = settle_late(leg, done, lasted=work.outcome.lasts) if done and leg.calls else Result(done)
            if late.failed or late.kept:
                return None
            if late.ok:
                for network_us, many in part.far(start, end):
                    found.append((part.places[start], told(work, network_us, many * late.ok)))
            if late.held or stays:
                held += _held(part, piece, late.held)
            pieces.append((part, piece, late.held))
    if len(parts) > 1:
        found.sort(key=_place)
        held.sort(key=_place)
    ok = sum([n for _, (_, _, n) in found])
    result = Result(ok, merged([timed for _, timed in found]) if found else (), held=tuple([one for _, one in held]))
    if held:
        result.by_row = tuple(pieces)
    return result


def _shares(part: Part) -> list[Share]:
    """What a destination's part of each station is in what it has done and still has."""
    row, found = part.row, []
    for start, end, total, work in row.spans:
        n, stays = part.at(start), work.held
        if n != total:
            weights = [other.at(start) for other in row.parts]
            stays = min(share(stays, weights)[row.parts.index(part)], n) if stays else 0
        if n:
            found.append((start, end, n - stays, stays, work))
    return found


def _held(part: Part, piece: Share, called: Sequence[Held]) -> Iterator[tuple[int, Held]]:
    """What is inside whom each of some neighbours called, and in itself, by its place."""
    start, end, done, stays, work = piece
    for at in range(start, end):
        own = called
        if called and at != start:
            own = settle_late(part.legs[at], done, lasted=work.outcome.lasts).held
        for one in own:
            yield part.places[at], one
        if stays:
            yield part.places[at], Held(part.row.stations[at], stays)


def _place(one: tuple[int, object]) -> int:
    return one[0]


def most(row: Row) -> tuple[int, int]:
    """The most memory and processor time that any of its containers needs."""
    if row.turn is not None:
        pair = row.turn.pair
        return pair.inside * row.stations[0].memory_bytes, pair.cpu_us
    inside = cpu_us = 0
    for _, _, _, work in row.kinds:
        if work.inside > inside:
            inside = work.inside
        if work.cpu_us > cpu_us:
            cpu_us = work.cpu_us
    return inside * row.stations[0].memory_bytes, cpu_us


def worked(row: Row) -> list[Station]:
    """Those who had something to do."""
    return [station for start, end, _, _ in row.spans for station in row.stations[start:end]]
