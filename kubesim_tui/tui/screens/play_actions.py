"""What the board's commands do. One method ``action_<id>`` for each of `commands.COMMANDS`."""

from __future__ import annotations

import re

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import Action
from kubesim_tui.tui import commands
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.chooser import ActionMenu, Palette
from kubesim_tui.tui.screens.play_base import PlayBase
from kubesim_tui.tui.widgets.timeline import Timeline
from kubesim_tui.tui.widgets.traffic import Traffic

JUMP = 5  # ticks of one press of [ or ]
READS = frozenset({"describe", "yaml", "logs"})  # run at once: looking is free
REPLICAS = re.compile(r"--replicas=(\d+)")
LOGGED = frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
SCALABLE = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})


def plain_line(command: str, ref: Ref) -> str:
    """kubectl's line for a look at a thing, where the session has no action of its own; "" where there is none."""
    where = f" -n {ref.namespace}" if ref.namespace else ""
    name = f"{ref.kind.lower()}/{ref.name}"
    if command == "logs":
        return f"kubectl logs {name}{where}" if ref.kind in LOGGED else ""
    verbs = {"describe": f"kubectl describe {name}{where}", "yaml": f"kubectl get {name}{where} -o yaml"}
    return verbs.get(command, "")


class BoardActions(PlayBase):
    """Mixed into the play screen."""

    # The game.

    def action_go(self) -> None:
        """Start the clock."""
        if self.state is not None and self.state.view.go is None:
            self.session.go()
            self.session.tour_event("go")
            self.pace.paused = False
            self.paint()

    def action_pause(self) -> None:
        """Stop or start time; before Go of an incident it is Go that starts it."""
        if self.waits_for_go():
            self.say(self.look.t("Time stands until Go: press g."))
            return
        self.pace.paused = not self.pace.paused
        self.paint()

    def action_next_event(self) -> None:
        """Run on until something happens."""
        if self.waits_for_go():
            self.say(self.look.t("Time stands until Go: press g."))
        elif self.state is not None and self.state.verdict is None:
            self.session.next_event()
            self.pace.paused = True
            self.paint()

    def action_speed(self, speed: int) -> None:
        """So many simulated seconds a second."""
        self.pace.speed = speed
        self.paint()

    def action_slower(self) -> None:
        """The next lower speed."""
        self.pace.slower()
        self.paint()

    def action_faster(self) -> None:
        """The next higher speed."""
        self.pace.faster()
        self.paint()

    def action_restart(self) -> None:
        """From the start; asks while the run is judged."""
        if self.state is not None and self.state.running:
            text = self.look.t("Start this level again? This run is not kept.")
            self.app.push_screen(stories.ask(self.look.t("Restart"), text, N_("Start again")), self._restart_if)
        else:
            self.restart()

    def _restart_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.restart()

    def action_leave(self) -> None:
        """Back to the level list; asks while the run is judged."""
        if self.state is not None and self.state.running:
            text = self.look.t("Leave this level? This run is not kept.")
            self.app.push_screen(stories.ask(self.look.t("Leave"), text, N_("Leave")), self._leave_if)
        else:
            self.dismiss("levels")

    def _leave_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.dismiss("levels")

    def action_briefing(self) -> None:
        """The story."""
        if self.state is not None:
            self.app.push_screen(stories.briefing(self.session.briefing(), self.state, self.gentle))

    def action_hint(self) -> None:
        """The next hint; before the third the price is named."""
        shown = self.state.hints_shown if self.state is not None else 0
        if shown == 2:
            text = self.look.t("The third hint is nearly the answer. It is still a win then, but without medals.")
            self.app.push_screen(stories.ask(self.look.t("Hint"), text, N_("Show it")), self._hint_if)
        else:
            self._hint_if("yes")

    def _hint_if(self, answer: str | None) -> None:
        if answer == "yes":
            text = self.session.hint()
            self.paint()
            shown = self.state.hints_shown if self.state is not None else 1
            self.app.push_screen(stories.hint(text, max(1, min(3, shown))), self._after_hint)

    def _after_hint(self, choice: str | None) -> None:
        if choice == "next":
            self.action_hint()

    def action_rewind_back(self) -> None:
        """Move the second head of the timeline back."""
        self._scrub(-JUMP)

    def action_rewind_on(self) -> None:
        """Move it on again."""
        self._scrub(JUMP)

    def _scrub(self, by: int) -> None:
        timeline = self.query_one(Timeline)
        if self.state is None or self.state.view.go is None or (timeline.scrub is None and by > 0):
            return
        view = self.state.view
        here = view.tick if timeline.scrub is None else timeline.scrub
        target = max(view.go or 0, here + by)
        timeline.scrub = None if target >= view.tick else target
        self.pace.paused = True
        timeline.repaint()
        self.paint()

    def rewind(self) -> None:
        """Go back to where the second head stands."""
        timeline = self.query_one(Timeline)
        if timeline.scrub is not None:
            self.session.rewind(timeline.scrub)
            timeline.scrub = None
            self.reopen()
            self.paint()

    # The selected thing.

    def target(self) -> Ref | None:
        """What the cursor stands for; tells the player where it stands for nothing."""
        found = self.board.target
        if found is None:
            self.say(self.look.t("Select something first."))
        return found

    def action_enter(self) -> None:
        """Enter: go where the timeline's head stands, run what is prepared, or open the actions."""
        if self.query_one(Timeline).scrub is not None:
            self.rewind()
        elif self.armed:
            self.action_run_armed()
        elif (ref := self.target()) is not None:
            self.session.tour_event("opened")
            actions = self.session.actions(ref)
            if actions:
                self._asked = ref
                self.app.push_screen(ActionMenu(f"{ref.kind} {ref.name}", actions), self._chosen)
            else:
                self.say(self.look.t("Nothing can be done with it here."))

    def _chosen(self, action: Action | None) -> None:
        if action is not None and self._asked is not None:
            self.do(self._asked, action)

    def do(self, ref: Ref, action: Action, at_once: bool = False) -> None:
        """Carry an action on: a form, the editor, a prepared line; a look is run at once."""
        if action.form == "edit":
            self.open_editor(ref)
        elif action.form:
            self.open_form(ref, action)
        elif at_once:
            self.run_line(action.command)
        else:
            self.arm(action.command)

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
        ref = self.board.target
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
        """kubectl exec, to be completed by the player."""
        ref = self.target()
        if ref is not None and ref.kind == "Pod":
            self.type_line(f"kubectl exec {ref.name} -n {ref.namespace} -- ")
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
        if prepared := REPLICAS.search(self.armed):
            count = max(0, int(prepared[1]) + by)
            self.arm(REPLICAS.sub(f"--replicas={count}", self.armed))
            return
        work = next((w for w in self.state.view.workloads if w.ref == self._scaled()), None) if self.state else None
        if work is None or work.ref.kind not in SCALABLE:
            self.say(self.look.t("Select a Deployment or a StatefulSet: they have a number of replicas."))
            return
        name = f"{work.ref.kind.lower()}/{work.ref.name}"
        self.arm(f"kubectl scale {name} --replicas={max(0, work.want + by)} -n {work.ref.namespace}")

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
        if self.state is None:
            return
        missed = next((o.id for o in self.state.objectives if o.state == "failed"), None)
        found = self.session.why(self.board.target) or (self.session.why(None, missed) if missed else None)
        self.app.push_screen(stories.why(found, self.state) if found else stories.not_found(self.look.t("Why")))

    # Looking around.

    def action_next_tab(self) -> None:
        """The next page of the board."""
        self.board.step_tab(1)

    def action_previous_tab(self) -> None:
        """The page before."""
        self.board.step_tab(-1)

    def action_stream(self) -> None:
        """The next stream of users."""
        self.query_one(Traffic).next_stream()

    def action_system(self) -> None:
        """The cluster's own things."""
        self.board.toggle_system()

    def action_help(self) -> None:
        """All keys."""
        self.app.push_screen(stories.help_page(self.look.t("Help")))

    def action_palette(self) -> None:
        """Any command by name."""
        self.app.push_screen(Palette(), self._from_palette)

    async def _from_palette(self, command: str | None) -> None:
        if command is not None:
            await self.run_action(command)

    def action_theme(self) -> None:
        """The next palette."""
        self.host.next_theme()

    def action_language(self) -> None:
        """The other language."""
        self.host.next_language()
