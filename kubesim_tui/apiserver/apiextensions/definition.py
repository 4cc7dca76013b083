"""Validation of a CustomResourceDefinition (apiextensions pkg/apis/apiextensions/validation).

What all versions say alike, the server takes for a word about the definition as a whole: a definition of one version
has its errors at `spec.validation.openAPIV3Schema`, not at `spec.versions[0].schema.openAPIV3Schema`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from kubesim_tui.api import names, pkcs10
from kubesim_tui.apiserver.apiextensions.definition_versions import MOST_SELECTABLE, selectable_fields, version_part
from kubesim_tui.apiserver.apiextensions.resource import condition_true
from kubesim_tui.apiserver.validation import metadata, webhooks
from kubesim_tui.apiserver.validation.core import decoded, meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text

LIFTED = {
    "schema": "validation",
    "subresources": "subresources",
    "additionalPrinterColumns": "additionalPrinterColumns",
}
MOST_WARNING = 256
APPROVED = "api-approved.kubernetes.io"
APPROVALS = "https://github.com/kubernetes/enhancements/pull/1111"


@frozen
class Tolerated:
    """What an update need not mend, the stored definition being wrong in this already."""

    no_schemas: bool = False
    review_versions: bool = False
    bundle: bool = False
    preserving: bool = False
    selectable: frozenset[str] = frozenset()  # versions with too many fields


NEW = Tolerated(bundle=True)


def custom_resource_definition(r: Report, data: JsonMap) -> None:
    """A new definition."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    wanted = f"{text(part(spec, 'names'), 'plural')}.{text(spec, 'group')}"

    def named(value: str) -> list[str]:
        wrong = names.is_dns1123_subdomain(value)
        return wrong if value == wanted else [*wrong, 'must be spec.names.plural+"."+spec.group']

    metadata.object_meta(r, meta, named, namespaced=False)
    _spec(r, spec, NEW)
    _stored(r, [], spec.get("versions") or [])
    _approval(r, data, None)
    _preserving(r, spec, NEW)


def custom_resource_definition_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed definition: it keeps its group and plural, and once it is established its scope and kind, too."""
    meta_update(r, new, old)
    now, was, status = part(new, "spec"), part(old, "spec"), part(old, "status")
    tolerated = _tolerated(now, was, established=condition_true(old, "Established"))
    _spec(r, now, tolerated)
    if condition_true(old, "Established"):
        r.immutable("spec.scope", now.get("scope"), was.get("scope"))
        r.immutable("spec.names.kind", part(now, "names").get("kind"), part(was, "names").get("kind"))
    r.immutable("spec.group", now.get("group"), was.get("group"))
    r.immutable("spec.names.plural", part(now, "names").get("plural"), part(was, "names").get("plural"))
    _names(r, part(status, "acceptedNames"), "status.acceptedNames")
    _stored(r, status.get("storedVersions") or [], now.get("versions") or [])
    _approval(r, new, old)
    _preserving(r, now, tolerated)


def custom_resource_definition_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Which names it has got."""
    meta_update(r, new, old)
    _names(r, part(part(new, "status"), "acceptedNames"), "status.acceptedNames")


def _tolerated(now: JsonMap, was: JsonMap, *, established: bool) -> Tolerated:
    webhook = part(part(was, "conversion"), "webhook")
    reviews, bundle = webhook.get("conversionReviewVersions") or [], text(part(webhook, "clientConfig"), "caBundle")
    before = {text(v, "name"): v.get("selectableFields") or [] for v in was.get("versions") or ()}
    return Tolerated(
        no_schemas=any(_schema_of(version) is None for version in was.get("versions") or ()),
        review_versions=bool(reviews) and not set(reviews) & set(webhooks.REVIEWS),
        bundle=not established or (bool(bundle) and not _certificates(bundle)),
        preserving=bool(was.get("preserveUnknownFields")),
        selectable=frozenset(
            name
            for version in now.get("versions") or ()
            if len(before.get(name := text(version, "name"), ())) > MOST_SELECTABLE
            and same(version.get("selectableFields"), before[name])
        ),
    )


