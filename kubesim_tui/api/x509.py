"""Certificates in PEM as far as somebody looks at them who is to believe one: names, dates, who signed. Pure.

Signatures and chains are not checked: whoever did not sign for himself counts as one whom everybody knows
(docs/FIDELITY.md). Who believes what is read off one, network/ingress_tls says.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from textwrap import wrap

from attrs import field, frozen

from kubesim_tui.api.pkcs10 import CERTIFICATE, SEQUENCE, Malformed, blocks, parts

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
VERSION, EXTENSIONS = 0xA0, 0xA3
DNS_NAME, OBJECT_ID, OCTETS = 0x82, 0x06, 0x04
ALTERNATIVE_NAMES = bytes((0x55, 0x1D, 0x11))
_FORMS = {UTC_TIME: "%y%m%d%H%M%SZ", GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}


@frozen
class X509:
    """What is looked at: names, from when until when it is good (Unix seconds). `known`: somebody else signed it."""

    names: tuple[str, ...]
    begins: int
    ends: int
    known: bool = True
    validity: bytes = field(default=b"", repr=False)  # the dates as they are written

    def covers(self, host: str) -> bool:
        """Whether one of its names is a host's; a wildcard stands for one label."""
        host = host.lower()
        parent = "*." + host.partition(".")[2]
        return any(name.lower() in (host, parent) for name in self.names)


def read(text: bytes) -> X509:
    """The first certificate in a PEM text. Malformed if there is none."""
    return _certificate(_der(text))


def dated(text: bytes, begins: int, ends: int) -> bytes:
    """The first certificate of a PEM text with other dates."""
    der = _der(text)
    old = _certificate(der).validity
    bounds = zip(parts(old), (begins, ends), strict=True)
    new = b"".join(_time(tag, seconds) for (tag, _), seconds in bounds)
    body = base64.b64encode(der.replace(old, new, 1)).decode("ascii")
    return "\n".join((f"-----BEGIN {CERTIFICATE}-----", *wrap(body, 64), f"-----END {CERTIFICATE}-----", "")).encode()


def _der(text: bytes) -> bytes:
    found = next((block.content for block in blocks(text) if block.type == CERTIFICATE), None)
    if found is None:
        raise Malformed("no valid PEM formatted block found")
    return found


def _certificate(der: bytes) -> X509:
    try:
        ((_, whole),) = parts(der)
        (_, about), *_ = parts(whole)
        fields = [one for one in parts(about) if one[0] != VERSION]
        (_, issuer), (_, validity), (_, subject) = fields[2:5]
        begins, ends = (_seconds(tag, content) for tag, content in parts(validity))
    except ValueError as broken:
        raise Malformed(f"x509: malformed certificate: {broken}") from None
    names = tuple(name for tag, content in fields if tag == EXTENSIONS for name in _names(content))
    return X509(names, begins, ends, issuer != subject, validity)


def _names(extensions: bytes) -> Iterator[str]:
    for _, listed in parts(extensions):
        for _, extension in parts(listed):
            held = dict(parts(extension))
            if held.get(OBJECT_ID) == ALTERNATIVE_NAMES:
                for tag, sequence in parts(held[OCTETS]):
                    found = parts(sequence) if tag == SEQUENCE else ()
                    yield from (name.decode("ascii", "replace") for kind, name in found if kind == DNS_NAME)


def _seconds(tag: int, content: bytes) -> int:
    found = datetime.strptime(content.decode("ascii"), _FORMS[tag]).replace(tzinfo=UTC)
    return int(found.timestamp())


def _time(tag: int, seconds: int) -> bytes:
    content = datetime.fromtimestamp(seconds, UTC).strftime(_FORMS[tag]).encode("ascii")
    return bytes((tag, len(content))) + content
