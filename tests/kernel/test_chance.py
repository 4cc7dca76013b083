"""Chance: named, repeatable, and distributed as it says."""

import copy
import math
import pickle
import re
import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.chance import SAFE_ALPHABET, Chance, Stream


def stream(name: str = "test") -> Stream:
    return Chance(1).stream(name)


def surprise(observed: Counter, expected: dict[int, float]) -> float:
    """Pearson's χ² in standard deviations above its mean; cells that expect less than 8 are thrown together."""
    draws = observed.total()
    cells, rest_seen, rest_expected = [], draws, float(draws)
    for value, probability in expected.items():
        if probability * draws >= 8:
            cells.append((observed[value], probability * draws))
            rest_seen -= observed[value]
            rest_expected -= probability * draws
    if rest_expected >= 8:
        cells.append((rest_seen, rest_expected))
    chi = sum((seen - mean) ** 2 / mean for seen, mean in cells)
    freedom = len(cells) - 1
    return (chi - freedom) / math.sqrt(2 * freedom)


def test_splitmix64_gives_the_published_numbers():
    """Test vector of the reference implementation: seed 1234567, the golden step."""
    s = Stream(1234567, 0x9E3779B97F4A7C15)
    assert [s.bits() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_a_stream_gives_the_same_draws_on_every_machine_and_python():
    s = Chance(7).stream("kubelet/node-a")
    drawn = (
        s.bits(),
        s.random(),
        s.below(10),
        s.between(-3, 3),
        s.chance(500),
        s.choice("abcdef"),
        s.sample(range(10), 4),
        [s.poisson(m) for m in (300, 5000, 30_000, 100_300, 800_000)],
        [s.binomial(n, p) for n, p in ((10, 100), (1000, 333), (1000, 900))],
        s.exponential_us(1_000_000),
        s.suffix(),
        s.uid(),
    )
    assert drawn == (
        7088688786143804348,
        0.757865060534988,
        3,
        1,
        False,
        "c",
        [9, 8, 2, 0],
        [0, 8, 21, 111, 796],
        [2, 302, 901],
        656330,
        "lvwb2",
        "354c6260-a921-49a3-94f8-d10cc90417cf",
    )


def test_the_seed_is_a_text():
    assert Chance(7).stream("a") == Chance("7").stream("a")


def test_a_name_means_one_stream():
    chance = Chance(1)
    assert chance.stream("dns") is chance.stream("dns")


def test_streams_of_other_names_or_seeds_differ():
    first = {Chance(seed).stream(name).bits() for seed in range(50) for name in ("a", "b", "kubelet/a")}
    assert len(first) == 150


def test_a_draw_from_one_stream_changes_no_other():
    busy, quiet = Chance(1), Chance(1)
    for _ in range(100):
        busy.stream("users").bits()
    assert busy.stream("scheduler").bits() == quiet.stream("scheduler").bits()


def test_streams_are_made_at_their_first_use():
    chance = Chance(1)
    chance.stream("a")
    assert list(chance.streams) == ["a"]


def test_a_copy_goes_on_alike_and_alone():
    chance = Chance(1)
    chance.stream("a").bits()
    twin = copy.deepcopy(chance)
    ahead = [chance.stream("a").bits() for _ in range(3)]
    assert [twin.stream("a").bits() for _ in range(3)] == ahead


def test_a_copy_shares_its_stream_with_who_is_copied_along():
    chance = Chance(1)
    holder = {"chance": chance, "mine": chance.stream("a")}
    twin = copy.deepcopy(holder)
    assert twin["mine"] is twin["chance"].stream("a")


def test_a_stream_survives_pickling():
    s = stream()
    assert pickle.loads(pickle.dumps(s)).bits() == s.bits()


def test_random_is_uniform():
    s = stream()
    cells = Counter(int(s.random() * 64) for _ in range(64_000))
    assert abs(surprise(cells, dict.fromkeys(range(64), 1 / 64))) < 4


@given(st.integers(1, 2**64))
def test_below_stays_below(n):
    s = Stream.seeded(str(n))
    assert all(0 <= s.below(n) < n for _ in range(20))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 27, 1000])
def test_below_is_uniform(n):
    s = stream(f"below {n}")
    cells = Counter(s.below(n) for _ in range(20 * n + 1000))
    assert n == 1 or abs(surprise(cells, dict.fromkeys(range(n), 1 / n))) < 4


def test_below_is_unbiased_even_where_64_bits_hardly_suffice():
    """Of 3·2⁶² values a plain product would give every third one twice as often."""
    s = stream()
    cells = Counter(s.below(3 << 62) % 3 for _ in range(30_000))
    assert abs(surprise(cells, dict.fromkeys(range(3), 1 / 3))) < 4


@pytest.mark.parametrize("n", [0, -1, 2**64 + 1])
def test_below_refuses_what_it_cannot_draw(n):
    with pytest.raises(ValueError):
        stream().below(n)


def test_between_includes_both_ends():
    s = stream()
    assert {s.between(-1, 1) for _ in range(100)} == {-1, 0, 1}


