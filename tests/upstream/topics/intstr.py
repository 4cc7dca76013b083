"""Numbers or percentages: both tables of upstream's intstr_test.go."""

from kubesim_tui.api import intstr
from kubesim_tui.api.intstr import IntOrStringError
from tests.upstream.adapters import answers
from tests.upstream.answers import attempt


@answers("intstr", "value_or_percent")
@answers("int_or_percent", "parse")
def value_or_percent(given):
    value = given["input"]

    def read():
        share = intstr.percent(value)
        return {"value": value if share is None else share, "percent": share is not None}

    return attempt(read, IntOrStringError)


@answers("intstr", "scaled")
@answers("int_or_percent", "scaled")
def scaled(given):
    value, total, up = given["input"], given["total"], given["round_up"]
    return attempt(lambda: {"value": intstr.scaled_value(value, total, round_up=up)}, IntOrStringError)


@answers("intstr", "parse")
def parsed(given):
    found = intstr.parse(given["input"])
    return {"type": "int" if isinstance(found, int) else "string", "value": found}
