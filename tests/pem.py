"""Certificates for tests: X.509 in PEM, with names, dates and a signer, and a signature that nobody checks."""

import base64
from datetime import UTC, datetime
from textwrap import wrap


def pem(*names: str, begins: int, ends: int, subject: str = "shop", issuer: str = "A CA") -> str:
    """One certificate for some hosts."""
    dates = _der(0x30, b"".join(_time(at) for at in (begins, ends)))
    algorithm = _der(0x30, bytes((0x06, 0x03, 0x2A, 0x03, 0x04)))
    key = _der(0x30, algorithm + _der(0x03, b"\x00\x01"))
    about = [_der(0xA0, _der(0x02, b"\x02")), _der(0x02, b"\x01"), algorithm, _name(issuer), dates, _name(subject), key]
    if names:
        listed = _der(0x30, b"".join(_der(0x82, name.encode()) for name in names))
        extension = _der(0x30, bytes((0x06, 0x03, 0x55, 0x1D, 0x11)) + _der(0x04, listed))
        about.append(_der(0xA3, _der(0x30, extension)))
    whole = _der(0x30, _der(0x30, b"".join(about)) + algorithm + _der(0x03, b"\x00\x02"))
    body = wrap(base64.b64encode(whole).decode(), 64)
    return "\n".join(("-----BEGIN CERTIFICATE-----", *body, "-----END CERTIFICATE-----", ""))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes((tag,)) + length + content


def _time(at: int) -> bytes:
    return _der(0x17, datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M%SZ").encode())


def _name(common: str) -> bytes:
    pair = bytes((0x06, 0x03, 0x55, 0x04, 0x03)) + _der(0x0C, common.encode())
    return _der(0x30, _der(0x31, _der(0x30, pair)))
