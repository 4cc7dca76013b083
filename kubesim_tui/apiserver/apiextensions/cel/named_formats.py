"""Formats by name: `format.dns1123Label().validate(text)` is what is wrong with a text (library/format.go)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.apiextensions import formats
from kubesim_tui.apiserver.apiextensions.cel import net
from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import NONE, CelError, Optional

Check = Callable[[str], list[str]]


@frozen
class Format:
    """A named format."""

    cel_type: ClassVar[str] = "kubernetes.NamedFormat"

    name: str
    check: Check = field(eq=False)


def _prefix(check: Check) -> Check:
    return lambda text: check(names.mask_trailing_dash(text))


def _known(name: str, said: str) -> Check:
    return lambda text: [] if formats.fits(name, text) else [said]


def _uri(text: str) -> list[str]:
    try:
        net.request_uri(text)
    except CelError as wrong:
        return [str(wrong)]
    return []


FORMATS: Mapping[str, Format] = {
    name: Format(name, check)
    for name, check in {
        "dns1123Label": names.is_dns1123_label,
        "dns1123Subdomain": names.is_dns1123_subdomain,
        "dns1035Label": names.is_dns1035_label,
        "qualifiedName": names.is_qualified_name,
        "dns1123LabelPrefix": _prefix(names.is_dns1123_label),
        "dns1123SubdomainPrefix": _prefix(names.is_dns1123_subdomain),
        "dns1035LabelPrefix": _prefix(names.is_dns1035_label),
        "labelValue": names.is_label_value,
        "uri": _uri,
        "uuid": _known("uuid", "does not match the UUID format"),
        "byte": _known("byte", "invalid base64"),
        "date": _known("date", "invalid date"),
        "datetime": _known("datetime", "invalid datetime"),
    }.items()
}


def _named(name: str) -> Optional:
    found = FORMATS.get(name)
    return NONE if found is None else Optional(True, found)


def _validate(wanted: Any, text: Any) -> Optional:
    if not isinstance(wanted, Format) or not isinstance(text, str):
        raise overload()
    wrong = wanted.check(text)
    return Optional(True, wrong) if wrong else NONE


def _constant(found: Format) -> Callable[[], Format]:
    return lambda: found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "format.named": _named,
    "validate": _validate,
    **{f"format.{name}": _constant(found) for name, found in FORMATS.items()},
}
