"""What may ail a volume's device: it is slow, or it fails.

Of a device that fails nothing can be read. A file system cannot write its journal there, so the kernel makes it
read-only at once, and it stays so when the device is well again, until it is mounted anew.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared

INPUT_OUTPUT, READ_ONLY = "Input/output error", "Read-only file system"


@frozen
class Ills(Shared):
    """See the module. `delay_us`: how much longer each read and write takes."""

    delay_us: int = 0
    fails: bool = False
    read_only: bool = False

    def refusal(self, *, write: bool) -> str:
        """What the kernel says to a read or a write; "" if it does it."""
        if write and self.read_only:
            return READ_ONLY
        return INPUT_OUTPUT if self.fails else ""


WELL = Ills()
