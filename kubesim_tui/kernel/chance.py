"""Chance in named streams: every component draws from its own, so that one more draw here changes nothing there.

A stream is SplitMix64 (Steele, Lea, Flood 2014; it passes BigCrush): a 64-bit counter that steps by an odd constant,
and a mix of its bits. Counter and step come from BLAKE2b of the text ``seed/name``. All of it is integer arithmetic,
so it is the same on every machine and Python; a stream is two integers instead of Mersenne's 2.5 kB, made in 1 µs,
copied in 1, and 64 bits cost 0.3 µs. It is no secret: fit for games, not for keys.

On top of that stand the distributions. Poisson and binomial draws are exact (to the 2⁻⁵³ of a double), not normal
approximations: inversion for small means, Hörmann's transformed rejection (PTRS 1993, BTRS 1993) for large.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import MutableSequence, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, TypeVar

from attrs import define, field

from kubesim_tui.kernel.numeric import exp, log, log_factorial, sqrt

T = TypeVar("T")

SAFE_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes random suffixes of: no vowels and no 0, 1, 3, so that no words arise (apimachinery's rand)."""

_MASK: Final = 0xFFFFFFFFFFFFFFFF
_UNIT: Final = 2.0**-53
_TABLE_LIMIT: Final = 512  # Poisson means below it come from tables
_INVERSION_LIMIT: Final = 10  # binomial means below it are drawn by inversion


