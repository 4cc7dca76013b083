"""A cache fills, spares, and forgets."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.cached import PPM, Cache, Cached


def run(cached: Cached, n: int, ticks: range, fetch_us: int = 0) -> list[int]:
    """The misses of each second in which n requests are asked, all answered."""
    found = []
    for tick in ticks:
        made, brought = cached.misses(n, fetch_us, tick)
        cached.bring(brought, tick)
        found.append(made)
    return found


def test_an_empty_cache_spares_the_less_the_more_keys_there_are():
    few, many = run(Cached(Cache(100, 60)), 2000, range(3)), run(Cached(Cache(100_000, 60)), 2000, range(3))
    assert few == [100, 0, 0]
    assert all(made > 1900 for made in many)


def test_the_hit_ratio_of_the_long_run_is_the_one_of_the_formula():
    """A key that is asked r times a second and kept for t seconds is a hit r·t of r·t + 1 times."""
    cached = Cached(Cache(1000, 10))
    made = run(cached, 300, range(1000))
    assert abs(sum(made[100:]) / (900 * 300) - 1 / (1 + 0.3 * 10)) < 0.02


def test_while_a_popular_key_is_fetched_all_who_come_fetch_it_too():
    alone, herd = (sum(run(Cached(Cache(100, 60)), 1000, range(10), fetch)) for fetch in (0, 500_000))
    assert alone == 100
    assert herd == 600  # of each key ten requests a second, half a second long


def test_without_answers_nothing_is_kept():
    cached = Cached(Cache(100, 60))
    for tick in range(5):
        made, brought = cached.misses(2000, 0, tick)
        assert made == 100
        cached.bring(0 * brought, tick)
    assert cached.warm_pm == 0


@given(st.integers(1, 5000), st.integers(1, 30), st.lists(st.integers(0, 3000), max_size=80), st.integers(0, 3 * PPM))
def test_it_holds_no_more_than_all_keys_and_asks_no_more_than_it_is_asked(keys, ttl, seconds, fetch_us):
    cached = Cached(Cache(keys, ttl))
    for tick, n in enumerate(seconds):
        made, brought = cached.misses(n, fetch_us, tick)
        cached.bring(brought, tick)
        assert 0 <= made <= n
        assert 0 <= cached.warm <= keys * PPM
