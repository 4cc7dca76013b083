"""kubectl describe certificatesigningrequest: who asks for what, read from the request itself (PKCS #10)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Iterator

from kubesim_tui.api import duration, pkcs10
from kubesim_tui.api.pkcs10 import ATTRIBUTES, OCTETS, SEQUENCE, SET
from kubesim_tui.apiserver.table.config import request_status
from kubesim_tui.kubectl.describe.writer import Data, Writer, at, date, flat, meta
from kubesim_tui.kubectl.fail import error

NAMES = {
    b"\x55\x04\x0a": "Organization",
    b"\x55\x04\x0b": "Organizational Unit",
    b"\x55\x04\x06": "Country",
    b"\x55\x04\x07": "Locality",
    b"\x55\x04\x08": "Province",
    b"\x55\x04\x09": "StreetAddress",
    b"\x55\x04\x11": "PostalCode",
}
COMMON_NAME, SERIAL, ALTERNATIVE = b"\x55\x04\x03", b"\x55\x04\x05", b"\x55\x1d\x11"
ALTERNATIVES = {0x82: "DNS Names", 0x81: "Email Addresses", 0x86: "URIs", 0x87: "IP Addresses"}


def describe(w: Writer, o: Data) -> None:
    """One CertificateSigningRequest."""
    request = _request(at(o, "spec", "request") or "")
    about = meta(o)
    w(0, f"Name:\t{about.get('name', '')}")
    w(0, f"Labels:\t{flat(about.get('labels'))}")
    w(0, f"Annotations:\t{flat(about.get('annotations'))}")
    w(0, f"CreationTimestamp:\t{date(about.get('creationTimestamp'))}")
    w(0, f"Requesting User:\t{at(o, 'spec', 'username') or ''}")
    w(0, f"Signer:\t{at(o, 'spec', 'signerName') or ''}")
    if at(o, "spec", "expirationSeconds") is not None:
        w(0, f"Requested Duration:\t{duration.human_seconds(at(o, 'spec', 'expirationSeconds'))}")
    w(0, f"Status:\t{request_status(o)}")
    _subject(w, request)
    w.events(o)


def _subject(w: Writer, request: bytes) -> None:
    named: dict[bytes, list[str]] = {}
    for oid, text in _subject_names(request):
        named.setdefault(oid, []).append(text)
    w(0, "Subject:")
    w(0, f"\tCommon Name:\t{(named.get(COMMON_NAME) or [''])[-1]}")
    w(0, f"\tSerial Number:\t{(named.get(SERIAL) or [''])[-1]}")
    for oid, title in NAMES.items():
        _list(w, title, named.get(oid, []))
    others: dict[str, list[str]] = {}
    for title, text in _alternatives(request):
        others.setdefault(title, []).append(text)
    if others:
        w(0, "Subject Alternative Names:")
        for title in ALTERNATIVES.values():
            _list(w, title, others.get(title, []))


def _list(w: Writer, title: str, values: list[str]) -> None:
    for i, value in enumerate(values):
        w(0, f"\t{title}:\t{value}" if not i else f"\t\t{value}")


# -- the request -----------------------------------------------------------------------------------------------------


def _request(encoded: str) -> bytes:
    """The body of a request's PEM block."""
    try:
        return pkcs10.certificate_request(base64.b64decode(encoded))
    except (binascii.Error, pkcs10.Malformed) as wrong:
        raise error(f"Error parsing CSR: {wrong}") from None


def _inside(data: bytes, tag: int) -> Iterator[bytes]:
    return (content for found, content in pkcs10.parts(data) if found == tag)


def _info(request: bytes) -> list[tuple[int, bytes]]:
    """The values that are asked for: version, subject, key, attributes."""
    whole = next(_inside(request, SEQUENCE), b"")
    return list(pkcs10.parts(next(_inside(whole, SEQUENCE), b"")))


def _subject_names(request: bytes) -> Iterator[tuple[bytes, str]]:
    subject = next((content for tag, content in _info(request) if tag == SEQUENCE), b"")
    for group in _inside(subject, SET):
        for pair in _inside(group, SEQUENCE):
            (_, oid), (_, text), *_ = [*pkcs10.parts(pair), (0, b""), (0, b"")]
            yield oid, text.decode("utf-8", "replace")


def _alternatives(request: bytes) -> Iterator[tuple[str, str]]:
    for _, attributes in (part for part in _info(request) if part[0] == ATTRIBUTES):
        for attribute in _inside(attributes, SEQUENCE):
            for values in _inside(attribute, SET):
                for extensions in _inside(values, SEQUENCE):
                    yield from _names_in(extensions)


def _names_in(extensions: bytes) -> Iterator[tuple[str, str]]:
    for extension in _inside(extensions, SEQUENCE):
        fields = list(pkcs10.parts(extension))
        if not fields or fields[0][1] != ALTERNATIVE:
            continue
        for value in (content for tag, content in fields if tag == OCTETS):
            for tag, content in pkcs10.parts(next(_inside(value, SEQUENCE), b"")):
                if tag in ALTERNATIVES:
                    yield ALTERNATIVES[tag], _text(tag, content)


def _text(tag: int, content: bytes) -> str:
    if ALTERNATIVES[tag] == "IP Addresses" and len(content) in (4, 16):
        return str(ipaddress.ip_address(content))
    return content.decode("utf-8", "replace")
