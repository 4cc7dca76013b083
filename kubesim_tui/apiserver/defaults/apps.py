"""Defaults of apps/v1 (pkg/apis/apps/v1/defaults.go)."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults import core
from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill, fill_zero, part
from kubesim_tui.apiserver.defaults.pods import pod_template


def deployment(data: JsonMap) -> None:
    """One replica, a rolling update by quarters, ten old ReplicaSets, ten minutes for progress."""
    spec = part(data, "spec")
    pod_template(part(spec, "template"))
    fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = part(spec, "strategy")
    fill_zero(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(part(strategy, "rollingUpdate"), maxUnavailable="25%", maxSurge="25%")


def replica_set(data: JsonMap) -> None:
    """One replica."""
    spec = part(data, "spec")
    pod_template(part(spec, "template"))
    fill(spec, replicas=1)


def stateful_set(data: JsonMap) -> None:
    """One replica in order, claims kept, one Pod at a time."""
    spec = part(data, "spec")
    pod_template(part(spec, "template"))
    fill_zero(spec, podManagementPolicy="OrderedReady")
    fill(spec, replicas=1, revisionHistoryLimit=10)
    fill_zero(part(spec, "persistentVolumeClaimRetentionPolicy"), whenDeleted="Retain", whenScaled="Retain")
    for claim in each(spec, "volumeClaimTemplates"):
        fill_zero(claim, apiVersion="v1", kind="PersistentVolumeClaim")
        part(claim, "metadata")
        core.claim(claim)
    strategy = part(spec, "updateStrategy")
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        part(strategy, "rollingUpdate")
    if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        fill(strategy["rollingUpdate"], partition=0, maxUnavailable=1)


def daemon_set(data: JsonMap) -> None:
    """One node at a time, no surge."""
    spec = part(data, "spec")
    pod_template(part(spec, "template"))
    strategy = part(spec, "updateStrategy")
    fill_zero(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        fill(part(strategy, "rollingUpdate"), maxUnavailable=1, maxSurge=0)
    fill(spec, revisionHistoryLimit=10)


DEFAULTERS: dict[str, Defaulter] = {
    "apps.v1.Deployment": deployment,
    "apps.v1.ReplicaSet": replica_set,
    "apps.v1.StatefulSet": stateful_set,
    "apps.v1.DaemonSet": daemon_set,
}
