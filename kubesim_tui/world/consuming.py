"""What a program that takes messages does with each of them, once its templates are filled in."""

from __future__ import annotations

from attrs import evolve, frozen

from kubesim_tui.world.container import Container
from kubesim_tui.world.image_calls import CallTo, Consumes
from kubesim_tui.world.plan import Call, Plan, Refused
from kubesim_tui.world.planning import CONSUME, address
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Names, expand
from kubesim_tui.world.units import SECOND_US


@frozen
class Consumption(Shared):
    """From where messages are taken (`call`), the work of one (`plan`, the call among its calls), and how many."""

    queue: str
    call: Call
    plan: Plan
    servers: int  # that work at the same time
    limit: int  # of messages that it has and has not acknowledged
    automatic: bool  # it need not acknowledge
    failed: str  # requeue, drop, retry
    heartbeat: int  # ticks


def of(container: Container) -> list[Consumption]:
    """All that a container takes now."""
    found = []
    for program in container.programs:
        if program.answers:
            scope = program.scope(container, 0, {})
            made = [_consumption(at, scope) for at in program.spec.consumes]
            found += [_ailing(container, one) for one in made if one is not None]
    return found


def _ailing(container: Container, one: Consumption) -> Consumption:
    """With what ails its container: of a share of the messages, or of all, its program makes errors."""
    plan = container.ailment.on(one.plan, "") if container.ailment is not None else one.plan
    return (
        one if isinstance(plan, Refused) or plan is one.plan else evolve(one, plan=evolve(plan, calls=one.plan.calls))
    )


def _consumption(at: Consumes, scope: Names) -> Consumption | None:
    """None where nothing says from whom."""
    queue = expand(at.queue, scope)
    source = CallTo(to=at.to, port=at.port, protocol=at.protocol, method=CONSUME, path=f"/{queue}", failure=503)
    call, _ = address(source, scope)
    if call is None or not queue:
        return None
    calls = [made for to in at.calls for made, _ in [address(to, scope)] if made is not None]
    servers = _number(at.concurrency, scope)
    plan = Plan(
        service_us=at.service_us,
        scv_pm=at.scv_pm,
        cpu_us=at.cpu_us,
        memory_bytes=at.memory_bytes,
        calls=(call, *calls),
    )
    return Consumption(
        queue,
        call,
        plan,
        servers,
        max(servers, _number(at.prefetch, scope)),
        not at.acknowledge,
        at.failed,
        at.heartbeat_us // SECOND_US,
    )


def _number(text: str, scope: Names) -> int:
    """At least 1."""
    filled = expand(text, scope)
    return max(1, int(filled)) if filled.isdecimal() else 1
