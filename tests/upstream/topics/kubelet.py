"""The kubelet: phase and conditions of a Pod, image pulls, who is evicted first."""

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers import pod_conditions
from kubesim_tui.api.quantity import value
from kubesim_tui.api.types import ContainerStatus, PodCondition, PodSpec
from kubesim_tui.apiserver.client import Bucket
from kubesim_tui.kubelet.backoff import Backoff
from kubesim_tui.kubelet.eviction import helpers, thresholds
from kubesim_tui.kubelet.images import QPS_EXCEEDED, ImageManager, default_tag
from kubesim_tui.kubelet.phase import get_phase
from kubesim_tui.world.errors import InvalidReference
from tests.upstream.adapters import answers
from tests.upstream.answers import Within, attempt, fields
from tests.upstream.objects import pod


@answers("pod_phase")
def phase(given):
    made = pod(given["pod"])
    statuses = (*made.status.init_container_statuses, *made.status.container_statuses)
    return {"phase": get_phase(made.spec, statuses, terminal=given.get("podIsTerminal", False))}


def _condition(given, make, *more):
    statuses = given["containerStatuses"]
    known = None if statuses is None else [decode(ContainerStatus, s) for s in statuses]
    found = make(decode(PodSpec, given["spec"] or {}), *more, known, given.get("phase") or "")
    return {"condition": Within(fields(found, ("type", "status", "reason", "message")))}


@answers("pod_conditions", "containers_ready")
def containers_ready(given):
    return _condition(given, pod_conditions.containers_ready)


@answers("pod_conditions", "pod_ready")
def pod_ready(given):
    return _condition(given, pod_conditions.ready, [decode(PodCondition, c) for c in given["conditions"] or ()])


@answers("pod_conditions", "initialized")
def initialized(given):
    return _condition(given, pod_conditions.initialized)


@answers("image_pull", "ensure_image")
def ensure_image(given):
    """Try to have the image as often as the table says; per try: was the runtime asked, and what is the reason."""
    limits = given.part("backoff")
    manager = ImageManager(Backoff(limits["firstSeconds"], limits["maxSeconds"]))
    qps, burst = given["pullQPS"], given["pullBurst"]
    if qps:
        manager.bucket = Bucket(qps, burst)
    found = [_attempt(given, manager, 1 + n * given["secondsBetweenAttempts"]) for n in range(given["attempts"])]
    return {"attempts": found}


def _attempt(given, manager, now):
    image, pull_error = given["image"], given["pullError"]
    there, unknown = given["presentOnNode"], given["inspectError"] or ""
    found = manager.ensure("uid", image, given["imagePullPolicy"], there, now, unknown)
    asked = found.pull and manager.take(now)
    error = pull_error if asked else QPS_EXCEEDED if found.pull else None
    if error:
        found = manager.failed("uid", image, error, now)
    return {"pullTried": asked, "error": found.failure.reason if found.failure else None}


@answers("image_pull", "default_image_tag")
def default_image_tag(given):
    return attempt(lambda: {"image": default_tag(given["image"])}, InvalidReference)


KEYS = {
    "exceedsRequests": helpers.exceeds_requests,
    "priority": helpers.priority,
    "usageAboveRequest": helpers.usage_above_request,
}


def _amount(found):
    """Of memory a text; of the disk the sum of its parts."""
    return sum(value(part) for part in found.values()) if isinstance(found, dict) else value(found)


@answers("eviction_ranking", "rank_pods")
def rank_pods(given):
    given.know("resource")  # the amounts are of this one already
    pods = [
        helpers.Ranked(p["name"], p["priority"], _amount(p.get("request") or "0"), _amount(p.get("usage") or "0"))
        for p in given.rows("pods")
    ]
    return {"order": [p.uid for p in helpers.rank(pods, [KEYS[k] for k in given["by"]])]}


@answers("eviction_ranking", "signal_order")
def signal_order(given):
    return {"order": thresholds.signal_order(given["signals"])}
