"""Flags of a kubelet, and what only its installer knows of the node."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from kubesim_tui.api.releases import VERSION
from kubesim_tui.api.types import Taint
from kubesim_tui.kubelet.configuration import DEFAULTS, Configuration
from kubesim_tui.kubelet.node_status import MAX_PODS, Facts
from kubesim_tui.world.machine import Machine


@frozen
class Options:
    """See the module. `pod_cidr` "": a controller gives the node its range."""

    ip: str
    zone: str = ""  # "": that of the machine
    region: str = ""
    provider_id: str = ""
    external_cloud: bool = False  # a cloud-controller-manager knows zone, region, type and provider id
    labels: Mapping[str, str] = field(factory=dict)
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = ""
    max_pods: int = MAX_PODS
    cluster_dns: str = "10.96.0.10"
    configuration: Configuration = DEFAULTS
    standalone: bool = False  # it keeps static Pods and knows no API server (no --kubeconfig)


def facts(machine: Machine, options: Options) -> Facts:
    """What the kubelet finds when it starts."""
    return Facts(
        name=machine.name,
        ip=options.ip,
        cpu_milli=machine.cpu_milli,
        memory_bytes=machine.memory_bytes,
        disk_bytes=machine.disk.capacity_bytes,
        pods=options.max_pods,
        zone=options.zone or ("" if options.external_cloud else machine.zone),
        external_cloud=options.external_cloud,
        region=options.region,
        provider_id=options.provider_id,
        labels=options.labels,
        taints=options.taints,
        pod_cidr=options.pod_cidr,
        boots=machine.boots,
        kernel=machine.kernel,
        version=machine.process("kubelet").release or VERSION,
        runtime_version=f"{machine.runtime.brand.scheme}://{machine.runtime.brand.version}",
    )