def _stored(r: Report, remembered: list[str], versions: list[JsonMap]) -> None:
    """Versions in which objects may be stored stay; the first that is to be stored is one of them."""
    path, storage = "status.storedVersions", next((text(v, "name") for v in versions if v.get("storage")), None)
    stored = [*remembered, storage] if storage is not None and storage not in remembered else remembered
    if not stored:
        r.invalid(path, None, "must have at least one stored version")
        return
    left = set(stored)
    for version in versions:
        name = text(version, "name")
        if version.get("storage") and name not in left:
            r.invalid(path, stored, f"must have the storage version {name}")
        left.discard(name)
    for i, name in enumerate(stored):
        if name in left:
            said = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            r.invalid(f"{path}[{i}]", name, said)


def _approval(r: Report, new: JsonMap, old: JsonMap | None) -> None:
    """A group of Kubernetes' own says where its API was approved. What was so before may stay so."""
    group = text(part(new, "spec"), "group")
    if not f".{group}".endswith((".k8s.io", ".kubernetes.io")):
        return
    state, given = _approved(new), part(part(new, "metadata"), "annotations").get(APPROVED) or ""
    if state == "approved" or (old is not None and state == _approved(old)):
        return
    path, said = f"metadata.annotations[{APPROVED}]", f'protected groups must have approval annotation "{APPROVED}"'
    if state == "missing":
        r.required(path, f"{said}, see {APPROVALS}")
    else:
        r.invalid(path, given, f'{said} with either a URL or a reason starting with "unapproved", see {APPROVALS}')


def _approved(data: JsonMap) -> str:
    given = part(part(data, "metadata"), "annotations").get(APPROVED) or ""
    if not given:
        return "missing"
    if given.startswith("unapproved"):
        return "approved"
    try:
        url = urlsplit(given)
    except ValueError:
        return "invalid"
    return "approved" if url.scheme and url.netloc else "invalid"


def _preserving(r: Report, spec: JsonMap, tolerated: Tolerated) -> None:
    if spec.get("preserveUnknownFields") and not tolerated.preserving:
        said = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        r.invalid("spec.preserveUnknownFields", True, f"cannot set to true, {said}")


# -- the spec ----------------------------------------------------------------------------------------------------


def _schema_of(version: JsonMap) -> JsonMap | None:
    return part(version, "schema").get("openAPIV3Schema")


def _has_status(version: JsonMap) -> bool:
    return part(version, "subresources").get("status") is not None


def _spec(r: Report, spec: JsonMap, tolerated: Tolerated) -> None:
    _group(r, text(spec, "group"))
    r.one_of("spec.scope", text(spec, "scope"), ("Cluster", "Namespaced"))
    versions = spec.get("versions") or []
    for at, version in items(spec, "versions", "spec.versions"):
        if _schema_of(version) is None and (not tolerated.no_schemas or version.get("served")):
            said = "because otherwise all fields are pruned" if tolerated.no_schemas else ""
            r.required(f"{at}.schema.openAPIV3Schema", said)
    lifted = {name for name in LIFTED if versions and all(v.get(name) == versions[0].get(name) for v in versions)}
    for at, version in items(spec, "versions", "spec.versions"):
        _joined(r, names.is_dns1035_label, f"{at}.name", text(version, "name"))
        _deprecation(r, version, at)
        for name in LIFTED:
            if name not in lifted:
                version_part(r, name, version, f"{at}.{name}", status=_has_status(version))
        many = text(version, "name") in tolerated.selectable
        selectable_fields(r, version, f"{at}.selectableFields", any_number=many)
    if len({v.get("name") for v in versions}) != len(versions):
        r.invalid("spec.versions", versions, "must contain unique version names")
    if sum(bool(v.get("storage")) for v in versions) != 1:
        r.invalid("spec.versions", versions, "must have exactly one version marked as storage version")
    for name in ("plural", "singular", "kind", "listKind"):
        if not text(part(spec, "names"), name):
            r.required(f"spec.names.{name}")
    _names(r, part(spec, "names"), "spec.names")
    for name in LIFTED:
        if name in lifted:
            status = any(_has_status(version) for version in versions)
            version_part(r, name, versions[0], f"spec.{LIFTED[name]}", status=status)
    if spec.get("conversion") is not None:
        _conversion(r, spec["conversion"], tolerated)


