"""What a kubelet reads from its configuration file (kubelet.config.k8s.io/v1beta1 KubeletConfiguration).

Of its fields those that change what happens here, with upstream's defaults and limits. `read` takes them by the names
that the file has; what is wrong is told with upstream's or like words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, fields, frozen

from kubesim_tui.api.quantity import QuantityError, value
from kubesim_tui.world.units import duration_us

HARD: Mapping[str, str] = {
    "memory.available": "100Mi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "15%",
    "imagefs.inodesFree": "5%",
}
"""The hard eviction thresholds of Linux."""


class ConfigurationError(ValueError):
    """A kubelet's configuration is not valid; says where and why."""


@frozen
class Configuration:
    """See the module. Durations are seconds, sizes bytes."""

    eviction_hard: Mapping[str, str] = field(default=HARD)
    eviction_soft: Mapping[str, str] = field(factory=dict)
    eviction_soft_grace_period: Mapping[str, str] = field(factory=dict)
    eviction_minimum_reclaim: Mapping[str, str] = field(factory=dict)
    eviction_pressure_transition_period: int = 300
    eviction_max_pod_grace_period: int = 0
    image_gc_high_threshold_percent: int = 85
    image_gc_low_threshold_percent: int = 80
    image_minimum_gc_age: int = 120
    shutdown_grace_period: int = 0
    shutdown_grace_period_critical_pods: int = 0
    container_log_max_size: int = 10 << 20
    container_log_max_files: int = 5
    serialize_image_pulls: bool = True
    max_parallel_image_pulls: int = 0  # 0: no limit
    registry_pull_qps: int = 5
    registry_burst: int = 10

    @property
    def pulls_at_once(self) -> int:
        """How many images are pulled side by side."""
        return 1 if self.serialize_image_pulls else self.max_parallel_image_pulls or 1 << 30


DEFAULTS = Configuration()
_MAPS = ("eviction_hard", "eviction_soft", "eviction_soft_grace_period", "eviction_minimum_reclaim")
_SECONDS = (
    "eviction_pressure_transition_period",
    "image_minimum_gc_age",
    "shutdown_grace_period",
    "shutdown_grace_period_critical_pods",
)
_FLAGS = ("serialize_image_pulls",)
_SIZES = ("container_log_max_size",)


def read(given: Mapping[str, Any]) -> Configuration:
    """A configuration by the names of its file: `{"evictionHard": {"nodefs.available": "20%"}}`. ConfigurationError."""
    known = {file_name(one.name): one.name for one in fields(Configuration)}
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name not in known:
            raise ConfigurationError(f"the kubelet has no field {name!r}; there are {', '.join(sorted(known))}")
        try:
            found[known[name]] = _read(known[name], text)
        except (ValueError, QuantityError) as wrong:
            raise ConfigurationError(f"{name}: {wrong}") from wrong
    made = Configuration(**found)
    _check(made)
    return made


def file_name(name: str) -> str:
    """A field as the file has it: imageGCHighThresholdPercent of `image_gc_high_threshold_percent`."""
    first, *rest = name.split("_")
    return first + "".join(word.upper() if word in ("gc", "qps") else word.capitalize() for word in rest)


def _read(name: str, text: Any) -> Any:
    if name in _MAPS:
        if not isinstance(text, Mapping):
            raise ValueError(f"{text!r} is not a map")
        return {str(signal): str(amount) for signal, amount in text.items()}
    if name in _SECONDS:
        return seconds(str(text))
    if name in _SIZES:
        return value(str(text))
    if name in _FLAGS:
        if not isinstance(text, bool):
            raise ValueError(f"{text!r} is not true or false")
        return text
    if isinstance(text, bool) or not isinstance(text, int):
        raise ValueError(f"{text!r} is not a whole number")
    return text


def seconds(text: str) -> int:
    """`1m30s` is 90; less than a second counts as none."""
    return duration_us(text) // 1_000_000 if text != "0" else 0


def _check(made: Configuration) -> None:
    high, low = made.image_gc_high_threshold_percent, made.image_gc_low_threshold_percent
    wrong = ""
    if not 0 <= high <= 100 or not 0 <= low <= 100:
        wrong = f"imageGCHighThresholdPercent {high} and imageGCLowThresholdPercent {low} must be between 0 and 100"
    elif low >= high:
        wrong = f"imageGCLowThresholdPercent {low} must be less than imageGCHighThresholdPercent {high}"
    elif made.container_log_max_files <= 1:
        wrong = f"containerLogMaxFiles {made.container_log_max_files} must be greater than 1"
    elif made.container_log_max_size <= 0:
        wrong = f"containerLogMaxSize {made.container_log_max_size} must be greater than 0"
    elif made.shutdown_grace_period < made.shutdown_grace_period_critical_pods:
        wrong = f"shutdownGracePeriod {made.shutdown_grace_period} must be >= "
        wrong += f"shutdownGracePeriodCriticalPods {made.shutdown_grace_period_critical_pods}"
    elif made.serialize_image_pulls and made.max_parallel_image_pulls > 1:
        wrong = f"maxParallelImagePulls {made.max_parallel_image_pulls} cannot be larger than 1 "
        wrong += "unless SerializeImagePulls (--serialize-image-pulls) is set to false"
    elif min(made.max_parallel_image_pulls, made.registry_pull_qps, made.registry_burst) < 0:
        wrong = "maxParallelImagePulls, registryPullQPS and registryBurst must not be negative"
    elif made.eviction_max_pod_grace_period < 0:
        wrong = f"evictionMaxPodGracePeriod {made.eviction_max_pod_grace_period} must not be negative"
    if wrong:
        raise ConfigurationError(f"invalid configuration: {wrong}")
