"""How objects of a custom kind are merged: the shapes that their schema gives (structured-merge-diff)."""

from __future__ import annotations

from attrs import evolve, field, frozen

from kubesim_tui.apiserver.apiextensions.schema import Schema
from kubesim_tui.apiserver.patch.fieldset import Shape, shape

_ANY = Schema(preserve=True)


@frozen
class CustomShape(Shape):
    """A shape by a schema instead of a published definition."""

    schema: Schema = field(default=_ANY, eq=False)
    root: bool = False

    def child(self, name: str) -> Shape:
        """The shape of a field of a map."""
        if (self.root or self.schema.embedded) and name == "metadata":
            return shape("meta.v1.ObjectMeta", {})
        return _shape(self.schema.properties.get(name) or self.schema.additional or _ANY)

    @property
    def item(self) -> Shape:
        """The shape of a list's items."""
        return _shape(self.schema.items or _ANY)

    def declares(self, name: str) -> bool:
        """Whether a map may have a field of this name."""
        s = self.schema
        known = s.preserve or s.open or s.additional is not None or name in s.properties
        return known or ((self.root or s.embedded) and name in ("apiVersion", "kind", "metadata"))

    @property
    def free(self) -> bool:
        """Whether it is a map from names of the user's own."""
        return self.schema.additional is not None

    @property
    def holds_items(self) -> bool:
        """Whether it is a list."""
        return self.schema.type == "array"


def custom_root(schema: Schema) -> Shape:
    """The shape of whole objects."""
    return CustomShape("map", "", (), schema, root=True)


def _shape(schema: Schema) -> Shape:
    made = CustomShape("atomic", "", schema.list_keys, schema)
    if schema.type == "array":
        return evolve(made, kind={"map": "list", "set": "set"}.get(schema.list_type, "atomic"))
    atomic = schema.map_type == "atomic" or (schema.type and schema.type != "object") or schema.int_or_string
    return made if atomic else evolve(made, kind="map")
