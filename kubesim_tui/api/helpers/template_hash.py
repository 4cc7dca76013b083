"""The hash of a Pod template that names ReplicaSets and ControllerRevisions: `web-7d4b8c9f6d`.

As pkg/controller.ComputeHash: FNV-1a over the template and a collision count, its decimal digits mapped to letters
that form no words (rand.SafeEncodeString). Upstream hashes Go's memory dump of the template, which nobody else can
compute; here it is the canonical JSON, so the letters differ from a real cluster's (FIDELITY.md).
"""

from __future__ import annotations

import json

from kubesim_tui.api.codec import encode
from kubesim_tui.api.struct import Struct
from kubesim_tui.kernel.chance import SAFE_ALPHABET

POD_TEMPLATE_HASH = "pod-template-hash"


def fnv32a(data: bytes, start: int = 0x811C9DC5) -> int:
    """FNV-1a, 32 bits."""
    h = start
    for byte in data:
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def safe_encode(text: str) -> str:
    """Digits as letters of the safe alphabet."""
    return "".join([SAFE_ALPHABET[ord(c) % len(SAFE_ALPHABET)] for c in text])


def compute_hash(template: Struct, collision_count: int | None = None) -> str:
    """At most ten characters that stand for a template."""
    text = json.dumps(encode(template), sort_keys=True, separators=(",", ":"))
    h = fnv32a(text.encode())
    if collision_count is not None:
        h = fnv32a(collision_count.to_bytes(8, "little"), h)
    return safe_encode(str(h))
