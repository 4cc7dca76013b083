"""serviceaccounts/token: a token request. The token is a name for the account, not a signed JWT (FIDELITY.md)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import fielderror, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import authentication, errors
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, body, parent

HOUR = 3600
SHORTEST, LONGEST = 600, 1 << 32
BINDABLE = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}
AUDIENCE = "https://kubernetes.default.svc.cluster.local"


class Token(Subresource):
    """Create a TokenRequest."""

    def create(self, door: Door, request: Request) -> Object:
        """The request with its status filled in."""
        account = parent(door, request)
        spec: dict[str, Any] = dict((body(request) if request.body else {}).get("spec") or {})
        spec.setdefault("audiences", [AUDIENCE])
        spec.setdefault("expirationSeconds", HOUR)
        _validate(spec["expirationSeconds"])
        etcd, meta = door.registry.etcd, account.metadata
        now = etcd.clock.now
        end = now + spec["expirationSeconds"]
        bound = _bound(etcd, meta.namespace, meta.name, spec.get("boundObjectRef"))
        status = {
            "token": authentication.token(meta.namespace, meta.name, meta.uid, end, bound),
            "expirationTimestamp": format_time(end),
        }
        data = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec, "status": status}
        kept = types.ObjectMeta(name=meta.name, namespace=meta.namespace, creation_timestamp=now)
        return decode_object(types.Unstructured, data).evolve(metadata=kept)


def _validate(seconds: Any) -> None:
    said = ""
    if not isinstance(seconds, int) or seconds < SHORTEST:
        said = "may not specify a duration less than 10 minutes"
    elif seconds > LONGEST:
        said = "may not specify a duration larger than 2^32 seconds"
    if said:
        wrong = fielderror.invalid("spec.expirationSeconds", seconds, said)
        cause = Cause(wrong.reason, wrong.message, wrong.field)
        raise errors.invalid("authentication.k8s.io", "TokenRequest", "", [cause])


def _bound(etcd: Etcd, namespace: str, account: str, ref: Any) -> str:
    """What the token dies with, as `authentication.token` wants it; the object must be there."""
    if not ref:
        return ""
    version, kind, name = ref.get("apiVersion"), ref.get("kind"), ref.get("name") or ""
    plural = BINDABLE.get(kind or "") if version == "v1" else None
    if plural is None:
        raise errors.bad_request(f"cannot bind token to object of type /{version}, Kind={kind}")
    found = etcd.get(plural, ("" if plural == "nodes" else namespace, name))
    if found is None:
        raise errors.not_found("", plural, name)
    if isinstance(found, types.Pod) and found.spec is not None and found.spec.service_account_name != account:
        said = f'cannot bind token for serviceaccount "{account}" to pod running with different serviceaccount name.'
        raise errors.bad_request(said)
    uid = ref.get("uid")
    if uid and uid != found.metadata.uid:
        why = (
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict("", str(kind), name, why)
    return f"{plural}/{name}/{found.metadata.uid}"
