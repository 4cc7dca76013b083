"""Why clients do not believe what an Ingress's host shows them: over, for another host, or none of its own."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.routes import gone_ingress
from kubesim_tui.network.ingress_tls import DEFAULT, Name, Shown, shown

CONTROLLER = "ingress-nginx-controller"
OVER = "expired or is not yet valid"


def disbelieved(evidence: Evidence, failed: Failed) -> Chain:
    """The certificate of a host, and where it comes from."""
    named, host = last(failed, "Ingress"), last(failed, "Outside")
    link = Link(failed.detail, "client", None, named or host)
    ingress = evidence.etcd.get("ingresses.networking.k8s.io", named[1:]) if named is not None else None
    gone = gone_ingress(evidence, failed.detail.rpartition(", not ")[2]) if named is None else None
    if gone is not None:
        return gone.after(link)
    if not isinstance(ingress, types.Ingress):
        return Chain((link, Link(DEFAULT.wrong, CONTROLLER, None, host)), "certificate-missing", host)
    found = _shown(evidence, ingress, failed.detail)
    about: Subject = ("Secret", *found.secret) if found.secret is not None else subject(ingress)
    if not found.wrong and OVER in failed.detail:
        over = Link(f"the certificate in Secret {about[2]} is over", CONTROLLER, None, about)
        return Chain((link, over), "certificate-expired", about)
    if not found.wrong and any(name in failed.detail for name in DEFAULT.certificate.names):
        text = f"Secret {about[2]} is there, and the ingress controller has not taken it over yet"
        return Chain((link, Link(text, CONTROLLER, None, about)), "certificate-missing", about)
    if not found.wrong:
        return Chain((link, Link(f"Secret {about[2]} holds it", CONTROLLER, None, about)), "certificate-unknown", about)
    fake = Link(f"it shows one that it has made for itself: {found.wrong}", CONTROLLER, None, about)
    return Chain((link, fake), "certificate-missing", about)


def _shown(evidence: Evidence, ingress: types.Ingress, detail: str) -> Shown:
    """What a host of an Ingress shows; of several the one that this is said of."""
    found = shown([ingress], lambda name: _secret(evidence, name))
    said = [one for one in found.values() if any(name in detail for name in one.certificate.names)]
    return next(iter(said or found.values()), DEFAULT)


def _secret(evidence: Evidence, name: Name) -> types.Secret | None:
    found = evidence.etcd.get("secrets", name)
    return found if isinstance(found, types.Secret) else None
