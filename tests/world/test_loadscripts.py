"""Scripts of load generators: what they ask for, how often, and with what rests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.loadscript import k6, locust, vegeta
from kubesim_tui.world.loadscript.script import NOTHING, Asks

SECOND = 1_000_000
K6 = """
import http from 'k6/http';
import { sleep } from 'k6';
/* http.get('http://never/') */
const BASE = __ENV.BASE_URL || 'http://web';  // http.get('http://neither/')
export const options = { OPTIONS };
export default function () {
  http.get(`${BASE}/items/${id}`);
  const res = http.post(BASE + '/cart', JSON.stringify({ id: 1, url: 'http://not/this' }), { headers: {} });
  http.batch([['GET', `${BASE}/a`], ['PUT', 'http://other:81/b']]);
  sleep(Math.random() * 4);
}
"""
LOCUST = """
import random
from locust import HttpUser, TaskSet, task, between

def index(l):
    l.client.get("/")

class Buying(TaskSet):
    tasks = {index: 5}

    @task(2)
    def buy(self):
        self.client.get("/product/" + random.choice(["a", "b"]))
        self._pay()

    def _pay(self):
        self.client.post(f"/cart/{self.id}/pay", {"n": 1})

class Shopper(HttpUser):
    tasks = [Buying]
    host = "http://shop:8080"
    wait_time = between(1, 6)
"""


def test_k6_asks_for_what_its_constants_and_its_environment_say():
    found = k6.read(K6.replace("OPTIONS", ""), {"BASE_URL": "http://api"})
    wanted = [("http://api/items/1", "GET"), ("http://api/cart", "POST"), ("http://api/a", "GET")]
    assert [(one.url, one.method) for one in found.asks] == [*wanted, ("http://other:81/b", "PUT")]
    assert (k6.read(K6, {}).asks[0].url, found.think_us) == ("http://web/items/1", SECOND // 2)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("", {"count": 4}),
        ("vus: 10, duration: '1m30s'", {"users": 10, "lasts_us": 90 * SECOND}),
        ("vus: 3, iterations: 9", {"users": 3, "count": 36}),
        (
            "stages: [{ duration: '10s', target: 20 }, { target: 0, duration: '5s' }]",
            {"course": ((0, 1), (10 * SECOND, 20))},
        ),
        (
            "scenarios: { s: { executor: 'constant-arrival-rate', rate: 30, timeUnit: '1m', duration: '2m', vus: 9 } }",
            {"rate_milli": 2000, "lasts_us": 120 * SECOND},
        ),
    ],
)
def test_k6_has_its_settings_in_its_options(options, wanted):
    found = k6.read(K6.replace("OPTIONS", options), {})
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_locust_chooses_tasks_by_weight_and_rests_between_them():
    found = locust.read(LOCUST, "")
    assert found.asks == (
        Asks("http://shop:8080/", "GET", 5),
        Asks("http://shop:8080/product/1", "GET", 2),
        Asks("http://shop:8080/cart/1/pay", "POST", 2),
    )
    assert found.think_us == 3_500_000 * 7 // 9


def test_the_host_that_locust_is_told_counts_more_than_that_of_the_file():
    assert locust.read(LOCUST, "http://web").asks[0].url == "http://web/"


def test_vegeta_has_a_target_a_line():
    text = "GET http://web/\nX-Id: 7\n\nPOST http://web/cart\n@body.json\n"
    assert vegeta.read(text).asks == (Asks("http://web/"), Asks("http://web/cart", "POST"))


SOME = st.sampled_from(["{", "'", "`${", "9" * 5000, "1e999", "(" * 999, "\\", "get", ";"])


@given(st.sampled_from([K6, LOCUST]), st.integers(0, 500), st.integers(0, 500), st.text(max_size=20) | SOME)
def test_whatever_a_script_is_it_is_read(text, start, end, instead):
    text = text[:start] + instead + text[end:]
    assert k6.read(text, {}) is not None
    assert locust.read(text, "") is not None
    assert vegeta.read(text) is not None


def test_what_is_no_python_asks_for_nothing():
    assert locust.read("def (", "") is NOTHING


def test_k6_has_thresholds():
    limits = "thresholds: { http_req_failed: ['rate<0.01'], 'http_req_duration{x:1}': ['p(99.9) <= 200', 'avg<1.5'] }"
    found = k6.read(K6.replace("OPTIONS", limits), {}).limits
    assert [(one.metric, one.figure, one.sign, one.bound, one.pm) for one in found] == [
        ("http_req_failed", "rate", "<", 10_000, 0),
        ("http_req_duration", "p", "<=", 200_000, 999),
        ("http_req_duration", "avg", "<", 1_500, 0),
    ]
