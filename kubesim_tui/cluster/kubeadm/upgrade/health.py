"""Whether a cluster is well enough for it: a Job runs in it, its control plane is Ready, no manifest is missing.

As phases/upgrade/health.go.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.releases import PAUSE
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Node
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.kubeadm.checks import conclude
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, REGISTRY, path_of
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.plane import CONTROL_PLANE_ROLE

PREFIX, NAMESPACE = "upgrade-health-check", "kube-system"
PATIENCE, MARGIN = 60, 5
"""Seconds for the Job to complete; seconds more until it is given up, and cleared away."""


@define(eq=False)
class Health:
    """See the module. `phase`: in which it is asked; `before`: what stands before its failure."""

    phase: str = ""
    before: str = ""
    job: str = ""
    began: int = -1

    def go(self, run: Run) -> bool:
        """Make the Job, wait for it, and look at the rest."""
        if self.began < 0:
            run.say("[upgrade] Running cluster health checks")
            self.began = run.now
        said = self._job(run)
        if said is None:
            return False
        found = [("CreateJob", said), ("ControlPlaneNodesReady", _ready(run)), ("StaticPodManifest", _manifests(run))]
        conclude(run, [(name, wrong) for name, wrong in found if wrong], self.phase)
        return True

    def _job(self, run: Run) -> str | None:
        """What is wrong with the Job; "" if it has completed, None while it may yet."""
        late, client = run.now >= self.began + PATIENCE, run.call.client
        name = self.job or f"{PREFIX}-{run.call.now * 1000}"
        try:
            if not self.job:
                if not client.list(Node, "", field_selector="spec.unschedulable=false"):
                    return ""  # there is no node for it: the check is skipped
                run.call.put(_job(name))
                self.job = name
            job = client.send(Request(client.user, "get", for_plural("jobs"), NAMESPACE, name))
        except ApiError as wrong:
            told = run.call.told(wrong, f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs")
            return f'could not create Job "{name}" in the namespace "{NAMESPACE}": {told}' if late else None
        conditions = (job.rest.get("status") or {}).get("conditions") or ()
        if any(c["type"] == "Complete" and c["status"] == "True" for c in conditions):
            return ""
        if not late:
            return None
        said = "no condition of type Complete"
        return f'Job "{name}" in the namespace "{NAMESPACE}" did not complete in 1m0s: {said}'


def _job(name: str) -> dict[str, object]:
    user = {"runAsUser": 999, "runAsGroup": 999, "runAsNonRoot": True}
    template = {
        "restartPolicy": "Never",
        "securityContext": user,
        "tolerations": [{"key": CONTROL_PLANE_ROLE, "effect": "NoSchedule"}],
        "containers": [{"name": PREFIX, "image": f"{REGISTRY}/pause:{PAUSE}", "args": ["-v"]}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": PATIENCE + MARGIN,
            "activeDeadlineSeconds": PATIENCE + MARGIN,
            "template": {"spec": template},
        },
    }


def _ready(run: Run) -> str:
    try:
        nodes = run.call.client.list(Node, "", label_selector=f"{CONTROL_PLANE_ROLE}=")
    except ApiError as wrong:
        return f'could not list nodes labeled with "{CONTROL_PLANE_ROLE}": {run.call.told(wrong, "/api/v1/nodes")}'
    conditions = {n.metadata.name: (n.status.conditions if n.status else ()) for n in nodes}
    wrong_ones = [n for n, found in conditions.items() if any(c.type == "Ready" and c.status != "True" for c in found)]
    return f"there are NotReady control-planes in the cluster: [{' '.join(wrong_ones)}]" if wrong_ones else ""


def _manifests(run: Run) -> str:
    missing = [path_of(name) for name in COMPONENTS if path_of(name) not in run.call.machine.files]
    return f"manifest files not found: [{' '.join(missing)}]" if missing else ""
