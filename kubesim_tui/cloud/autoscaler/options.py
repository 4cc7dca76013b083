"""The flags of cluster-autoscaler, with their defaults (config/autoscaling_options.go)."""

from __future__ import annotations

from attrs import frozen


@frozen
class Options:
    """Seconds, but for `utilization_threshold` (per mille), `expendable_priority`, and the two numbers of nodes."""

    scan_interval: int = 10
    max_node_provision_time: int = 900
    scale_down_delay_after_add: int = 600
    scale_down_delay_after_failure: int = 180
    scale_down_unneeded_time: int = 600
    scale_down_unready_time: int = 1200
    utilization_threshold: int = 500
    unremovable_recheck: int = 300
    max_pod_eviction_time: int = 120
    max_graceful_termination: int = 600
    node_delete_delay_after_taint: int = 5
    initial_backoff: int = 300
    most_backoff: int = 1800
    backoff_reset: int = 10800
    expendable_priority: int = -10
    parallel_deletions: int = 10
    parallel_drains: int = 1
