"""Priority and fairness: who is told to come back later when one client asks without end (429).

Requests are sorted into flows by upstream's suggested FlowSchemas; each priority level has its share of the seats. As
long as nobody floods, all are let in and nothing is counted. Whoever floods fills the queues of his own flow: of the
requests of that flow as many are let in as its level has seats for, himself among them; all other flows go on. Service
accounts of kube-system are one schema whose flows are the namespaces that they ask about; other accounts each have
their own flow; the administrators' group is exempt.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

from kubesim_tui.apiserver.errors import Details, StatusError
from kubesim_tui.apiserver.request import Request

SEATS = 600
"""kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight together."""
SHARES: Mapping[str, int] = {
    "leader-election": 10, "node-high": 40, "system": 30, "workload-high": 40, "workload-low": 100,
    "global-default": 20, "catch-all": 5,
}  # fmt: skip
"""Nominal concurrency shares of the suggested and mandatory priority levels."""
EXEMPT, NODES = "system:masters", "system:nodes"
ACCOUNT, SYSTEM = "system:serviceaccount:", "system:serviceaccount:kube-system:"
MANAGERS = ("system:kube-controller-manager", "system:kube-scheduler")
SAID = "the server has received too many requests and has asked us to try again later"
HTTP = {"create": "post", "update": "put", "list": "get", "watch": "get", "deletecollection": "delete"}


@frozen
class Flow:
    """Requests that are treated as one: those of a schema with the same user or namespace."""

    level: str
    schema: str
    distinguisher: str


def flow_of(user: str, groups: tuple[str, ...], namespace: str) -> Flow | None:
    """The flow of a request about objects of a namespace; None if it is exempt."""
    if EXEMPT in groups:
        return None
    if NODES in groups:
        return Flow("system", "system-nodes", user)
    if user in MANAGERS:
        return Flow("workload-high", user.removeprefix("system:"), namespace)
    if user.startswith(SYSTEM):
        return Flow("workload-high", "kube-system-service-accounts", namespace)
    if user.startswith(ACCOUNT):
        return Flow("workload-low", "service-accounts", user)
    return Flow("global-default", "global-default", user)


@define(eq=False)
class Fairness:
    """See the module. `floods`: flow → (who floods it, with so many requests a second)."""

    floods: dict[Flow, tuple[str, int]] = field(factory=dict)
    _counts: dict[Flow, int] = field(factory=dict)

    def flood(self, user: str, groups: tuple[str, ...], namespace: str, rate: int) -> bool:
        """Somebody asks about a namespace so often (0: no more); False if it is as it was, or he is exempt."""
        flow = flow_of(user, groups, namespace)
        if flow is None or self.floods.get(flow, ("", 0))[1] == rate:
            return False
        if rate:
            self.floods[flow] = user, rate
        else:
            self.floods.pop(flow, None)
        self._counts.pop(flow, None)
        return True

    def admit(self, request: Request) -> None:
        """429 for a request whose flow has no seat left. Of a flood each request takes a seat for a second."""
        flow = flow_of(request.user.name, request.user.groups, request.namespace)
        if flow is None or flow not in self.floods:
            return
        seats = -(-SEATS * SHARES[flow.level] // sum(SHARES.values()))
        rate = self.floods[flow][1]
        count = self._counts[flow] = self._counts.get(flow, 0) + 1
        if count * seats // rate == (count - 1) * seats // rate:
            raise _too_many(request)


def _too_many(request: Request) -> StatusError:
    r = request.resource
    what = f"{r.plural}.{r.group}" if r.group else r.plural
    verb = HTTP.get(request.verb, request.verb)
    text = f"{SAID} ({' '.join(filter(None, (verb, what, request.name)))})"
    details = Details(request.name, r.group, r.plural, retry_after=1)
    return StatusError(429, "TooManyRequests", text, details).at("fairness")
