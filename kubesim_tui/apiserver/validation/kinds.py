"""Which rules hold for which kind: the table, and the questions that the door asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions import definition
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.validation import (
    admission_policies,
    autoscaling,
    batch,
    certificates,
    claims,
    core,
    cron_jobs,
    device_claims,
    endpoint_slices,
    events,
    extensions,
    flow_control,
    ingress,
    job_status,
    limits,
    metadata,
    network_policy,
    nodes,
    pod_status,
    pod_update,
    pods,
    policy,
    rbac,
    service_addresses,
    services,
    storage,
    storage_classes,
    webhooks,
    workload_status,
    workloads,
)
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part

Create = Callable[[Report, JsonMap], None]
Update = Callable[[Report, JsonMap, JsonMap], None]


@frozen
class Rules:
    """The rules of one kind. Without an update rule, only the metadata of a change are looked at."""

    create: Create
    update: Update = core.meta_update
    status: Update = core.meta_update
    subresources: Mapping[str, Update] = {}  # others than /status


RULES: dict[str, Rules] = {
    "core.v1.ConfigMap": Rules(core.config_map, core.config_map_update),
    "core.v1.Secret": Rules(core.secret, core.secret_update),
    "core.v1.ServiceAccount": Rules(core.service_account, core.service_account_update),
    "core.v1.Namespace": Rules(
        core.namespace, core.namespace_update, core.namespace_status, {"finalize": core.namespace_finalize}
    ),
    "core.v1.Node": Rules(nodes.node, nodes.node_update, nodes.node_status),
    "core.v1.Endpoints": Rules(core.endpoints, core.endpoints_update),
    "core.v1.LimitRange": Rules(limits.limit_range, limits.limit_range_update),
    "core.v1.ResourceQuota": Rules(limits.resource_quota, limits.resource_quota_update, limits.resource_quota_status),
    "core.v1.Service": Rules(services.service, services.service_update, services.service_status),
    "core.v1.PersistentVolumeClaim": Rules(claims.claim, claims.claim_update, claims.claim_status),
    "core.v1.PersistentVolume": Rules(storage.persistent_volume, storage.persistent_volume_update),
    "core.v1.ReplicationController": Rules(
        workloads.replication_controller, workloads.replication_controller_update, workload_status.replicas
    ),
    "core.v1.PodTemplate": Rules(workloads.pod_template, workloads.pod_template_update),
    "core.v1.Event": Rules(events.core_event, events.core_event_update),
    "events.v1.Event": Rules(events.event, events.event_update),
    "apps.v1.Deployment": Rules(workloads.deployment, workloads.deployment_update, workload_status.deployment),
    "apps.v1.ReplicaSet": Rules(workloads.replica_set, workloads.replica_set_update, workload_status.replicas),
    "apps.v1.StatefulSet": Rules(workloads.stateful_set, workloads.stateful_set_update, workload_status.stateful_set),
    "apps.v1.DaemonSet": Rules(workloads.daemon_set, workloads.daemon_set_update, workload_status.daemon_set),
    "apps.v1.ControllerRevision": Rules(workloads.controller_revision, workloads.controller_revision_update),
    "batch.v1.Job": Rules(batch.job, batch.job_update, job_status.job_status),
    "batch.v1.CronJob": Rules(cron_jobs.cron_job, cron_jobs.cron_job_update),
    "networking.v1.Ingress": Rules(ingress.ingress, ingress.ingress_update, ingress.ingress_status),
    "networking.v1.IngressClass": Rules(ingress.ingress_class, ingress.ingress_class_update),
    "networking.v1.NetworkPolicy": Rules(network_policy.network_policy, network_policy.network_policy_update),
    "networking.v1.IPAddress": Rules(service_addresses.ip_address, service_addresses.ip_address_update),
    "networking.v1.ServiceCIDR": Rules(service_addresses.service_cidr, service_addresses.service_cidr_update),
    "discovery.v1.EndpointSlice": Rules(endpoint_slices.endpoint_slice, endpoint_slices.endpoint_slice_update),
    "autoscaling.v2.HorizontalPodAutoscaler": Rules(
        autoscaling.autoscaler, autoscaling.autoscaler_update, autoscaling.autoscaler_status
    ),
    "autoscaling.v1.HorizontalPodAutoscaler": Rules(
        autoscaling.autoscaler_v1, autoscaling.autoscaler_v1_update, autoscaling.autoscaler_status
    ),
    "autoscaling.v1.Scale": Rules(autoscaling.scale),
    "policy.v1.PodDisruptionBudget": Rules(
        policy.disruption_budget, policy.disruption_budget_update, policy.disruption_budget_status
    ),
    "scheduling.v1.PriorityClass": Rules(policy.priority_class, policy.priority_class_update),
    "coordination.v1.Lease": Rules(policy.lease, policy.lease_update),
    "node.v1.RuntimeClass": Rules(policy.runtime_class, policy.runtime_class_update),
    "resource.v1.ResourceClaim": Rules(device_claims.claim, device_claims.claim_update),
    "resource.v1.ResourceClaimTemplate": Rules(device_claims.claim_template, device_claims.claim_template_update),
    "resource.v1.DeviceClass": Rules(device_claims.device_class, device_claims.device_class_update),
    "storage.v1.StorageClass": Rules(storage_classes.storage_class, storage_classes.storage_class_update),
    "storage.v1.VolumeAttachment": Rules(
        storage_classes.volume_attachment,
        storage_classes.volume_attachment_update,
        storage_classes.volume_attachment_update,
    ),
    "storage.v1.VolumeAttributesClass": Rules(
        storage_classes.attributes_class, storage_classes.attributes_class_update
    ),
    "storage.v1.CSINode": Rules(storage_classes.csi_node, storage_classes.csi_node_update),
    "storage.v1.CSIDriver": Rules(storage_classes.csi_driver, storage_classes.csi_driver_update),
    "storage.v1.CSIStorageCapacity": Rules(storage_classes.storage_capacity, storage_classes.storage_capacity_update),
    "rbac.v1.Role": Rules(rbac.role, rbac.role_update),
    "rbac.v1.ClusterRole": Rules(rbac.cluster_role, rbac.cluster_role_update),
    "rbac.v1.RoleBinding": Rules(rbac.role_binding, rbac.role_binding_update),
    "rbac.v1.ClusterRoleBinding": Rules(rbac.cluster_role_binding, rbac.cluster_role_binding_update),
    "apiextensions.v1.CustomResourceDefinition": Rules(
        definition.custom_resource_definition,
        definition.custom_resource_definition_update,
        definition.custom_resource_definition_status,
    ),
    "admissionregistration.v1.ValidatingWebhookConfiguration": Rules(webhooks.webhooks, webhooks.webhooks_update),
    "admissionregistration.v1.MutatingWebhookConfiguration": Rules(webhooks.webhooks, webhooks.webhooks_update),
    "admissionregistration.v1.ValidatingAdmissionPolicy": Rules(
        admission_policies.validating_policy,
        admission_policies.validating_policy_update,
        admission_policies.validating_policy_status,
    ),
    "admissionregistration.v1.ValidatingAdmissionPolicyBinding": Rules(
        admission_policies.validating_binding, admission_policies.validating_binding_update
    ),
    "admissionregistration.v1.MutatingAdmissionPolicy": Rules(
        admission_policies.mutating_policy, admission_policies.mutating_policy_update
    ),
    "admissionregistration.v1.MutatingAdmissionPolicyBinding": Rules(
        admission_policies.mutating_binding, admission_policies.mutating_binding_update
    ),
    "certificates.v1.CertificateSigningRequest": Rules(
        certificates.signing_request,
        certificates.signing_request_update,
        certificates.signing_request_status,
        {"approval": certificates.signing_request_approval},
    ),
    "flowcontrol.v1.FlowSchema": Rules(flow_control.flow_schema, flow_control.flow_schema_update, flow_control.status),
    "flowcontrol.v1.PriorityLevelConfiguration": Rules(
        flow_control.priority_level, flow_control.priority_level_update, flow_control.status
    ),
    "apiregistration.v1.APIService": Rules(
        extensions.api_service, extensions.api_service_update, extensions.api_service_status
    ),
}
"""By the definition's short name; Pods have three ways to be changed and stand apart."""

