"""Mutated manifests through the door, by the thousand: `python -m tools.fuzz N [SEED]`.

Each trial has a seed of its own (`SEED/number`): what fails is printed with it, and `python -m tools.fuzz 1
SEED/number` runs that one alone. Exit code 1 if anything ended otherwise than in an acceptance or a refusal.
"""

import random
import sys
import time
import traceback

from kubesim_tui.game.bench import memory
from tests.fuzz.trial import Bench, Ended

MOST_SHOWN = 20


def main(count, seed):
    """Run so many trials; print how they ended."""
    bench, total, failed, began, before = Bench(), Ended(), {}, time.perf_counter(), memory()
    for number in range(count):
        name = seed if "/" in seed else f"{seed}/{number}"
        try:
            total += bench.run(random.Random(name))
        except Exception as wrong:
            frame = traceback.extract_tb(wrong.__traceback__)[-1]
            failed.setdefault((type(wrong).__name__, f"{frame.filename}:{frame.lineno}"), []).append((name, wrong))
    took, grown = time.perf_counter() - began, (memory() - before) / 2**20
    for (kind, place), found in list(failed.items())[:MOST_SHOWN]:
        print(f"{kind} at {place}, {len(found)} times, first {found[0][0]}: {str(found[0][1])[:300]}")
    if len(failed) and count == 1:
        traceback.print_exception(next(iter(failed.values()))[0][1])
    print(
        f"{count} trials in {took:.0f} s: {total.accepted} accepted, {total.refused} refused, {total.unread} not read, "
        f"{sum(map(len, failed.values()))} failed; memory grew by {grown:.0f} MiB"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(int(words[0]) if words else 2000, words[1] if len(words) > 1 else "1"))
