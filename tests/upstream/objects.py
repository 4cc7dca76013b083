"""Objects of the tables' fragments, built leniently."""

from datetime import datetime

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from tests.controllers.bench import pod


def node(data):
    """A Node, or one of which nothing is told."""
    return decode_object(types.Node, {"metadata": {}, **(data or {})})


def seconds(text):
    """A time as the engine has it; None for none."""
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


def snake(name):
    """An API field's name as an attribute."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


__all__ = ["node", "pod", "seconds", "snake"]
