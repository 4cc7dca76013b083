"""The way of a request, as a tree: destinations, their legs, and the calls that a leg makes in turn.

A *destination* is what a caller asks for (host, port, path): it has one leg a Pod that may answer. A *leg* ends in a
container with the plan of the work to do there, or in a failure. The tree is built once (traffic/routing) and walked
every tick (traffic/solver) until something on the way changes. Callers for whom everything looks the same share the
destinations that they call, so that the tree is a graph without cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

from attrs import define, evolve, field, frozen

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.ingress_canary import Canary
from kubesim_tui.network.ingress_upstream import Upstream
from kubesim_tui.network.ruleset import Target
from kubesim_tui.traffic.cohorts import Cohort, Inside, join
from kubesim_tui.traffic.fail import TIMED_OUT as TIMED_OUT
from kubesim_tui.traffic.fail import Fail as Fail
from kubesim_tui.traffic.fail import Hop as Hop
from kubesim_tui.traffic.histogram import PPM, Latency
from kubesim_tui.traffic.random_wait import Expected
from kubesim_tui.traffic.split import share_alike, share_on
from kubesim_tui.traffic.station import EMPTY, Backlog
from kubesim_tui.traffic.stops import Connections, Doorway, Outlet
from kubesim_tui.traffic.work import Plenty, Turn, Work
from kubesim_tui.world.ledger import Ledger
from kubesim_tui.world.plan import Call, Plan


class Stretch(Protocol):
    """The network between a caller and a replica (traffic/wire)."""

    @property
    def lost(self) -> int:
        """How many of this tick's requests never arrive."""
        ...

    def send(self, n: int, tick: int) -> int:
        """How many of n requests arrive."""
        ...

    def once(self, luck_ppm: int) -> int | None:
        """How much later a single request comes; None: never."""
        ...

    def tell(self, result: Result) -> Result:
        """The result of those that arrived as the caller sees it, and those that did not."""
        ...

    def again(self) -> Stretch:
        """The same for other requests."""
        ...


class Relay(Protocol):
    """Who passes requests on to others, and is told what becomes of them (traffic/nginx)."""

    def relay(self, n: int) -> Result:
        """What becomes of n requests that are passed on late."""
        ...


@define(eq=False)
class Leg:
    """One replica's part of a destination."""

    way: tuple[Hop, ...]
    network_us: int = 0
    station: Station | None = None
    plan: Plan | None = None
    port: int = 0  # on which the container is asked
    users: str = ""  # the stream in whose tree it stands
    calls: tuple[Destination, ...] = ()
    fail: Fail | None = None
    fine: bool = False  # whatever its station completes is well, but for its calls
    arrivals: int = 0  # in this tick
    wire: Stretch | None = None  # what packets meet on their way, where that is not as it should be
    expected_milli: int = 0  # how many are to be expected in a tick
    sway_milli: int = 0  # and their standard deviation
    owed_pm: int = 0  # of an error: what is left over of a share that is no whole request
    asker: str = ""  # where the rules stand that chose it: a machine, or "outside"
    target: Target | None = None  # what they chose
    outlet: Outlet | None = None  # of what is published
    proxy: Upstream | None = None  # of a proxy that asks
    direct: bool = False  # users ask, or a proxy for them
    canary: Canary | None = None  # whose it is
    moved: bool = False  # a proxy had told to come again by https
    tried: tuple[Leg, ...] = ()  # by whom a proxy was refused before it asked here
    passes: Relay | None = None  # of a proxy: to whom it passes on what it has done

    def faulty(self, answers: int, errors_pm: int) -> int:
        """How many of some answers are errors, when so many of a thousand are."""
        whole, self.owed_pm = divmod(answers * errors_pm + self.owed_pm, 1000)
        return whole


class Entrance(Protocol):
    """What requests have to pass before they are on their way (traffic/gate, traffic/sparing)."""

    @property
    def spared(self) -> int:
        """How many requests of this tick were answered without asking."""
        ...

    @property
    def lost(self) -> int:
        """How many requests of this tick did not get on."""
        ...

    def admit(self, requests: int, tick: int) -> int:
        """How many of the requests of a tick get on."""
        ...

    def told(self, result: Result) -> Result:
        """The result of those that got on, and of those that did not."""
        ...


@define(eq=False)
class Group:
    """Legs of a destination that take turns; each request draws its group, in proportion to the weights."""

    legs: tuple[Leg, ...]
    weight: int
    turn: int = 0  # whose turn it is to get the odd request
    pool: Connections | None = None  # who chooses among them, if they do not take turns


