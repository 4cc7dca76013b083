"""CertificateSigningRequests (pkg/apis/certificates/validation). Signatures are not checked (docs/FIDELITY.md)."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import fielderror, names, pkcs10
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import decoded, meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text

USAGES = (
    *("any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment"),
    *("decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel"),
    *("ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime"),
    *("server auth", "signing", "timestamping"),
)
LEGACY = "kubernetes.io/legacy-unknown"
SHORTEST, LONGEST_DOMAIN, LONGEST_SIGNER = 600, 253, 253 + 1 + 253 + 63 + 1
CONDITIONS, CERTIFICATE = "status.conditions", "status.certificate"
DECISIONS = ("Approved", "Denied")
LASTING = (*DECISIONS, "Failed")
"""Types of conditions that are True or not there, and that nobody takes away."""
STATUSES = ("False", "True", "Unknown")
ONE_DECISION = tuple(f'conditions[{{"type": "{kind}"}}]' for kind in DECISIONS)


@frozen
class Tolerated:
    """What an update need not mend, the stored request being wrong in this already."""

    legacy_signer: bool = False
    unknown_usages: bool = False
    same_usages: bool = False
    same_conditions: bool = False
    untyped_conditions: bool = False
    both_decisions: bool = False
    certificate: bool = False


def signing_request(r: Report, data: JsonMap) -> None:
    """A request to a signer, for some usages."""
    _request(r, data, Tolerated())


def _request(r: Report, data: JsonMap, tolerated: Tolerated) -> None:
    metadata.object_meta(r, part(data, "metadata"), lambda _name: [], namespaced=False)
    spec, status = part(data, "spec"), part(data, "status")
    try:
        pkcs10.certificate_request(decoded(text(spec, "request")))
    except pkcs10.Malformed as wrong:
        r.invalid("spec.request", spec.get("request"), str(wrong))
    _usages(r, spec.get("usages") or [], tolerated)
    if tolerated.legacy_signer or text(spec, "signerName") != LEGACY:
        signer_name(r, text(spec, "signerName"), "spec.signerName")
    else:
        r.invalid("spec.signerName", LEGACY, "the legacy signerName is not allowed via this API version")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < SHORTEST:
        said = "may not specify a duration less than 600 seconds (10 minutes)"
        r.invalid("spec.expirationSeconds", seconds, said)
    _conditions(r, status.get("conditions") or [], tolerated)
    if not tolerated.certificate and (wrong_text := _wrong_certificate(text(status, "certificate"))):
        r.invalid(CERTIFICATE, "<certificate data>", wrong_text)


def _usages(r: Report, usages: list[str], tolerated: Tolerated) -> None:
    if not usages:
        r.required("spec.usages")
    for i, usage in enumerate(usages):
        if usage not in USAGES and not tolerated.unknown_usages:
            r.not_supported(f"spec.usages[{i}]", usage, USAGES)
    for i, usage in enumerate(usages):
        if usage in usages[:i] and not tolerated.same_usages:
            r.duplicate(f"spec.usages[{i}]", usage)


def _conditions(r: Report, conditions: list[JsonMap], tolerated: Tolerated) -> None:
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        at, kind, value = f"{CONDITIONS}[{i}]", text(condition, "type"), text(condition, "status")
        if not kind and not tolerated.untyped_conditions:
            r.required(f"{at}.type")
        r.one_of(f"{at}.status", value, ("True",) if kind in LASTING else STATUSES)
        if kind in seen and not tolerated.same_conditions:
            r.duplicate(f"{at}.type", kind)
        seen.add(kind)
    if seen.issuperset(DECISIONS) and not tolerated.both_decisions:
        said = "must specify at most one of: " + ", ".join(f"`{name}`" for name in ONE_DECISION)
        r.declared.append(fielderror.invalid(CONDITIONS, f"{{{', '.join(ONE_DECISION)}}}", said))


def _wrong_certificate(encoded: str) -> str:
    """What is wrong with a certificate, "" if nothing is. (What stands in a block is not read: docs/FIDELITY.md.)"""
    found = list(pkcs10.blocks(decoded(encoded)))
    for block in found:
        if block.type != pkcs10.CERTIFICATE:
            return f"only CERTIFICATE PEM blocks are allowed, found {fielderror.quoted(block.type)}"
        if block.headers:
            return "no PEM block headers are permitted"
    return "must contain at least one CERTIFICATE PEM block" if encoded and not found else ""


def signer_name(r: Report, name: str, path: str) -> None:
    """A domain and a path: `example.com/my-signer`."""
    if not name:
        r.required(path)
        return
    domain, *rest = name.split("/")
    if len(rest) != 1:
        said = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        r.invalid(path, name, said)
        return
    if len(domain) > LONGEST_DOMAIN:
        r.too_long(path, LONGEST_DOMAIN)
    _labels(r, domain, path, names.is_dns1123_label)
    if "." not in domain:
        r.invalid(path, domain, "should be a domain with at least two segments separated by dots")
    _labels(r, rest[0], path, names.is_dns1123_subdomain)
    if len(name) > LONGEST_SIGNER:
        r.too_long(path, LONGEST_SIGNER)


def _labels(r: Report, dotted: str, path: str, rule: metadata.NameCheck) -> None:
    """The first label that does not do is told."""
    for label in dotted.split("."):
        if wrong := rule(label):
            for message in wrong:
                r.invalid(path, dotted, f"validating label {fielderror.quoted(label)}: {message}")
            return


# -- changes -----------------------------------------------------------------------------------------------------------


def signing_request_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed request."""
    _update(r, new, old)


def signing_request_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A signer's answer: a certificate, once."""
    _update(r, new, old, may_certify=True)


def signing_request_approval(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A decision."""
    _update(r, new, old, may_decide=True)


def _update(r: Report, new: JsonMap, old: JsonMap, *, may_certify: bool = False, may_decide: bool = False) -> None:
    meta_update(r, new, old)
    _request(r, new, _tolerated(new, old))
    now, before = part(new, "status"), part(old, "status")
    count = {kind: (_count(now, kind), _count(before, kind)) for kind in LASTING}
    for kind, (here, known) in count.items():
        if here < known:
            r.forbidden(CONDITIONS, f'updates may not remove a condition of type "{kind}"')
    for kind in () if may_decide else DECISIONS:
        if count[kind][0] > count[kind][1]:
            r.forbidden(CONDITIONS, f'updates may not add a condition of type "{kind}"')
    certificate = text(before, "certificate")
    if text(now, "certificate") != certificate:
        if not may_certify:
            r.forbidden(CERTIFICATE, "updates may not set certificate content")
        elif certificate:
            r.forbidden(CERTIFICATE, "updates may not modify existing certificate content")


def _count(status: JsonMap, kind: str) -> int:
    return sum(condition.get("type") == kind for condition in status.get("conditions") or ())


def _tolerated(new: JsonMap, old: JsonMap) -> Tolerated:
    spec, status = part(old, "spec"), part(old, "status")
    usages, types = spec.get("usages") or [], [text(c, "type") for c in status.get("conditions") or ()]
    certificate = text(status, "certificate")
    return Tolerated(
        legacy_signer=text(spec, "signerName") == LEGACY,
        unknown_usages=not set(usages) <= set(USAGES),
        same_usages=len(set(usages)) < len(usages),
        same_conditions=len(set(types)) < len(types),
        untyped_conditions="" in types,
        both_decisions=set(types).issuperset(DECISIONS),
        certificate=text(part(new, "status"), "certificate") == certificate or bool(_wrong_certificate(certificate)),
    )
