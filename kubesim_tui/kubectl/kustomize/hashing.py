"""The hash behind a generated ConfigMap's or Secret's name: other content, another name, and so a rollout.

SHA-256 of the object's kind and data as JSON, its first ten hex digits, with digits exchanged that could form words.
(kustomize means to count the name, too, but looks for it in a place where it is not: all names hash alike.)
"""

from __future__ import annotations

import hashlib

from kubesim_tui.api.jsonpath import go_json
from kubesim_tui.kubectl.kustomize.model import Data, Item

_EXCHANGED = str.maketrans("013ae", "ghkmt")
_LENGTH = 10


def suffix(item: Item) -> str:
    """The hash of a resource's content."""
    kind = item.data.get("kind")
    return _hash(_content(item.data, "") if kind in ("ConfigMap", "Secret") else item.data)


def named(data: Data) -> str:
    """The hash that `kubectl create --append-hash` puts behind a ConfigMap's or Secret's name: the name counts."""
    return _hash(_content(data, data["metadata"]["name"]))


def _hash(content: Data) -> str:
    return hashlib.sha256(go_json(content).encode()).hexdigest()[:_LENGTH].translate(_EXCHANGED)


def _content(data: Data, name: str) -> Data:
    kind = data.get("kind")
    found = {"kind": kind, "name": name, "data": data.get("data", "")}
    if kind == "Secret":
        found["type"] = data.get("type") or ""
    more = "binaryData" if kind == "ConfigMap" else "stringData"
    return {**found, more: data[more]} if isinstance(data.get(more), dict) else found