@define(eq=False)
class Destination:
    """What a caller asks for. For callers: `failure` and `timeout_us`; 0 is none."""

    way: tuple[Hop, ...]
    legs: tuple[Leg, ...] = ()
    fail: Fail | None = None  # nobody can be asked
    failure: int = 0  # the status that the caller gives when this fails (0: it does not mind)
    timeout_us: int = 0  # after which the caller goes on without it
    uses: tuple[Destination, ...] = ()  # all that its legs call, each once
    turn: int = 0  # whose turn it is to get the odd request
    arrivals: int = 0  # in this tick
    expected_milli: int = 0  # how many are to be expected in a tick
    sway_milli: int = 0  # and their standard deviation
    result: Result | None = None  # of the last tick that had any
    waits_us: int = 0  # how long a caller waits for it on average
    waits_scv_pm: int = 0  # and how much that varies
    luck: int = PPM // 2  # of a call: the chance of the tick that had any
    wired: bool = False  # a leg of its has a wire
    draws: Draws | None = None  # by which requests draw their legs; None: these take turns
    groups: tuple[Group, ...] = ()  # of which they draw one instead
    gate: Entrance | None = None  # what new connections need on their way; None: it is asked over such as are there
    call: Call | None = None  # what a container asks for; None: users ask
    answer: Answer | None = None  # what the call's host resolved to
    far_us: int = 0  # how long requests of users are on their way before they get to the first stop, and answers back
    pool: Connections | None = None  # None: each request goes to whose turn it is
    parts: tuple[Part, ...] = ()  # all its legs, if most of them are alike
    through: tuple[tuple[Any, int], ...] = ()  # the proxies (traffic/nginx) by which they are asked, or None; weights
    doors: tuple[Leg, ...] = ()  # these, as legs to them
    by_door: tuple[int, ...] = ()  # the weights of these, and (last) of what comes by none

    @cached_property
    def late(self) -> Fail:
        """What it is to a caller who has waited as long as he would."""
        return Fail(TIMED_OUT, "slow", self.way, "no answer in time", self.timeout_us)

    @cached_property
    def service(self) -> tuple[str, str] | None:
        """The Service through which it is asked."""
        return next(((hop[1], hop[2]) for hop in self.way if hop[0] == "Service"), None)

    @property
    def admitted(self) -> int:
        """The requests of this tick that found a connection."""
        return self.arrivals if self.gate is None else self.arrivals - self.gate.lost


@frozen(eq=False)
class Held:
    """Requests that are still inside a station at the end of a tick."""

    station: Station
    count: int
    timeout_us: int = 0  # the shortest of the time-outs of those who called; 0: nobody but the user waits
    fail: Fail | None = None  # what becomes of them then; None: their caller does not mind
    more_us: int = 0  # what those who called need besides


Kept = tuple[tuple["Leg", int], ...]
"""Legs whose plan stored a record, and how many."""


@define(eq=False)
class Result:
    """What became of the requests of a leg or a destination: `total = ok + failed + held`."""

    ok: int = 0
    parts: tuple[tuple[Latency, int], ...] = ()  # of those that are ok: how long so many took
    failed: tuple[tuple[Fail, int], ...] = ()
    held: tuple[Held, ...] = ()
    kept: Kept = ()
    by_leg: tuple[tuple[Leg, Result], ...] = ()  # of a destination that is not all well
    by_row: tuple[RowPart, ...] = ()  # the same, where nothing is amiss but that some are still inside
    _told: int = field(default=0, init=False)  # of how many requests somebody has been told
    _mean_us: int = field(default=-1, init=False)
    _scv_pm: int = field(default=-1, init=False)

    @property
    def lost(self) -> int:
        """How many failed."""
        return sum(n for _, n in self.failed) if self.failed else 0

    @property
    def total(self) -> int:
        """All requests that it is about."""
        return self.ok + self.lost + sum(h.count for h in self.held)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """How many are ok, have failed and are held, in the order in which it tells of them."""
        return (self.ok, *[n for _, n in self.failed], *[held.count for held in self.held])

    def of(self, n: int) -> tuple[int, ...]:
        """How the next n of these requests fare, as `weights` has it.

        Where some have failed, callers are told of one part after the other, so that no failure gets lost among many
        callers. Of what is only held each is told the same.
        """
        if not self.failed:
            return share_alike(n, self.weights)
        first, self._told = self._told, self._told + n
        return share_on(first, n, self.weights)

    @property
    def clean(self) -> bool:
        """Whether all are well, and nothing more is to be said of them."""
        return not self.failed and not self.held and not self.kept

    @property
    def mean_us(self) -> int:
        """How long those that are ok took on average; found once."""
        if self._mean_us < 0:
            parts, ok = self.parts, self.ok
            if len(parts) == 1:
                self._mean_us = parts[0][0].mean_us
            else:
                self._mean_us = sum([latency.mean_us * n for latency, n in parts]) // ok if ok else 0
        return self._mean_us

    @property
    def scv_pm(self) -> int:
        """And how much that varies, by the slowest of them; found once."""
        if self._scv_pm < 0:
            self._scv_pm = self.parts[-1][0].scv_pm
        return self._scv_pm


Span = tuple[int, int, int, Work]
"""Neighbours in a row, from a place to before another: how many requests came to each of them, and what it has done."""
Kind = tuple[int, int, int, Work]
"""Those in a row who did the same: where the first of them stands, how many they are, their requests, what each did."""
Share = tuple[int, int, int, int, Work]
"""Neighbours in a row: how many requests of a destination each of them has done and still has, and all that it did."""
RowPart = tuple["Part", Share, Sequence[Held]]
"""… and what is still inside whom the first of them called; of what the others called it is as much."""


