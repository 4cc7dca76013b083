"""DaemonSets: which nodes want a Pod."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode
from kubesim_tui.controllers.daemonset.pods import daemon_spec, should_run
from tests.upstream.adapters import answers
from tests.upstream.objects import node


def _node(row):
    """A cordoned node is tainted, too: its lifecycle controller sees to that."""
    row.know("allocatable", "conditions")  # room and health are not the controller's business
    cordoned, taints = row.get("unschedulable", False), list(row.get("taints") or ())
    if cordoned:
        taints.append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})
    meta = {"name": row.get("name", "n"), "labels": row.get("labels") or {}}
    return node({"metadata": meta, "spec": {"unschedulable": cordoned, "taints": taints}})


def _verdict(given, row):
    return should_run(daemon_spec(decode(types.PodSpec, given["templateSpec"] or {})), _node(row))


@answers("daemonset", "daemonset_node")
def daemonset_node(given):
    given.know("podsOnNode")  # what runs there does not count
    runs, stays = _verdict(given, given.part("node"))
    return {"shouldRun": runs, "shouldContinueRunning": stays}


@answers("daemonset", "daemonset_node_update")
def daemonset_node_update(given):
    return {"resync": _verdict(given, given.part("old")) != _verdict(given, given.part("new"))}
