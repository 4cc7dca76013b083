"""What kubeadm pulls before it changes anything: all images that a machine of the control plane needs."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.api.releases import COREDNS, ETCD, PAUSE
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.checks import conclude
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, REGISTRY
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.world.errors import WorldError
from kubesim_tui.world.pulls import Pull

PULLING = (
    "Pulling images required for setting up a Kubernetes cluster",
    "This might take a minute or two, depending on the speed of your internet connection",
    "You can also perform this action beforehand using 'kubeadm config images pull'",
)


@define(eq=False)
class PullImages:
    """All images of the release are there, or are pulled, one after the other. `prefix`: of what is said."""

    prefix: str = "[upgrade/preflight]"
    left: list[str] = field(factory=list)
    begun: bool = False
    pull: Pull | None = None

    def go(self, run: Run) -> bool:
        """Go on with the next one as soon as one has come."""
        runtime = run.call.machine.runtime
        if not self.begun:
            self.begun = True
            run.say(*(f"{self.prefix} {line}" for line in PULLING))
            names = [f"{name}:{run.version}" for name in (*COMPONENTS, "kube-proxy")]
            names += [f"coredns/coredns:{COREDNS}", f"pause:{PAUSE}"]
            names += [] if config.wishes(run.configuration).etcd_servers else [f"etcd:{ETCD}"]
            self.left = [f"{REGISTRY}/{name}" for name in names]
        try:
            while self.left:
                if self.pull is None and not runtime.has_image(self.left[0]):
                    self.pull = runtime.pull(self.left[0], run.now)
                if self.pull is not None and not self.pull.finished:
                    return False
                if self.pull is not None and self.pull.error is not None:
                    raise self.pull.error
                self.pull = None
                del self.left[0]
        except WorldError as wrong:
            conclude(run, [("ImagePull", f"failed to pull image {self.left[0]}: {wrong}")], "preflight")
            self.left.clear()
        return True
