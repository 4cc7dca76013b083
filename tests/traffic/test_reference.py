"""Aggregated traffic equals a simulation of every single request, within sampling error and a bucket's width."""

from math import ceil
from random import Random

import pytest

from kubesim_tui.traffic.histogram import Histogram
from tests.boards import APP, Board, image
from tests.traffic.reference import App, Call, Reference, Seen

SECONDS, SINCE = 300, 40
TIMEOUT = 5.0
BUCKET, TAIL = 0.15, 0.1
"""A bucket is 12 % wide. Several services in a row are told as one, of the same mean and variance, but a longer tail:
where half of the mean varies, (1 + 2/2) ÷ (1 + 1.65/2) at p95 (FIDELITY.md)."""
API = App(replicas=1, servers=4, queue=20, service=0.1, varies=0.1)
"""Forty a second at most, half a second of them in its queue."""
SCENES: dict[str, tuple[dict[str, App], float, int]] = {
    "a server is held during a call": (
        {"web": App(2, 4, 50, 0.04, 0.04, (Call("api", 2.0, True),)), "api": App(2, 4, 50, 0.05, 0.05)},
        60,
        0,
    ),
    "a queue refuses": ({"web": API}, 60, 0),
    "refused users try again": ({"web": API}, 60, 2),
    "a storm of retries that time out": (
        {"web": App(2, 16, 50, 0.02, 0, (Call("api", 0.3, True),)), "api": API},
        60,
        2,
    ),
    "services of a second and a half in a queue": ({"web": App(4, 8, 20, 1.5, 1.0)}, 16, 0),
    "a server is held during a call of seconds": (
        {"web": App(2, 48, 50, 0.05, 0.05, (Call("api", 8.0, True),)), "api": App(2, 24, 50, 1.5, 1.0)},
        16,
        0,
    ),
    "a call that is given up": (
        {
            "web": App(2, 16, 50, 0.02, 0, (Call("api", 0.3, False), Call("db", 1.0, True))),
            "api": API,
            "db": App(1, 8, 20, 0.08, 0.04),
        },
        60,
        0,
    ),
}
"""Applications (callers first), requests a second, retries."""


def board_of(apps: dict[str, App]) -> Board:
    """The applications on a cluster."""
    images = []
    for name, app in apps.items():
        text = APP.replace("concurrency: 16", f"concurrency: {app.servers}", 1).replace(
            "queue: 64", f"queue: {app.queue}"
        )
        service, scv = f"{app.service * 1000:.0f}ms", round((app.varies / app.service) ** 2 * 1000)
        text = text.replace("service: 5ms, scv: 500, cpu: 1ms", f"service: {service}, scv: {scv}")
        calls = [
            {
                "to": f"http://{call.to}/",
                "failure": 502 if call.matters else 0,
                "timeout": f"{call.timeout * 1000:.0f}ms",
            }
            for call in app.calls
        ]
        images.append(image(name, text=text.replace("CALLS", str(calls))))
    board = Board(3, images)
    for name, app in reversed(apps.items()):
        board.app(name, app.replicas, f"test/{name}", probe=False)
    board.route("shop.example.com", next(iter(apps)))
    board.settle()
    return board


def aggregated(apps: dict[str, App], rate: float, retries: int) -> Seen:
    """What users of the cluster see."""
    board = board_of(apps)
    stream = board.users(rate=rate, timeout_us=int(TIMEOUT * 1e6), retries=retries).stream
    board.tick(SINCE)
    sent, served, histogram = stream.sent, stream.served, list(stream.histogram)
    board.tick(SECONDS - SINCE)
    spread = Histogram(tuple(now - before for now, before in zip(stream.histogram, histogram, strict=True)))
    p50, p95 = (spread.percentile(pm) for pm in (500, 950))
    return Seen(stream.sent - sent, stream.served - served, p50, p95)


def one_by_one(apps: dict[str, App], rate: float, retries: int) -> Seen:
    """What they see where every request is simulated."""
    run = Reference(apps, "1")
    return run.run(next(iter(apps)), rate, SECONDS, timeout=TIMEOUT, retries=retries, since=SINCE)


def compare(apps: dict[str, App], rate: float, retries: int) -> None:
    ours, truth = aggregated(apps, rate, retries), one_by_one(apps, rate, retries)
    assert ours.sent == pytest.approx(truth.sent, rel=0.04)
    assert ours.served / ours.sent == pytest.approx(truth.served / truth.sent, abs=0.02)
    if truth.served > truth.sent // 100:
        assert (ours.p50, ours.p95) == (
            pytest.approx(truth.p50, rel=BUCKET),
            pytest.approx(truth.p95, rel=BUCKET + TAIL),
        )


def at_random(seed: int) -> tuple[dict[str, App], float, int]:
    """Three to five applications without cycles, each with work for a third to three quarters of its servers."""
    chance = Random(f"applications {seed}")
    names = ["web", "api", "auth", "cart", "db"][: chance.randint(3, 5)]
    calls = {
        name: [to for to in names[at + 1 :] if chance.random() < 0.5] or names[at + 1 : at + 2]
        for at, name in enumerate(names)
    }
    service = {name: chance.choice((0.01, 0.03, 0.08)) for name in names}
    rate, held = chance.choice((40, 80)), dict[str, float]()
    arrivals = dict.fromkeys(names, 0.0) | {"web": rate}
    for name in names:
        for to in calls[name]:
            arrivals[to] += arrivals[name]
    for name in reversed(names):
        held[name] = service[name] + 1.2 * sum(held[to] for to in calls[name])
    apps = {}
    for name in filter(arrivals.get, names):
        replicas, load = chance.randint(1, 3), chance.uniform(0.33, 0.75)
        servers = ceil(arrivals[name] * held[name] / replicas / load)
        made = tuple(Call(to, 2.0, chance.random() < 0.7) for to in calls[name])
        apps[name] = App(replicas, servers, 200, service[name], chance.choice((0.0, 0.5, 1.0)) * service[name], made)
    return apps, rate, 0


@pytest.mark.parametrize("scene", SCENES)
def test_users_see_what_they_would_see_one_by_one(scene):
    compare(*SCENES[scene])


@pytest.mark.parametrize("seed", range(6))
def test_so_they_do_in_applications_at_random(seed):
    compare(*at_random(seed))
