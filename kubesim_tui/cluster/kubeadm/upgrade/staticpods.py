"""The heart of an upgrade: one manifest after another is put in the place of the old one, and the kubelet waited for.

As phases/upgrade/staticpods.go: etcd comes first, then kube-apiserver, kube-controller-manager and kube-scheduler.
Whatever does not come up in five minutes makes kubeadm put the old manifests back, of all components so far (of etcd
only if it was etcd). A component counts as restarted when its mirror Pod has another hash and all of its Pods run.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from kubesim_tui.api.helpers.static_pods import CONFIG_HASH
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.certs import OWN_NAMES, local
from kubesim_tui.cluster.kubeadm.checks import in_phase
from kubesim_tui.cluster.kubeadm.failure import Failure
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, control_plane, path_of, texts
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.plane import ETCD, SERVER

PHASE, TEMPORARY, NAMESPACE = "control-plane", "/etc/kubernetes/tmp", "kube-system"
PATIENCE, SHOWN = 300, "5m0s"
ETCD_PATIENCE = 150
"""etcd is asked ten times, 15 s apart."""
LATE = "context deadline exceeded"
CERTIFICATES: Mapping[str, tuple[str, ...]] = {
    ETCD: ("etcd-server", "etcd-peer", "etcd-healthcheck-client"),
    SERVER: ("apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client"),
    "kube-controller-manager": ("controller-manager.conf",),
    "kube-scheduler": ("scheduler.conf",),
}
"""What a component is given anew before it starts."""
ALWAYS = ("admin.conf", "super-admin.conf")
"""At the end."""
DIGITS = "0123456789"


@define(eq=False)
class Plan:
    """What one machine's upgrade shares: the new manifests, where the old ones are kept, and who has been touched."""

    new: dict[str, str] = field(factory=dict)  # component → text
    backup: str = ""  # the directory of old manifests
    hashes: dict[str, str] = field(factory=dict)  # of mirror Pods, before
    touched: list[str] = field(factory=list)


@define(eq=False)
class Prepare:
    """Note how things are, and write the new manifests beside the old ones."""

    plan: Plan
    began: int = -1

    def go(self, run: Run) -> bool:
        """As soon as the API server tells the hashes of all mirror Pods."""
        self.began = run.now if self.began < 0 else self.began
        stacked = not config.wishes(run.configuration).etcd_servers and run.flag("etcd-upgrade", default=True)
        for component in (*COMPONENTS, *((ETCD,) if stacked else ())):
            found = _hash(run, component)
            if isinstance(found, Failure):
                if run.now < self.began + PATIENCE:
                    return False
                raise Failure(in_phase(PHASE, f"couldn't complete the static pod upgrade: {found}"))
            self.plan.hashes[component] = found
        draws = run.call.cluster.chance.stream("kubeadm/directories")
        number = "".join(draws.choice(DIGITS) for _ in range(10))
        run.say(
            f'[upgrade/staticpods] Writing new Static Pod manifests to "{TEMPORARY}/kubeadm-upgraded-manifests{number}"'
        )
        self.plan.backup = f"{TEMPORARY}/kubeadm-backup-manifests-{run.call.stamp}"
        wishes = config.wishes(config.of_version(run.configuration, run.version))
        written = texts(control_plane(wishes))
        self.plan.new = {name: written[path_of(name)] for name in self.plan.hashes}
        member = run.call.machine.name
        if stacked and not run.call.cluster.plane.members.serves(member):
            said = "etcd cluster is not healthy: context deadline exceeded"
            raise Failure(in_phase(PHASE, f"couldn't complete the static pod upgrade: {said}"))
        run.steps[1:1] = [
            *((Component(self.plan, ETCD), EtcdAvailable()) if stacked else ()),
            *(Component(self.plan, name) for name in COMPONENTS),
        ]
        return True


