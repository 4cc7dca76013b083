"""kubeadm's ClusterConfiguration, which lies in the ConfigMap kubeadm-config: how the cluster was set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.releases import VERSION, numbers
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import Wishes

NAME, NAMESPACE, KEY = "kubeadm-config", "kube-system", "ClusterConfiguration"
PATIENCE = 60
"""For how many seconds the API server is asked again."""
SECTIONS: Mapping[str, str] = {
    "kube-apiserver": "apiServer",
    "kube-controller-manager": "controllerManager",
    "kube-scheduler": "scheduler",
}
Configuration = Mapping[str, Any]


def make(
    pods: str,
    services: str,
    arguments: Mapping[str, Mapping[str, str]],
    etcd_servers: Sequence[str] = (),
    endpoint: str = "",
    version: str = VERSION,
) -> Configuration:
    """That of a new cluster: its ranges of addresses, and what its components are told besides kubeadm's own flags.

    `endpoint`: where several API servers are found.
    """
    external = {"endpoints": [f"https://{address}:2379" for address in etcd_servers]}
    return {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        **{section: _section(arguments.get(name, {})) for name, section in SECTIONS.items()},
        "caCertificateValidityPeriod": "87600h0m0s",
        "certificateValidityPeriod": "8760h0m0s",
        "certificatesDir": "/etc/kubernetes/pki",
        "clusterName": "kubernetes",
        **({"controlPlaneEndpoint": endpoint} if endpoint else {}),
        "dns": {},
        "encryptionAlgorithm": "RSA-2048",
        "etcd": {"external": external} if etcd_servers else {"local": {"dataDir": "/var/lib/etcd"}},
        "imageRepository": "registry.k8s.io",
        "kubernetesVersion": version,
        "networking": {"dnsDomain": "cluster.local", "podSubnet": pods, "serviceSubnet": services},
        "proxy": {},
    }


def _section(arguments: Mapping[str, str]) -> Mapping[str, Any]:
    found = [{"name": name, "value": value} for name, value in sorted(arguments.items())]
    return {"extraArgs": found} if found else {}


def of_version(configuration: Configuration, version: str) -> Configuration:
    """The same cluster in another release."""
    return {**configuration, "kubernetesVersion": version}


def wishes(configuration: Configuration) -> Wishes:
    """What manifests follow from it."""
    arguments = {
        name: {one["name"]: str(one["value"]) for one in (configuration.get(section) or {}).get("extraArgs") or ()}
        for name, section in SECTIONS.items()
    }
    endpoints = ((configuration.get("etcd") or {}).get("external") or {}).get("endpoints") or ()
    servers = tuple(text.removeprefix("https://").rpartition(":")[0] for text in endpoints)
    return Wishes(str(configuration["kubernetesVersion"]), arguments, servers)


def config_map(configuration: Configuration) -> Mapping[str, Any]:
    """As it is stored."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {KEY: manifest.dump(configuration)},
    }


def read(data: Mapping[str, str]) -> Configuration:
    """Out of the ConfigMap's data. Failure if it is not there, or cannot be read."""
    text = data.get(KEY)
    if text is None:
        said = f"unexpected error when reading kubeadm-config ConfigMap: {KEY} key value pair missing"
        raise Failure(said)
    documents = manifest.read(text, KEY)
    wrong = documents[0].error if documents else "there is no document"
    if wrong is not None:
        raise Failure(f"failed to decode cluster configuration data: {wrong}")
    found: Configuration = documents[0].data
    try:
        numbers(str(found.get("kubernetesVersion")))
    except ValueError as unreadable:
        said = f'failed to decode cluster configuration data: kubernetesVersion: "{found.get("kubernetesVersion")}"'
        raise Failure(said) from unreadable
    return found
