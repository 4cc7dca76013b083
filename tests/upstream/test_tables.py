"""Every case of every table, one test each."""

import pytest

from tests.upstream import adapters, folder

CASES = tuple(folder.cases())
DEVIATIONS = folder.deviations()
NOT_YET = folder.not_yet()


def _marks(case):
    if case.topic in NOT_YET:
        return pytest.mark.skip(reason="stands in not_yet.txt")
    reason = DEVIATIONS.get((case.topic, case.name))
    return pytest.mark.xfail(strict=True, reason=reason) if reason else ()


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c.topic}::{c.name}", marks=_marks(c)) for c in CASES])
def test_the_engine_answers_as_upstream_does(case):
    wanted, found = adapters.run(case)
    assert wanted == found


def test_each_topic_has_an_adapter_or_is_still_to_come():
    assert {c.topic for c in CASES} - NOT_YET <= adapters.load().keys()
    assert NOT_YET.isdisjoint(adapters.load())


def test_a_deviation_is_one_of_a_case_that_exists():
    if folder.FOLDER == folder.OWN:
        assert DEVIATIONS.keys() <= {(c.topic, c.name) for c in CASES}
