"""The scheduler's cycle: how many nodes it looks at, what it says of failure, whom it preempts."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.helpers.budgets import budget_of
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.scheduler import fit_error, preemption
from kubesim_tui.scheduler.fit_error import NodeStatuses
from kubesim_tui.scheduler.framework import Code, Status, default_normalize
from kubesim_tui.scheduler.profile import DEFAULT_PLUGINS
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import run_pre_filter
from kubesim_tui.scheduler.schedule_one import feasible_nodes_to_find, schedule_pod
from tests.upstream.adapters import answers
from tests.upstream.answers import Unordered
from tests.upstream.given import Given
from tests.upstream.topics.scheduler_plugins import world

PLUGINS = {p.name: p for p in DEFAULT_PLUGINS}
NOTHING = Given({})


@answers("fit_error")
def message(given):
    reasons = (given.get("node_reasons") or {}).items()
    statuses = NodeStatuses({name: Status(Code.UNSCHEDULABLE, tuple(r)) for name, r in reasons})
    said = given.get("prefilter_message") or "", given.get("postfilter_message") or ""
    return {"message": fit_error.fit_message(given["num_all_nodes"], statuses, *said)}


@answers("scheduler_numbers", "feasible_nodes")
def feasible_nodes(given):
    return {"nodes_to_find": feasible_nodes_to_find(given["percentage_of_nodes_to_score"], given["nodes"])}


@answers("scheduler_numbers", "normalize")
def normalize(given):
    assert given["max"] == 100, "scores are brought to 100, and nothing else"
    return {"scores": default_normalize(given["scores"], reverse=given["reverse"])}


# -- preemption --------------------------------------------------------------------------------------------------


def _cycle(given):
    at = world(given, NOTHING)
    return at, at.cycle(*[PLUGINS[name] for name in given["plugins"]])


def _budget(data):
    head = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {}}
    return budget_of(decode_object(types.Unstructured, {**head, **data}))


def _candidates(given):
    at, cycle = _cycle(given)
    run_pre_filter(cycle)
    budgets = [_budget(p) for p in given.get("pdbs") or ()]
    return preemption.dry_run(cycle, at.handle.nodes(), budgets, Nominator())[0]


def _names(victims):
    return Unordered(v.pod.metadata.name for v in victims)


@answers("preemption", "dry_run")
def dry_run(given):
    found = _candidates(given)
    rows = [{"node": c.node, "victims": _names(c.victims), "pdb_violations": c.violations} for c in found]
    return {"candidates": Unordered(rows)}


class _OneOf(str):
    """A node; the table allows several."""

    def __eq__(self, wanted):
        return str(self) in wanted

    __hash__ = str.__hash__


@answers("preemption", "best")
def best(given):
    return {"node_any_of": _OneOf(preemption.pick(_candidates(given)).node)}


@answers("preemption", "preempt")
def preempt(given):
    at, cycle = _cycle(given)
    attempt = schedule_pod(cycle, 0, Nominator(), Stream.seeded("ties"))
    helpful = preemption.helpful_nodes(at.handle.nodes(), attempt.statuses)
    budgets = [_budget(p) for p in given.get("pdbs") or ()]
    found = preemption.preempt(cycle, helpful, Nominator(), budgets, 0).candidate
    return {"nominated_node": found.node if found else "", "victims": _names(found.victims if found else ())}


@answers("preemption", "eligible")
def eligible(given):
    at, status = world(given, NOTHING), given.part("nominated_node_status")
    said = Status(Code(status.get("code", "Success")), tuple(status.get("reasons") or ()))
    node = at.handle.node(at.pod.nominated) if at.pod.nominated else None
    return {"eligible": preemption.eligible(at.pod, said, node) == ""}
