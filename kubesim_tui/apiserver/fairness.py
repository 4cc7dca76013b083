"""Priority and fairness: who is told to come back later when one client asks without end (429).

Requests are sorted into flows by the FlowSchemas that are there, the one of the lowest precedence first; each priority
level has its share of the seats. As long as nobody floods, all are let in. Whoever floods fills the queues of his own
flow: of the requests of that flow as many are let in as its level has seats for, himself among them; all other flows go
on. Who writes a FlowSchema of an own flow for a greedy client therefore protects those that shared its queues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from kubesim_tui.api import scheme
from kubesim_tui.api.types import Unstructured
from kubesim_tui.apiserver.errors import Details, StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request, User

SEATS = 600
"""kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight together."""
SCHEMAS = "flowschemas.flowcontrol.apiserver.k8s.io"
LEVELS = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"
ACCOUNT = "system:serviceaccount:"
MOST_ASKERS = 4096
BYTES_A_SEAT, STREAMED_BYTES, MOST_SEATS_PERCENT = 100_000, 1_000_000, 15
"""So many bytes in memory take a seat; a list from the watch cache is taken to hold no more; of its level's seats it
takes at most so many per cent."""
SAID = "the server has received too many requests and has asked us to try again later"
HTTP = {"create": "post", "update": "put", "list": "get", "watch": "get", "deletecollection": "delete"}
Data = Mapping[str, Any]


@frozen
class Flow:
    """Requests that are treated as one: those of a schema with the same user or namespace."""

    level: str
    schema: str
    distinguisher: str


@define
class Flood:
    """Somebody asks for the Pods of a namespace, so many times a second, since a tick."""

    request: Request
    rate: int
    since: int


@define(eq=False)
class Fairness:
    """See the module. `asked`: (user, plural) → how often, and one such request; `rejected`: by level."""

    etcd: Etcd
    floods: dict[tuple[str, str], Flood] = field(factory=dict)
    asked: dict[tuple[str, str], list[Any]] = field(factory=dict)
    rejected: dict[str, int] = field(factory=dict)
    busy: dict[str, tuple[int, int]] = field(factory=dict)  # level → requests that take their time, and that wait
    _counts: dict[Flow, int] = field(factory=dict)

    # -- what is written ---------------------------------------------------------------------------------------

    def objects(self, resource: str) -> dict[str, Data]:
        """Name → JSON of schemas or levels."""
        table = self.etcd.table(resource)
        return {obj.metadata.name: obj.rest for obj in table if isinstance(obj, Unstructured)}

    def limited(self) -> dict[str, Data]:
        """The levels that have a share of the seats."""
        levels = self.objects(LEVELS)
        return {name: level["spec"]["limited"] for name, level in sorted(levels.items()) if "limited" in level["spec"]}

    def seats(self, level: str) -> int:
        """How many of all seats a level has."""
        shares: dict[str, int] = {n: one.get("nominalConcurrencyShares", 30) for n, one in self.limited().items()}
        return -(-SEATS * shares.get(level, 0) // max(1, sum(shares.values())))

    def queue_length(self, level: str) -> int:
        """How many requests of one flow may wait for seats of a level."""
        response = self.limited()[level].get("limitResponse", {})
        queuing = response.get("queuing", {}) if response.get("type") == "Queue" else {}
        return int(queuing.get("handSize", 0) * queuing.get("queueLengthLimit", 0))

    def width(self, level: str, stored_bytes: int) -> int:
        """How many seats a list from the watch cache takes, by the bytes of what is stored (listWorkEstimator)."""
        seats = self.seats(level)
        queuing = self.limited()[level].get("limitResponse", {}).get("queuing", {})
        most: int = max(1, min(-(-seats * MOST_SEATS_PERCENT // 100), seats // max(1, queuing.get("handSize", 1))))
        return max(1, min(most, -(-min(stored_bytes, STREAMED_BYTES) // BYTES_A_SEAT)))

    def flow_of(self, request: Request) -> Flow | None:
        """The flow of a request; None if it is exempt, or no schema is about it."""
        levels = self.objects(LEVELS)
        by_precedence = sorted(
            self.objects(SCHEMAS).items(), key=lambda one: (one[1]["spec"].get("matchingPrecedence", 1000), one[0])
        )
        for name, schema in by_precedence:
            level = schema["spec"]["priorityLevelConfiguration"]["name"]
            if level in levels and any(_about(rule, request) for rule in schema["spec"].get("rules", ())):
                if levels[level]["spec"].get("type") == "Exempt":
                    return None
                by = schema["spec"].get("distinguisherMethod", {}).get("type", "")
                return Flow(level, name, {"ByUser": request.user.name, "ByNamespace": request.namespace}.get(by, ""))
        return None

    # -- who asks ----------------------------------------------------------------------------------------------

    def flood(self, user: User, namespace: str, rate: int) -> bool:
        """Somebody asks about a namespace so often (0: no more); False if it is as it was, or he is exempt."""
        request = Request(user, "list", scheme.for_plural("pods"), namespace)
        key, known = (user.name, namespace), self.floods.get((user.name, namespace))
        flow = self.flow_of(request)
        if flow is None or (known.rate if known is not None else 0) == rate:
            return False
        self.floods.pop(key, None)
        if rate:
            self.floods[key] = Flood(request, rate, self.etcd.clock.tick)
        self._counts.pop(flow, None)
        return True

    def admit(self, request: Request) -> None:
        """429 for a request whose flow has no seat left. Of a flood each request takes a seat for a second."""
        self.count(request)
        if self.floods:
            self._compete(request)

    def count(self, request: Request) -> None:
        """A request has come."""
        key = (request.user.name, request.resource.plural)
        known = self.asked.get(key)
        if known is not None:
            known[0] += 1
        elif len(self.asked) < MOST_ASKERS:
            self.asked[key] = [1, Request(request.user, request.verb, request.resource, request.namespace)]

    def reject(self, level: str) -> None:
        """A request of a level has found its queues full."""
        self.rejected[level] = self.rejected.get(level, 0) + 1

    def _compete(self, request: Request) -> None:
        flow = self.flow_of(request)
        if flow is None:
            return
        rate = sum(flood.rate for flood in self.floods.values() if self.flow_of(flood.request) == flow)
        if not rate:
            return
        seats, count = self.seats(flow.level), self._counts.get(flow, 0) + 1
        self._counts[flow] = count
        if count * seats // rate == (count - 1) * seats // rate:
            self.reject(flow.level)
            raise _too_many(request)


def _about(rule: Data, request: Request) -> bool:
    """Whether a rule of a schema is about a request."""
    user = request.user
    return any(_is(subject, user) for subject in rule.get("subjects", ())) and any(
        _holds(one, request) for one in rule.get("resourceRules", ())
    )


def _is(subject: Data, user: User) -> bool:
    if subject["kind"] == "ServiceAccount":
        namespace, name = subject["serviceAccount"]["namespace"], subject["serviceAccount"]["name"]
        start = f"{ACCOUNT}{namespace}:"
        return user.name.startswith(start) if name == "*" else user.name == start + name
    named = subject[subject["kind"].lower()]["name"]
    return named == "*" or (named == user.name if subject["kind"] == "User" else named in user.groups)


def _holds(rule: Data, request: Request) -> bool:
    r = request.resource
    resource = f"{r.plural}/{request.subresource}" if request.subresource else r.plural
    asked = (("verbs", request.verb), ("resources", resource), ("apiGroups", r.group))
    if not all(_named(rule[key], word) for key, word in asked):
        return False
    if not request.namespace:
        return bool(rule.get("clusterScope"))
    return _named(rule.get("namespaces", ()), request.namespace)


def _named(words: Any, word: str) -> bool:
    return "*" in words or word in words


def _too_many(request: Request) -> StatusError:
    r = request.resource
    what = f"{r.plural}.{r.group}" if r.group else r.plural
    verb = HTTP.get(request.verb, request.verb)
    text = f"{SAID} ({' '.join(filter(None, (verb, what, request.name)))})"
    details = Details(request.name, r.group, r.plural, retry_after=1)
    return StatusError(429, "TooManyRequests", text, details).at("fairness")
