"""Scripts of k6: requests by `http`, rests by `sleep`, and what `options` (or their scenarios) say.

JavaScript is not read as such: calls and settings are looked for by their form. Addresses are followed through
constants, template strings, `+`, `||` and `__ENV`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import evolve

from kubesim_tui.world.loadscript.script import CHECKS, DURATION, FAILED, NOTHING, Asks, Limit, LoadScript
from kubesim_tui.world.template import Lookup
from kubesim_tui.world.units import SECOND_US, decimal, duration_us, whole

_COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"`])//[^\n]*", re.DOTALL)
_CONSTANT = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*=\s*([^;\n]+)")
_CALL = re.compile(r"\bhttp\.(get|post|put|patch|del|head|options|request|batch)\s*\(")
_SLEEP = re.compile(r"\bsleep\s*\(")
_PIECE = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`|__ENV(?:\.(\w+)|\[['\"](\w+)['\"]\])|([\w.]+))\s*")
_STAGE = re.compile(r"duration\s*:\s*['\"]([^'\"]+)['\"]\s*,\s*target\s*:\s*(\d+)")
_STAGE_TURNED = re.compile(r"target\s*:\s*(\d+)\s*,\s*duration\s*:\s*['\"]([^'\"]+)['\"]")
_PAIR = re.compile(r"['\"](GET|POST|PUT|PATCH|DELETE|HEAD)['\"]\s*,\s*([^,\]\[]+)")
_METRIC = re.compile(r"['\"]?(\w+)(?:\{[^}]*\})?['\"]?\s*:\s*\[([^\]]*)\]")
_LIMIT = re.compile(r"['\"]\s*(rate|avg|med|min|max|p\((\d+(?:\.\d+)?)\))\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*['\"]")
_DEEPEST = 8
_LONGEST_US = 366 * 86_400 * SECOND_US


def read(text: str, env: Lookup) -> LoadScript:
    """What a script says."""
    text = _COMMENT.sub("", text)
    constants = dict(_CONSTANT.findall(text))
    asks = tuple([Asks(url, method) for method, url in _requests(text, constants, env) if url])
    if not asks:
        return NOTHING
    return evolve(_with_options(text, asks, _think_us(text, len(asks))), limits=tuple(_limits(text)))


def _think_us(text: str, requests: int) -> int:
    return sum([_rest_us(text[found.end() :]) for found in _SLEEP.finditer(text)]) // requests


def _limits(text: str) -> Iterator[Limit]:
    """Those of `thresholds: {http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<500']}`."""
    begins = re.search(r"\bthresholds\s*:\s*\{", text)
    said = _block(text[begins.end() :]) if begins is not None else ""
    for metric, limits in _METRIC.findall(said):
        for figure, quantile, sign, bound in _LIMIT.findall(limits) if metric in (FAILED, CHECKS, DURATION) else ():
            value = decimal(bound, SECOND_US)  # millionths
            value = value // 1000 if metric == DURATION else value  # of milliseconds
            yield Limit(metric, figure.partition("(")[0], sign, value, decimal(quantile, SECOND_US) // 100_000)


def _requests(text: str, constants: Mapping[str, str], env: Lookup) -> Iterator[tuple[str, str]]:
    for found in _CALL.finditer(text):
        arguments = _arguments(text[found.end() :])
        method = found[1].replace("del", "delete").upper()
        if method == "BATCH":
            for verb, url in _PAIR.findall(text[found.end() : found.end() + 4096].partition(")")[0]):
                yield verb, _value(url, constants, env, 0)
        elif method == "REQUEST":
            if len(arguments) > 1:
                yield _value(arguments[0], constants, env, 0).upper() or "GET", _value(arguments[1], constants, env, 0)
        elif arguments:
            yield method, _value(arguments[0], constants, env, 0)


def _arguments(text: str) -> list[str]:
    """The arguments of a call, from behind its bracket on."""
    found, depth, quote, start = [], 0, "", 0
    for at, letter in enumerate(text[:4096]):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            if not depth:
                found.append(text[start:at])
                break
            depth -= 1
        elif letter == "," and not depth:
            found.append(text[start:at])
            start = at + 1
    return [one.strip() for one in found if one.strip()]


def _value(expression: str, constants: Mapping[str, str], env: Lookup, depth: int) -> str:
    """The text that an expression stands for; "" for what cannot be told."""
    if depth > _DEEPEST:
        return ""
    for way in expression.split("||"):
        parts = [_piece(part, constants, env, depth) for part in way.split("+")]
        if all(parts):
            return "".join(parts)
    return ""


def _piece(text: str, constants: Mapping[str, str], env: Lookup, depth: int) -> str:
    found = _PIECE.fullmatch(text)
    if found is None:
        return "1" if text.strip() else ""
    single, double, template, by_dot, by_key, name = found.groups()
    if by_dot or by_key:
        return env.get(by_dot or by_key) or ""
    if name is not None:
        return _value(constants[name], constants, env, depth + 1) if name in constants else "1"
    if template is None:
        return single if single is not None else double or ""

    def hole(match: re.Match[str]) -> str:
        return _value(match[1], constants, env, depth + 1) or "1"

    return re.sub(r"\$\{([^{}]*)\}", hole, template)


def _rest_us(text: str) -> int:
    """Of `1`, `0.5`, `Math.random() * 3` and `randomIntBetween(1, 5)`: the mean."""
    argument = ", ".join(_arguments(text))
    numbers = [decimal(number, SECOND_US) for number in re.findall(r"(?<![\w.])\d*\.?\d+", argument)]
    if not numbers:
        return 0
    if "andom" in argument:
        return sum(numbers[:2]) // 2
    return numbers[0]


def _with_options(text: str, asks: tuple[Asks, ...], think: int) -> LoadScript:
    begins = re.search(r"\boptions\s*(?::\s*\w+\s*)?=\s*\{", text)
    said = _block(text[begins.end() :]) if begins is not None else ""
    stages = [(at, whole(n)) for at, n in _STAGE.findall(said)]
    stages = stages or [(at, whole(n)) for n, at in _STAGE_TURNED.findall(said)]
    settings = {name: a or b for name, a, b in re.findall(r"(\w+)\s*:\s*(?:['\"]([^'\"]*)['\"]|(\d+))", said)}
    if "arrival-rate" in settings.get("executor", ""):
        unit = _duration(settings.get("timeUnit", "1s")) or SECOND_US
        rate = max([n for _, n in stages], default=whole(settings.get("rate", "")))
        lasts = sum([_duration(at) for at, _ in stages]) or _duration(settings.get("duration", ""))
        per_request = rate * len(asks) * 1000 * SECOND_US // unit
        return LoadScript(asks, rate_milli=per_request, lasts_us=lasts)
    users, count = whole(settings.get("vus", "")), whole(settings.get("iterations", "")) * len(asks)
    if stages:
        first, at = whole(settings.get("startVUs", "")) or 1, 0
        course = [(0, first)]
        for lasts, target in stages:
            at += max(1, _duration(lasts))
            course.append((at, target))
        return LoadScript(asks, users, think, course=tuple(course))
    lasts = 0 if count else _duration(settings.get("duration", ""))
    return LoadScript(asks, users, think, count=count or (0 if lasts else len(asks)), lasts_us=lasts)


def _block(text: str) -> str:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return text[:at]
    return text


def _duration(text: str) -> int:
    try:
        return min(_LONGEST_US, duration_us(text))
    except ValueError:
        return 0
