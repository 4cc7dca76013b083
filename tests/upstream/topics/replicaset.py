"""The order in which Pods are chosen: to be removed, or to be looked at."""

from kubesim_tui.api.helpers import active_pods
from kubesim_tui.api.helpers.conditions import is_pod_active
from kubesim_tui.controllers.replicaset.order import active_order, compare, face
from tests.upstream.adapters import answers
from tests.upstream.objects import pod, seconds

ORDERS = {-1: "a_first", 0: "equal", 1: "b_first"}


@answers("replicaset_scale_down", "delete_first")
def delete_first(given):
    a, b = (face(pod(row["pod"]), row["rank"]) for row in (given.part("a"), given.part("b")))
    order = compare(a, b, seconds(given["now"]))
    return {"order": ORDERS[(order > 0) - (order < 0)]}


@answers("replicaset_scale_down", "sort_active")
def sort_active(given):
    return {"order": [p.metadata.name for p in active_order([pod(p) for p in given["pods"]])]}


@answers("replicaset_scale_down", "filter_active")
def filter_active(given):
    made = [pod(p) for p in given["pods"]]
    return {"names": [p.metadata.name for p in made if is_pod_active(p)]}


@answers("active_pods_order")
def active_pods_order(given):
    a, b = (active_pods.active_order(pod(given[k])) for k in "ab")
    return {"a_before_b": a < b}
