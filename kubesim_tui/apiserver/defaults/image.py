"""The tag of an image reference, as far as imagePullPolicy depends on it (distribution's reference grammar)."""

from __future__ import annotations

import re

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
    r"(?P<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


def image_tag(image: str) -> str:
    """`latest` if neither tag nor digest is given; "" for a digest alone or for what is no image reference."""
    found = None if _IDENTIFIER.fullmatch(image) else _REFERENCE.fullmatch(image)
    if found is None or len(found["name"]) > 255:
        return ""
    return found["tag"] or ("" if found["digest"] else "latest")


def pull_policy(image: str) -> str:
    """Always for `:latest` or no tag, else IfNotPresent."""
    return "Always" if image_tag(image) == "latest" else "IfNotPresent"
