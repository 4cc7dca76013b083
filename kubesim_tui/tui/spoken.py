"""What there is to see, in sentences: for screen readers, one line a change. Pure functions from states to lines."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from kubesim_tui.cluster.view import View
from kubesim_tui.game.state import GameState
from kubesim_tui.tui.i18n import N_, Texts
from kubesim_tui.tui.kit.cells import clean
from kubesim_tui.tui.widgets.figures import duration, named, percent, rollout, word
from kubesim_tui.tui.widgets.selection import pods_of
from kubesim_tui.tui.widgets.topbar import users_ok
from kubesim_tui.tui.widgets.tree import visible


def changes(t: Texts, before: GameState, after: GameState) -> list[str]:
    """One line for everything that differs between two states; empty if nothing does."""
    found = [*_pods(t, before.view, after.view), *_nodes(t, before.view, after.view)]
    found += [*_services(t, before.view, after.view), *_traffic(t, before.view, after.view)]
    found += _objectives(t, before, after)
    if after.coach.text and after.coach.text != before.coach.text:
        found.append(t("Coach: {text}", text=after.coach.text))
    if after.pause_because and after.pause_because != before.pause_because:
        found.append(t("Paused: {why}", why=t(after.pause_because)))
    return [f"{after.view.clock} {clean(line)}" for line in found]


def _pods(t: Texts, before: View, after: View) -> Iterator[str]:
    old = {pod.ref: pod for pod in pods_of(before)}
    new = {pod.ref: pod for pod in pods_of(after)}
    for ref, pod in new.items():
        where = t("on {node}", node=pod.node) if pod.node else t("on no node")
        ready = f"{pod.ready}/{pod.containers}"
        was = old.get(ref)
        if was is None:
            yield t(
                "New Pod {name} {where}: {status}, ready {ready}",
                name=ref.name,
                where=where,
                status=pod.status,
                ready=ready,
            )
        elif (was.status, was.ready, was.node) != (pod.status, pod.ready, pod.node):
            yield t(
                "Pod {name} {where}: {status}, ready {ready}",
                name=ref.name,
                where=where,
                status=pod.status,
                ready=ready,
            )
    for ref in old:
        if ref not in new:
            yield t("Pod {name} is gone", name=ref.name)


def _nodes(t: Texts, before: View, after: View) -> Iterator[str]:
    old = {node.ref: node for node in before.nodes}
    for node in after.nodes:
        was = old.get(node.ref)
        if was is None or (was.status, was.pressure) != (node.status, node.pressure):
            yield t(
                "Node {name}: {status} {pressure}", name=node.ref.name, status=node.status, pressure=node.pressure
            ).strip()
    for ref in old:
        if all(node.ref != ref for node in after.nodes):
            yield t("Node {name} is gone", name=ref.name)


def _services(t: Texts, before: View, after: View) -> Iterator[str]:
    old = {service.ref: service.ready for service in before.services}
    for service in after.services:
        if old.get(service.ref) != service.ready:
            yield t("Service {name}: {n} Pods ready", name=service.ref.name, n=service.ready)


def _traffic(t: Texts, before: View, after: View) -> Iterator[str]:
    old = {stream.name: stream.now_ok_pm for stream in before.traffic}
    for stream in after.traffic:
        if old.get(stream.name) != stream.now_ok_pm and stream.now_ok_pm >= 0:
            text = (
                N_("Load generator {name}: {ok} of requests succeed")
                if stream.pod is not None
                else N_("Users {name}: {ok} of requests succeed")
            )
            yield t(text, name=stream.name, ok=percent(stream.now_ok_pm))


def _objectives(t: Texts, before: GameState, after: GameState) -> Iterator[str]:
    states = {"met": N_("met"), "failed": N_("missed"), "holding": N_("holding"), "open": N_("open")}
    old = {one.id: one.state for one in before.objectives}
    for one in after.objectives:
        if old.get(one.id) != one.state:
            word = t(states.get(one.state, one.state))
            yield t("Objective {text}: {state} {value}", text=one.text, state=word, value=one.value).strip()


def summary(t: Texts, state: GameState) -> list[str]:
    """How everything stands, a line each."""
    view = state.view
    left = duration(view.ends - view.tick) if view.ends is not None and view.go is not None else t("not started")
    lines = [
        f"{state.level} {state.title}. {state.goal}",
        t(
            "Clock {clock}. Time left: {left}. Users OK: {ok}.",
            clock=view.clock,
            left=left,
            ok=percent(users_ok(state)),
        ),
    ]
    for node in view.nodes:
        lines.append(t("Node {name}: {status}, {n} Pods", name=node.ref.name, status=node.status, n=len(node.pods)))
    for route in view.routes:
        lines.append(
            t(
                "Route {host}{path} leads to Service {name} {problem}",
                host=route.host,
                path=route.path,
                name=route.service.name,
                problem=word(t, route.problem),
            ).strip()
        )
    for service in view.services:
        if visible(service.ref, False):
            lines.append(t("Service {name}: {n} Pods ready", name=service.ref.name, n=service.ready))
            for queue in service.queues:
                lines.append(
                    t(
                        "Queue {name}: {ready} messages wait, the oldest for {age} s",
                        name=queue.name,
                        ready=queue.ready,
                        age=queue.age,
                    )
                )
    for work in (work for work in view.workloads if visible(work.ref, False)):
        lines.append(
            t(
                "{name}: {ready} of {want} ready {rollout}",
                name=named(work.ref),
                ready=work.ready,
                want=work.want,
                rollout=rollout(t, work.rollout),
            ).strip()
        )
    return lines + list(_objectives(t, state_without_objectives(state), state))


def state_without_objectives(state: GameState) -> GameState:
    """The same state with nothing asked, so that everything asked is a change."""
    return evolve(state, objectives=())
