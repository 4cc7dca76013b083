"""kubectl cluster-info: where the control plane and the cluster's own services are."""

from __future__ import annotations

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import SERVER

URL = f"https://{SERVER}"


def run(env: Env) -> None:
    """The command."""
    services = env.list(for_plural("services"), "kube-system", "kubernetes.io/cluster-service=true")
    env.say(f"Kubernetes control plane is running at {URL}")
    for service in map(encode_object, services):
        meta, ports = service["metadata"], (service.get("spec") or {}).get("ports") or []
        title = (meta.get("labels") or {}).get("kubernetes.io/name") or meta["name"]
        name = f"{meta['name']}:{ports[0]['name']}" if ports and ports[0].get("name") else meta["name"]
        env.say(f"{title} is running at {URL}/api/v1/namespaces/{meta['namespace']}/services/{name}/proxy")
    env.say("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.")
