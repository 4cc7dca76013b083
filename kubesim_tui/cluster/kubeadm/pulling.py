"""What kubeadm pulls before it changes anything: all images that a machine of the control plane needs."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.releases import COREDNS, ETCD, PAUSE, minor, newest
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.base import Call
from kubesim_tui.cluster.kubeadm.checks import conclude
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, REGISTRY
from kubesim_tui.cluster.kubeadm.packages import KUBEADM, installed
from kubesim_tui.cluster.kubeadm.running import Run, Step
from kubesim_tui.world.errors import WorldError
from kubesim_tui.world.pulls import Pull

PULLING = (
    "Pulling images required for setting up a Kubernetes cluster",
    "This might take a minute or two, depending on the speed of your internet connection",
    "You can also perform this action beforehand using 'kubeadm config images pull'",
)


def images(version: str, *, etcd: bool = True) -> list[str]:
    """All of a release, in kubeadm's order; `etcd`: it is not external."""
    names = [f"{name}:{version}" for name in (*COMPONENTS, "kube-proxy")]
    names += [f"coredns/coredns:{COREDNS}", f"pause:{PAUSE}", *((f"etcd:{ETCD}",) if etcd else ())]
    return [f"{REGISTRY}/{name}" for name in names]


def listed(call: Call) -> list[str]:
    """Of `kubeadm config images list`."""
    version = call.flags.get("kubernetes-version") or newest(minor(installed(call.machine, KUBEADM)))
    return images(version)


def steps(call: Call) -> list[Step]:
    """Of `kubeadm config images pull`."""
    return [Image(name) for name in listed(call)]


@define(eq=False)
class Image:
    """One image on its way."""

    name: str
    pull: Pull | None = None

    def here(self, run: Run) -> bool:
        """Whether it is there; else it is pulled. Failure if it does not come."""
        runtime = run.call.machine.runtime
        try:
            if self.pull is None and not runtime.has_image(self.name):
                self.pull = runtime.pull(self.name, run.now)
            if self.pull is not None and self.pull.finished and self.pull.error is not None:
                raise self.pull.error
        except WorldError as wrong:
            raise Failure(f"failed to pull image {self.name}: {wrong}") from wrong
        return self.pull is None or self.pull.finished

    def go(self, run: Run) -> bool:
        """As a step of a command."""
        here = self.here(run)
        if here:
            run.say(f"[config/images] Pulled {self.name}")
        return here


@define(eq=False)
class PullImages:
    """All images of the release are there, or are pulled, one after the other. `prefix`: of what is said."""

    prefix: str = "[upgrade/preflight]"
    left: list[Image] | None = None

    def go(self, run: Run) -> bool:
        """Go on with the next one as soon as one has come."""
        if self.left is None:
            run.say(*(f"{self.prefix} {line}" for line in PULLING))
            etcd = not config.wishes(run.configuration).etcd_servers
            self.left = [Image(name) for name in images(run.version, etcd=etcd)]
        try:
            while self.left and self.left[0].here(run):
                del self.left[0]
        except Failure as wrong:
            conclude(run, [("ImagePull", str(wrong))], "preflight")
            self.left.clear()
        return not self.left
