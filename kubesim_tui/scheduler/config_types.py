"""The types of a KubeSchedulerConfiguration (v1): which fields there are, and what may stand in them.

Checked before anything is read, as upstream's strict decoding does: an unknown field or a wrong type is told with its
path, and reading can rely on the types. Codes are those of the schema (api.codec): s text, i integer, n number,
b boolean, x anything, []C, {}C, or the name of a definition: one of these, or of the API's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.fielderror import FieldError, invalid

POINTS = (
    "preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit", "preBind",
    "bind", "postBind", "multiPoint",
)  # fmt: skip
COMMON = {"apiVersion": "s", "kind": "s"}
DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    "KubeSchedulerConfiguration": {
        **COMMON,
        "parallelism": "i",
        "leaderElection": "LeaderElection",
        "clientConnection": "ClientConnection",
        "enableProfiling": "b",
        "enableContentionProfiling": "b",
        "percentageOfNodesToScore": "i",
        "podInitialBackoffSeconds": "i",
        "podMaxBackoffSeconds": "i",
        "profiles": "[]Profile",
        "extenders": "x",
        "delayCacheUntilActive": "b",
    },
    "LeaderElection": {
        "leaderElect": "b",
        **dict.fromkeys(("leaseDuration", "renewDeadline", "retryPeriod"), "s"),
        **dict.fromkeys(("resourceLock", "resourceName", "resourceNamespace"), "s"),
    },
    "ClientConnection": {"kubeconfig": "s", "acceptContentTypes": "s", "contentType": "s", "qps": "n", "burst": "i"},
    "Profile": {
        "schedulerName": "s",
        "percentageOfNodesToScore": "i",
        "plugins": "Plugins",
        "pluginConfig": "[]PluginConfig",
    },
    "Plugins": dict.fromkeys(POINTS, "PluginSet"),
    "PluginSet": {"enabled": "[]Plugin", "disabled": "[]Plugin"},
    "Plugin": {"name": "s", "weight": "i"},
    "PluginConfig": {"name": "s", "args": "x"},
    "Resource": {"name": "s", "weight": "i"},
    "Point": {"utilization": "i", "score": "i"},
    "ScoringStrategy": {"type": "s", "resources": "[]Resource", "requestedToCapacityRatio": "Ratio"},
    "Ratio": {"shape": "[]Point"},
}
"""Name → fields with their codes."""

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "NodeResourcesFit": {
        **COMMON,
        "ignoredResources": "[]s",
        "ignoredResourceGroups": "[]s",
        "scoringStrategy": "ScoringStrategy",
    },
    "NodeResourcesBalancedAllocation": {**COMMON, "resources": "[]Resource"},
    "NodeAffinity": {**COMMON, "addedAffinity": "core.v1.NodeAffinity"},
    "InterPodAffinity": {**COMMON, "hardPodAffinityWeight": "i", "ignorePreferredTermsOfExistingPods": "b"},
    "PodTopologySpread": {
        **COMMON,
        "defaultConstraints": "[]core.v1.TopologySpreadConstraint",
        "defaultingType": "s",
    },
    "DefaultPreemption": {**COMMON, "minCandidateNodesPercentage": "i", "minCandidateNodesAbsolute": "i"},
    "VolumeBinding": {**COMMON, "bindTimeoutSeconds": "i", "shape": "[]Point"},
}
"""The arguments of plugins, by the plugin's name."""

KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "s": (str, "must be a string"),
    "i": (int, "must be an integer"),
    "n": ((int, float), "must be a number"),
    "b": (bool, "must be true or false"),
}


def misfits(value: Any, code: str, path: str = "") -> Iterator[FieldError]:
    """What in a JSON value is not as its code says. None stands for a field that is not there."""
    if value is None:
        return
    if code.startswith("[]"):
        if not isinstance(value, list):
            yield invalid(path, value, "must be a list")
            return
        for i, item in enumerate(value):
            if item is None:
                yield invalid(f"{path}[{i}]", item, "must not be null")
            yield from misfits(item, code[2:], f"{path}[{i}]")
    elif code in KINDS:
        wanted, text = KINDS[code]
        if not isinstance(value, wanted) or (isinstance(value, bool) and code != "b"):
            yield invalid(path, value, text)
    elif len(code) > 1 and not code.startswith("{}"):
        yield from _fields(value, code, path)


def without_nulls(value: Any) -> Any:
    """The same without the fields that are null: for whoever reads it they are not there."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _fields(value: Any, name: str, path: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield invalid(path, value, "must be an object")
        return
    fields = DEFINITIONS.get(name) or ARGUMENTS.get(name) or scheme.definition(name).fields
    for key, item in value.items():
        inner = f"{path}.{key}" if path else str(key)
        if key in fields:
            yield from misfits(item, fields[key], inner)
        else:
            yield FieldError(inner, "FieldValueInvalid", f'unknown field "{inner}"')
