"""kube-scheduler: takes Pods from the queue one by one, chooses a node for each, and has the binding written.

Watch events keep the cache and wake Pods that they may help (watching.py); what is written waits its turn at the
client's budget (writer.py). A stopped scheduler forgets everything, and Pods stay Pending without an event; on start
it lists anew. Its decisions can be asked for (`decisions`, `evaluate`).
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.api.helpers.budgets import budget_of
from kubesim_tui.api.types import PodCondition
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.scheduler import binding, preemption
from kubesim_tui.scheduler.binding import Binding
from kubesim_tui.scheduler.calls import Bind, Evict, SetStatus
from kubesim_tui.scheduler.columns import Columns
from kubesim_tui.scheduler.config import Configuration
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.explain import Decision, Decisions, decision_of, evaluate
from kubesim_tui.scheduler.fit_error import NO_NODES, truncated
from kubesim_tui.scheduler.plugins.volume_binding import choice_for
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.preemption import Candidate, Preemption
from kubesim_tui.scheduler.queue import QueuedPod
from kubesim_tui.scheduler.runtime import Cycle
from kubesim_tui.scheduler.schedule_one import Attempt, SchedulingError
from kubesim_tui.scheduler.watching import FLUSH, SCHEDULE, VOLUMES, WRITE, Watching

UNSCHEDULABLE, SCHEDULER_ERROR = "Unschedulable", "SchedulerError"
NO_CLAIMS = "no new claims to deallocate"
"""What the plugin DynamicResources says after every failure, since 1.34."""


class Scheduler(Watching):
    """See the module. `informers` by plural (watching.INFORMERS); `events` is the client for Events."""

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Alive,
        informers: Mapping[str, Informer],
        chance: Chance,
        *,
        events: Client | None = None,
        configuration: Configuration | None = None,
        name: str = "kube-scheduler",
    ) -> None:
        chosen = configuration or Configuration()
        backoff = chosen.initial_backoff, chosen.most_backoff
        super().__init__(name, engine, client, process, informers, events or client, chosen.profiles, backoff)
        self.ties, self.offsets = chance.stream("scheduler/ties"), chance.stream("scheduler/preemption")
        self.columns, self.decisions = Columns(), Decisions()
        self.start_index = 0  # where the search for nodes begins
        self._write_due = -1

    def stop(self) -> None:
        """The process has stopped: its memory is lost."""
        super().stop()
        self.columns, self.decisions = Columns(), Decisions()
        self.start_index, self._write_due = 0, -1

    def sync(self, key: Key) -> None:
        """One turn: schedule a Pod, let back-offs end, look after volumes; then write as far as the budget goes."""
        assert isinstance(key, tuple)
        if key[0] == SCHEDULE:
            self._turn += 1
            self._schedule_next()
            self.rouse()
        elif key[0] == FLUSH:
            self.flush(key[1])
        elif key[0] == VOLUMES:
            self._check_volumes(key[1])
        self.write()

    # -- scheduling --------------------------------------------------------------------------------------------

    def _schedule_next(self) -> None:
        queued = self.queue.pop()
        if queued is None or queued.info.uid in self.cache.assumed:
            return
        pod = queued.info.pod
        if pod.metadata.deletion_timestamp is not None:
            meta = pod.metadata
            text = f"skip schedule deleting pod: {meta.namespace}/{meta.name}"
            self.writer.recorder(queued.info).event(pod, WARNING, "FailedScheduling", text)
            self.queue.remove(queued.info.uid)
        elif not self.handle.nodes():
            self._error(queued, NO_NODES, UNSCHEDULABLE)
        else:
            self._schedule(queued)

    def _schedule(self, queued: QueuedPod) -> None:
        cycle = Cycle(self.profiles[queued.info.spec.scheduler_name], self.handle, queued.info)
        try:
            attempt = self.columns.schedule(cycle, self.start_index, self.nominator, self.ties, self.selectors)
        except SchedulingError as wrong:
            self._error(queued, str(wrong), SCHEDULER_ERROR)
            return
        self.start_index = (self.start_index + attempt.examined) % len(self.handle.nodes())
        if attempt.diagnosis is None:
            self._assume(queued, attempt)
        else:
            self._refuse(queued, attempt)

    def _assume(self, queued: QueuedPod, attempt: Attempt) -> None:
        """It will run there: account for it, and have the binding written."""
        info = queued.info
        choice = choice_for(attempt.cycle.state, attempt.node)
        attempt.cycle.state.clear()
        nominated = self.nominator.node_of.get(info.uid, attempt.node)
        self.queue.remove(info.uid)
        self.nominator.remove(info.uid)
        self.cache.assume(info, attempt.node)
        if nominated != attempt.node:  # what was kept free for it there is free for others
            self.happened(ClusterEvent.POD_DELETE, info.pod, None)
        self.decisions.add(decision_of(attempt, self.tick))
        begun = Binding(queued, attempt.node, choice, self.tick)
        self.writer.add(*self.bindings.begin(begun, self.handle))
        if not begun.bound:
            timeout = attempt.cycle.profile.bind_timeout
            self.engine.at(self.tick + timeout, self.phase, self, (VOLUMES, info.uid))

    def _refuse(self, queued: QueuedPod, attempt: Attempt) -> None:
        """It fits nowhere: try to make room, lay it aside, say why."""
        assert attempt.diagnosis is not None
        outcome = self._preempt(attempt)
        if not attempt.repeats:
            attempt.diagnosis = evolve(attempt.diagnosis, post_filter=outcome.message)
        attempt.cycle.state.clear()
        message = attempt.diagnosis.message()
        nominated = None if outcome.keeps_nomination else outcome.candidate.node if outcome.candidate else ""
        if nominated is not None:
            self.nominator.nominate(queued.info, nominated)
        self.lay_aside(queued, attempt.diagnosis.plugins)
        self.decisions.add(decision_of(attempt, self.tick, message, outcome.candidate))
        self.say(queued.info, message, UNSCHEDULABLE, nominated)
        if outcome.candidate is not None:
            self._make_room(queued.info, outcome.candidate)

    def _preempt(self, attempt: Attempt) -> Preemption:
        """Look for victims. (Chance is asked for each Pod, also if the answer is known.)"""
        cycle = attempt.cycle
        assert attempt.diagnosis is not None
        if attempt.repeats:
            if attempt.helpful:
                self.offsets.below(attempt.helpful)
            return Preemption(message=attempt.diagnosis.post_filter)
        if not cycle.profile.preempts:
            return Preemption(message=NO_CLAIMS)
        why = preemption.refusal(cycle, attempt.statuses)
        if why:
            return Preemption(message=f"{NO_CLAIMS}, preemption: {why}", keeps_nomination=True)
        helpful = preemption.helpful_nodes(self.handle.nodes(), attempt.statuses)
        attempt.helpful = len(helpful)
        offset = self.offsets.below(len(helpful)) if helpful else 0
        budgets = [budget_of(b) for b in self.handle.budgets()] if helpful else []
        found = preemption.preempt(cycle, helpful, self.nominator, budgets, offset)
        return found if found.candidate is not None else Preemption(message=f"{NO_CLAIMS}, {found.message}")

    def _make_room(self, info: PodInfo, candidate: Candidate) -> None:
        """Delete the victims; Pods of lower priority that the node was kept for look elsewhere."""
        for other in self.nominator.on(candidate.node):
            if other.priority < info.priority:
                self.nominator.remove(other.uid)
                self.writer.add(SetStatus(other, None, ""))
        victims = [v for v in candidate.victims if v.pod.metadata.deletion_timestamp is None]
        if victims:
            self.writer.preempting[info.uid] = None
        for victim in victims:
            self.writer.add(Evict(info, victim, candidate.node, last=victim is victims[-1]))

    # -- failures ----------------------------------------------------------------------------------------------

    def _error(self, queued: QueuedPod, message: str, reason: str) -> None:
        """Something went wrong: back off."""
        self.nominator.remove(queued.info.uid)
        self.lay_aside(queued, ())
        self.say(queued.info, message, reason, "")

    def say(self, info: PodInfo, message: str, reason: str, nominated: str | None) -> None:
        """FailedScheduling, and the condition PodScheduled."""
        self.writer.recorder(info).event(info.pod, WARNING, "FailedScheduling", truncated(message))
        generation = info.pod.metadata.generation
        condition = PodCondition(
            type="PodScheduled", status="False", reason=reason, message=message, observed_generation=generation
        )
        self.writer.add(SetStatus(info, condition, nominated))

    def write(self) -> None:
        """Go on writing, as far as the budget goes."""
        for outcome in self.writer.carry_out(self.tick):
            if outcome.evicts:
                self._evicted(outcome.pod.uid, outcome.failure)
            elif outcome.failure:
                self._unbind(outcome.pod, outcome.failure)
            else:
                self.bindings.end(outcome.pod.uid, self.handle)
        due = self.writer.blocked_until
        if self.writer.waiting and due > self.tick and due != self._write_due:
            self._write_due = due
            self.engine.at(due, self.phase, self, (WRITE, due))

    def _evicted(self, uid: str, failure: str) -> None:
        """The victims are gone already, or one cannot be deleted: no event would wake the preemptor."""
        queued = self.queue.pods.get(uid)
        if queued is None:
            return
        if failure:
            self.lay_aside(queued, ())
        else:
            self._wake(queued)
        self.rouse()

    def _unbind(self, info: PodInfo, message: str) -> None:
        """A binding has failed: the Pod goes back to the queue, and what it took is free."""
        begun = self.bindings.by_uid.get(info.uid)
        self.drop_binding(info.pod)
        current = self.handle.table("pods").objects.get(info.key)
        if begun is None or not isinstance(current, types.Pod) or current.metadata.uid != info.uid:
            return
        if (current.spec or types.PodSpec()).node_name:
            return
        queued = begun.queued
        queued.info = self.cache.register.info(current)
        self.queue.pods[info.uid] = queued
        self._error(queued, message, SCHEDULER_ERROR)

    def _check_volumes(self, uid: str) -> None:
        """Bind a Pod whose volumes are bound by now."""
        begun = self.bindings.by_uid.get(uid)
        if begun is None or begun.bound:
            return
        info = begun.queued.info
        timeout = self.profiles[info.spec.scheduler_name].bind_timeout
        done, wrong = binding.check(begun, self.handle, self.tick, timeout)
        if wrong:
            self._unbind(info, f'running PreBind plugin "VolumeBinding": binding volumes: {wrong}')
        elif done:
            begun.bound = True
            self.writer.add(Bind(info, begun.node))

    # -- questions ---------------------------------------------------------------------------------------------

    def evaluate(self, pod: types.Pod) -> Decision:
        """What would be decided about a Pod now, node by node; nothing is changed."""
        name = (pod.spec or types.PodSpec()).scheduler_name
        profile = self.profiles.get(name) or next(iter(self.profiles.values()))
        return evaluate(pod, profile, self.handle, self.nominator, self.tick)
