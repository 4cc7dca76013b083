"""etcdctl get, put, del: what the API server stores lies under /registry, one key an object.

Who writes there goes round the door: no rights are asked, nothing is validated, no finalizer and no grace period holds
a deletion. Whoever watches hears of it all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from attrs import frozen

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.raft import NO_SPACE
from kubesim_tui.cluster.etcdctl.base import Act, Failure, Flags, Speaker

PLACES = {"services": "services/specs", "endpoints": "services/endpoints", "nodes": "minions", "ingresses": "ingress"}
"""Where kinds lie that were named differently when their place was chosen."""


@frozen
class Entry:
    """A key; of an object also where the store has it."""

    key: str
    table: str
    name: Name
    object: Object | None
    text: str = ""

    @property
    def value(self) -> str:
        """What is stored there."""
        if self.object is None:
            return self.text
        return json.dumps(encode_object(self.object), separators=(",", ":"))


def key_of(resource: str, key: Name, obj: Object) -> str:
    """The key under which the API server stores an object."""
    plural, _, group = resource.partition(".")
    own = group if isinstance(obj, Unstructured) and "." in group and not group.endswith(".k8s.io") else ""
    place = f"{own}/{plural}" if own else PLACES.get(plural, plural)
    return "/".join(("/registry", place, *(part for part in key if part)))


def _entries(of: Speaker) -> list[Entry]:
    tables = of.members.etcd.tables.items()
    found = [Entry(key_of(r, key, obj), r, key, obj) for r, table in tables for key, obj in table.objects.items()]
    found += [Entry(key, "", ("", ""), None, text) for key, text in of.backend.strange.items()]
    return sorted(found, key=lambda entry: entry.key)


def _chosen(of: Speaker, command: str, words: Sequence[str], flags: Flags) -> list[Entry]:
    """The entries of a key, of all that begin with it, of all from it on, or of a range."""
    of.serving()
    if not words or not words[0] or len(words) > 2:
        raise Failure(f"{command} command needs one argument as key and an optional argument as range_end")
    first, last = words[0], words[1] if len(words) > 1 else ""
    if "prefix" in flags:
        return [e for e in _entries(of) if e.key.startswith(first)]
    if "from-key" in flags or last:
        return [e for e in _entries(of) if first <= e.key and (not last or e.key < last)]
    return [e for e in _entries(of) if e.key == first]


def _get(of: Speaker, words: Sequence[str], flags: Flags) -> str:
    found = _chosen(of, "get", words, flags)
    if "count-only" in flags:
        return str(len(found))
    limit = flags.get("limit", "0")
    if limit.isdecimal() and int(limit):
        found = found[: int(limit)]
    if "keys-only" in flags:
        return "\n".join(f"{entry.key}\n" for entry in found)
    return "\n".join(f"{entry.key}\n{entry.value}" for entry in found)


def _del(of: Speaker, words: Sequence[str], flags: Flags) -> str:
    found = _chosen(of, "del", words, flags)
    for entry in found:
        if entry.object is None:
            del of.backend.strange[entry.key]
        else:
            of.members.etcd.delete(entry.table, entry.name)
    return str(len(found))


def _put(of: Speaker, words: Sequence[str], _flags: Flags) -> str:
    of.serving()
    if len(words) < 2:
        raise Failure("put command needs 1 argument and input from stdin or 2 arguments")
    if of.backend.full:
        raise Failure(NO_SPACE)
    key, value = words[0], " ".join(words[1:])
    if not _stored(of, key, value):
        of.backend.strange[key] = value
    return "OK"


def _stored(of: Speaker, key: str, value: str) -> bool:
    """Whether a value is an object that the API server reads under this key; then the store has it."""
    try:
        data = json.loads(value)
        resource = scheme.for_kind(data["apiVersion"], data["kind"])
        if resource is None:
            return False
        made = decode_object(resource.cls, data)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    name = (made.metadata.namespace if resource.namespaced else "", made.metadata.name)
    if key_of(resource.group_resource, name, made) != key:
        return False
    of.members.etcd.put(resource.group_resource, name, made)
    return True


COMMANDS: Mapping[tuple[str, ...], Act] = {("get",): _get, ("put",): _put, ("del",): _del}
