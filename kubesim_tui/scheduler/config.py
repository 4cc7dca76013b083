"""KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): profiles, their plugins, weights and arguments.

`multiPoint` enables a plugin at every extension point that it has; a single point can disable it again, or give its
score another weight. A disabled `*` takes all defaults away. What is not configured is as in the default profile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve, frozen

from kubesim_tui.api.fielderror import FieldError, aggregate, duplicate, forbidden, invalid, not_supported
from kubesim_tui.scheduler.args import READERS
from kubesim_tui.scheduler.config_types import ARGUMENTS, misfits, without_nulls
from kubesim_tui.scheduler.framework import Plugin
from kubesim_tui.scheduler.profile import DEFAULT_PLUGINS, DEFAULT_SCHEDULER, DEFAULT_WEIGHTS, Profile
from kubesim_tui.scheduler.queue import INITIAL_BACKOFF, MOST_BACKOFF

API_VERSION, KIND = "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration"
POINTS = {
    "preEnqueue": "pre_enqueue",
    "preFilter": "pre_filter",
    "filter": "filter",
    "preScore": "pre_score",
    "score": "score",
}
"""Extension points that plugins here take part in by a method; the others are the scheduler's own."""
OTHER_POINTS = ("queueSort", "postFilter", "reserve", "permit", "preBind", "bind", "postBind")
BUILT_IN = ("PrioritySort", "DefaultPreemption", "DefaultBinder", "DynamicResources")
KNOWN = (*[p.name for p in DEFAULT_PLUGINS], *BUILT_IN)
Json = Mapping[str, Any]


