"""NodeRestriction: a kubelet changes its own Node and the Pods bound to it, and nothing of others.

Asked for what node identities write (upstream: plugin/pkg/admission/noderestriction). What a kubelet of this cluster
writes in its typed form is its own by construction and passes by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kubesim_tui.api import types
from kubesim_tui.api.helpers.nodes import taints_of
from kubesim_tui.api.helpers.pod_references import config_map_names, secret_names
from kubesim_tui.api.helpers.static_pods import CONFIG_MIRROR
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.authentication import NODE_PREFIX, NODES
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

STATION = "admission/NodeRestriction"
RESTRICTED = "node-restriction.kubernetes.io"
LEASES = "kube-node-lease"
KUBELET_LABELS = frozenset(
    {"kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/arch"}
    | {"beta.kubernetes.io/os", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"}
    | {"failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"}
    | {"topology.kubernetes.io/zone", "topology.kubernetes.io/region"}
)
KUBELET_NAMESPACES = ("kubelet.kubernetes.io", "node.kubernetes.io")


class _Refused(Exception):
    """Why a node may not."""


def check(etcd: Etcd, request: Request, obj: Object | None, old: Object | None) -> None:
    """403 for what is not the node's own. Asked before anything is written."""
    if NODES not in request.user.groups or not request.user.name.startswith(NODE_PREFIX):
        return
    node = request.user.name.removeprefix(NODE_PREFIX)
    r = request.resource
    rule = _RULES.get(r.group_resource)
    if rule is None:
        return
    try:
        rule(etcd, node, request, obj, old)
    except _Refused as why:
        name = request.name or (obj.metadata.name if obj is not None else "")
        raise errors.forbidden(r.group, r.plural, name, str(why)).at(STATION) from None


# -- Pods --------------------------------------------------------------------------------------------------------


def _pods(etcd: Etcd, node: str, request: Request, obj: Object | None, old: Object | None) -> None:
    if request.subresource == "status":
        _status(node, obj, old)
    elif request.subresource == "eviction":
        found = etcd.get("pods", (request.namespace, request.name))
        if _node_of(found) != node:
            raise _Refused(f"node {node} can only evict pods with spec.nodeName set to itself")
    elif request.subresource:
        said = f"unexpected pod subresource \"{request.subresource}\", only 'status' and 'eviction' are allowed"
        raise _Refused(said)
    elif request.verb == "create":
        _new_pod(etcd, node, obj)
    elif request.verb in ("delete", "deletecollection"):
        if _node_of(old) != node:
            raise _Refused(f'node "{node}" can only delete pods with spec.nodeName set to itself')
    else:
        operation = "UPDATE"
        raise _Refused(f'unexpected operation "{operation}", node "{node}" can only create and delete mirror pods')


def _status(node: str, obj: Object | None, old: Object | None) -> None:
    if _node_of(old) != node:
        raise _Refused(f'node "{node}" can only update pod status for pods with spec.nodeName set to itself')
    if obj is not None and old is not None and obj.metadata.labels != old.metadata.labels:
        raise _Refused(f'node "{node}" cannot update labels through pod status')


def _new_pod(etcd: Etcd, node: str, obj: Object | None) -> None:
    assert isinstance(obj, Pod)
    spec = obj.spec or types.PodSpec()
    if CONFIG_MIRROR not in obj.metadata.annotations:
        raise _Refused(f'pod does not have "{CONFIG_MIRROR}" annotation, node "{node}" can only create mirror pods')
    if spec.node_name != node:
        raise _Refused(f'node "{node}" can only create pods with spec.nodeName set to itself')
    owners = obj.metadata.owner_references
    if len(owners) > 1:
        raise _Refused(f'node "{node}" can only create pods with a single owner reference set to itself')
    if not owners or (owners[0].api_version, owners[0].kind, owners[0].name) != ("v1", "Node", node):
        raise _Refused(f'node "{node}" can only create pods with an owner reference set to itself')
    if not owners[0].controller:
        raise _Refused(f'node "{node}" can only create pods with a controller owner reference set to itself')
    if owners[0].block_owner_deletion:
        raise _Refused(f'node "{node}" must not set blockOwnerDeletion on an owner reference')
    known = etcd.get("nodes", ("", node))
    if known is None:
        raise errors.not_found("", "nodes", node)
    if owners[0].uid != known.metadata.uid:
        raise _Refused(f"node {node} UID mismatch: expected {owners[0].uid} got {known.metadata.uid}")
    what = next(_referenced(spec), None)
    if what is not None:
        raise _Refused(f'node "{node}" can not create pods that reference {what}')


