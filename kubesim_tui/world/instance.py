"""A machine as the cloud knows it: its type, where it stands, what it costs.

A type is named by what it has (`vm.4c.8g`). Prices follow the list prices of general-purpose machines: so much a
processor and so much a GiB (Google's N2 in us-central1: $0.031611 and $0.004237 an hour); a spot machine costs three
tenths of that, and may be taken back.
"""

from __future__ import annotations

from attrs import frozen

GIB = 1 << 30
CPU_HOUR, GIB_HOUR = 31_611, 4_237
"""Millionths of a dollar."""
SPOT_TENTHS = 3
REGION = "sim"
"""There is one region."""


@frozen
class Instance:
    """One machine. `price`: millionths of a dollar an hour."""

    id: str
    type: str
    zone: str
    cpu_milli: int
    price: int
    spot: bool = False
    region: str = REGION

    @property
    def provider_id(self) -> str:
        """Its name all over the cloud."""
        return f"kubesim:///{self.zone}/{self.id}"


def made(id: str, zone: str, cpu_milli: int, memory_bytes: int, *, spot: bool = False) -> Instance:
    """A machine of a size."""
    cost = price(cpu_milli, memory_bytes, spot=spot)
    return Instance(id, type_name(cpu_milli, memory_bytes), zone, cpu_milli, cost, spot)


def type_name(cpu_milli: int, memory_bytes: int) -> str:
    """The type of a machine of this size."""
    return f"vm.{_short(cpu_milli, 1000)}c.{_short(memory_bytes, GIB)}g"


def price(cpu_milli: int, memory_bytes: int, *, spot: bool = False) -> int:
    """What an hour of a machine of this size costs, in millionths of a dollar."""
    full = cpu_milli * CPU_HOUR // 1000 + memory_bytes * GIB_HOUR // GIB
    return full * SPOT_TENTHS // 10 if spot else full


def _short(amount: int, unit: int) -> str:
    """An amount in units, without needless decimals."""
    tenths = amount * 10 // unit
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
