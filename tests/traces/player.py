"""Plays the steps of a story: what kubectl or a client asked for, at its second.

A step is `{"at": seconds, VERB: what}`; further keys belong to the verb. An unknown verb is an error, so that a story
is never half played.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.labels import parse as parse_selector
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options
from tests.traces.differences import longer
from tests.traces.plane import Plane

WARM = 5
"""Seconds before the story, in which its namespace gets what every namespace has."""
LATE = 8
"""Seconds for which our seconds may lag behind what was recorded."""
Reply = tuple[int, str | None, str | None]
Data = dict[str, Any]


class UnknownVerb(Exception):
    """A step that the player does not know."""


class Player:
    """One story in one control plane, in a namespace of its name. `replies`: one list of replies a step."""

    def __init__(self, trace: Data) -> None:
        self.trace, self.namespace = trace, trace["name"]
        self.plane = Plane()
        self.plane.ask("create", "Namespace", self.namespace, body={"metadata": {"name": self.namespace}})
        self.replies: list[list[Reply]] = []
        self.causes: list[list[Data]] = []
        self.plane.tick(WARM)
        self.start = self.plane.engine.tick

    @property
    def now(self) -> int:
        """Seconds of the story."""
        return self.plane.engine.tick - self.start

    def play(self) -> Player:
        """All of it, and some seconds more."""
        steps = sorted(self.trace["steps"], key=lambda s: s["at"])
        seen = [row["t"] for rows in self.trace["observed"].values() for row in rows]
        last = max([*(s["at"] for s in steps), *seen], default=0)
        for second in range(int(last) + LATE + longer(self.trace)):
            for step in (s for s in steps if int(s["at"]) == second):
                self.do(step)
            self.plane.tick()
        return self

    def do(self, step: Data) -> None:
        """One step, and its replies."""
        verb = next((key for key in step if key in VERBS), None)
        if verb is None:
            raise UnknownVerb(f"{self.trace['name']}: no verb is known in {sorted(step)}; known are {sorted(VERBS)}")
        self.replies.append([])
        self.causes.append([])
        VERBS[verb](self, step[verb], step)

    def said(self, made: int, request: Any) -> bool:
        """Ask; note the reply. `made`: the code of success."""
        try:
            request()
        except StatusError as refused:
            self.replies[-1].append((refused.code, refused.message, refused.reason))
            self.causes[-1] += [{"reason": c.reason, "message": c.message} for c in refused.details.causes]
            return False
        self.replies[-1].append((made, None, None))
        return True

    def ask(self, made: int, verb: str, kind: str, name: str, subresource: str = "", **more: Any) -> None:
        """A request about an object of the story's namespace."""
        self.said(made, lambda: self.plane.ask(verb, kind, name, subresource, self.namespace, **more))

    def chosen(self, what: Any) -> list[types.Pod]:
        """Pods by selector and count, by name, those being deleted left out."""
        wanted = parse_selector(what["selector"])
        found = [p for p in self.plane.list(types.Pod, self.namespace) if wanted.matches(p.metadata.labels)]
        alive = [p for p in found if p.metadata.deletion_timestamp is None]
        return alive[: what.get("count", len(alive))]

    # -- verbs -------------------------------------------------------------------------------------------------

    def apply(self, data: Data, _step: Data) -> None:
        """Create, or patch what is there."""
        body = {**data, "apiVersion": newest(data)}
        kind, name = data["kind"], data["metadata"]["name"]
        if self.exists(kind, name):
            self.ask(200, "patch", kind, name, body=body, patch_type="merge")
        else:
            self.ask(201, "create", kind, name, body=body)

    def exists(self, kind: str, name: str) -> bool:
        """Whether there is such an object."""
        try:
            self.plane.ask("get", kind, name, "", self.namespace)
        except StatusError:
            return False
        return True

    def update(self, data: Data, _step: Data) -> None:
        """Replace."""
        self.ask(200, "update", data["kind"], data["metadata"]["name"], body={**data, "apiVersion": newest(data)})

    def patch(self, what: list[Any], step: Data) -> None:
        """[kind, name, patch]; of type `type`, a merge patch if it is not named."""
        kind, name, body = what[:3]
        self.ask(200, "patch", kind, name, body=body, patch_type=step.get("type") or "merge")

    def scale(self, what: list[Any], _step: Data) -> None:
        """[kind, name, replicas]."""
        kind, name, replicas = what
        self.ask(200, "patch", kind, name, body={"spec": {"replicas": replicas}}, patch_type="merge")

    def delete(self, what: list[Any], _step: Data) -> None:
        """[kind, name, propagation policy, grace]."""
        kind, name, policy, grace = (*what, None, None)[:4]
        self.ask(200, "delete", kind, name, options=Options(propagation=policy or "", grace=grace))

    def delete_pods(self, what: Data, _step: Data) -> None:
        """So many Pods of a selector."""
        for pod in self.chosen(what):
            self.ask(200, "delete", "Pod", pod.metadata.name)

    def evict(self, what: Any, _step: Data) -> None:
        """So many Pods of a selector, or one by name; the controllers act between two of them."""
        names = [what] if isinstance(what, str) else [p.metadata.name for p in self.chosen(what)]
        for i, name in enumerate(names):
            if i:
                self.plane.tick()
            self.said(201, lambda name=name: self.plane.admin.evict(self.namespace, name))

    def cordon(self, node: str, step: Data) -> None:
        """`value`: false lifts it."""
        self._node(node, {"spec": {"unschedulable": step.get("value", True)}})

    def uncordon(self, node: str, _step: Data) -> None:
        """Lift it."""
        self._node(node, {"spec": {"unschedulable": False}})

    def taint(self, node: str, step: Data) -> None:
        """`value`: the taints (or one) that the node has from now on; none if it is absent."""
        value = step.get("value") or step.get("taints") or []
        self._node(node, {"spec": {"taints": value if isinstance(value, list) else [value]}})

    def label(self, what: Any, step: Data) -> None:
        """A node's labels (`value`), or [kind, name, labels]."""
        kind, name, labels = ("Node", what, step.get("value") or {}) if isinstance(what, str) else what
        self.ask(200, "patch", kind, name, body={"metadata": {"labels": labels}}, patch_type="merge")

    def _node(self, name: str, body: Data) -> None:
        self.ask(200, "patch", "Node", name, body=body, patch_type="merge")

    def drain(self, node: str, _step: Data) -> None:
        """Cordon it and evict all of its Pods but those of DaemonSets."""
        self._node(node, {"spec": {"unschedulable": True}})
        for pod in self.plane.list(types.Pod, self.namespace):
            owners = {r.kind for r in pod.metadata.owner_references}
            if pod.spec.node_name == node and "DaemonSet" not in owners:
                self.evict(pod.metadata.name, {})

    def silence(self, node: str, step: Data) -> None:
        """The node posts nothing any more; `value` false: it does again."""
        self.plane.silence(node, on=step.get("value", True) is not False)
        self.replies[-1].append((200, None, None))

    def speak(self, node: str, _step: Data) -> None:
        """The node posts again."""
        self.plane.silence(node, on=False)
        self.replies[-1].append((200, None, None))

    def delete_node(self, node: str, _step: Data) -> None:
        """The Node object goes."""
        self.ask(200, "delete", "Node", node)


def newest(data: Data) -> str:
    """The version of an API that is still served."""
    return str(data["apiVersion"]).replace("v1beta1", "v1")


VERBS: dict[str, Any] = {
    "apply": Player.apply,
    "create": Player.apply,
    "update": Player.update,
    "replace": Player.update,
    "patch": Player.patch,
    "scale": Player.scale,
    "delete": Player.delete,
    "delete_pods": Player.delete_pods,
    "evict": Player.evict,
    "cordon": Player.cordon,
    "uncordon": Player.uncordon,
    "taint": Player.taint,
    "label": Player.label,
    "drain": Player.drain,
    "silence": Player.silence,
    "silent": Player.silence,
    "stop_node": Player.silence,
    "kill_node": Player.silence,
    "node_down": Player.silence,
    "speak": Player.speak,
    "unsilence": Player.speak,
    "start_node": Player.speak,
    "node_up": Player.speak,
    "delete_node": Player.delete_node,
}
"""Steps by their verb; what silences a node and wakes it goes by several names, since the sample shows none."""
