"""What a load generator has found out in the end, and how its tool puts it into words.

A summary's lines are templates of the image: `${sent}`, `${rps:2}` (two decimals), `${p95:ms2}` (milliseconds with two
decimals; `s4` seconds, `us0` microseconds, `short` as Go writes a duration, `wrk` as wrk does), `${sent>7}` (7 wide).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kubesim_tui.world.image_sends import Said
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Lookup, Names, expand
from kubesim_tui.world.units import SECOND_US

QUANTILES = (100, 250, 500, 660, 750, 800, 900, 950, 980, 990, 999, 1000)
"""Those that summaries name, per mille."""
_UNITS = {"s": SECOND_US, "ms": 1000, "us": 1}


@frozen
class Figures(Shared):
    """Of all requests: `statuses` of those that were answered, `errors` of those that were not."""

    took_us: int
    sent: int
    statuses: tuple[tuple[int, int], ...]
    errors: tuple[tuple[str, int], ...]
    bytes: int  # that came back
    host: str = ""  # of what was asked for first
    port: str = ""
    mean_us: int = 0
    least_us: int = 0
    deviation_us: int = 0
    quantiles: tuple[int, ...] = (0,) * len(QUANTILES)
    crossed: tuple[str, ...] = ()  # metrics whose limits do not hold

    @property
    def answered(self) -> int:
        """How many had an answer, whatever it said."""
        return sum(n for _, n in self.statuses)

    @property
    def served(self) -> int:
        """How many had a good one."""
        return sum(n for status, n in self.statuses if status < 400)

    @property
    def lost(self) -> int:
        """How many had none."""
        return sum(n for _, n in self.errors)


def words(lines: tuple[Said, ...], figures: Figures, errors: Mapping[str, str], scope: Lookup) -> list[str]:
    """A summary."""
    found = []
    for line in lines:
        for more in _each(line.each, figures, errors, scope):
            names = Names(more, Named(figures), scope)
            if not line.only or (names.get(line.only) or "").strip("0."):
                found.append(expand(line.line, names))
    return found


def _each(group: str, figures: Figures, errors: Mapping[str, str], scope: Lookup) -> Iterator[Mapping[str, str]]:
    if group == "statuses":
        for status, n in figures.statuses:
            yield {"status": str(status), "n": str(n), "percent": decimal(n * 100, figures.sent, 1)}
    elif group == "errors":
        yield from ({"error": expand(errors.get(why, why), scope), "n": str(n)} for why, n in figures.errors)
    else:
        yield {}


@frozen
class Named:
    """The figures by their names, for templates."""

    figures: Figures

    def get(self, name: str) -> str | None:
        """A figure in its form; None if there is none of that name."""
        name, _, width = name.partition(">")
        found = self._get(*name.partition(":")[::2])
        return found.rjust(int(width)) if found is not None and width else found

    def _get(self, key: str, form: str) -> str | None:
        f = self.figures
        whole = {
            "sent": f.sent,
            "answered": f.answered,
            "served": f.served,
            "refused": f.answered - f.served,
            "lost": f.lost,
            "timeouts": sum(n for why, n in f.errors if why == "timed out"),
            "connects": sum(n for why, n in f.errors if why != "timed out"),
            "failed": f.sent - f.served,
            "bytes": f.bytes,
        }
        times = {"total": f.took_us, "mean": f.mean_us, "least": f.least_us, "stdev": f.deviation_us}
        times |= {f"p{pm // 10 if not pm % 10 else pm}": us for pm, us in zip(QUANTILES, f.quantiles, strict=True)}
        shares = {
            "rps": (f.sent * SECOND_US, f.took_us),
            "goodput": (f.served * SECOND_US, f.took_us),
            "bps": (f.bytes * SECOND_US, f.took_us),
            "answers": (f.answered * SECOND_US, f.took_us),
            "lostpercent": (f.lost * 100, f.sent),
            "success": (f.served * 100, f.sent),
            "failurerate": ((f.sent - f.served) * SECOND_US, f.took_us),
            "failure": ((f.sent - f.served) * 100, f.sent),
        }
        texts = {"host": f.host, "port": f.port, "read": sized(f.bytes, 1), "transfer": sized(*shares["bps"])}
        texts["crossed"] = ", ".join(f.crossed)
        if key in texts:
            return texts[key]
        if key in whole:
            return str(whole[key])
        if key in times:
            return timed(times[key], form or "s4")
        if key in shares:
            return decimal(*shares[key], int(form or 2))
        return None


def decimal(a: int, b: int, places: int) -> str:
    """a ÷ b with so many decimals, rounded."""
    scaled = (a * 10**places * 2 + b) // (2 * b) if b else 0
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}}" if places else str(whole)


def sized(a: int, b: int) -> str:
    """a ÷ b bytes as wrk writes them: 17.76MB."""
    size, unit = 1, 0
    while a >= 1024 * size * b > 0 and unit < 4:
        size, unit = size * 1024, unit + 1
    return decimal(a, size * b, 2) + ("B", "KB", "MB", "GB", "TB")[unit]


def timed(us: int, form: str) -> str:
    """A duration: `s4`, `ms2`, `us0`, `short` (1.234s, 56.7ms), `wrk` (1.23s, 56.70ms)."""
    if form in ("short", "wrk"):
        unit, size = ("s", SECOND_US) if us >= SECOND_US else ("ms", 1000) if us >= 1000 else ("us", 1)
        text = decimal(us, size, 2 if form == "wrk" else 3)
        if form == "wrk":
            return text + unit
        return (text.rstrip("0").rstrip(".") if "." in text else text) + unit.replace("us", "µs")
    unit = form.rstrip("0123456789")
    return decimal(us, _UNITS[unit], int(form[len(unit) :] or 0))
