"""What the play screen's commands do with the selected thing: its menu, its letters, its replicas, its why.

An action writes its kubectl line into the prompt, where it can be read and changed; only a look is run at once.
"""

from __future__ import annotations

import re
from functools import partial

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import Action
from kubesim_tui.tui import commands
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.screens import palette, placement, stories
from kubesim_tui.tui.screens.chooser import ActionMenu
from kubesim_tui.tui.screens.play_base import PlayBase
from kubesim_tui.tui.screens.sheet import Sheet

READS = frozenset({"describe", "yaml", "logs"})  # run at once: looking is free
REPLICAS = re.compile(r"--replicas=(\d+)")
LOGGED = frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
SCALABLE = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})

NOTHING = N_("Nothing is wrong with it: there is no cause to look for.")
NO_SAY = N_("No scheduler has a say in it: a kubelet runs it from a file, or no scheduler runs.")


def plain_line(command: str, ref: Ref) -> str:
    """kubectl's line for a look at a thing, where the session has no action of its own; "" where there is none."""
    where = f" -n {ref.namespace}" if ref.namespace else ""
    name = f"{ref.kind.lower()}/{ref.name}"
    if command == "logs":
        return f"kubectl logs {name}{where}" if ref.kind in LOGGED else ""
    verbs = {"describe": f"kubectl describe {name}{where}", "yaml": f"kubectl get {name}{where} -o yaml"}
    return verbs.get(command, "")


class ThingActions(PlayBase):
    """Mixed into the play screen."""

    def target(self) -> Ref | None:
        """What the cursor stands for; tells the player where it stands for nothing."""
        if not self.is_now():
            return None
        found = self.board.target
        if found is None:
            self.say(self.look.t("Select something first."))
        return found

    def action_enter(self) -> None:
        """Enter: go where the timeline's head stands, run what is prepared, or open the actions."""
        if self.scrubbing:
            self.rewind()
        elif self.armed:
            self.action_run_armed()
        elif (ref := self.target()) is not None:
            self.session.tour_event("opened", ref)
            self.paint()  # the coach goes on, also while the menu stops time
            if self.session.actions(ref):
                self._asked = ref
                self.app.push_screen(
                    ActionMenu(f"{ref.kind} {ref.name}", partial(self.session.actions, ref)), self._chosen
                )
            else:
                self.say(self.look.t("Nothing can be done with it here."))

    def _chosen(self, action: Action | None) -> None:
        if action is not None and self._asked is not None:
            self.do(self._asked, action)

    def do(self, ref: Ref, action: Action, at_once: bool = False) -> None:
        """Carry an action on: a form, the editor, a prepared line; a look is run at once."""
        if action.form == "edit":
            self.open_editor(ref)
        elif action.form == "placement":
            self.open_placement(ref)
        elif action.form:
            self.open_form(ref, action)
        elif at_once:
            self.run_line(action.command)
        else:
            self.arm(action.command)

    def action_chaos(self) -> None:
        """What can be broken: of the selected thing first, then around it."""
        if self.is_now():
            ref = self.board.target
            thing = f"{ref.kind} {ref.name}" if ref is not None else ""
            self.app.push_screen(palette.of_strikes(thing, partial(self.session.strikes, ref)), self._to_strike)

    def _to_strike(self, line: str | None) -> None:
        """Enter strikes; a line that lacks something is left to be finished."""
        if line is None:
            return
        if line.endswith("="):
            self.type_line(line)
        else:
            self.arm(line)

    def open_placement(self, ref: Ref) -> None:
        """Why a Pod is where it is."""
        self.tell(partial(self._placement, ref))

    def _placement(self, ref: Ref) -> Sheet:
        found = self.session.placement(ref)
        return placement.sheet(found) if found else stories.told(self.look.t("Why on this node"), NO_SAY)

    def _by_key(self, command: str) -> None:
        """A letter of the board: the session's action of that key or name, else kubectl's plain line for it."""
        ref = self.target()
        if ref is None:
            return
        known = commands.by_id(command)
        keys = {*known.keys, *(commands.key_name(key) for key in known.keys)}
        for action in self.session.actions(ref):
            if action.key in keys or action.id == command:
                self.do(ref, action, at_once=command in READS)
                return
        if command == "edit":
            self.open_editor(ref)
        elif line := plain_line(command, ref):
            self.run_line(line)
        else:
            self.say(self.look.t("That cannot be done with a {kind}.", kind=ref.kind))

    def do_letter(self, letter: str) -> bool:
        """A letter that no command of the board has: the session's action of that key; False if there is none."""
        ref = self.board.target if not self.scrubbing else None
        for action in self.session.actions(ref) if ref is not None else ():
            if ref is not None and action.key == letter:
                self.do(ref, action)
                return True
        return False

    def action_describe(self) -> None:
        """kubectl describe."""
        self._by_key("describe")

    def action_yaml(self) -> None:
        """Its YAML."""
        self._by_key("yaml")

    def action_logs(self) -> None:
        """Its logs."""
        self._by_key("logs")

    def action_edit(self) -> None:
        """The editor."""
        self._by_key("edit")

    def action_shell(self) -> None:
        """A shell in a container, to be changed by the player."""
        ref = self.target()
        if ref is not None and ref.kind == "Pod":
            self.type_line(f"kubectl exec -it {ref.name} -n {ref.namespace} -- sh")
        elif ref is not None:
            self.say(self.look.t("That cannot be done with a {kind}.", kind=ref.kind))

    def action_delete(self) -> None:
        """kubectl delete, prepared."""
        self._by_key("delete")

    def action_more(self) -> None:
        """One replica more."""
        self._scale(1)

    def action_fewer(self) -> None:
        """One replica fewer."""
        self._scale(-1)

    def _scale(self, by: int) -> None:
        """Prepare ``kubectl scale``; pressed again it changes the number in the prepared line."""
        if not self.is_now():
            return
        if prepared := REPLICAS.search(self.armed):
            count = max(0, int(prepared[1]) + by)
            self.arm(REPLICAS.sub(f"--replicas={count}", self.armed))
            return
        work = next((w for w in self.state.view.workloads if w.ref == self._scaled()), None) if self.state else None
        if work is None or work.ref.kind not in SCALABLE:
            self.say(self.look.t("Select a Deployment or a StatefulSet: they have a number of replicas."))
            return
        scale = next((a for a in self.session.actions(work.ref) if a.form == "scale"), None)
        if scale is not None:
            self.arm(self.session.propose(work.ref, scale, {"replicas": str(max(0, work.want + by))}).command)

    def _scaled(self) -> Ref | None:
        """The workload to scale: the selected one, or that of the selected Pod or Service."""
        ref = self.board.target
        if self.state is None or ref is None:
            return None
        for work in self.state.view.workloads:
            if work.ref == ref or any(pod.ref == ref for pod in work.pods):
                return work.ref
        behind = [s.workloads for s in self.state.view.services if s.ref == ref]
        return behind[0][0] if behind and len(behind[0]) == 1 else None

    def action_why(self) -> None:
        """The chain of causes behind the selected thing, or behind a missed objective."""
        if self.state is not None and self.is_now():
            self.tell(self._why)

    def _why(self) -> Sheet:
        assert self.state is not None
        missed = next((o.id for o in self.state.objectives if o.state == "failed"), None)
        found = self.session.why(self.board.target)
        if found is None and (missed is not None or any(stream.failed for stream in self.state.view.traffic)):
            found = self.session.why(None, missed)
        return stories.why(found, self.state) if found else stories.told(self.look.t("Why"), NOTHING)
