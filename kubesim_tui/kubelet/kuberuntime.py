"""Carrying out what was decided for a Pod: sandbox, pulls, containers, hooks (upstream: kuberuntime's SyncPod).

A sync is a list of steps. `run` works them off until one has to wait; it is called again when something has changed.
A container that cannot be started leaves a reason (ErrImagePull, CreateContainerConfigError, CrashLoopBackOff …); the
other containers of the Pod are tried all the same, but an init container that fails ends the sync.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import define

from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import Container, Pod
from kubesim_tui.apiserver.record import NORMAL, WARNING
from kubesim_tui.kubelet import lifecycle
from kubesim_tui.kubelet.backoff import Backoff, duration
from kubesim_tui.kubelet.container_config import make_config
from kubesim_tui.kubelet.credentials import look_up, may_use, pull_secrets
from kubesim_tui.kubelet.cri import Cri
from kubesim_tui.kubelet.env import ConfigError
from kubesim_tui.kubelet.events import Events, full_name
from kubesim_tui.kubelet.images import ImageManager, Verdict, pulled
from kubesim_tui.kubelet.killing import Killer
from kubesim_tui.kubelet.objects import Objects
from kubesim_tui.kubelet.pod_actions import PodActions
from kubesim_tui.kubelet.pod_workers import Do, PodWorker, Stage, Step
from kubesim_tui.kubelet.puller import Puller
from kubesim_tui.kubelet.resize import allocated
from kubesim_tui.kubelet.sandbox import Sandboxes
from kubesim_tui.world.container import Container as Running
from kubesim_tui.world.container import State
from kubesim_tui.world.errors import CriError, InvalidReference, StartError
from kubesim_tui.world.pulls import Image

CRASH_LOOP, CONFIG_ERROR, CREATE_ERROR = "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError"
RUN_ERROR, POST_START_ERROR = "RunContainerError", "PostStartHookError"


class Outcome(StrEnum):
    """How a step went."""

    DONE = "done"
    WAIT = "wait"
    FAILED = "failed"
    ABORT = "abort"  # and what follows is not tried


@define(eq=False)
class Kuberuntime:
    """See the module."""

    cri: Cri
    events: Events
    objects: Objects
    images: ImageManager
    puller: Puller
    killer: Killer
    sandboxes: Sandboxes
    backoff: Backoff

    def plan(self, w: PodWorker, actions: PodActions) -> None:
        """Turn actions into the steps of a sync."""
        w.failed, w.backs_off = False, -1
        steps: list[Step] = []
        if actions.kill_pod:
            steps.append(Step(Do.KILL_ALL))
        else:
            steps += [Step(Do.KILL, id=k.id, index=0, message=k.message, reason=k.reason) for k in actions.to_kill]
        if actions.reset:
            steps.append(Step(Do.RESET))
        if actions.create_sandbox:
            if actions.sandbox_id:
                said = "Pod sandbox changed, it will be killed and re-created."
                self.events.pod(w.pod, NORMAL, "SandboxChanged", said)
            steps.append(Step(Do.SANDBOX, index=actions.attempt))
        steps += [Step(Do.EPHEMERAL, index) for index in actions.ephemeral_to_start]
        steps += [Step(Do.INIT, index) for index in actions.init_to_start]
        steps += [Step(Do.START, index) for index in actions.to_start]
        w.steps = steps

    def run(self, w: PodWorker, now: int) -> bool:
        """Work off the steps; True if none is left."""
        while w.steps:
            outcome = self._step(w, w.steps[0], now)
            if outcome is Outcome.WAIT:
                return False
            w.failed = w.failed or outcome is not Outcome.DONE
            if outcome is Outcome.ABORT:
                w.steps.clear()
            else:
                del w.steps[0]
        return True

    def cancel(self, w: PodWorker, now: int) -> None:
        """The Pod is to be stopped: give up what is under way."""
        for step in w.steps:
            if step.stage is Stage.PULL:
                self.puller.cancel(step.waiting, now)
        w.steps.clear()

    def _step(self, w: PodWorker, step: Step, now: int) -> Outcome:
        match step.do:
            case Do.KILL:
                return self._kill(w, step, now)
            case Do.KILL_ALL:
                return self._kill_all(w, now)
            case Do.RESET:
                return self._reset(w, now)
            case Do.SANDBOX:
                return Outcome.DONE if self.sandboxes.create(w, step.index, now) else Outcome.ABORT
            case _:
                return self._start_one(w, step, now)

    # -- stopping

    def _kill(self, w: PodWorker, step: Step, now: int) -> Outcome:
        container = self.cri.container(step.id)
        if step.stage is Stage.BEGIN and container is not None:
            step.stage = Stage.HOOK
            self.killer.begin(w, step.id, container.config.name, now, step.message, step.reason)
        return Outcome.DONE if self.killer.advance(w, now) else Outcome.WAIT

    def _kill_all(self, w: PodWorker, now: int) -> Outcome:
        """Stop whatever still runs, and the sandbox."""
        for id in reversed(w.containers):
            container = self.cri.container(id)
            if container is not None and self.cri.running(id):
                self.killer.begin(w, id, container.config.name, now)
        if not self.killer.advance(w, now):
            return Outcome.WAIT
        self.sandboxes.stop(w, now)
        return Outcome.DONE

    def _reset(self, w: PodWorker, now: int) -> Outcome:
        """Kill and forget all containers but ephemeral ones: the Pod begins anew in its sandbox."""
        spec = w.pod.spec
        assert spec is not None
        names = {c.name for c in (*spec.init_containers, *spec.containers)}
        mine = {id: c.config.name for id in w.containers if (c := self.cri.container(id)) and c.config.name in names}
        for id, name in mine.items():
            if self.cri.running(id):
                self.killer.begin(w, id, name, now, "killing", grace=0)
        if not self.killer.advance(w, now):
            return Outcome.WAIT
        for id in mine:
            self.cri.runtime.remove(id)
        w.containers = tuple([id for id in w.containers if id not in mine])
        w.reasons.clear()
        w.woken = True
        return Outcome.DONE

    # -- starting

    def _start_one(self, w: PodWorker, step: Step, now: int) -> Outcome:
        spec = w.pod.spec
        assert spec is not None
        init = step.do is Do.INIT
        lists = {Do.EPHEMERAL: spec.ephemeral_containers, Do.INIT: spec.init_containers}
        container = lists.get(step.do, spec.containers)[step.index]
        outcome = self._start(w, step, container, now)
        if outcome is Outcome.DONE:
            w.reasons.pop(container.name, None)
        elif outcome is Outcome.FAILED and init and not is_sidecar(container):
            return Outcome.ABORT
        return outcome

    def _start(self, w: PodWorker, step: Step, container: Container, now: int) -> Outcome:
        if step.stage is Stage.BEGIN:
            if self._backs_off(w, container, now):
                return Outcome.FAILED
            outcome = self._ensure_image(w, step, container, now)
            if outcome is not Outcome.DONE:
                return outcome
        if step.stage is Stage.PULL:
            outcome = self._pulled(w, step, container, now)
            if outcome is not Outcome.DONE:
                return outcome
        if step.stage is not Stage.HOOK:
            id = self._create(w, container, now)
            if not id or not self._run(w, id, container, now):
                return Outcome.FAILED
            if container.lifecycle is None or container.lifecycle.post_start is None:
                return Outcome.DONE
            step.stage, step.id, step.since = Stage.HOOK, id, now
            hook = container.lifecycle.post_start
            step.waiting = lifecycle.begin(self.cri, w.pod, container, id, hook, now)
        return self._post_start(w, step, container, now)

    def _fail(self, w: PodWorker, container: Container, reason: str, message: str) -> Outcome:
        w.reasons[container.name] = (reason, message)
        return Outcome.FAILED

    def _backs_off(self, w: PodWorker, container: Container, now: int) -> bool:
        """Whether a container that has exited has to wait; if not, the next wait will be longer (doBackOff)."""
        last = self._newest(w, container)
        if last is None or last.state is not State.EXITED or last.finished is None:
            return False
        key = (w.uid, f"{container.name} {container.image}")
        if not self.backoff.since(key, last.finished, now):
            self.backoff.next(key, last.finished, now)
            return False
        name = full_name(w.pod)
        self.events.back_off(w.pod, container.name, name)
        delay = duration(self.backoff.get(key))
        said = f"back-off {delay} restarting failed container={container.name} pod={name}"
        self._fail(w, container, CRASH_LOOP, said)
        ends = self.backoff.ends(key, last.finished)
        w.backs_off = ends if w.backs_off < 0 else min(w.backs_off, ends)
        return True

    # -- images

    def _ensure_image(self, w: PodWorker, step: Step, container: Container, now: int) -> Outcome:
        image = container.image
        policy = container.image_pull_policy or "IfNotPresent"
        secrets, missing = pull_secrets(self.objects, w.pod)
        if missing:
            said = f"Unable to retrieve some image pull secrets ({', '.join(missing)}); "
            said += "attempting to pull the image may not succeed."
            self.events.pod(w.pod, WARNING, "FailedToRetrieveImagePullSecret", said)
        credentials = look_up(secrets, image) if secrets else ()
        held, inspect_error = self._held(image)
        closed = held is not None and not may_use(held, credentials)
        verdict = self.images.ensure(w.uid, image, policy, held is not None, now, inspect_error, closed=closed)
        if not verdict.pull:
            return self._said(w, container, verdict)
        self._said(w, container, verdict)
        step.stage, step.waiting = Stage.PULL, self.puller.ask(w.key, image, now, credentials)
        return Outcome.DONE

    def _held(self, image: str) -> tuple[Image | None, str]:
        """The image, if it is here, and why that is not known."""
        try:
            return self.cri.runtime.image(image), ""
        except InvalidReference:
            return None, ""
        except CriError as error:
            return None, str(error)

    def _said(self, w: PodWorker, container: Container, verdict: Verdict) -> Outcome:
        for event in verdict.events:
            self.events.container(w.pod, container.name, event.type, event.reason, event.message)
        failure = verdict.failure
        if failure is None:
            return Outcome.DONE
        self.events.failed(w.pod, container.name, failure.reason)
        return self._fail(w, container, failure.reason, failure.message)

    def _pulled(self, w: PodWorker, step: Step, container: Container, now: int) -> Outcome:
        ticket = step.waiting
        if not ticket.done:
            return Outcome.WAIT
        if ticket.error:
            return self._said(w, container, self.images.failed(w.uid, container.image, ticket.error, now))
        event = pulled(container.image, ticket.took_ms, ticket.waited_ms, ticket.size)
        self.events.container(w.pod, container.name, event.type, event.reason, event.message)
        return Outcome.DONE

    # -- the container

    def _create(self, w: PodWorker, container: Container, now: int) -> str:
        """The id of the new container, "" if it cannot be created."""
        last = self._newest(w, container)
        try:
            attempt = last.config.attempt + 1 if last is not None else self._restarts(w.pod, container)
            config = make_config(w.pod, allocated(w, container), self.sandboxes.inputs(w, container), attempt)
            id = self.cri.runtime.create_from(w.sandbox, config, now)
        except ConfigError as error:
            self.events.failed(w.pod, container.name, str(error))
            self._fail(w, container, CONFIG_ERROR, str(error))
            return ""
        except CriError as error:
            self.events.failed(w.pod, container.name, error.text)
            self._fail(w, container, CREATE_ERROR, error.text)
            return ""
        self._collect(w, container)
        w.containers = (id, *w.containers)
        self.events.created(w.pod, container.name)
        return id

    def _newest(self, w: PodWorker, container: Container) -> Running | None:
        """The container of a name that was made last."""
        for id in w.containers:
            found = self.cri.container(id)
            if found is not None and found.config.name == container.name:
                return found
        return None

    def _restarts(self, pod: Pod, container: Container) -> int:
        """How often it was started before, if the runtime has forgotten: one more than the API knows."""
        status = pod.status
        if status is None:
            return 0
        known = (*status.container_statuses, *status.init_container_statuses)
        found = next((s for s in known if s.name == container.name), None)
        if found is None:
            return 0
        return found.restart_count + 1 if found.container_id else found.restart_count

    def _collect(self, w: PodWorker, container: Container) -> None:
        """Keep one dead container of each name (for `logs --previous`), remove those before it."""
        dead = [id for id in w.containers if (c := self.cri.container(id)) and c.config.name == container.name]
        for id in dead[1:]:
            if not self.cri.running(id):
                self.cri.runtime.remove(id)
                w.containers = tuple(one for one in w.containers if one != id)

    def _run(self, w: PodWorker, id: str, container: Container, now: int) -> bool:
        try:
            self.cri.runtime.start(id, now)
        except StartError as error:
            self.events.failed(w.pod, container.name, error.text)
            self._fail(w, container, RUN_ERROR, error.text)
            return False
        self.events.started(w.pod, container.name)
        return True

    def _post_start(self, w: PodWorker, step: Step, container: Container, now: int) -> Outcome:
        hook = step.waiting
        if hook is not None:
            if not lifecycle.is_over(self.cri, w.pod, container, hook, now):
                return Outcome.WAIT
            step.waiting = None
            if not hook.error:
                return Outcome.DONE
            step.message = hook.error
            self.events.container(w.pod, container.name, WARNING, "FailedPostStartHook", "PostStartHook failed")
            if self.cri.running(step.id):
                self.killer.begin(w, step.id, container.name, now, "FailedPostStartHook")
        if not self.killer.advance(w, now):
            return Outcome.WAIT
        return self._fail(w, container, POST_START_ERROR, step.message)
