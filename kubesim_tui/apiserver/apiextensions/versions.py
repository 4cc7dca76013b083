"""The order of versions: v10, v2, v1, v2beta1, v1beta1, v1alpha1, then other names (apimachinery pkg/version)."""

from __future__ import annotations

import re

_FORM = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STAGES = {None: 0, "beta": 1, "alpha": 2}


def order(name: str) -> tuple[int, int, int, str]:
    """A key that sorts the preferred version first."""
    found = _FORM.fullmatch(name)
    if found is None:
        return 3, 0, 0, name
    major, stage, minor = found.groups()
    return _STAGES[stage], -int(major), -int(minor or 0), ""
