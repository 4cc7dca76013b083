"""What expressions come to, as cel-go with Kubernetes' libraries says (tests/data/cel/results.json).

A result is the type and the value as Go prints it, or ERR and the error.
"""

import json
from pathlib import Path

import pytest

from kubesim_tui.apiserver.apiextensions.cel.conversions import string, type_name
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, evaluate
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Optional

RESULTS = json.loads((Path(__file__).parents[1] / "data/cel/results.json").read_text("utf-8"))
PARAMETERS = {"list": "list(dyn)", "map": "map(dyn, dyn)", "optional_type": "optional_type(dyn)"}


def shown(value):
    if isinstance(value, list):
        return f"[{' '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{shown(k)}:{shown(v)}' for k, v in sorted(value.items(), key=str))}]"
    if isinstance(value, Optional):
        return shown(value.value) if value.there else "<nil>"
    try:
        return string(value)
    except CelError:
        return str(value)


def result(expression):
    try:
        value = evaluate(parse(expression), {"x": {"y": 1.0}}, Meter(1_000_000))
    except CelError as error:
        return f"ERR {error}"
    kind = type_name(value)
    return f"{PARAMETERS.get(kind, kind)} {shown(value)}"


@pytest.mark.parametrize("expression", RESULTS)
def test_an_expression_comes_to_what_cel_go_says(expression):
    assert result(expression) == RESULTS[expression]
