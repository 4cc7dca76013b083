"""A custom kind's schema, read once from the JSON of its definition (pkg/apiserver/schema, Structural).

The same tree says which fields there are (pruning), what stands in for those left out (defaulting), which values are
valid, and which rules hold (x-kubernetes-validations). It is frozen: requests, caches and checkpoints share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.api.frozen import freeze

JsonMap = Mapping[str, Any]
META_FIELDS = frozenset({"apiVersion", "kind", "metadata"})


@frozen(eq=False)
class Rule:
    """One of x-kubernetes-validations."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = ""
    field_path: str = ""
    optional_old_self: bool = False


@frozen(eq=False)
class Bounds:
    """Limits of a value that JSON schema knows; None: no limit."""

    maximum: int | float | None = None
    minimum: int | float | None = None
    exclusive_maximum: bool = False
    exclusive_minimum: bool = False
    multiple_of: int | float | None = None
    max_length: int | None = None
    min_length: int | None = None
    max_items: int | None = None
    min_items: int | None = None
    max_properties: int | None = None
    min_properties: int | None = None
    pattern: str = ""
    enum: tuple[Any, ...] = ()


@frozen(eq=False)
class Schema:
    """One value: its type, what is in it, and what it must be."""

    type: str = ""
    format: str = ""
    description: str = ""
    nullable: bool = False
    default: Any = None
    properties: Mapping[str, Schema] = field(factory=dict)
    additional: Schema | None = None  # what each value of a map is
    open: bool = False  # a map whose values are anything (additionalProperties: true)
    items: Schema | None = None
    required: tuple[str, ...] = ()
    bounds: Bounds = field(factory=Bounds)
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    not_: Schema | None = None
    preserve: bool = False  # x-kubernetes-preserve-unknown-fields
    embedded: bool = False  # x-kubernetes-embedded-resource
    int_or_string: bool = False
    list_type: str = ""  # atomic, set, map
    list_keys: tuple[str, ...] = ()
    map_type: str = ""  # granular, atomic
    rules: tuple[Rule, ...] = ()

    def __deepcopy__(self, _memo: Any) -> Schema:
        return self

    def parts(self) -> Iterator[Schema]:
        """What is right below."""
        yield from self.properties.values()
        yield from (s for s in (self.additional, self.items) if s is not None)

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that a value may have; (): any."""
        if self.int_or_string:
            return ("integer", "string")
        return (self.type,) if self.type else ()


def has_defaults(schema: Schema | None) -> bool:
    """Whether it, or anything below it, has a default."""
    return schema is not None and (schema.default is not None or any(has_defaults(s) for s in schema.parts()))


def has_rules(schema: Schema | None) -> bool:
    """Whether it, or anything below it, has rules."""
    if schema is None:
        return False
    return bool(schema.rules) or any(has_rules(s) for s in (*schema.parts(), *schema.all_of))


_LIMITS = (
    *("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf", "maxLength", "minLength"),
    *("maxItems", "minItems", "maxProperties", "minProperties"),
)
_NAMES: Mapping[str, str] = {n: "".join(f"_{c.lower()}" if c.isupper() else c for c in n) for n in _LIMITS}
"""JSON name → attribute of Bounds."""


def parse(data: JsonMap) -> Schema:
    """The schema that an openAPIV3Schema describes. Its JSON must have passed the definition's validation."""
    additional = data.get("additionalProperties")
    return Schema(
        type=data.get("type") or "",
        format=data.get("format") or "",
        description=data.get("description") or "",
        nullable=bool(data.get("nullable")),
        default=freeze(data.get("default")),
        properties={name: parse(s) for name, s in (data.get("properties") or {}).items()},
        additional=parse(additional) if isinstance(additional, Mapping) else None,
        open=additional is True,
        items=parse(data["items"]) if isinstance(data.get("items"), Mapping) else None,
        required=tuple(data.get("required") or ()),
        bounds=_bounds(data),
        all_of=_each(data.get("allOf")),
        any_of=_each(data.get("anyOf")),
        one_of=_each(data.get("oneOf")),
        not_=parse(data["not"]) if data.get("not") is not None else None,
        preserve=bool(data.get("x-kubernetes-preserve-unknown-fields")),
        embedded=bool(data.get("x-kubernetes-embedded-resource")),
        int_or_string=bool(data.get("x-kubernetes-int-or-string")),
        list_type=data.get("x-kubernetes-list-type") or "",
        list_keys=tuple(data.get("x-kubernetes-list-map-keys") or ()),
        map_type=data.get("x-kubernetes-map-type") or "",
        rules=tuple(_rule(r) for r in data.get("x-kubernetes-validations") or ()),
    )


def _each(found: Iterable[JsonMap] | None) -> tuple[Schema, ...]:
    return tuple(parse(s) for s in found or ())


_UNBOUNDED = Bounds()


def _bounds(data: JsonMap) -> Bounds:
    given: dict[str, Any] = {own: data[name] for name, own in _NAMES.items() if data.get(name) is not None}
    if data.get("pattern"):
        given["pattern"] = data["pattern"]
    if data.get("enum"):
        given["enum"] = tuple(freeze(v) for v in data["enum"])
    return Bounds(**given) if given else _UNBOUNDED


def _rule(data: JsonMap) -> Rule:
    return Rule(
        data.get("rule") or "",
        data.get("message") or "",
        data.get("messageExpression") or "",
        data.get("reason") or "",
        data.get("fieldPath") or "",
        bool(data.get("optionalOldSelf")),
    )
