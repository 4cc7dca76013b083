"""A machine as the cloud knows it: its type, named by what it has (`vm.4c.8g`), and where it stands."""

from __future__ import annotations

from attrs import frozen

GIB = 1 << 30
REGION = "sim"
"""There is one region."""
CORE_MICRO, GIB_MICRO, SPOT_PERCENT = 21_812, 2_924, 30
"""An hour of a processor and of a gibibyte, in millionths of a dollar, as a large cloud has them for its plain machines
(e2, 2025); and what is paid of that for machines that may be taken back."""


@frozen
class Instance:
    """One machine. `spot`: it may be taken back."""

    id: str
    type: str
    zone: str
    cpu_milli: int
    spot: bool = False
    region: str = REGION
    memory_bytes: int = 0

    @property
    def provider_id(self) -> str:
        """Its name all over the cloud."""
        return f"kubesim:///{self.zone}/{self.id}"

    @property
    def price_micro(self) -> int:
        """What an hour of it costs, in millionths of a dollar."""
        whole = self.cpu_milli * CORE_MICRO // 1000 + self.memory_bytes * GIB_MICRO // GIB
        return whole * SPOT_PERCENT // 100 if self.spot else whole


def made(id: str, zone: str, cpu_milli: int, memory_bytes: int, *, spot: bool = False) -> Instance:
    """A machine of a size."""
    return Instance(id, type_name(cpu_milli, memory_bytes), zone, cpu_milli, spot, memory_bytes=memory_bytes)


def type_name(cpu_milli: int, memory_bytes: int) -> str:
    """The type of a machine of this size."""
    return f"vm.{_short(cpu_milli, 1000)}c.{_short(memory_bytes, GIB)}g"


def _short(amount: int, unit: int) -> str:
    """An amount in units, without needless decimals."""
    tenths = amount * 10 // unit
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
