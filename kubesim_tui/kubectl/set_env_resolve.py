"""kubectl set env --list --resolve: the values that variables get from elsewhere."""

from __future__ import annotations

import base64
from typing import Any

from kubesim_tui.api import quantity
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env, data_of


class Unresolved(Exception):
    """A value that cannot be told here, and why."""


def resolve(env: Env, source: Data, data: Data, container: Data) -> str:
    """The value of a `valueFrom`. Unresolved if only the node knows it, or it is not there."""
    if ref := source.get("configMapKeyRef"):
        return _key(env, "configmaps", "config map", ref)
    if ref := source.get("secretKeyRef"):
        return base64.b64decode(_key(env, "secrets", "secret", ref)).decode("utf-8", "replace")
    if ref := source.get("fieldRef"):
        return _field(data, ref.get("fieldPath", ""))
    if ref := source.get("resourceFieldRef"):
        return _amount(container, ref)
    raise Unresolved("invalid valueFrom")


def _key(env: Env, plural: str, word: str, ref: Data) -> str:
    try:
        held = data_of(env.get(for_plural(plural), env.namespace, ref.get("name", ""))).get("data") or {}
    except StatusError as refused:
        raise Unresolved(refused.message) from None
    key = ref.get("key", "")
    if key not in held:
        raise Unresolved(f"key {key} not found in {word} {ref.get('name', '')}")
    return str(held[key])


def _field(data: Data, path: str) -> str:
    meta: dict[str, Any] = data.get("metadata") or {}
    base, bracket, rest = path.partition("['")
    if bracket and base in ("metadata.labels", "metadata.annotations"):
        return str((meta.get(base.split(".")[1]) or {}).get(rest.removesuffix("']"), ""))
    if path in ("metadata.name", "metadata.namespace", "metadata.uid"):
        return str(meta.get(path.split(".")[1], ""))
    raise Unresolved(f"unsupported fieldPath: {path}")


def _amount(container: Data, ref: Data) -> str:
    """A request or limit, divided and rounded up."""
    kind, _, name = str(ref.get("resource", "")).partition(".")
    held = (container.get("resources") or {}).get(kind) or {}
    nano = quantity.parse(str(held.get(name, "0"))).nano
    divisor = quantity.parse(str(ref.get("divisor") or "1")).nano or quantity.parse("1").nano
    return str(-(-nano // divisor))