def test_chance_is_per_mille():
    s = stream()
    hits = Counter(int(s.chance(250)) for _ in range(20_000))
    assert abs(surprise(hits, {0: 0.75, 1: 0.25})) < 4


def test_chance_0_never_and_chance_1000_always_happens():
    s = stream()
    assert {(s.chance(0), s.chance(1000)) for _ in range(5000)} == {(False, True)}


def test_choice_of_nothing_is_refused():
    with pytest.raises(ValueError):
        stream().choice([])


def test_shuffle_gives_every_order_equally_often():
    s = stream()
    seen: Counter = Counter()
    for _ in range(24_000):
        items = [0, 1, 2, 3]
        s.shuffle(items)
        seen[int("".join(map(str, items)))] += 1
    assert (len(seen), abs(surprise(seen, dict.fromkeys(seen, 1 / 24))) < 4) == (24, True)


@given(st.lists(st.integers(), max_size=30), st.data())
def test_a_sample_takes_each_place_at_most_once(items, data):
    k = data.draw(st.integers(0, len(items)))
    sample = stream().sample(items, k)
    assert (len(sample), Counter(sample) - Counter(items)) == (k, Counter())


def test_a_sample_is_no_larger_than_its_source():
    with pytest.raises(ValueError):
        stream().sample([1, 2], 3)


def poisson_pmf(mean: float) -> dict[int, float]:
    top = int(mean + 12 * math.sqrt(mean) + 30)
    return {k: math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(top)}


@pytest.mark.parametrize("mean_milli", [3, 300, 1000, 5250, 30_000, 100_300, 200_000, 511_999, 512_000, 3_000_500])
def test_poisson_has_its_distribution(mean_milli):
    """Both sides of the border between tables and rejection, at 512."""
    s = stream(f"poisson {mean_milli}")
    draws = Counter(s.poisson(mean_milli) for _ in range(40_000))
    assert abs(surprise(draws, poisson_pmf(mean_milli / 1000))) < 4


def test_poisson_of_a_million_has_the_right_mean_and_variance():
    s, n = stream(), 20_000
    draws = [s.poisson(10**9) - 10**6 for _ in range(n)]
    mean = sum(draws) / n
    variance = sum(d * d for d in draws) / n - mean * mean
    assert (abs(mean) < 4 * 1000 / math.sqrt(n), abs(variance / 1e6 - 1) < 4 * math.sqrt(2 / n)) == (True, True)


def test_poisson_of_nothing_is_nothing():
    assert stream().poisson(0) == 0


def test_poisson_refuses_a_negative_mean():
    with pytest.raises(ValueError):
        stream().poisson(-1)


def binomial_pmf(n: int, p: float) -> dict[int, float]:
    def log_weight(k: int) -> float:
        return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

    return {k: math.exp(log_weight(k) + k * math.log(p) + (n - k) * math.log1p(-p)) for k in range(n + 1)}


@pytest.mark.parametrize(
    "n, pm", [(1, 500), (20, 3), (20, 500), (25, 900), (100, 99), (100, 100), (1000, 333), (5000, 980)]
)
def test_binomial_has_its_distribution(n, pm):
    """Inversion, rejection, and the mirrored half."""
    s = stream(f"binomial {n} {pm}")
    draws = Counter(s.binomial(n, pm) for _ in range(40_000))
    assert abs(surprise(draws, binomial_pmf(n, pm / 1000))) < 4


@given(st.integers(0, 10**6), st.integers(0, 1000))
def test_binomial_stays_within_its_n(n, pm):
    assert 0 <= Stream.seeded(f"{n} {pm}").binomial(n, pm) <= n


@given(st.integers(0, 10**6))
def test_binomial_with_certainty_is_certain(n):
    s = stream()
    assert (s.binomial(n, 0), s.binomial(n, 1000)) == (0, n)


@pytest.mark.parametrize("n, share", [(-1, 5), (5, -1), (5, 1001)])
def test_binomial_refuses_what_is_none(n, share):
    with pytest.raises(ValueError):
        stream().binomial(n, share)


def test_exponential_times_have_no_memory():
    """Of those that last one mean, as many last another: 1/e."""
    s = stream()
    times = [s.exponential_us(1_000_000) for _ in range(40_000)]
    bands = Counter(min(t // 1_000_000, 3) for t in times)
    expected = {k: math.exp(-k) * (1 - math.exp(-1)) for k in range(3)} | {3: math.exp(-3)}
    assert abs(surprise(bands, expected)) < 4


def test_a_suffix_looks_like_one_of_kubernetes():
    assert re.fullmatch(f"[{SAFE_ALPHABET}]{{5}}", stream().suffix())


def test_suffixes_use_the_whole_alphabet():
    assert set(stream().suffix(2000)) == set(SAFE_ALPHABET)


def test_a_uid_is_a_uuid_of_version_4():
    s = stream()
    uids = [s.uid() for _ in range(200)]
    parsed = [uuid.UUID(u) for u in uids]
    assert [str(p) for p in parsed if (p.version, p.variant) == (4, uuid.RFC_4122)] == uids
