"""A pulse that all machines of a world share: whoever keeps answers looks whether it has beaten since.

It beats whenever a request may meet something else than before: a container that starts, stops or reads other files, an
address that comes or goes, a machine that is switched on or off.
"""

from __future__ import annotations

from attrs import define


@define(eq=False, repr=False)
class Pulse:
    """`beats` only grows."""

    beats: int = 0
