"""Which Ingresses the controller does not take: those of whose annotations one is risky, or says what it may not. Pure.

As internal/ingress/annotations: each annotation has a risk, and a validator for its value. One whose risk is above
`annotations-risk-level` of the ConfigMap (High as it is delivered: snippets are Critical), or whose value its parser
does not pass over, lets the whole Ingress be left as it was before: out, or as the controller last understood it. Of
most annotations a wrong value means that nothing is said; of a few that the location is denied (ingress_access).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from kubesim_tui.kernel.regex import compiled
from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import boolean, integer, networks

RISKS = ("Low", "Medium", "High", "Critical")
LEVEL = "High"
CRITICAL = ("auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet")
HIGH = (
    *("auth-signin", "auth-tls-error-page", "auth-tls-match-cn", "auth-url", "global-rate-limit-key", "mirror-host"),
    *("mirror-target", "modsecurity-transaction-id", "proxy-ssl-name", "server-alias", "upstream-hash-by"),
)
MEDIUM = (
    *("affinity-mode", "allowlist-source-range", "app-root", "auth-cache-duration", "auth-cache-key"),
    *("auth-proxy-set-headers", "auth-realm", "auth-request-redirect", "auth-response-headers", "auth-secret"),
    *("auth-signin-redirect-param", "auth-tls-secret", "auth-tls-verify-client", "canary-by-cookie"),
    *("canary-by-header", "canary-by-header-pattern", "canary-by-header-value", "cors-allow-headers"),
    *("cors-allow-methods", "cors-allow-origin", "cors-expose-headers", "custom-headers", "denylist-source-range"),
    *("fastcgi-index", "fastcgi-params-configmap", "force-ssl-redirect", "global-rate-limit-ignored-cidrs"),
    *("opentelemetry-operation-name", "permanent-redirect", "preserve-trailing-slash", "proxy-body-size"),
    *("proxy-cookie-domain", "proxy-cookie-path", "proxy-next-upstream", "proxy-redirect-from", "proxy-redirect-to"),
    *("proxy-ssl-ciphers", "proxy-ssl-secret", "rewrite-target", "session-cookie-domain", "session-cookie-expires"),
    *("session-cookie-max-age", "session-cookie-name", "session-cookie-path", "temporal-redirect"),
    *("x-forwarded-prefix",),
)


@frozen
class Refusal:
    """Why an Ingress is not taken: an annotation, without its prefix, and what is wrong with it."""

    annotation: str
    risky: bool = False

    def __str__(self) -> str:
        if self.risky:
            return f"annotation {ANNOTATIONS}{self.annotation} is too risky for environment"
        return f"annotation {ANNOTATIONS}{self.annotation} contains invalid value"


def refusal(notes: Mapping[str, str], config: Mapping[str, str]) -> Refusal | None:
    """What the controller has against an Ingress with such annotations; None: it takes it."""
    given = {
        key.removeprefix(ANNOTATIONS): value for key, value in sorted(notes.items()) if key.startswith(ANNOTATIONS)
    }
    most = _risk_of_level(config.get("annotations-risk-level", ""))
    risky = next((name for name in given if _risk(name) > most), None)
    if risky is not None:
        return Refusal(risky, risky=True)
    wrong = next((name for name, value in given.items() if value and not _fits(name, value)), None)
    return Refusal(wrong) if wrong is not None else None


def _risk_of_level(level: str) -> int:
    return RISKS.index(level) if level in RISKS else RISKS.index(LEVEL)


def _risk(name: str) -> int:
    return 3 if name in CRITICAL else 2 if name in HIGH else 1 if name in MEDIUM else 0


def _fits(name: str, value: str) -> bool:
    validate = VALIDATORS.get(name)
    return validate is None or validate(value)


def _text(pattern: str, *, spaces: bool = False) -> Callable[[str], bool]:
    """A value that fits a pattern; `spaces`: those in it do not count."""
    return lambda value: compiled(pattern).matches(value.replace(" ", "") if spaces else value)


def _one_of(*options: str) -> Callable[[str], bool]:
    return lambda value: value.strip() in options


def _servers(value: str) -> bool:
    return all(compiled(_REGEX).matches(one.strip()) for one in value.split(","))


def _number(value: str) -> bool:
    return integer(value) is not None


def _bool(value: str) -> bool:
    return boolean(value) is not None


_CHARS = r"\-\.\_\~a-zA-Z0-9\/:"
_REGEX = rf"^[{_CHARS}\^\$\[\]\(\)\{{\}}\*\+\?\|&=\\]*$"
_URL = rf"^[{_CHARS}\?&=]*$"
_URL_OF_VARIABLES = rf"^[{_CHARS}, \?&=\$]*$"
VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    "auth-realm": _text(rf"^[{_CHARS} ]*$"),
    "auth-secret-type": _text("auth-file|auth-map", spaces=True),
    "auth-type": _text("basic|digest", spaces=True),
    "auth-url": _text(_URL_OF_VARIABLES, spaces=True),
    "client-body-buffer-size": _text("^(?i)[0-9]+[bkmg]?$", spaces=True),
    "connection-proxy-header": _text("^(close|keep-alive)$", spaces=True),
    "custom-http-errors": _text(r"^([4,5][0-9]{2},?)*$", spaces=True),
    "default-backend": _text("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"),
    "from-to-www-redirect": _bool,
    "limit-allowlist": lambda value: networks(value) is not None,
    "limit-connections": _number,
    "limit-rpm": _number,
    "limit-rps": _number,
    "limit-whitelist": lambda value: networks(value) is not None,
    "load-balance": _one_of("round_robin", "chash", "chashsubset", "sticky_balanced", "sticky_persistent", "ewma"),
    "permanent-redirect": _text(_URL),
    "permanent-redirect-code": _number,
    "server-alias": _servers,
    "ssl-passthrough": _bool,
    "temporal-redirect": _text(_URL),
    "upstream-hash-by": _text(r"^[A-Za-z0-9\-_{}\$]*$", spaces=True),
    "upstream-hash-by-subset": _bool,
    "upstream-hash-by-subset-size": _number,
    "upstream-vhost": _text(_REGEX),
    "x-forwarded-prefix": _text(rf"^/?[{_CHARS}\$]*$", spaces=True),
}
"""Of annotations whose wrong values are not passed over."""
