"""How the ingress controller asks who is behind a location: how long it waits, and when it asks the next one. Pure.

As internal/ingress/annotations/proxy and nginx's proxy_next_upstream: an Ingress says it by annotations; what it does
not say is as the controller's ConfigMap says it, or as ingress-nginx is delivered. What is no valid value is not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve, frozen

ANNOTATIONS = "nginx.ingress.kubernetes.io/"
SECOND_US = 1_000_000
OFF, NON_IDEMPOTENT = "off", "non_idempotent"
ERROR, TIMEOUT = "error", "timeout"
UNSAFE = ("POST", "LOCK", "PATCH")
"""Methods of requests that are not sent twice."""
ENDLESS = 64
"""So often at most is tried what may be tried without end: while everybody refuses nginx would go round for ever."""
_CONDITIONS = re.compile(
    r"^((error|timeout|invalid_header|http_500|http_502|http_503|http_504|http_403|http_404|http_429"
    r"|non_idempotent|off)\s?)+$"
)


@frozen
class Upstream:
    """How a location's backend is asked."""

    connect_us: int = 5 * SECOND_US
    send_us: int = 60 * SECOND_US
    read_us: int = 60 * SECOND_US
    next_on: tuple[str, ...] = (ERROR, TIMEOUT)
    tries: int = 3
    next_us: int = 0  # for so long the next one may be asked (0: always)

    def passes_on(self, condition: str, method: str, *, sent: bool) -> bool:
        """Whether a request that failed so is for the next one. `sent`: it has got to the one before."""
        if OFF in self.next_on or condition not in self.next_on:
            return False
        return not sent or method not in UNSAFE or NON_IDEMPOTENT in self.next_on

    def may_try(self, tried: int, spent_us: int) -> bool:
        """Whether there is one more try after so many, and so long."""
        return tried < (self.tries or ENDLESS) and not 0 < self.next_us <= spent_us


def defaults(data: Mapping[str, str]) -> Upstream:
    """What the controller's ConfigMap says."""
    found = _said(data, "", Upstream())
    if data.get("retry-non-idempotent") == "true" and NON_IDEMPOTENT not in found.next_on:
        return evolve(found, next_on=(*found.next_on, NON_IDEMPOTENT))
    return found


def upstream_of(annotations: Mapping[str, str], otherwise: Upstream) -> Upstream:
    """What an Ingress says."""
    return _said(annotations, ANNOTATIONS, otherwise)


def _said(data: Mapping[str, str], prefix: str, otherwise: Upstream) -> Upstream:
    conditions = data.get(prefix + "proxy-next-upstream", "")
    return Upstream(
        _seconds(data, prefix + "proxy-connect-timeout", 1) or otherwise.connect_us,
        _seconds(data, prefix + "proxy-send-timeout", 1) or otherwise.send_us,
        _seconds(data, prefix + "proxy-read-timeout", 1) or otherwise.read_us,
        tuple(conditions.split()) if _CONDITIONS.match(conditions) else otherwise.next_on,
        _or(_number(data, prefix + "proxy-next-upstream-tries"), otherwise.tries),
        _or(_seconds(data, prefix + "proxy-next-upstream-timeout"), otherwise.next_us),
    )


def _seconds(data: Mapping[str, str], key: str, least: int = 0) -> int | None:
    found = _number(data, key)
    return found * SECOND_US if found is not None and found >= least else None


def _number(data: Mapping[str, str], key: str) -> int | None:
    text = data.get(key, "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _or(found: int | None, otherwise: int) -> int:
    return otherwise if found is None else found
