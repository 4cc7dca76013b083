"""Strokes through the API, as anybody could make them."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.labels import parse as parse_selector
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE
from kubesim_tui.faults.hand import PodAt


class ApiHand(Base):
    """What there is, deletions and releases."""

    def pods(self, namespace: str, selector: str) -> list[PodAt]:
        """Pods that are bound and not yet leaving, by name: those that are Ready, or all if none is."""
        chosen = parse_selector(selector)
        found, ready = [], []
        for pod in self.cluster.etcd.table("pods").in_namespace(namespace):
            assert isinstance(pod, types.Pod)
            bound = pod.spec is not None and pod.spec.node_name
            if bound and pod.metadata.deletion_timestamp is None and chosen.matches(pod.metadata.labels):
                found.append((pod.metadata.namespace, pod.metadata.name, str(bound)))
                if is_pod_ready(pod):
                    ready.append(found[-1])
        return sorted(ready or found)

    def nodes(self) -> list[str]:
        """Names of the Nodes that are not of the control plane."""
        table = self.cluster.etcd.table("nodes")
        return sorted(n.metadata.name for n in table if CONTROL_PLANE_ROLE not in n.metadata.labels)

    def delete_pod(self, namespace: str, name: str) -> bool:
        """As anybody could."""
        try:
            self.somebody.delete(types.Pod, namespace, name)
        except ApiError:
            return False
        return True

    def set_image(self, kind: str, namespace: str, name: str, image: str) -> bool:
        """As a pipeline does: the first container of the template gets an image."""
        cls = {"deployment": types.Deployment, "statefulset": types.StatefulSet}.get(kind.lower(), types.Deployment)
        try:
            found: types.Object = self.pipeline.get(cls, namespace, name)
            container = encode_object(found)["spec"]["template"]["spec"]["containers"][0]["name"]
            template = {"spec": {"containers": [{"name": container, "image": image}]}}
            self.pipeline.patch(cls, namespace, name, {"spec": {"template": template}}, "strategic")
        except ApiError:
            return False
        return True
