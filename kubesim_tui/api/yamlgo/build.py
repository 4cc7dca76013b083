"""JSON out of a YAML tree, as go-yaml v2's decoder and sigs.k8s.io/yaml make it.

Aliases are read anew each time; a merge key (``<<``) lays its map down where it stands, so that keys before it lose;
keys become text; the last of two equal keys wins. On the way, the line of every field is written down, and every key
that stands twice.
"""

from __future__ import annotations

import math
from typing import Any

from kubesim_tui.api.yamlgo import values
from kubesim_tui.api.yamlgo.nodes import ALIAS, MAPPING, SCALAR, SEQUENCE, Node

Path = tuple[str | int, ...]

_LOW, _HIGH = 400_000, 4_000_000  # decode operations between which the share allowed to aliases shrinks


class BuildProblem(Exception):
    """YAML that is no JSON. `line` and `column` count from 0; the message is go-yaml's."""

    def __init__(self, message: str, node: Node) -> None:
        super().__init__(message)
        self.line, self.column = node.line, node.column


class Builder:
    """Reads one tree; afterwards `lines` and `duplicates` hold what was seen (lines count from 0)."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.duplicates: list[tuple[Path, int]] = []
        self._late: BuildProblem | None = None
        self._open: set[int] = set()
        self._operations, self._by_alias = 1, 0

    def build(self, root: Node) -> Any:
        """The JSON value. Raises BuildProblem."""
        self.lines[()] = root.line
        value = self._value(root, ())
        if self._late:
            raise self._late
        return value

    def _value(self, node: Node, path: Path) -> Any:
        self._count(node)
        if node.kind == SCALAR:
            return self._number(self._scalar(node), node)
        if node.kind == MAPPING:
            return self._mapping(node, path, {})
        if node.kind == SEQUENCE:
            return self._sequence(node, path)
        return self._alias(node, path, None)

    def _scalar(self, node: Node) -> values.Scalar:
        if not node.tag and not node.implicit:
            return node.value
        try:
            return values.resolve(node.tag, node.value)[1]
        except values.ValueProblem as problem:
            raise BuildProblem(f"yaml: {problem}", node) from None

    def _number(self, value: values.Scalar, node: Node) -> values.Scalar:
        if isinstance(value, float) and not math.isfinite(value):
            word = "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
            self._late = self._late or BuildProblem(f"json: unsupported value: {word}", node)
        return values.to_json(value)

    def _sequence(self, node: Node, path: Path) -> list[Any]:
        items = []
        for i, child in enumerate(node.children):
            below = (*path, i)
            self.lines[below] = child.line
            items.append(self._value(child, below))
        return items

    def _mapping(self, node: Node, path: Path, into: dict[str, Any]) -> dict[str, Any]:
        seen = set()
        for key_node, child in zip(node.children[::2], node.children[1::2], strict=True):
            if _is_merge(key_node):
                self._merge(child, path, into)
                continue
            key = self._key(key_node, child)
            below = (*path, key)
            if key in seen:
                self.duplicates.append((below, key_node.line))
            seen.add(key)
            self.lines[below] = key_node.line
            into.pop(key, None)
            into[key] = self._value(child, below)
        return into

    def _key(self, node: Node, child: Node) -> str:
        target = node.target if node.kind == ALIAS and node.target else node
        if target.kind != SCALAR:
            raise BuildProblem(f"yaml: invalid map key: {_go_syntax(self, target)}", node)
        self._count(node)
        value = self._scalar(target)
        text = values.key_text(value)
        if text is None:
            kind, shown = ("%!s(<nil>)", "<nil>") if value is None else ("uint64", hex(int(value)))
            what = f"{kind}, key: {shown}, value: {_go_syntax(self, child)}".replace(": interface {}(nil)", ": <nil>")
            self._late = BuildProblem(f"unsupported map key of type: {what}", node)
            return ""
        return text

    def _merge(self, node: Node, path: Path, into: dict[str, Any]) -> None:
        if node.kind == SEQUENCE:
            for child in reversed(node.children):
                self._lay(child, path, into)
        else:
            self._lay(node, path, into)

    def _lay(self, node: Node, path: Path, into: dict[str, Any]) -> None:
        self._count(node)
        target = node.target if node.kind == ALIAS and node.target else node
        if target.kind != MAPPING:
            raise BuildProblem("yaml: map merge requires map or sequence of maps as the value", node)
        if node.kind == ALIAS:
            self._alias(node, path, into)
        else:
            self._mapping(node, path, into)

    def _alias(self, node: Node, path: Path, into: dict[str, Any] | None) -> Any:
        assert node.target
        if id(node) in self._open:
            raise BuildProblem(f"yaml: anchor '{node.value}' value contains itself", node)
        self._open.add(id(node))
        if into is None:
            value = self._value(node.target, path)
        else:
            self._count(node.target)
            value = self._mapping(node.target, path, into)
        self._open.remove(id(node))
        return value

    def _count(self, node: Node) -> None:
        """Count the work, and refuse a document that aliases blow up (the billion laughs)."""
        self._operations += 1
        if self._open:
            self._by_alias += 1
            if self._by_alias > 100 and self._operations > 1000:
                allowed = 0.99 - 0.89 * min(max((self._operations - _LOW) / (_HIGH - _LOW), 0.0), 1.0)
                if self._by_alias / self._operations > allowed:
                    raise BuildProblem("yaml: document contains excessive aliasing", node)


def _is_merge(node: Node) -> bool:
    return node.kind == SCALAR and node.value == "<<" and (node.implicit or node.tag == values.MERGE)


def _go_syntax(builder: Builder, node: Node) -> str:
    """A value as Go's %#v prints it: what go-yaml shows of a map that stands for a key, as templates make them."""
    if node.kind == ALIAS and node.target:
        return _go_syntax(builder, node.target)
    if node.kind == SEQUENCE:
        return "[]interface {}{" + ", ".join(_go_syntax(builder, child) for child in node.children) + "}"
    if node.kind == MAPPING:
        pairs = zip(node.children[::2], node.children[1::2], strict=True)
        shown = ", ".join(f"{_go_syntax(builder, k)}:{_go_syntax(builder, v)}" for k, v in pairs)
        return "map[interface {}]interface {}{" + shown + "}"
    value = builder._scalar(node)
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return values.key_text(value) or str(value)
