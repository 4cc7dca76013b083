"""The fields of images' sections: each makes of what YAML says what the section holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import field

from kubesim_tui.world.units import duration_us, size_bytes

T = TypeVar("T")


def _one(cls: Callable[..., T]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return cls(**value) if isinstance(value, Mapping) else value

    return convert


def maybe(cls: Callable[..., T]) -> Any:
    """A section that may be missing."""
    return field(default=None, converter=_one(cls))


def inner(cls: Callable[..., T]) -> Any:
    """A section that is there in any case, of defaults if it is not written."""
    return field(factory=cls, converter=_one(cls))


def many(cls: Callable[..., T]) -> Any:
    """A list of sections."""

    def convert(values: Any) -> tuple[T, ...]:
        return tuple(cls(**v) if isinstance(v, Mapping) else v for v in values)

    return field(default=(), converter=convert)


def named(cls: Callable[..., T]) -> Any:
    """Sections by name."""

    def convert(values: Any) -> dict[str, T]:
        return {k: cls(**v) if isinstance(v, Mapping) else v for k, v in values.items()}

    return field(factory=dict, converter=convert)


def strings() -> Any:
    """A list of texts."""
    return field(default=(), converter=tuple)


def duration(alias: str, default: int = 0) -> Any:
    """A duration (`80ms`), in microseconds."""
    return field(default=default, converter=duration_us, alias=alias)


def size(alias: str, default: int = 0) -> Any:
    """A size (`4Mi`), in bytes."""
    return field(default=default, converter=size_bytes, alias=alias)