@define(eq=True)
class Stream:
    """One stream of chance. Two streams with equal fields go on equally; a copy goes on from where it was made."""

    state: int
    step: int  # odd

    @classmethod
    def seeded(cls, text: str) -> Stream:
        """The stream that belongs to a text: the same everywhere and always."""
        digest = blake2b(text.encode(), digest_size=16).digest()
        state, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big") | 1
        if (step ^ (step >> 1)).bit_count() < 24:  # too regular a step would show: Steele's remedy
            step ^= 0xAAAAAAAAAAAAAAAA
        return cls(state, step)

    def __deepcopy__(self, memo: dict[int, Any]) -> Stream:
        return Stream(self.state, self.step)

    def bits(self) -> int:
        """64 random bits: 0 ≤ n < 2⁶⁴."""
        z = self.state = (self.state + self.step) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def random(self) -> float:
        """A double in [0, 1), a multiple of 2⁻⁵³."""
        return (self.bits() >> 11) * _UNIT

    def _open(self) -> float:
        """A double strictly between 0 and 1, for logarithms and quotients."""
        return ((self.bits() >> 12) + 0.5) * (2.0 * _UNIT)

    def below(self, n: int) -> int:
        """An integer in [0, n), every one equally likely, for 0 < n ≤ 2⁶⁴. Raises ValueError otherwise."""
        if not 0 < n <= _MASK + 1:
            raise ValueError(f"no integer to draw below {n}")
        product = self.bits() * n
        if product & _MASK < n:  # Lemire: with chance n/2⁶⁴ this draw may be one too many for its value
            surplus = (_MASK + 1) % n
            while product & _MASK < surplus:
                product = self.bits() * n
        return product >> 64

    def between(self, a: int, b: int) -> int:
        """An integer in [a, b], both ends included. Raises ValueError if a > b."""
        return a + self.below(b - a + 1)

    def chance(self, share: int, of: int = 1000) -> bool:
        """True with probability ``share`` ÷ ``of``: per mille unless told otherwise. Always draws once."""
        return self.below(of) < share

    def choice(self, items: Sequence[T]) -> T:
        """One of the items. Raises ValueError if there are none."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Puts the list in random order, in place (Fisher–Yates)."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]

    def sample(self, items: Sequence[T], k: int) -> list[T]:
        """``k`` different places of the sequence, in random order. Raises ValueError if there are fewer."""
        if not 0 <= k <= len(items):
            raise ValueError(f"cannot sample {k} of {len(items)}")
        pool = list(items)
        for i in range(k):
            j = i + self.below(len(pool) - i)
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:k]

    def poisson(self, mean_milli: int) -> int:
        """How many arrivals, where ``mean_milli`` thousandths are expected. Raises ValueError for a negative mean.

        Below 512 it is the sum of two draws, one for the whole and one for the thousandths of the mean (a sum of
        Poisson variables is one): so that a thousand and a half small tables serve every mean. Above, rejection.
        """
        if mean_milli < 0:
            raise ValueError("negative mean")
        whole, rest = divmod(mean_milli, 1000)
        if whole >= _TABLE_LIMIT:
            return self._poisson_rejection(mean_milli)
        count = 0
        if whole:
            first, table = _poisson_table(whole * 1000)
            count = first + bisect_right(table, (self.bits() >> 11) * _UNIT)
        if rest:
            first, table = _poisson_table(rest)
            count += first + bisect_right(table, (self.bits() >> 11) * _UNIT)
        return count

    def _poisson_rejection(self, mean_milli: int) -> int:
        mean, log_mean, a, b, log_inverse_alpha, squeeze = _poisson_hat(mean_milli)
        while True:
            u, v = self._open() - 0.5, self._open()
            edge = 0.5 - abs(u)
            place = (2.0 * a / edge + b) * u + mean + 0.43
            if place < 0.0 or (edge < 0.013 and v > edge):
                continue
            k = int(place)
            if edge >= 0.07 and v <= squeeze:
                return k
            if log(v) + log_inverse_alpha - log(a / (edge * edge) + b) <= k * log_mean - mean - log_factorial(k):
                return k

    def binomial(self, n: int, share: int, of: int = 1000) -> int:
        """How many of ``n`` happen, each with probability ``share`` ÷ ``of``. Raises ValueError if that is none."""
        if n < 0 or not 0 <= share <= of:
            raise ValueError(f"no binomial of {n} with {share}/{of}")
        if 2 * share > of:
            return n - self.binomial(n, of - share, of)
        if n * share < _INVERSION_LIMIT * of:
            return self._binomial_inversion(n, share, of)
        return self._binomial_rejection(n, share / of)

    def _binomial_inversion(self, n: int, share: int, of: int) -> int:
        p = share / of
        odds, weight = p / (1.0 - p), exp(n * log(1.0 - p))  # p ≤ ½ and n p < 10: at least 10⁻⁶
        left, k = self.random(), 0
        while left >= weight and k < n:
            left -= weight
            k += 1
            weight = weight * odds * (n - k + 1) / k
        return k

    def _binomial_rejection(self, n: int, p: float) -> int:
        q = 1.0 - p
        spread = sqrt(n * p * q)
        b = 1.15 + 2.53 * spread
        a = -0.0873 + 0.0248 * b + 0.01 * p
        alpha, squeeze, odds, mode = (2.83 + 5.1 / b) * spread, 0.92 - 4.2 / b, log(p / q), int((n + 1) * p)
        top = log_factorial(mode) + log_factorial(n - mode)
        while True:
            u, v = self._open() - 0.5, self._open()
            edge = 0.5 - abs(u)
            place = (2.0 * a / edge + b) * u + n * p + 0.5
            if not 0.0 <= place < n + 1:
                continue
            k = int(place)
            if edge >= 0.07 and v <= squeeze:
                return k
            height = top - log_factorial(k) - log_factorial(n - k) + (k - mode) * odds
            if log(v * alpha / (a / (edge * edge) + b)) <= height:
                return k

    def exponential_us(self, mean_us: int) -> int:
        """A waiting time without memory, in whole µs, at most 37 times its mean."""
        return int(-log(self._open()) * mean_us + 0.5)

    def suffix(self, n: int = 5) -> str:
        """``n`` characters as Kubernetes appends them to generated names: ``x7k2f``."""
        return "".join([SAFE_ALPHABET[self.below(27)] for _ in range(n)])

    def uid(self) -> str:
        """A UUID of version 4 (RFC 4122): 122 random bits, lower case."""
        high, low = self.bits(), self.bits()
        number = (high & ~0xF000 | 0x4000) << 64 | low & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@define
class Chance:
    """The streams of one cluster. ``stream(name)`` is made at its first use and is the same object from then on.

    The text ``seed/name`` decides all: ``Chance(7)`` and ``Chance("7")`` are the same. Whoever keeps a stream and is
    copied together with its Chance still shares it in the copy (``deepcopy`` remembers).
    """

    seed: int | str
    streams: dict[str, Stream] = field(factory=dict)

    def stream(self, name: str) -> Stream:
        """The stream of a component or a thing, by its path: ``kubelet/node-a``."""
        stream = self.streams.get(name)
        if stream is None:
            stream = self.streams[name] = Stream.seeded(f"{self.seed}/{name}")
        return stream


def _cumulative(weights: list[float], first: int) -> tuple[int, tuple[float, ...]]:
    """The running sums of the weights, scaled to end at 1, without their ends of less than 2⁻⁵⁴."""
    sums, partial = [], 0.0
    for weight in weights:
        partial += weight
        sums.append(partial)
    table = [s / partial for s in sums]
    skipped = bisect_right(table, 0.5 * _UNIT)
    end = bisect_right(table, 1.0 - _UNIT)
    return first + skipped, tuple(table[skipped:end])


@lru_cache(maxsize=2048)
def _poisson_table(mean_milli: int) -> tuple[int, tuple[float, ...]]:
    """(k₀, P(X ≤ k₀), P(X ≤ k₀+1), …): the place of a uniform number in it, plus k₀, is a Poisson number.

    Starts at the mode with weight 1 and walks both ways, so that nothing underflows and no exp is needed.
    """
    mean = mean_milli / 1000
    mode = mean_milli // 1000
    down, weight, k = [], 1.0, mode
    while k > 0 and weight > 1e-18:
        weight = weight * k / mean
        k -= 1
        down.append(weight)
    up, weight, k = [1.0], 1.0, mode
    while weight > 1e-18:
        k += 1
        weight = weight * mean / k
        up.append(weight)
    return _cumulative(down[::-1] + up, mode - len(down))


@lru_cache(maxsize=256)
def _poisson_hat(mean_milli: int) -> tuple[float, float, float, float, float, float]:
    """Hörmann's constants for PTRS: mean, its logarithm, a, b, log 1/α, and the height below which all is accepted."""
    mean = mean_milli / 1000
    b = 0.931 + 2.53 * sqrt(mean)
    a = -0.059 + 0.02483 * b
    return mean, log(mean), a, b, log(1.1239 + 1.1328 / (b - 3.4)), 0.9277 - 3.6224 / (b - 2.0)
