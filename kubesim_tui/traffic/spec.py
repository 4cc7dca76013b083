"""Who the users are: streams of requests, as a level or a game day describes them."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from attrs import evolve, frozen

from kubesim_tui.traffic.profile import STEADY, Profile
from kubesim_tui.traffic.retries import A_SECOND, Backoff


@frozen
class Route:
    """What a share of the users ask for: a path (with its query), and with which method ("": the stream's)."""

    path: str
    method: str = ""
    weight: int = 1


@frozen
class Users:
    """One stream. `rate_milli`: requests a second × 1000; `store`: each served request is a record to be kept.

    `retries`: how often somebody tries again, `budget_pm`: as long as no more than such a share of requests are that.
    `routes`: what they ask for where it is not the URL alone. `population`: the loop is closed: so many users, each of
    whom waits for his answer, thinks for `think_us` on average and asks again; the rate then says nothing.
    """

    name: str
    url: str
    rate_milli: int
    method: str = "GET"
    timeout_us: int = 5_000_000
    store: str = ""
    retries: int = 0
    backoff: Backoff = A_SECOND
    budget_pm: int | None = None
    profile: Profile = STEADY
    routes: tuple[Route, ...] = ()
    per_connection: int = 1  # requests that share a connection (keep-alive)
    connections: int = 0  # that stay with the Pods behind a balancer or node port; 0: each is short
    renew_us: int = 0  # after which such a connection is opened anew; 0: never
    population: int = 0
    think_us: int = 0
    body_bytes: int = 0  # that each request brings
    addresses: int = 0  # that they have all together; 0: each his own
    stream: str = ""  # of a lane: whose it is
    regions: tuple[tuple[str, int], ...] = ()  # where they are, with weights; none: right before the data centre

    @property
    def level_milli(self) -> int:
        """What a profile multiplies: thousandths of requests a second, or of users who are there."""
        return self.population * 1000 or self.rate_milli

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

    def lanes(self) -> list[tuple[Users, int]]:
        """Those who ask for one thing each, and their weights. Their names differ, and begin with the stream's."""
        asking = [(self._on(route), route.weight) for route in self.routes] or [(self, 1)]
        if not self.regions:
            return asking
        return [(one._from(region), n * weight) for one, n in asking for region, weight in self.regions]

    @property
    def region(self) -> str:
        """Of a lane: where its users are; "" if that is not said."""
        return self.regions[0][0] if self.regions else ""

    @property
    def trips(self) -> int:
        """Round trips of a request: where no connection is kept TCP and TLS 1.3 need one each before it."""
        if self.connections or self.per_connection > 1:
            return 1
        return 3 if self.scheme == "https" else 2

    def _from(self, region: str) -> Users:
        name = f"{self.name} from {region}" if len(self.regions) > 1 else self.name
        return evolve(self, name=name, regions=((region, 1),), stream=self.stream or self.name)

    def _on(self, route: Route) -> Users:
        method, parts = route.method or self.method, urlsplit(self.url)
        path, _, query = route.path.partition("?")
        url = urlunsplit((parts.scheme, parts.netloc, path, query, ""))
        return evolve(
            self, name=f"{self.name} {method} {route.path}", url=url, method=method, routes=(), stream=self.name
        )
