"""With which credentials a Pod's images are pulled (upstream: pkg/credentialprovider, secrets.MakeDockerKeyring).

Secrets of the types `kubernetes.io/dockerconfigjson` and `kubernetes.io/dockercfg` hold credentials by registry: a
host, perhaps with a path, perhaps with `*` for a part of the host. The most specific entry is tried first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from kubesim_tui.api.types import Pod, Secret
from kubesim_tui.kubelet.env import secret_data
from kubesim_tui.kubelet.objects import Objects
from kubesim_tui.world.errors import InvalidReference
from kubesim_tui.world.pulls import Image
from kubesim_tui.world.reference import HUB, parse
from kubesim_tui.world.registry import Credentials

JSON_TYPE, CFG_TYPE = "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"
_HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io")


def pull_secrets(objects: Objects, pod: Pod) -> tuple[list[Secret], list[str]]:
    """The pull secrets of a Pod that are there, and the names of those that are not."""
    spec, namespace = pod.spec, pod.metadata.namespace
    names = [ref.name for ref in spec.image_pull_secrets if ref.name] if spec is not None else []
    found = [(name, objects.secret(namespace, name)) for name in names]
    return [secret for _, secret in found if secret is not None], [name for name, secret in found if secret is None]


def look_up(secrets: Iterable[Secret], image: str) -> tuple[Credentials, ...]:
    """All credentials that fit an image, those to try first first."""
    try:
        reference = parse(image)
    except InvalidReference:
        return ()
    fitting = [
        (where, who)
        for secret in secrets
        for where, who in _entries(secret)
        if _fits(where, reference.domain, reference.path)
    ]
    fitting.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(dict.fromkeys(who for _, who in fitting))


def may_use(image: Image, known: Iterable[Credentials]) -> bool:
    """Whether an image that is here is open to somebody (upstream: MustAttemptImagePull): others may have pulled it."""
    by = image.pulled_by
    return not by or None in by or any(who in by for who in known)


def _fits(where: str, domain: str, path: str) -> bool:
    host, _, prefix = where.partition("/")
    if host in _HUB_NAMES:
        host, prefix = HUB, prefix if not prefix.startswith("v") else ""
    parts, wanted = host.split("."), domain.split(".")
    same = len(parts) == len(wanted) and all(fnmatchcase(w, p) for p, w in zip(parts, wanted, strict=True))
    return same and (not prefix or path == prefix or path.startswith(prefix.rstrip("/") + "/"))


def _entries(secret: Secret) -> list[tuple[str, Credentials]]:
    """(registry, credentials) of a Secret; what cannot be read is left out."""
    data = secret_data(secret)
    found: Any = None
    try:
        if secret.type == JSON_TYPE:
            found = json.loads(data.get(".dockerconfigjson", "")).get("auths")
        elif secret.type == CFG_TYPE:
            found = json.loads(data.get(".dockercfg", ""))
    except (ValueError, AttributeError, RecursionError):
        return []
    if not isinstance(found, Mapping):
        return []
    made = [(_bare(str(where)), _credentials(entry)) for where, entry in found.items()]
    return [(where, who) for where, who in made if who is not None]


def _bare(where: str) -> str:
    return where.removeprefix("https://").removeprefix("http://").rstrip("/")


def _credentials(entry: Any) -> Credentials | None:
    if not isinstance(entry, Mapping):
        return None
    if entry.get("auth"):
        try:
            user, colon, password = base64.b64decode(str(entry["auth"]), validate=True).decode().partition(":")
        except ValueError:  # neither base64 nor UTF-8
            return None
        return Credentials(user, password) if colon else None
    return Credentials(str(entry.get("username", "")), str(entry.get("password", "")))