class ConfigError(ValueError):
    """A configuration that cannot be used; `errors` says where and why."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(aggregate(errors))
        self.errors = tuple(errors)


@frozen(eq=False)
class Configuration:
    """What is read from a file."""

    profiles: tuple[Profile, ...] = (Profile(),)
    initial_backoff: int = INITIAL_BACKOFF  # seconds
    most_backoff: int = MOST_BACKOFF
    qps: int = 50
    burst: int = 100


def read(data: Json) -> Configuration:
    """A configuration from its JSON form. ConfigError if it cannot be used."""
    errors = list(misfits(data, KIND))
    if errors:
        raise ConfigError(errors)
    data = without_nulls(data)
    if data.get("apiVersion") != API_VERSION:
        errors.append(not_supported("apiVersion", data.get("apiVersion", ""), (API_VERSION,)))
    if data.get("kind") != KIND:
        errors.append(not_supported("kind", data.get("kind", ""), (KIND,)))
    percentage = _percentage(data, "percentageOfNodesToScore", 0, errors)
    initial, most = _backoff(data, errors)
    given: Sequence[Json] = data.get("profiles") or ({},)
    profiles = [_profile(p, f"profiles[{i}]", percentage, errors) for i, p in enumerate(given)]
    names = [p.name for p in profiles]
    errors += [duplicate(f"profiles[{i}].schedulerName", n) for i, n in enumerate(names) if n in names[:i]]
    if data.get("extenders"):
        errors.append(forbidden("extenders", "extenders are not simulated"))
    connection = data.get("clientConnection") or {}
    if errors:
        raise ConfigError(errors)
    return Configuration(tuple(profiles), initial, most, int(connection.get("qps", 50)), connection.get("burst", 100))


def _backoff(data: Json, errors: list[FieldError]) -> tuple[int, int]:
    initial = data.get("podInitialBackoffSeconds", INITIAL_BACKOFF)
    most = data.get("podMaxBackoffSeconds", MOST_BACKOFF)
    if initial <= 0:
        errors.append(invalid("podInitialBackoffSeconds", initial, "must be greater than 0"))
    if most < initial:
        text = "must be greater than or equal to PodInitialBackoffSeconds"
        errors.append(invalid("podMaxBackoffSeconds", most, text))
    return initial, most


def _percentage(data: Json, path: str, default: int, errors: list[FieldError]) -> int:
    found = data.get("percentageOfNodesToScore", default)
    if not 0 <= found <= 100:
        errors.append(invalid(path, found, "not in valid range [0-100]"))
        return 0
    return int(found)


def _profile(data: Json, path: str, percentage: int, errors: list[FieldError]) -> Profile:
    plugins, weights, disabled = _plugins(data.get("plugins") or {}, f"{path}.plugins", errors)
    given = _arguments(data.get("pluginConfig") or (), f"{path}.pluginConfig", errors)
    made = [_with_args(p, given, errors) for p in plugins]
    preemption = _arguments_of("DefaultPreemption", given)
    return Profile(
        name=data.get("schedulerName") or DEFAULT_SCHEDULER,
        plugins=tuple(made),
        weights=weights,
        disabled=frozenset(disabled),
        preempts=("DefaultPreemption", "postFilter") not in disabled,
        percentage=_percentage(data, f"{path}.percentageOfNodesToScore", percentage, errors),
        candidates_percent=preemption.get("minCandidateNodesPercentage", 10),
        candidates_least=preemption.get("minCandidateNodesAbsolute", 100),
        bind_timeout=_arguments_of("VolumeBinding", given).get("bindTimeoutSeconds", 600),
    )


Given: TypeAlias = dict[str, tuple[str, Json]]
"""Name of a plugin → where its arguments stand, and what they are."""


def _arguments(rows: Sequence[Json], path: str, errors: list[FieldError]) -> Given:
    """The arguments of plugins; those of the wrong type are left out."""
    found: Given = {}
    for i, row in enumerate(rows):
        name, args, where = row.get("name", ""), row.get("args") or {}, f"{path}[{i}]"
        if name in found:
            errors.append(duplicate(where, name))
        wrong = list(misfits(args, name, f"{where}.args")) if name in ARGUMENTS else []
        errors += wrong
        found[name] = f"{where}.args", {} if wrong else args
    return found


def _arguments_of(name: str, given: Given) -> Json:
    return given[name][1] if name in given else {}


def _with_args(plugin: Plugin, given: Given, errors: list[FieldError]) -> Plugin:
    """The plugin with its arguments; what is wrong with them is said with their place."""
    if plugin.name not in given or plugin.name not in READERS:
        return plugin
    where, args = given[plugin.name]
    wrong: list[FieldError] = []
    made = READERS[plugin.name](args, wrong) if args else plugin
    errors += [evolve(error, field=f"{where}.{error.field}") for error in wrong]
    return made


def _plugins(
    data: Json, path: str, errors: list[FieldError]
) -> tuple[list[Plugin], dict[str, int], set[tuple[str, str]]]:
    """(plugins in order, weights, (plugin, point) pairs that are off)."""
    weights = dict(DEFAULT_WEIGHTS)
    names = _at_point(data.get("multiPoint") or {}, KNOWN, f"{path}.multiPoint", weights, errors)
    disabled: set[tuple[str, str]] = set()
    wanted = list(names)
    for point in (*POINTS, *OTHER_POINTS):
        on = _at_point(data.get(point) or {}, names, f"{path}.{point}", weights, errors)
        wanted += [n for n in on if n not in wanted]
        ours = POINTS.get(point, point)
        disabled |= {(n, ours) for n in KNOWN if n not in on}
    by_name = {p.name: p for p in DEFAULT_PLUGINS}
    return [by_name[n] for n in wanted if n in by_name], weights, disabled


def _at_point(
    data: Json, default: Sequence[str], path: str, weights: dict[str, int], errors: list[FieldError]
) -> list[str]:
    """The plugins that are on after disabling and enabling."""
    off = [row.get("name", "") for row in data.get("disabled") or ()]
    on = [] if "*" in off else [n for n in default if n not in off]
    for i, row in enumerate(data.get("enabled") or ()):
        name = row.get("name", "")
        if name not in KNOWN:
            errors.append(not_supported(f"{path}.enabled[{i}].name", name, KNOWN))
            continue
        if name not in on:
            on.append(name)
        if row.get("weight"):
            weights[name] = row["weight"]
    return on
