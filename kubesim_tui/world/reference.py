"""Names of images: `[domain/]path[:tag][@digest]`, read as Docker's reference package reads them.

Without a domain it is docker.io, without a path component before the name it is library/, without tag and digest it
is :latest. So `nginx` is `docker.io/library/nginx:latest`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from kubesim_tui.world.errors import InvalidReference
from kubesim_tui.world.shared import Shared

HUB = "docker.io"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_FORMAT = "invalid reference format"


@frozen
class Reference(Shared):
    """A normalised name. `repository` is domain and path: docker.io/library/nginx."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """The name without tag and digest."""
        return f"{self.domain}/{self.path}"

    @property
    def name(self) -> str:
        """The whole normalised name."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}{'@' + self.digest if self.digest else ''}"


@lru_cache(maxsize=1024)
def parse(text: str) -> Reference:
    """Read a name; InvalidReference says what is wrong, in Docker's words."""
    rest, digest = _split(text, "@", _DIGEST)
    domain, path = _domain(rest)
    path, tag = _split(path, ":", _TAG)
    if path != path.lower():
        raise InvalidReference(f"{_FORMAT}: repository name ({path}) must be lowercase")
    if not _PATH.fullmatch(path) or not _DOMAIN.fullmatch(domain):
        raise InvalidReference(_FORMAT)
    if len(path) > 255:
        raise InvalidReference("repository name must not be more than 255 characters")
    return Reference(domain, path, tag or ("" if digest else "latest"), digest)


def _split(text: str, mark: str, form: re.Pattern[str]) -> tuple[str, str]:
    head, found, tail = text.partition(mark)
    if found and not form.fullmatch(tail):
        raise InvalidReference(_FORMAT)
    return head, tail


def _domain(text: str) -> tuple[str, str]:
    """Split off the domain: the first component is one if it has a dot or a port, or is localhost."""
    first, slash, rest = text.partition("/")
    if slash and (any(c in first for c in ".:") or first == "localhost" or first != first.lower()):
        domain, path = first, rest
    else:
        domain, path = HUB, text
    if domain == "index.docker.io":
        domain = HUB
    if domain == HUB and "/" not in path:
        path = f"library/{path}"
    return domain, path
