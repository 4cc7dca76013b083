"""Python's garbage collector, told that a cluster is there to stay.

A cluster is a heap of millions of objects that live as long as it does, while a tick leaves a few thousand. Counting
references frees nearly all that ends; the collector is there for circles, and looks for them in all that lives: on a
large cluster that is a quarter of a second in which nothing moves. So what is there when a game or a run begins is set
aside, and looked at again when another one begins and much has come since.
"""

from __future__ import annotations

import gc

YOUNG = 10_000
"""So many new objects, less those that ended, before the collector looks at these: several ticks' worth."""

MUCH = 300_000
"""So many objects that are not set aside yet are worth it. Those of a level are looked through in no time."""


def set_aside(*, much: int = MUCH) -> None:
    """All that lives now is going to stay; what earlier clusters left behind goes; unless less than `much` has come."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    if len(gc.get_objects()) < much:
        return
    gc.unfreeze()
    gc.collect()
    gc.freeze()
