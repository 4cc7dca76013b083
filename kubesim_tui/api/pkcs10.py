"""PEM blocks, and the DER of the one that the cluster reads: a request for a certificate (PKCS #10).

Only the form is read: that the values nest as they must. Keys and signatures are not checked. What is wrong is said as
Go's encoding/pem, encoding/asn1 and crypto/x509 say it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from textwrap import wrap

from attrs import frozen

REQUEST, CERTIFICATE = "CERTIFICATE REQUEST", "CERTIFICATE"
COMMON_NAME, ORGANIZATION = bytes((0x55, 0x04, 0x03)), bytes((0x55, 0x04, 0x0A))
UTF8 = 0x0C
INTEGER, BITS, OCTETS, SEQUENCE, SET, ATTRIBUTES = 0x02, 0x03, 0x04, 0x30, 0x31, 0xA0
_BLOCK = re.compile(
    rb"(?:\A|(?<=\n))-----BEGIN (?P<type>[^\n]*?)-----[ \t\r]*\n(?P<headers>(?:[^\n:-][^\n:]*:[^\n]*\n)*)"
    rb"(?P<body>[A-Za-z0-9+/=\s]*)-----END (?P=type)-----[ \t\r]*(?:\n|\Z)"
)


class Malformed(ValueError):
    """No request, or a broken one."""


@frozen
class Block:
    """One block of a PEM text."""

    type: str
    headers: bool
    content: bytes


def blocks(text: bytes) -> Iterator[Block]:
    """The blocks of a PEM text; what is none is passed over."""
    for found in _BLOCK.finditer(text):
        try:
            content = base64.b64decode(b"".join(found["body"].split()), validate=True)
        except binascii.Error:
            continue
        yield Block(found["type"].decode("utf-8", "replace"), bool(found["headers"]), content)


def certificate_request(text: bytes) -> bytes:
    """The DER of the request in a PEM text. Malformed if the first block is none."""
    first = next(blocks(text), None)
    if first is None or first.type != REQUEST:
        raise Malformed(f"PEM block type must be {REQUEST}")
    whole = _expect(first.content, SEQUENCE)
    if len(whole) > 1:
        raise Malformed("asn1: syntax error: trailing data")
    about, *_ = _expect(whole[0], SEQUENCE, SEQUENCE, BITS)
    _expect(about, INTEGER, SEQUENCE, SEQUENCE)
    return first.content


def subject(text: bytes) -> tuple[str, list[str]]:
    """The common name and the organizations of who asks. Malformed if there is no request."""
    whole = _expect(certificate_request(text), SEQUENCE)
    about, *_ = _expect(whole[0], SEQUENCE, SEQUENCE, BITS)
    named = _expect(about, INTEGER, SEQUENCE)[1]
    common, organizations = "", []
    for _, pairs in parts(named):
        for _, pair in parts(pairs):
            (_, kind), (_, value) = parts(pair)
            if kind == COMMON_NAME:
                common = value.decode("utf-8", "replace")
            elif kind == ORGANIZATION:
                organizations.append(value.decode("utf-8", "replace"))
    return common, organizations


def make(common: str, organization: str) -> bytes:
    """A PEM request for a client's certificate; its key and signature are stand-ins."""
    names = _value(SET, _pair(ORGANIZATION, organization)) + _value(SET, _pair(COMMON_NAME, common))
    algorithm = _value(SEQUENCE, bytes((0x06, 0x03, 0x2A, 0x03, 0x04)))
    stand_in = _value(BITS, b"\x00" + hashlib.sha256(common.encode()).digest())
    key = _value(SEQUENCE, algorithm + stand_in)
    about = _value(SEQUENCE, _value(INTEGER, b"\x00") + _value(SEQUENCE, names) + key + _value(ATTRIBUTES, b""))
    body = base64.b64encode(_value(SEQUENCE, about + algorithm + stand_in)).decode("ascii")
    return "\n".join((f"-----BEGIN {REQUEST}-----", *wrap(body, 64), f"-----END {REQUEST}-----", "")).encode()


def _pair(kind: bytes, text: str) -> bytes:
    return _value(SEQUENCE, bytes((0x06, len(kind))) + kind + _value(UTF8, text.encode()))


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes((tag,)) + length + content


def _expect(data: bytes, *tags: int) -> list[bytes]:
    """The contents of the values in a DER encoding, which must begin with these."""
    found = list(parts(data))
    for tag, (given, _) in zip(tags, found, strict=False):
        if tag != given:
            raise Malformed("asn1: structure error: tags don't match")
    if len(found) < len(tags):
        raise Malformed("asn1: syntax error: sequence truncated")
    return [content for _, content in found]


def parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of the values in a DER encoding. Malformed if it is none."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise Malformed("asn1: syntax error: truncated tag or length")
        length, head = data[at + 1], 2
        if length == 0x80:
            raise Malformed("asn1: structure error: indefinite length found (not DER)")
        if length & 0x80:
            size = length & 0x7F
            length, head = int.from_bytes(data[at + 2 : at + 2 + size], "big"), 2 + size
        if at + head + length > len(data):
            raise Malformed("asn1: syntax error: data truncated")
        yield data[at], data[at + head : at + head + length]
        at += head + length