POD = "core.v1.Pod"
OTHER = Rules(extensions.other)


def _causes(r: Report) -> list[Cause]:
    return [Cause(e.reason, e.message, e.field) for e in r.told()]


def validate_create(resource: Resource, data: dict[str, Any]) -> list[Cause]:
    """Every cause why a new object is invalid."""
    r = Report()
    if resource.definition == POD:
        pods.pod(r, data)
    elif resource.definition in RULES:
        RULES[resource.definition].create(r, data)
    else:
        metadata.object_meta(r, part(data, "metadata"), metadata.any_name, resource.namespaced)
    return _causes(r)


def validate_metadata(resource: Resource, new: dict[str, Any], old: dict[str, Any]) -> list[Cause]:
    """What is told of a change of any kind before its own rules are asked."""
    r = Report()
    metadata.every_update(r, part(new, "metadata"), part(old, "metadata"), resource.namespaced)
    return _causes(r)


def validate_update(resource: Resource, new: dict[str, Any], old: dict[str, Any], subresource: str = "") -> list[Cause]:
    """Every cause why a change is invalid."""
    r = Report()
    if resource.definition == POD:
        pod_update.pod_update(r, new, old, subresource)
    else:
        rules = RULES.get(resource.definition, OTHER)
        rules.subresources.get(subresource, rules.update)(r, new, old)
    return _causes(r)


def validate_status(resource: Resource, new: dict[str, Any], old: dict[str, Any]) -> list[Cause]:
    """Every cause why a change of the status is invalid."""
    r = Report()
    if resource.definition == POD:
        pod_status.pod_status_update(r, new, old)
    else:
        RULES.get(resource.definition, OTHER).status(r, new, old)
    return _causes(r)
