"""Objects to be mutated: one of every served kind, made from the schema, and the real manifests if they are here."""

from functools import cache

from kubesim_tui.api import scheme
from tests.manifests import corpus

DEEP = 7
_WORDS = {
    "apiGroup": "apps",
    "protocol": "TCP",
    "operator": "Exists",
    "mountPath": "/data",
    "path": "/x",
    "image": "nginx",
}
_PLAIN = {"s": "a", "i": 1, "n": 1.5, "b": True, "q": "1", "t": "2026-01-01T00:00:00Z", "x": 80, "y": "YQ==", "*": {}}
_PLAIN["T"] = "2026-01-01T00:00:00.000000Z"


@cache
def documents():
    """Every document, in a fixed order."""
    made = [whole(resource) for resource in scheme.builtin()]
    real = [d.data for row in corpus.index() if row["bytes"] < 50_000 for d in corpus.read(row["file"])]
    return tuple(made + [data for data in real if data])


def whole(resource):
    """An object of a kind with every field that it can have, down to a depth."""
    data = _object(resource.definition, 0)
    data["apiVersion"], data["kind"] = resource.api_version, resource.kind
    data["metadata"] = {"name": "whole", "labels": {"app": "a"}} | (
        {"namespace": "default"} if resource.namespaced else {}
    )
    return data


def _object(definition, depth):
    if depth > DEEP:
        return {}
    return {name: _value(name, code, depth + 1) for name, code in scheme.definition(definition).fields.items()}


def _value(name, code, depth):
    if code.startswith("[]"):
        return [_value(name, code[2:], depth)]
    if code.startswith("{}"):
        return {"a": _value(name, code[2:], depth)}
    if name in _WORDS and code == "s":
        return _WORDS[name]
    return _PLAIN[code] if code in _PLAIN else _object(code, depth)
