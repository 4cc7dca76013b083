"""kubectl describe of any other kind: its whole JSON, with readable titles."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.kubectl.describe.writer import Data, Writer

SKIPPED = (
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
)
ACRONYMS = ("API", "URL", "UID", "GUID")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def describe(w: Writer, o: Data) -> None:
    """One object."""
    w.name(o)
    w.about(o)
    _content(w, 0, o, "")
    w.events(o)


def _content(w: Writer, level: int, content: Data, path: str) -> None:
    for key, value in sorted(content.items()):
        here = f"{path}.{key}"
        if here in SKIPPED:
            continue
        if isinstance(value, dict):
            w(level, f"{title(key)}:")
            _content(w, level + 1, value, here)
        elif isinstance(value, list):
            w(level, f"{title(key)}:")
            for child in value:
                if isinstance(child, dict):
                    _content(w, level + 1, child, here)
                else:
                    w(level + 1, _plain(child))
        else:
            w(level, f"{title(key)}:\t{_plain(value)}")


def _plain(value: Any) -> str:
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def title(field: str) -> str:
    """`apiVersion` → `API Version`."""
    if re.search(r"[^A-Za-z-]", field):
        return field
    words = _merged(_WORDS.findall(field)) if "-" not in field else [field]
    return " ".join(w.upper() if w.upper() in ACRONYMS else w[:1].upper() + w[1:] for w in words)


def _merged(words: list[str]) -> list[str]:
    """Words of which capitals alone are put before a word with a capital: `TLS` `Verify` is `TLSVerify`."""
    found: list[str] = []
    joined = False
    for i, word in enumerate(words):
        if joined:
            found[-1] += word
            joined = False
            continue
        found.append(word)
        joined = len(word) > 1 and word.isupper() and i + 1 < len(words) and words[i + 1][0].isupper()
    return found