def _group(r: Report, group: str) -> None:
    if not group:
        r.required("spec.group")
    elif names.is_dns1123_subdomain(group):
        _joined(r, names.is_dns1123_subdomain, "spec.group", group)
    elif "." not in group:
        r.invalid("spec.group", group, "should be a domain with at least one dot")


def _joined(r: Report, check_name: Any, path: str, value: str, before: str = "") -> None:
    """All complaints about a name in one error."""
    wrong = check_name(value.lower() if before else value)
    if wrong:
        r.invalid(path, value, before + ",".join(wrong))


def _names(r: Report, given: JsonMap, path: str) -> None:
    mixed = "may have mixed case, but should otherwise match: "
    for name, before in (("plural", ""), ("singular", ""), ("kind", mixed), ("listKind", mixed)):
        if text(given, name):
            _joined(r, names.is_dns1035_label, f"{path}.{name}", text(given, name), before)
    for i, short in enumerate(given.get("shortNames") or ()):
        _joined(r, names.is_dns1035_label, f"{path}.shortNames[{i}]", short)
    if text(given, "kind") and text(given, "kind") == text(given, "listKind"):
        r.invalid(f"{path}.listKind", given["listKind"], "kind and listKind may not be the same")
    for i, category in enumerate(given.get("categories") or ()):
        _joined(r, names.is_dns1035_label, f"{path}.categories[{i}]", category)


def _deprecation(r: Report, version: JsonMap, path: str) -> None:
    warning = version.get("deprecationWarning")
    if warning is None:
        return
    path = f"{path}.deprecationWarning"
    if not version.get("deprecated"):
        r.invalid(path, warning, "can only be set for deprecated versions")
        return
    if len(warning.encode()) > MOST_WARNING:
        r.invalid(path, warning, f"must be <= {MOST_WARNING} characters long")
    if not warning:
        r.invalid(path, warning, "must not be an empty string")
    hidden = next((i for i, character in enumerate(warning) if not character.isprintable()), None)
    if hidden is not None:
        said = "must only contain printable UTF-8 characters; non-printable character found at index"
        r.invalid(path, warning, f"{said} {len(warning[:hidden].encode())}")


def _conversion(r: Report, conversion: JsonMap, tolerated: Tolerated) -> None:
    path, strategy = "spec.conversion", text(conversion, "strategy")
    r.one_of(f"{path}.strategy", strategy, ("None", "Webhook"))
    webhook = part(conversion, "webhook")
    config, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    if strategy != "Webhook":
        given = (("webhookClientConfig", config is not None), ("conversionReviewVersions", bool(reviews)))
        for name, there in given:
            if there:
                r.forbidden(f"{path}.{name}", "should not be set when strategy is not set to Webhook")
        return
    if config is None:
        r.required(f"{path}.webhookClientConfig", "required when strategy is set to Webhook")
    else:
        webhooks.client_config(r, config, f"{path}.webhookClientConfig")
        bundle = text(config, "caBundle")
        if bundle and not tolerated.bundle and not _certificates(bundle):
            said = "unable to load root certificates: unable to parse bytes as PEM block"
            r.invalid(f"{path}.webhookClientConfig.caBundle", bundle, said)
    webhooks.review_versions(r, reviews, f"{path}.conversionReviewVersions", any_known=tolerated.review_versions)


def _certificates(bundle: str) -> bool:
    return any(block.type == pkcs10.CERTIFICATE for block in pkcs10.blocks(decoded(bundle)))
