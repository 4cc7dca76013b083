"""What decided at one stop of a request: read off what was kept when its way was built."""

from __future__ import annotations

from math import isqrt

from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.picture.followed import Fact, fact
from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.ruleset import Rule, Ruleset
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.way import Destination, Fail, Leg
from kubesim_tui.traffic.work import Work

SHOWN = 4  # addresses of an answer that are named


def resolved(fabric: Fabric, to: Destination, asker: str) -> tuple[Fact, ...]:
    """The answer of DNS to a container's question."""
    call, answer = to.call, to.answer
    assert call is not None
    if answer is None:
        return (fact("dns-silent", host=call.host),)
    if answer.alias:
        return (fact("dns-alias", name=answer.name, alias=answer.alias),)
    if not answer.addresses:
        return (fact("dns-none", host=call.host),)
    addresses = ", ".join(answer.addresses[:SHOWN]) + (" …" if len(answer.addresses) > SHOWN else "")
    rule = fabric.rules(asker).addresses.get((answer.addresses[0], call.port, "TCP"))
    code = "dns-service" if rule is not None else "dns-pods" if answer.service is not None else "dns-address"
    return (fact(code, name=answer.name, addresses=addresses, port=call.port),)


def chosen(fabric: Fabric, leg: Leg, service: tuple[str, str], machine: str) -> tuple[Fact, ...]:
    """The rule of the asking machine, the endpoints that it has, and the one that it chose."""
    target = leg.target
    rules = fabric.rules(machine)
    rule = _rule_of(rules, service, leg)
    if rule is None or target is None:
        return (fact("no-rule", machine=machine),)
    ip = next((ip for (ip, _, _), known in rules.addresses.items() if known is rule), "")
    found = [fact("rule", machine=machine, address=f"{ip or rule.name}:{rule.port}", n=len(rule.targets))]
    if rule.internal_local or rule.external_local:
        found.append(fact("local"))
    if rule.affinity_seconds:
        found.append(fact("affinity", seconds=rule.affinity_seconds))
    if not rule.ready:
        found.append(fact("leaving"))
    if rules is not fabric.live:
        found.append(fact("stale", machine=machine))
    return (*found, fact("chosen", address=f"{target.ip}:{target.port}"))


def canaried(leg: Leg) -> tuple[Fact, ...]:
    """That a canary has got the request."""
    canary = leg.canary
    if canary is None:
        return ()
    return (fact("canary", ingress=canary.ingress[1], weight=canary.weight, total=canary.total),)


def _rule_of(rules: Ruleset, service: tuple[str, str], leg: Leg) -> Rule | None:
    known = rules.by_name.get(service, ())
    return next((rule for rule in known if leg.target in rule.targets), known[0] if len(known) == 1 else None)


def work_of(leg: Leg, draws: Draws) -> tuple[int, tuple[Fact, ...]]:
    """How long a container works on a request, and what it is busy with: drawn as its plan and its station tell.

    What it calls is not in it: those are stops of their own.
    """
    station, plan = leg.station, leg.plan
    if station is None or plan is None:
        return 0, ()
    servers, _, quota = station.setting
    service = plan.service_us
    slowed = bool(quota and plan.cpu_us and quota * service < 1000 * plan.cpu_us)
    if slowed and quota:
        service = plan.cpu_us * 1000 // quota
    varies = service * isqrt(plan.scv_pm * 1000) // 1000
    own = max(0, service - varies) + (draws.exponential_us(varies) if varies else 0)
    said = [fact("works", image=station.container.config.image, ms=_ms(own), servers=servers)]
    if slowed:
        said.append(fact("throttled", milli=quota))
    wait = _waits(station.work, draws)
    if wait and station.work is not None:
        said.append(fact("waited", ms=_ms(wait), n=station.work.outcome.backlog.waiting))
    return own + wait, tuple(said)


def _waits(work: Work | None, draws: Draws) -> int:
    """How long a request waits for one of the servers, by the station's last tick."""
    latency = work.outcome.latency if work is not None else None
    if latency is None or not latency.wait_us or draws.below(PPM) >= latency.wait_ppm:
        return 0
    return draws.exponential_us(latency.wait_us)


def _ms(us: int) -> str:
    return f"{us // 1000}.{us % 1000 // 100}"


def failed(fail: Fail) -> tuple[Fact, ...]:
    """How it failed, and what stood behind it."""
    found = [fact("failed", reason=fail.reason), fact(f"code-{fail.code}")]
    return (*found, fact("detail", text=fail.detail)) if fail.detail else tuple(found)


def answered(status: str, took_us: int) -> Fact:
    """What the user got in the end."""
    return fact("answered", status=status, ms=_ms(took_us))
