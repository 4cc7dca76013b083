"""What the controller's nginx answers itself where a location says so: redirects, refusals, questions who it is. Pure.

In nginx's order: a body that is too large (413), redirects, where the caller comes from (403), who he is (401). What an
annotation says that the controller cannot make anything of denies the location to all (503), as upstream's
LocationDenied. Limits, which have to count, stand between redirects and addresses (traffic/limits).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.types import Secret
from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import Networks, integer, networks, size, within

Name = tuple[str, str]
"""(namespace, name) of a Secret."""
Headers = Mapping[str, str]
MEBIBYTE = 1 << 20
ALLOWED, ALLOWED_ONCE = "allowlist-source-range", "whitelist-source-range"
DENIED = "denylist-source-range"
BODY, ROOT = "proxy-body-size", "app-root"
PERMANENT, TEMPORAL = "permanent-redirect", "temporal-redirect"
AUTH_TYPE, AUTH_SECRET, AUTH_URL, SIGNIN = "auth-type", "auth-secret", "auth-url", "auth-signin"
CHALLENGES = "/.well-known/acme-challenge"
"""Where certificates are proved: nobody has to be known there, and nobody is sent to https, unless it is said."""
NO_SECRET = "error reading secret name from annotation"


@frozen
class Answer:
    """What nginx answers itself. `code`: of the failure that it is to users."""

    status: str
    code: str
    detail: str


@frozen
class Access:
    """What a location says of this."""

    denied: str = ""  # why nobody gets in
    body_bytes: int = MEBIBYTE  # 0: any
    redirect: tuple[str, str] | None = None  # the status, and where to
    root: str = ""  # where who asks for / is sent
    allowed: Networks = ()  # none: all are
    barred: Networks = ()
    secret: Name | None = None  # with the names and passwords of those who may
    plain: bool = True  # it holds them under `auth`, and not one a key
    auth_url: str = ""  # who is asked whether he may
    signin: str = ""  # where he is sent otherwise
    any_will_do: bool = False  # of address and name (`satisfy`)

    def __deepcopy__(self, _memo: Any) -> Access:
        return self

    def before(self, path: str, length: int, origin: str) -> Answer | None:
        """What is answered before anything is counted. `origin`: scheme and host by which it is asked."""
        if 0 < self.body_bytes < length:
            said = f"client intended to send too large body: {length} bytes"
            return Answer("413", "too-large", said)
        if self.denied:
            return Answer("503", "denied", self.denied)
        if self.root and path.partition("?")[0] == "/":
            return Answer("302", "redirect", origin + self.root)
        if self.redirect is not None:
            status, to = self.redirect
            return Answer(status, "redirect", to)
        return None

    def address(self, ip: str) -> Answer | None:
        """What somebody is answered for his address. Without one (nobody knows whose it is) he is let in."""
        if not ip:
            return None
        if within(ip, self.barred):
            return Answer("403", "source-range", f"access forbidden by rule, client: {ip}")
        if self.allowed and not within(ip, self.allowed):
            return Answer("403", "source-range", f"access forbidden by rule, client: {ip}")
        return None

    def nobody(self, headers: Headers, secret: Secret | None) -> Answer | None:
        """What somebody is answered who has to say who he is, and does not."""
        if self.secret is None:
            return None
        user = _user(headers.get("authorization", ""))
        if user and user in _known(secret, plain=self.plain):
            return None
        said = f'user "{user}" was not found' if user else "no user/password was provided for basic authentication"
        return Answer("401", "unauthorized", said)


OPEN = Access()


def listed(path: str, paths: str) -> bool:
    """Whether a location's path begins as one of a list of the ConfigMap."""
    return any(path.startswith(one.strip()) for one in paths.split(",") if one.strip())


def access_of(space: str, path: str, notes: Mapping[str, str], config: Mapping[str, str]) -> Access:
    """What an Ingress of a namespace says of a path, and the ConfigMap where it says nothing."""
    if listed(path, config.get("no-auth-locations", CHALLENGES)):
        asks = tuple(ANNOTATIONS + name for name in (AUTH_TYPE, AUTH_URL))
        notes = {key: value for key, value in notes.items() if key not in asks}

    def said(name: str) -> str:
        return notes.get(ANNOTATIONS + name, "")

    allowed, wrong = _ranges(said(ALLOWED) or said(ALLOWED_ONCE), config.get(ALLOWED_ONCE, ""))
    barred, wrong_too = _ranges(said(DENIED), config.get(DENIED, ""))
    barred += networks(config.get("block-cidrs", "")) or ()
    secret, no_secret = _secret(space, said(AUTH_TYPE), said(AUTH_SECRET))
    url, bad_url = said(AUTH_URL), said(AUTH_URL) and "://" not in said(AUTH_URL)
    denied = wrong or wrong_too or no_secret or (f"could not parse auth-url annotation: {url}" if bad_url else "")
    limit = size(said(BODY).replace(" ", ""))
    otherwise = size(config.get(BODY, ""))
    return Access(
        denied,
        limit if limit is not None else otherwise if otherwise is not None else MEBIBYTE,
        _redirect(said(TEMPORAL), said(PERMANENT), said("permanent-redirect-code")),
        said(ROOT) if said(ROOT).startswith("/") else "",
        allowed,
        barred,
        secret if not no_secret else None,
        said("auth-secret-type").strip() != "auth-map",
        url,
        said(SIGNIN),
        said("satisfy").strip() == "any",
    )


def wrong_with(access: Access, secret: Secret | None) -> str:
    """Why a location is denied to all for the Secret that it names; "" if it is not."""
    if access.secret is None:
        return ""
    where = "/".join(access.secret)
    if secret is None:
        return f"unexpected error reading secret {where}: secret {where} was not found"
    if access.plain and "auth" not in secret.data:
        return f"the secret {access.secret[1]} does not contain a key with value auth"
    return ""


def _ranges(text: str, otherwise: str) -> tuple[Networks, str]:
    if not text:
        return networks(otherwise) or (), ""
    found = networks(text)
    return (found, "") if found is not None else ((), f"the annotation does not contain a valid IP address: {text}")


def _redirect(temporal: str, permanent: str, code: str) -> tuple[str, str] | None:
    if temporal:
        return ("302", temporal) if temporal.startswith("http") else None
    status = integer(code) or 0
    return (str(status if 300 <= status <= 308 else 301), permanent) if permanent else None


def _secret(space: str, kind: str, named: str) -> tuple[Name | None, str]:
    if not kind:
        return None, ""
    if not named:
        return None, NO_SECRET
    given, _, name = named.rpartition("/")
    if given not in ("", space):
        return None, "cross namespace usage of secrets is not allowed"
    return (space, name), ""


def _user(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip()).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _known(secret: Secret | None, *, plain: bool) -> list[str]:
    """The users in a Secret."""
    if secret is None or not plain:
        return list(secret.data) if secret is not None else []
    try:
        text = base64.b64decode(secret.data.get("auth", "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [line.partition(":")[0] for line in text.splitlines()]
