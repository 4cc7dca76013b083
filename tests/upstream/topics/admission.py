"""What admission adds and refuses: bounds, quotas, tolerations."""

import contextlib
import copy

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.apiserver.admission.chain import Chain
from kubesim_tui.apiserver.admission.limit_ranger import LimitRanger
from kubesim_tui.apiserver.admission.plugin import Refused
from kubesim_tui.apiserver.admission.resource_quota import QUOTAS, ResourceQuotas
from kubesim_tui.apiserver.admission.tolerations import DefaultTolerationSeconds
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from tests.apiserver.door import pod
from tests.harness import ADMIN, Harness
from tests.upstream.adapters import answers
from tests.upstream.answers import Amounts, Within

PODS = scheme.for_plural("pods")


class _Resources(Within):
    """What a container asks for: quantities by name, or nothing."""

    def __init__(self, container):
        found = container.get("resources") or {}
        super().__init__({k: Amounts(found.get(k) or {}) for k in ("requests", "limits")})


def _put(harness, resource, kind, data):
    return harness.put(resource, decode_object(types.Unstructured, {"apiVersion": "v1", "kind": kind, **data}))


def _limits(given):
    harness = Harness()
    limits = _put(harness, "limitranges", "LimitRange", given["limit_range"])
    return LimitRanger(harness.etcd), limits.metadata.namespace


@answers("limit_range", "defaults_only")
def filled(given):
    plugin, namespace = _limits(given)
    data = copy.deepcopy(given["pod"])
    plugin.admit(Request(ADMIN, "create", PODS, namespace), data, None)
    return {"containers": [_Resources(c) for c in data["spec"]["containers"]]}


@answers("limit_range")
def bounded(given):
    plugin, namespace = _limits(given)
    data = copy.deepcopy(given["pod"])
    verb, subresource = given.get("operation", "CREATE").lower(), given.get("subresource", "")
    request = Request(ADMIN, verb, PODS, namespace, data["metadata"]["name"], subresource)
    old = decode_object(types.Pod, data) if verb == "update" else None
    try:
        plugin.admit(request, data, old)
        plugin.review(request, data, old)
    except Refused as refused:
        return {"allowed": False, "message": str(refused)}
    return {"allowed": True, "containers": [_Resources(c) for c in data["spec"]["containers"]]}


@answers("quota_admission")
def charged(given):
    harness = Harness()
    before = [_put(harness, QUOTAS, "ResourceQuota", q) for q in given["quotas"]]
    new = decode_object(types.Pod, given["pod"])
    namespace = new.metadata.namespace or "test"
    request = Request(ADMIN, "create", PODS, namespace, new.metadata.name)
    try:
        ResourceQuotas(harness.etcd).charge(request, new, None)
        allowed = True
    except StatusError:
        allowed = False
    after = {q.metadata.name: harness.etcd.get(QUOTAS, (q.metadata.namespace, q.metadata.name)) for q in before}
    changed = {q.metadata.name for q in before if after[q.metadata.name] != q}
    used = {name: Amounts(encode_object(after[name])["status"]["used"]) for name in sorted(changed)}
    return {"allowed": allowed, "charged": used}


def quota_refusal(given):
    """What a Pod is refused with for which a quota has no room."""
    harness = Harness()
    status = {"hard": given["hard"], "used": given["used"]}
    meta = {"name": given["quota"], "namespace": "default"}
    _put(harness, QUOTAS, "ResourceQuota", {"metadata": meta, "spec": {"hard": given["hard"]}, "status": status})
    resources = {"requests": {}, "limits": {}}
    for name, amount in given["requested"].items():
        list_, _, resource = name.rpartition(".")
        if name not in ("pods", "count/pods"):
            resources[list_ or "requests"][resource] = amount
    data = pod(given["pod"], containers=[{"name": "c", "image": "x", "resources": resources}])
    request = Request(ADMIN, "create", PODS, "default", given["pod"])
    try:
        ResourceQuotas(harness.etcd).charge(request, decode_object(types.Pod, data), None)
    except StatusError as refused:
        return refused.message
    return ""


@answers("default_tolerations", "admit_pod")
def with_default_tolerations(given):
    data = {"metadata": {"name": "p"}, "spec": {"tolerations": copy.deepcopy(given["tolerations"])}}
    DefaultTolerationSeconds(Harness().etcd).admit(Request(ADMIN, "create", PODS, "test", "p"), data, None)
    return {"tolerations": data["spec"]["tolerations"]}


VERBS = {"CREATE": ("create", ""), "UPDATE": ("update", ""), "DELETE": ("delete", ""), "CONNECT": ("create", "exec")}
"""Admission's operations as requests."""


@answers("default_tolerations", "admission_handles")
def handles(given):
    """Whether a request of that operation reaches the plugin at all."""
    asked = []

    class Noting(DefaultTolerationSeconds):
        def admit(self, request, data, old):
            asked.append(request.verb)

    harness = Harness()
    harness.server.admission = Chain(harness.etcd, plugins=[Noting])
    harness.put("namespaces", types.Namespace(metadata=types.ObjectMeta(name="default")))
    verb, subresource = VERBS[given["operation"]]
    data = pod()
    if (verb, subresource) != ("create", ""):
        data = encode_object(harness.server.handle(Request(ADMIN, "create", PODS, "default", body=data)))
        asked.clear()
    with contextlib.suppress(StatusError):  # nobody is there to be connected to
        harness.server.handle(Request(ADMIN, verb, PODS, "default", "p", subresource, body=data))
    return {"handled": bool(asked)}
