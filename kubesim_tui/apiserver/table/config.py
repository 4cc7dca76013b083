"""The rows of configuration, access and everything else that is small."""

from __future__ import annotations

from kubesim_tui.api import duration
from kubesim_tui.apiserver.table.model import (
    NONE,
    UNSET,
    Cell,
    Data,
    Kind,
    age,
    columns,
    go_selector,
    meta,
    name,
    spec,
    status,
)


def _config_map(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), len(o.get("data") or ()) + len(o.get("binaryData") or ()), age(o, now)]


def _secret(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), o.get("type", ""), len(o.get("data") or ()), age(o, now)]


def _named(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), age(o, now)]


def _quota(o: Data, now: int, _wide: bool) -> list[Cell]:
    hard, used = status(o).get("hard") or {}, status(o).get("used") or {}
    texts: dict[bool, list[str]] = {True: [], False: []}
    for resource in sorted(hard):
        texts[resource.startswith("limits.")].append(f"{resource}: {used.get(resource, '0')}/{hard[resource]}")
    return [name(o), ", ".join(texts[False]), ", ".join(texts[True]), age(o, now)]


def _created_at(o: Data, _now: int, _wide: bool) -> list[Cell]:
    return [name(o), meta(o).get("creationTimestamp") or "<unknown>"]


def _binding(o: Data, now: int, wide: bool) -> list[Cell]:
    role = o.get("roleRef") or {}
    row: list[Cell] = [name(o), f"{role.get('kind', '')}/{role.get('name', '')}", age(o, now)]
    if wide:
        subjects = list(o.get("subjects") or ())
        for kind in ("User", "Group"):
            row.append(", ".join(s.get("name", "") for s in subjects if s.get("kind") == kind))
        accounts = [s for s in subjects if s.get("kind") == "ServiceAccount"]
        row.append(", ".join(_account(s) for s in accounts))
    return row


def _account(subject: Data) -> str:
    namespace = subject.get("namespace")
    return f"{namespace}/{subject.get('name', '')}" if namespace else str(subject.get("name", ""))


def _lease(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), spec(o).get("holderIdentity") or "", age(o, now)]


def _priority_class(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [name(o), o.get("value") or 0, bool(o.get("globalDefault")), age(o, now)]
    return [*row, o.get("preemptionPolicy") or ""] if wide else row


def _runtime_class(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), o.get("handler", ""), age(o, now)]


def _webhooks(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), len(o.get("webhooks") or ()), age(o, now)]


def _policy(o: Data, now: int, _wide: bool) -> list[Cell]:
    kind = spec(o).get("paramKind")
    text = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
    return [name(o), len(spec(o).get("validations") or spec(o).get("mutations") or ()), text, age(o, now)]


def _policy_binding(o: Data, now: int, _wide: bool) -> list[Cell]:
    ref, text = spec(o).get("paramRef"), UNSET
    if ref and ref.get("name"):
        text = f"{ref.get('namespace') or '*'}/{ref['name']}"
    elif ref and ref.get("selector") is not None:
        text = go_selector(ref["selector"])
    return [name(o), spec(o).get("policyName", ""), text, age(o, now)]


def request_status(o: Data) -> str:
    """The CONDITION of a CertificateSigningRequest."""
    kinds = {c.get("type") for c in status(o).get("conditions") or ()}
    text = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else "Pending"
    return text + ",Failed" * ("Failed" in kinds) + ",Issued" * bool(status(o).get("certificate"))


def _signing_request(o: Data, now: int, _wide: bool) -> list[Cell]:
    seconds = spec(o).get("expirationSeconds")
    return [
        name(o),
        age(o, now),
        spec(o).get("signerName") or NONE,
        spec(o).get("username", ""),
        NONE if seconds is None else duration.human_seconds(seconds),
        request_status(o),
    ]


def _api_service(o: Data, now: int, _wide: bool) -> list[Cell]:
    service = spec(o).get("service")
    text = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    found = [c for c in status(o).get("conditions") or () if c.get("type") == "Available"]
    available = "Unknown"
    if found:
        available = found[0].get("status", "")
        if available != "True":
            available = f"{available} ({found[0].get('reason', '')})"
    return [name(o), text, available, age(o, now)]


_CREATED_AT = Kind(columns("Name", "Created At:date"), _created_at)
_BINDING = Kind(columns("Name", "Role", "Age", wide=("Users", "Groups", "ServiceAccounts")), _binding)
_WEBHOOKS = Kind(columns("Name", "Webhooks:integer", "Age"), _webhooks)
KINDS = {
    "core.v1.ConfigMap": Kind(columns("Name", "Data", "Age"), _config_map),
    "core.v1.Secret": Kind(columns("Name", "Type", "Data", "Age"), _secret),
    "core.v1.ServiceAccount": Kind(columns("Name", "Age"), _named),
    "core.v1.ResourceQuota": Kind(columns("Name", "Request", "Limit", "Age"), _quota),
    "core.v1.LimitRange": _CREATED_AT,
    "rbac.v1.Role": _CREATED_AT,
    "rbac.v1.ClusterRole": _CREATED_AT,
    "rbac.v1.RoleBinding": _BINDING,
    "rbac.v1.ClusterRoleBinding": _BINDING,
    "coordination.v1.Lease": Kind(columns("Name", "Holder", "Age"), _lease),
    "scheduling.v1.PriorityClass": Kind(
        columns("Name", "Value:integer", "Global-Default:boolean", "Age", "PreemptionPolicy"), _priority_class
    ),
    "node.v1.RuntimeClass": Kind(columns("Name", "Handler", "Age"), _runtime_class),
    "admissionregistration.v1.ValidatingWebhookConfiguration": _WEBHOOKS,
    "admissionregistration.v1.MutatingWebhookConfiguration": _WEBHOOKS,
    "admissionregistration.v1.ValidatingAdmissionPolicy": Kind(
        columns("Name", "Validations:integer", "ParamKind", "Age"), _policy
    ),
    "admissionregistration.v1.ValidatingAdmissionPolicyBinding": Kind(
        columns("Name", "PolicyName", "ParamRef", "Age"), _policy_binding
    ),
    "admissionregistration.v1.MutatingAdmissionPolicy": Kind(
        columns("Name", "Mutations:integer", "ParamKind", "Age"), _policy
    ),
    "admissionregistration.v1.MutatingAdmissionPolicyBinding": Kind(
        columns("Name", "PolicyName", "ParamRef", "Age"), _policy_binding
    ),
    "apiextensions.v1.CustomResourceDefinition": _CREATED_AT,
    "certificates.v1.CertificateSigningRequest": Kind(
        columns("Name", "Age", "SignerName", "Requestor", "RequestedDuration", "Condition"), _signing_request
    ),
    "apiregistration.v1.APIService": Kind(columns("Name", "Service", "Available", "Age"), _api_service),
}
