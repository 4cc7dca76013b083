"""CertificateSigningRequests (pkg/apis/certificates/validation). What is requested is not parsed (docs/FIDELITY.md)."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text

USAGES = (
    *("any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment"),
    *("decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel"),
    *("ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime"),
    *("server auth", "signing", "timestamping"),
)
LEGACY = "kubernetes.io/legacy-unknown"
SHORTEST, LONGEST_DOMAIN = 600, 253


def signing_request(r: Report, data: JsonMap) -> None:
    """A request to a signer, for some usages."""
    metadata.object_meta(r, part(data, "metadata"), lambda _name: [], namespaced=False)
    _spec(r, part(data, "spec"))


def _spec(r: Report, spec: JsonMap) -> None:
    usages = spec.get("usages") or []
    if not usages:
        r.required("spec.usages")
    for i, usage in enumerate(usages):
        if usage not in USAGES:
            r.not_supported(f"spec.usages[{i}]", usage, USAGES)
    for i, usage in enumerate(usages):
        if usage in usages[:i]:
            r.duplicate(f"spec.usages[{i}]", usage)
    signer_name(r, text(spec, "signerName"), "spec.signerName")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < SHORTEST:
        said = "may not specify a duration less than 600 seconds (10 minutes)"
        r.invalid("spec.expirationSeconds", seconds, said)


def signer_name(r: Report, name: str, path: str) -> None:
    """A domain and a path: `example.com/my-signer`."""
    if name == LEGACY:
        r.invalid(path, name, "the legacy signerName is not allowed via this API version")
        return
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


def _labels(r: Report, dotted: str, path: str, rule: metadata.NameCheck) -> None:
    for label in dotted.split("."):
        for message in rule(label):
            r.invalid(path, dotted, f'validating label "{label}": {message}')


def signing_request_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed request."""
    meta_update(r, new, old)
    _spec(r, part(new, "spec"))