def _referenced(spec: types.PodSpec) -> Iterator[str]:
    """Other API objects that a Pod needs: a kubelet could read them if it brought such a Pod itself."""
    if spec.service_account_name:
        yield "a service account"
    if any(secret_names(spec)):
        yield "secrets"
    if any(config_map_names(spec)):
        yield "configmaps"
    projected = [volume.projected for volume in spec.volumes if volume.projected is not None]
    if any("clusterTrustBundle" in source.rest for one in projected for source in one.sources):
        yield "clustertrustbundles"
    if any(volume.persistent_volume_claim is not None for volume in spec.volumes):
        yield "persistentvolumeclaims"


def _node_of(obj: Object | None) -> str:
    return obj.spec.node_name if isinstance(obj, Pod) and obj.spec is not None else ""


# -- Nodes -------------------------------------------------------------------------------------------------------


def _nodes(_etcd: Etcd, node: str, request: Request, obj: Object | None, old: Object | None) -> None:
    name = request.name or (obj.metadata.name if obj is not None else "")
    if name != node:
        raise _Refused(f'node "{node}" is not allowed to modify node "{name}"')
    if not isinstance(obj, types.Node):
        return
    if not isinstance(old, types.Node):
        restricted = [key for key in sorted(obj.metadata.labels) if _is_restricted(key)]
        if restricted:
            raise _Refused(f'node "{node}" is not allowed to set the following labels: {", ".join(restricted)}')
        return
    if taints_of(obj) != taints_of(old):
        raise _Refused(f'node "{node}" is not allowed to modify taints')
    wrong = [key for key in _modified(obj.metadata.labels, old.metadata.labels) if _is_forbidden(key)]
    if wrong:
        raise _Refused(f"is not allowed to modify labels: {', '.join(wrong)}")


def _modified(a: Mapping[str, str], b: Mapping[str, str]) -> Iterable[str]:
    return sorted(key for key in {**a, **b} if a.get(key) != b.get(key))


def _is_restricted(key: str) -> bool:
    space = key.rpartition("/")[0]
    return space == RESTRICTED or space.endswith(f".{RESTRICTED}")


def _is_forbidden(key: str) -> bool:
    space = key.rpartition("/")[0]
    kubernetes = any(space == s or space.endswith(f".{s}") for s in ("kubernetes.io", "k8s.io"))
    kubelets = key in KUBELET_LABELS or any(space == s or space.endswith(f".{s}") for s in KUBELET_NAMESPACES)
    return _is_restricted(key) or (kubernetes and not kubelets)


# -- what bears the node's name ----------------------------------------------------------------------------------


def _leases(_etcd: Etcd, node: str, request: Request, obj: Object | None, _old: Object | None) -> None:
    if request.namespace != LEASES:
        raise _Refused(f'can only access leases in the "{LEASES}" system namespace')
    if (request.name or (obj.metadata.name if obj is not None else "")) != node:
        raise _Refused("can only access node lease with the same name as the requesting node")


def _csi_nodes(_etcd: Etcd, node: str, request: Request, obj: Object | None, _old: Object | None) -> None:
    if (request.name or (obj.metadata.name if obj is not None else "")) != node:
        raise _Refused("can only access CSINode with the same name as the requesting node")


def _accounts(etcd: Etcd, node: str, request: Request, _obj: Object | None, _old: Object | None) -> None:
    """Tokens are for Pods of the node."""
    if request.subresource != "token" or request.verb != "create":
        return
    body = request.body if isinstance(request.body, Mapping) else {}
    ref = (body.get("spec") or {}).get("boundObjectRef") or {}
    if (ref.get("apiVersion"), ref.get("kind")) != ("v1", "Pod") or not ref.get("name"):
        raise _Refused("node requested token not bound to a pod")
    if not ref.get("uid"):
        raise _Refused("node requested token with a pod binding without a uid")
    pod = etcd.get("pods", (request.namespace, ref["name"]))
    if pod is None:
        raise errors.not_found("", "pods", ref["name"])
    if pod.metadata.uid != ref["uid"]:
        said = f"the UID in the bound object reference ({ref['uid']}) does not match the UID in record. "
        raise _Refused(said + "The object might have been deleted and then recreated")
    if _node_of(pod) != node:
        raise _Refused("node requested token bound to a pod scheduled on a different node")


Check = Callable[[Etcd, str, Request, Object | None, Object | None], None]
_RULES: Mapping[str, Check] = {
    "pods": _pods,
    "nodes": _nodes,
    "leases.coordination.k8s.io": _leases,
    "csinodes.storage.k8s.io": _csi_nodes,
    "serviceaccounts": _accounts,
}