@define(eq=False)
class Part:
    """The legs of one destination that lead to a row. In a tick each gets `each` requests, and `odd` of them, from the
    place `first` on round, one more."""

    row: Row
    legs: tuple[Leg, ...]
    places: tuple[int, ...]  # of these among all legs of the destination
    networks: tuple[tuple[int, tuple[int, ...]], ...]  # how far they are (µs), and how many of those before a place
    dealt: bool = False  # requests of this tick
    written: bool = False  # told to each of them as well
    each: int = 0
    first: int = 0
    odd: int = 0

    def at(self, place: int) -> int:
        """How many requests who stands there has got."""
        return self.each + ((place - self.first) % len(self.legs) < self.odd)

    def far(self, start: int, end: int) -> list[tuple[int, int]]:
        """How far some neighbours are, and how many of them."""
        return [(us, before[end] - before[start]) for us, before in self.networks if before[end] > before[start]]


@define(eq=False)
class Row:
    """Stations that are alike: those that get as many requests have the same work (traffic/rows)."""

    stations: tuple[Station, ...]
    ledger: Ledger  # of their containers
    most: int  # of them on one machine
    machines: frozenset[str]
    parts: tuple[Part, ...] = ()  # of all destinations that lead there, in the order in which each station knows them
    whole: bool = False  # it tells what waits in its stations, not they
    broken: bool = False  # not in this tick
    inside: list[Inside] = field(factory=list)  # what it tells; in all others nothing is
    turn: Turn | None = None  # what they did in the last tick, if it was so simple
    told: Sequence[Span] = ()  # if not; who is left out did nothing, or tells it itself
    kinds: Sequence[Kind] = ()  # the same without order
    plenty: Plenty = field(factory=Plenty)
    holds: bool = False  # requests of that tick were still inside when it ended

    @property
    def spans(self) -> Sequence[Span]:
        """What they did in the last tick; who is left out did nothing, or tells it itself."""
        return self.turn.spans if self.turn is not None else self.told

    def work(self, place: int) -> Work | None:
        """What was done at a place in the last tick; None: it is not told of here."""
        for start, end, _, work in self.spans:
            if place < end:
                return work if start <= place else None
        return None

    def alone(self, place: int) -> Inside:
        """What is inside one of its stations, told apart from its neighbours."""
        none = Inside(place, place + 1, EMPTY)
        at, told = next((one for one in enumerate(self.inside) if place < one[1].end), (len(self.inside), none))
        if place < told.start or told is none:
            self.inside.insert(at, none)
            return none
        bounds = [told.start, place, place + 1, told.end]
        self.inside[at : at + 1] = [
            Inside(start, end, told.backlog, [evolve(cohort) for cohort in told.cohorts])
            for start, end in pairwise(bounds)
            if start < end
        ]
        return self.inside[at + (told.start < place)]


@define(eq=False)
class Station:
    """A container as a queueing station. Its backlog is state, and dies with the container."""

    container: Any  # world.container.Container
    machine: str
    pod: Hop
    legs: list[Leg] = field(factory=list)
    former: list[Leg] = field(factory=list)  # by which those came that still wait, when no way leads here any more
    own_backlog: Backlog = EMPTY  # if its row does not tell
    own_cohorts: list[Cohort] = field(factory=list)
    capacity: int = 0  # requests that it can take in a tick, while it is overloaded (0: no limit known)
    setting: tuple[int, int, int | None] = (0, 0, None)  # servers, queue, processor quota
    memory_bytes: int = 0  # of one request
    arrivals: int = 0  # in this tick
    expected: Expected = (0, 0)  # how many are to be expected in a tick
    own_work: Work | None = None  # of the last tick in which it had any, if its row does not tell
    row: Row | None = None  # in which it stands with its equals
    place: int = 0  # there
    since: int = 0  # the tick in which a way first led here
    pulls: int = 0  # servers that fetch their work themselves; 0: it is sent here
    door: Doorway | None = None  # of a proxy that passes requests on
    workers: int = 0  # of such a proxy
    room: int = 0  # and how many may wait for these

    @property
    def work(self) -> Work | None:
        """Of the last tick in which it had any."""
        found = self.row.work(self.place) if self.row is not None else None
        return found or self.own_work

    @property
    def backlog(self) -> Backlog:
        """What it carries over."""
        return self.own_backlog if (told := self._inside) is None else told.backlog

    @property
    def cohorts(self) -> list[Cohort]:
        """Whose requests these are."""
        return self.own_cohorts if (told := self._inside) is None else told.cohorts

    @property
    def _inside(self) -> Inside | None:
        told = self.row.inside if self.row is not None else ()
        return next((one for one in told if one.start <= self.place < one.end), None)

    def join(self, cohort: Cohort) -> None:
        """Requests begin to wait here."""
        row = self.row
        join(self.own_cohorts if row is None or not row.whole else row.alone(self.place).cohorts, cohort)