@define(eq=False)
class Component:
    """One component: its certificates, its manifest, and waiting for it."""

    plan: Plan
    name: str
    since: int = -1
    changed: bool = False  # the mirror Pod has another hash, or nobody waits for one
    known: int = -1  # how many Pods were found last

    def go(self, run: Run) -> bool:
        """Begin, or see whether it is back."""
        if self.since < 0:
            return not self._replace(run)
        if not self.changed and not self._hash_changed(run):
            return False
        if not self._all_run(run):
            return False
        run.say(f'[upgrade/staticpods] Component "{self.name}" upgraded successfully!')
        return True

    def _replace(self, run: Run) -> bool:
        """Put the new manifest in place; False if there is nothing to do."""
        files, path, new = run.call.machine.files, path_of(self.name), self.plan.new[self.name]
        run.say(f'[upgrade/staticpods] Preparing for "{self.name}" upgrade')
        self.plan.touched.append(self.name)
        if path not in files:
            said = f"open {path}: no such file or directory"
            raise Failure(in_phase(PHASE, f"couldn't complete the static pod upgrade: {said}"))
        equal = files.get(path) == new
        if equal and (self.name != ETCD or files.get(path_of(SERVER)) == self.plan.new[SERVER]):
            run.say(f"[upgrade/staticpods] Current and new manifests of {self.name} are equal, skipping upgrade")
            return False
        renews = run.flag("certificate-renewal", default=True)
        if renews:
            for certificate in local(run.call, CERTIFICATES[self.name]):
                run.say(f"[upgrade/staticpods] Renewing {certificate} certificate")
                run.call.cluster.trust.issue(OWN_NAMES.get(certificate, certificate), run.place)
        backup = f"{self.plan.backup}/{self.name}.yaml"
        run.say(
            f'[upgrade/staticpods] Restarting the {self.name} static pod and backing up its manifest to "{backup}"'
            if equal and renews
            else f'[upgrade/staticpods] Moving new manifest to "{path}" and backing up old manifest to "{backup}"'
        )
        files[backup] = files.pop(path)
        run.call.cluster.look()
        files[path] = new
        run.call.cluster.look()
        run.say("[upgrade/staticpods] Waiting for the kubelet to restart the component")
        run.say(f"[upgrade/staticpods] This can take up to {SHOWN}")
        self.since, self.changed = run.now, equal
        return True

    def _hash_changed(self, run: Run) -> bool:
        found = _hash(run, self.name)
        if not isinstance(found, Failure) and found != self.plan.hashes[self.name]:
            self.changed, self.since = True, run.now
            return True
        if run.now >= self.since + PATIENCE:
            late = f"static Pod hash for component {self.name} on Node {run.place} did not change after {SHOWN}: {LATE}"
            self._roll_back(run, str(found) if isinstance(found, Failure) else late)
        return False

    def _all_run(self, run: Run) -> bool:
        selector = f"component={self.name}"
        try:
            pods = run.call.client.list(Pod, NAMESPACE, label_selector=selector)
        except ApiError as wrong:
            query = selector.replace("=", "%3D")
            said = run.call.told(wrong, f"/api/v1/namespaces/{NAMESPACE}/pods?labelSelector={query}")
            run.say(f'[apiclient] Error getting Pods with label selector "{selector}" [{said}]')
            pods = []
        else:
            if len(pods) != self.known:
                self.known = len(pods)
                run.say(f"[apiclient] Found {self.known} Pods for label selector {selector}")
        if pods and all(pod.status is not None and pod.status.phase == "Running" for pod in pods):
            return True
        if run.now >= self.since + PATIENCE:
            self._roll_back(run, LATE)
        return False

    def _roll_back(self, run: Run, said: str) -> None:
        """Put the old manifests back, as far as there are any, and fail."""
        files, errors = run.call.machine.files, [said]
        for name in self.plan.touched:
            if name == ETCD != self.name:
                continue
            backup, path = f"{self.plan.backup}/{name}.yaml", path_of(name)
            if backup in files:
                files[path] = files.pop(backup)
            else:
                errors.append(f"rename {backup} {path}: no such file or directory")
        run.call.cluster.look()
        faced = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        told = "couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state."
        told = f"{told} Errors faced: {faced}"
        if self.name == ETCD:
            run.say(f"[upgrade/etcd] Failed to upgrade etcd: {told}")
            fatal = "fatal error when trying to upgrade the etcd cluster, rolled the state back to pre-upgrade state"
            told = f"{fatal}: {told}"
        raise Failure(in_phase(PHASE, f"couldn't complete the static pod upgrade: {told}"))


@define(eq=False)
class EtcdAvailable:
    """etcd's member is waited for until it serves."""

    since: int = -1

    def go(self, run: Run) -> bool:
        """Ask it."""
        if self.since < 0:
            self.since = run.now
            run.say("[upgrade/etcd] Waiting for etcd to become available")
        if run.call.cluster.plane.members.serves(run.place):
            return True
        if run.now < self.since + ETCD_PATIENCE:
            return False
        said = f"timeout waiting for etcd cluster to be available: {LATE}"
        run.say(f"[upgrade/etcd] Failed to healthcheck etcd: {said}")
        raise Failure(in_phase(PHASE, f"couldn't complete the static pod upgrade: {said}"))


@define(eq=False)
class Finish:
    """The certificates of people are renewed as well."""

    def go(self, run: Run) -> bool:
        """Renew them, if that is wished."""
        if run.flag("certificate-renewal", default=True):
            for name in ALWAYS:
                run.call.cluster.trust.issue(name, run.place)
        run.call.cluster.look()
        run.say("[upgrade/control-plane] The control plane instance for this node was successfully upgraded!")
        return True


def _hash(run: Run, component: str) -> str | Failure:
    """Of a mirror Pod, or why it is not known."""
    name = f"{component}-{run.place}"
    try:
        pod = run.call.client.get(Pod, NAMESPACE, name)
    except ApiError as wrong:
        said = run.call.told(wrong, f"/api/v1/namespaces/{NAMESPACE}/pods/{name}?timeout=10s")
        return Failure(f"failed to obtain static Pod hash for component {component} on Node {run.place}: {said}")
    return str(pod.metadata.annotations.get(CONFIG_HASH, ""))
