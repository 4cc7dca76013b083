"""kubectl describe: an object, what belongs to it, and its Events, in words.

One function a kind writes onto a `Writer`; `DESCRIBERS` says which. Kinds without one are described from their JSON.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.kubectl import builder, discovery, files
from kubesim_tui.kubectl.describe.writer import Writer
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.info import Info

DESCRIBERS = {
    "core.v1.Pod": "pod.describe",
    "core.v1.Node": "node.describe",
    "core.v1.Namespace": "namespace.describe",
    "core.v1.ResourceQuota": "namespace.describe_quota",
    "core.v1.LimitRange": "namespace.describe_limits",
    "core.v1.Service": "service.describe",
    "core.v1.Endpoints": "endpoints.describe",
    "discovery.v1.EndpointSlice": "endpoints.describe_slice",
    "core.v1.ConfigMap": "config.describe_config_map",
    "core.v1.Secret": "config.describe_secret",
    "core.v1.ServiceAccount": "config.describe_service_account",
    "core.v1.PersistentVolume": "persistentvolume.describe",
    "core.v1.PersistentVolumeClaim": "persistentvolumeclaim.describe",
    "storage.v1.StorageClass": "persistentvolume.describe_class",
    "storage.v1.CSINode": "persistentvolume.describe_csi_node",
    "storage.v1.VolumeAttributesClass": "persistentvolume.describe_attributes_class",
    "certificates.v1.CertificateSigningRequest": "certificate.describe",
    "networking.v1.ServiceCIDR": "addresses.describe_cidr",
    "networking.v1.IPAddress": "addresses.describe",
    "core.v1.ReplicationController": "replicaset.describe",
    "apps.v1.ReplicaSet": "replicaset.describe",
    "apps.v1.Deployment": "deployment.describe",
    "apps.v1.StatefulSet": "statefulset.describe",
    "apps.v1.DaemonSet": "daemonset.describe",
    "batch.v1.Job": "job.describe",
    "batch.v1.CronJob": "job.describe_cron",
    "networking.v1.Ingress": "ingress.describe",
    "networking.v1.IngressClass": "ingress.describe_class",
    "networking.v1.NetworkPolicy": "policy.describe_network",
    "policy.v1.PodDisruptionBudget": "policy.describe_budget",
    "scheduling.v1.PriorityClass": "policy.describe_priority",
    "autoscaling.v2.HorizontalPodAutoscaler": "autoscaling.describe",
    "rbac.v1.Role": "rbac.describe",
    "rbac.v1.ClusterRole": "rbac.describe",
    "rbac.v1.RoleBinding": "rbac.describe_binding",
    "rbac.v1.ClusterRoleBinding": "rbac.describe_binding",
}
NO_TYPE = (
    'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported '
    "resources."
)

READ_AS = {"autoscaling.v1.HorizontalPodAutoscaler": ("autoscaling/v2", "HorizontalPodAutoscaler")}
"""Which version of a kind upstream asks for instead."""


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if not flags.args and not files.named(env):
        raise error(NO_TYPE)
    infos, failures = builder.chosen(env, flags.args, select_all=True)
    if not infos and len(failures) == 1 and (alike := _alike(env, failures[0])):
        env.show_events = bool(flags["show-events"]) and flags.given("show-events")
        for info in alike:
            env.say(f"{of(env, info)}\n")
        return
    first = True
    env.show_events = bool(flags["show-events"]) and (len(infos) == 1 or flags.given("show-events"))
    for info in infos:
        try:
            text = of(env, info)
        except ApiError as failure:
            failures.append(failure)
            continue
        if not first:
            env.out += ["", ""]
        env.say(text)
        first = False
    if not infos and not failures:
        env.warn("No resources found" if env.all_namespaces else f"No resources found in {env.namespace} namespace.")
    builder.finish(failures)


def _alike(env: Env, refused: ApiError | Fail) -> list[Info]:
    """Of one name that does not exist, the objects that begin with it."""
    args = env.flags.args
    if not isinstance(refused, StatusError) or refused.reason != "NotFound" or len(args) != 2 or files.named(env):
        return []
    wanted = builder.arguments(env, args, select_all=True)
    if len(wanted.pairs) != 1:
        return []
    resource, name = wanted.pairs[0]
    found = [i for i in builder.listed(env, resource) if i.name.startswith(name)]
    if not found and resource.kind == "Pod":
        _gone(env, name, refused)
    return found


def _gone(env: Env, name: str, refused: StatusError) -> None:
    from kubesim_tui.kubectl.describe import pod

    w = Writer(env)
    if pod.missing(w, env.namespace, name, refused.message):
        env.say(w.text())
        raise Fail("", 0)


def of(env: Env, info: Info) -> str:
    """The description of one object. ApiError if something that belongs to it cannot be read."""
    if newer := READ_AS.get(info.resource.definition):
        resource = discovery.for_object(env.client, *newer)
        if resource is not None:
            return text(env, resource, data_of(env.get(resource, info.namespace, info.name)))
    live = info.object if info.object is not None else env.get(info.resource, info.namespace, info.name)
    return text(env, info.resource, data_of(live))


def text(env: Env, resource: Resource, data: dict[str, Any]) -> str:
    """The description of an object's JSON."""
    module, _, function = DESCRIBERS.get(resource.definition, "generic.describe").partition(".")
    w = Writer(env)
    getattr(import_module(f"{__name__}.{module}"), function)(w, data)
    return w.text()
