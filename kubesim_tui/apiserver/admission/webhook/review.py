"""The words of the conversation: AdmissionReview (admission.k8s.io/v1) there and back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from attrs import frozen

from kubesim_tui.apiserver.admission.attributes import Attributes
from kubesim_tui.apiserver.errors import Details, StatusError

JsonMap = dict[str, Any]
VERSION, KIND = "admission.k8s.io/v1", "AdmissionReview"
SUBRESOURCE_KINDS: Mapping[str, tuple[str, str, str]] = {
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "exec": ("", "v1", "PodExecOptions"),
    "attach": ("", "v1", "PodAttachOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "scale": ("autoscaling", "v1", "Scale"),
}
"""What is sent to subresources that are no part of their object."""
OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


class Malformed(Exception):
    """An answer that is no verdict."""

    prefix = "received invalid webhook response"


class Unreadable(Malformed):
    """An answer that is no AdmissionReview at all."""

    prefix = "failed to call webhook"


@frozen
class Verdict:
    """What a webhook says."""

    allowed: bool
    status: Mapping[str, Any]
    patch: Any = None
    warnings: tuple[str, ...] = ()


def request_of(about: Attributes, serial: int) -> JsonMap:
    """`request` of the review."""
    request, r = about.request, about.request.resource
    group, version, kind = SUBRESOURCE_KINDS.get(request.subresource, (r.group, r.version, r.kind))
    named = {"group": group, "version": version, "kind": kind}
    resource = {"group": r.group, "version": r.version, "resource": r.plural}
    made: JsonMap = {"uid": _uid(f"{request.user.name}/{request.name}/{serial}"), "kind": named, "resource": resource}
    if request.subresource:
        made["subResource"] = made["requestSubResource"] = request.subresource
    made |= {"requestKind": named, "requestResource": resource, "name": about.name}
    if request.namespace:
        made["namespace"] = request.namespace
    made |= {
        "operation": about.operation,
        "userInfo": request.user.to_json(),
        "object": about.object,
        "oldObject": about.old,
    }
    made["dryRun"] = request.options.dry_run
    options = OPTIONS.get(about.operation)
    made["options"] = None if options is None else {"kind": options, "apiVersion": "meta.k8s.io/v1"}
    return made


def _uid(text: str) -> str:
    found = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-a{found[17:20]}-{found[20:]}"


def text_of(request: JsonMap) -> str:
    """The review as it is sent."""
    return json.dumps({"kind": KIND, "apiVersion": VERSION, "request": request}, separators=(",", ":"))


FIELDS: Mapping[str, tuple[type, str]] = {
    "uid": (str, "types.UID"),
    "allowed": (bool, "bool"),
    "status": (dict, "v1.Status"),
    "patch": (str, "[]uint8"),
    "patchType": (str, "v1.PatchType"),
    "auditAnnotations": (dict, "map[string]string"),
    "warnings": (list, "[]string"),
}
"""Of a response: their types, and Go's."""
STATUS_FIELDS: Mapping[str, tuple[type, str]] = {
    "status": (str, "string"),
    "message": (str, "string"),
    "reason": (str, "v1.StatusReason"),
    "code": (int, "int32"),
}


def read(body: str, uid: str, hook: str) -> Verdict:
    """The verdict in an answer; Malformed."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("couldn't get version/kind; json parse error") from None
    if not isinstance(data, dict):
        raise Unreadable("couldn't get version/kind; json parse error")
    response = data.get("response")
    if response is not None:
        _typed({"response": response}, "AdmissionReview", "", {"response": (dict, "v1.AdmissionResponse")})
        _typed(response, "AdmissionResponse", "response.", FIELDS)
        _typed(response.get("status") or {}, "Status", "response.status.", STATUS_FIELDS)
        _texts(response.get("warnings") or (), "response.warnings")
        _texts((response.get("auditAnnotations") or {}).values(), "response.auditAnnotations")
    if (data.get("apiVersion"), data.get("kind")) != (VERSION, KIND):
        kind = f"{data.get('apiVersion', '')}, Kind={data.get('kind', '')}"
        raise Malformed(f"expected webhook response of {VERSION}, Kind={KIND}, got {kind}")
    if response is None:
        raise Malformed("webhook response was absent")
    if response.get("uid") != uid:
        raise Malformed(f'expected response.uid="{uid}", got "{response.get("uid") or ""}"')
    warnings = tuple(response.get("warnings") or ())
    return Verdict(bool(response.get("allowed")), response.get("status") or {}, _patch(response, hook), warnings)


def _typed(data: JsonMap, struct: str, path: str, fields: Mapping[str, tuple[type, str]]) -> None:
    """Unreadable if a field is of another type."""
    for name, (kind, shown) in fields.items():
        value = data.get(name)
        if value is not None and type(value) is not kind:
            where = f"Go struct field {struct}.{path}{name}"
            raise Unreadable(f"json: cannot unmarshal {_kind(value)} into {where} of type {shown}")


def _texts(values: Iterable[Any], path: str) -> None:
    for value in values:
        if value is not None and not isinstance(value, str):
            where = f"Go struct field AdmissionResponse.{path}"
            raise Unreadable(f"json: cannot unmarshal {_kind(value)} into {where} of type string")


def _kind(value: Any) -> str:
    names = {bool: "bool", str: "string", int: "number", float: "number", list: "array"}
    return names.get(type(value), "object")


def _patch(response: JsonMap, hook: str) -> Any:
    text = response.get("patch")
    if not text:
        if response.get("patchType"):
            raise Malformed(f'webhook returned response.patchType but not response.patch from "{hook}"')
        return None
    if response.get("patchType") != "JSONPatch":
        raise Malformed(f'invalid webhook response.patchType, expected "JSONPatch" from "{hook}"')
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise Malformed("illegal base64 data or JSON in response.patch") from None


def denied(hook: str, status: Mapping[str, Any]) -> StatusError:
    """The refusal that a webhook's word becomes."""
    by = f'admission webhook "{hook}" denied the request'
    why = status.get("message") or status.get("reason") or ""
    code = status.get("code") or 0
    text = f"{by}: {why}" if why else f"{by} without explanation"
    return StatusError(code if code >= 400 else 400, status.get("reason") or "", text, Details())
