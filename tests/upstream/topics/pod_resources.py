"""What a Pod requests, its quality of service, and what it counts for in a quota."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode, decode_object
from kubesim_tui.api.helpers import qos, quota, resources
from kubesim_tui.api.times import parse_time
from tests.upstream.adapters import answers
from tests.upstream.answers import Amounts


def _effective(count, spec, options):
    more = {"missing": options["nonMissingContainerRequests"]} if "nonMissingContainerRequests" in options else {}
    found = count(
        decode(types.PodSpec, spec),
        overhead=not options.get("excludeOverhead", False),
        pod_level=not options.get("skipPodLevelResources", False),
        **more,
    )
    return Amounts({name: str(amount) for name, amount in found.items()})


@answers("pod_requests", "requests")
def requests(given):
    return {"requests": _effective(resources.pod_requests, given["pod"]["spec"], given.part("options"))}


@answers("pod_requests", "limits")
def limits(given):
    return {"limits": _effective(resources.pod_limits, given["pod"]["spec"], given.part("options"))}


@answers("pod_resources", "pod_requests")
def pod_requests(given):
    return {"resources": _effective(resources.pod_requests, given["spec"], given.part("options"))}


@answers("pod_resources", "pod_limits")
def pod_limits(given):
    return {"resources": _effective(resources.pod_limits, given["spec"], given.part("options"))}


@answers("qos")
def qos_class(given):
    return {"qosClass": qos.pod_qos(decode_object(types.Pod, given["pod"]))}


@answers("quota_pod_usage", "usage")
def usage(given):
    now = parse_time(given["now"]) if "now" in given else 0
    found = quota.pod_usage(decode_object(types.Pod, given["pod"]), now)
    return {"usage": Amounts({name: str(amount) for name, amount in found.items()})}


@answers("quota_pod_usage", "constraints")
def constraints(given):
    pod = decode_object(types.Pod, given["pod"])
    if not given.part("args").part("features").get("PodLevelResources", True):
        pod = pod.evolve(spec=pod.spec.evolve(resources=None))  # without the gate there is no such field
    return {"error": quota.undeclared(pod, given["required"])}
