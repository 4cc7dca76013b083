"""How a patch treats a field: the merge strategy and key that the published schemas give it.

A type code names the type of a value (see `api.scheme`): a definition, `[]C`, `{}C` or a scalar. Patches walk along
codes and ask a `Lookup` for the field they meet; tests bring a lookup of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kubesim_tui.api import scheme


class PatchError(Exception):
    """A patch that cannot be applied. `malformed`: the patch itself is at fault (400), not what it met (422)."""

    def __init__(self, message: str, *, malformed: bool = False) -> None:
        super().__init__(message)
        self.malformed = malformed


@frozen
class Field:
    """What a patch must know of one field."""

    code: str  # the type code of its value
    strategy: str = ""  # "merge", "replace" or ""
    retain_keys: bool = False
    key: str = ""  # the merge key of a list of maps

    @property
    def item(self) -> str:
        """The type code of an item of a list or map."""
        return self.code[2:] if self.code.startswith(("[]", "{}")) else "*"


Lookup = Callable[[str, str], Field]
"""(type code of a map, name of the field in it) → the field. PatchError if the type has no such field."""


def strategy(definition: str, field: str) -> tuple[str, str]:
    """(strategy, merge key) as the schema writes them: `("merge,retainKeys", "name")`, or `("", "")`."""
    row = scheme.definition(definition).merge.get(field, {})
    return row.get("strategy", ""), row.get("key", "")


def lookup(code: str, name: str) -> Field:
    """The lookup of the built-in kinds. Values without a schema (`*`) are replaced whole."""
    if code.startswith("{}"):
        return Field(code[2:])
    if "." not in code:
        return Field("*", "replace")
    found = scheme.definition(code)
    if name not in found.fields:
        if found.open:
            return Field("*", "replace")
        raise PatchError(f'unable to find api field in struct {code.rsplit(".", 1)[1]} for the json field "{name}"')
    text, key = strategy(code, name)
    parts = text.split(",") if text else []
    kept = [p for p in parts if p != "retainKeys"]
    return Field(found.fields[name], kept[0] if kept else "", "retainKeys" in parts, key)
