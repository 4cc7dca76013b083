"""Which certificate each host shows. Pure.

As the controller's store and extractTLSSecretName: the Secret that an Ingress names for the host, else one of its
Secrets that holds a certificate for it. Where the Ingress has a `tls` section and nothing comes of it, and where it has
none, the controller shows one that it has made for itself, which nobody believes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.api.pkcs10 import Malformed
from kubesim_tui.api.types import Ingress, IngressTLS, Secret
from kubesim_tui.api.x509 import X509, read
from kubesim_tui.world.certificates import Certificate

Name = tuple[str, str]
"""(namespace, name) of a Secret."""
FAKE_NAME = "Kubernetes Ingress Controller Fake Certificate"
FAKE = X509(("ingress.local",), 0, 1 << 40, known=False)


@frozen
class Shown:
    """What a host shows. `secret`: where it should come from; `wrong`: why it does not."""

    certificate: X509 = FAKE
    secret: Name | None = None
    wrong: str = ""

    def __deepcopy__(self, _memo: Any) -> Shown:
        return self

    def complaint(self, host: str, now: int) -> str:
        """Why a client does not believe it who asked for a host, in the words of Go's crypto/x509; "" if he does."""
        one = self.certificate
        over = Certificate(one.begins, one.ends).complaint(now)
        if over:
            return over
        if not one.names:
            return "x509: certificate relies on legacy Common Name field, use SANs instead"
        if not one.covers(host):
            return f"x509: certificate is valid for {', '.join(one.names)}, not {host}"
        return "" if one.known else "x509: certificate signed by unknown authority"


DEFAULT = Shown(wrong="no Ingress has a tls section for it")


def secrets_of(ingress: Ingress) -> list[Name]:
    """The Secrets that an Ingress names."""
    return [(ingress.metadata.namespace, one.secret_name) for one in _sections(ingress) if one.secret_name]


def shown(ingresses: Iterable[Ingress], secret: Callable[[Name], Secret | None]) -> dict[str, Shown]:
    """The certificate of each host of which an Ingress with a `tls` section has a rule; the oldest counts."""
    found: dict[str, Shown] = {}
    for ingress in ingresses:
        for rule in ingress.spec.rules if ingress.spec and _sections(ingress) else ():
            found.setdefault(rule.host.lower(), _of_host(rule.host.lower(), ingress, secret))
    return found


def _of_host(host: str, ingress: Ingress, secret: Callable[[Name], Secret | None]) -> Shown:
    sections, space = _sections(ingress), ingress.metadata.namespace
    named = next((one.secret_name for one in sections if host in map(str.lower, one.hosts)), None)
    if named is None:
        kept = ((name, _certificate(secret(name))) for name in secrets_of(ingress))
        covering = next((name for name, (held, _) in kept if held is not None and held.covers(host)), None)
        named = covering[1] if covering is not None else None
    if not named:
        return Shown(wrong=f"the tls section of Ingress {ingress.metadata.name} names no Secret for it")
    held, wrong = _certificate(secret((space, named)))
    if held is None:
        return Shown(secret=(space, named), wrong=f"Secret {named} {wrong}")
    if not held.covers(host):
        return Shown(secret=(space, named), wrong=f"the certificate in Secret {named} is for {', '.join(held.names)}")
    return Shown(held, (space, named))


def _certificate(secret: Secret | None) -> tuple[X509 | None, str]:
    if secret is None:
        return None, "does not exist"
    text = secret.data.get("tls.crt", "")
    if not text or not secret.data.get("tls.key"):
        return None, "has no tls.crt and tls.key"
    try:
        return read(base64.b64decode(text)), ""
    except (Malformed, binascii.Error):
        return None, "holds no certificate"


def _sections(ingress: Ingress) -> tuple[IngressTLS, ...]:
    return ingress.spec.tls if ingress.spec is not None else ()
