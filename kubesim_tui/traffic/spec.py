"""Who the users are: streams of requests, as a level or a game day describes them."""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import frozen


@frozen
class Users:
    """One stream. `rate_milli`: requests a second × 1000; `store`: each served request is a record to be kept."""

    name: str
    url: str
    rate_milli: int
    method: str = "GET"
    timeout_us: int = 5_000_000
    store: str = ""
    retries: int = 0
    backoff_us: int = 1_000_000

    @property
    def host(self) -> str:
        """The host of the URL."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port of the URL, by its scheme if it names none."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def scheme(self) -> str:
        """http or https."""
        return urlsplit(self.url).scheme

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path or "/"
