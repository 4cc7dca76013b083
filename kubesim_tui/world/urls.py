"""Addresses of other services, as applications are configured with them: `db`, `db:5432`, `postgres://u:p@db/orders`."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared

PORTS = {
    "http": 80,
    "https": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "grpc": 50051,
    "amqp": 5672,
    "nats": 4222,
    "kafka": 9092,
    "tcp": 0,
}
_SAME = {"postgresql": "postgres"}


@frozen(eq=False, repr=False)
class Address(Shared):
    """The parts of an address; what is not said is "" or 0."""

    scheme: str
    user: str
    password: str
    host: str
    port: int
    path: str


def split(text: str) -> Address:
    """Take an address apart. Without a scheme it is host[:port][/path]."""
    head, has_scheme, rest = text.strip().partition("://")
    scheme = head if has_scheme else ""
    authority, slash, path = (rest if has_scheme else head).partition("/")
    credentials, at, place = authority.rpartition("@")
    user, _, password = credentials.partition(":") if at else ("", "", "")
    host, _, port = place.partition(":")
    number = int(port) if port.isdecimal() else PORTS.get(scheme, 0)
    return Address(_SAME.get(scheme, scheme), user, password, host, number, slash + path)


def target(address: Address) -> str:
    """Path and query as a container is asked for them. Who a database's client says it is goes into the query."""
    if address.scheme in ("", "http", "https") or not (address.user or address.password):
        return address.path
    return f"{address.path or '/'}?user={address.user}&password={address.password}"
