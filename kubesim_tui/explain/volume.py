"""Why a Pod's volumes are not there."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.claims import claims_of
from kubesim_tui.explain import storage
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import missing_config
from kubesim_tui.explain.evidence import Evidence

REASONS = ("FailedMount", "FailedAttachVolume")
SUMMARY = "Unable to attach or mount volumes"
"""What is said of all volumes together, after two minutes: it does not tell why."""


def not_mounted(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod whose containers wait for a volume; None if that is not it."""
    about = subject(pod)
    failed = evidence.event(about, *REASONS, but=SUMMARY) or evidence.event(about, *REASONS)
    status = pod.status or types.PodStatus()
    if any(c.state and c.state.running for c in status.container_statuses):
        return None
    slow = _driver(evidence, pod)
    if slow is not None:
        return slow
    if failed is None:
        return None
    component = "attachdetach-controller" if failed.reason == "FailedAttachVolume" else "kubelet"
    at = evidence.tick_of(failed.last_timestamp)
    link = Link(failed.message, component, at, about, failed.reason)
    missing = missing_config(failed.message, pod.metadata.namespace)
    if missing is not None:
        return Chain((link,), "config-missing", missing)
    if any(words in failed.message for words in storage.REFUSALS):
        return storage.failing(evidence, pod).after(link)
    return storage.elsewhere(evidence, pod, link) or Chain((link,), "volume-not-mounted", about)


def _driver(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a disk that does not come because nobody attaches it, or only slowly; None if that is not it."""
    seconds = evidence.world.storage_seconds()
    names = claims_of(pod)
    if seconds == 0 or not names:
        return None
    about: Subject = ("PersistentVolumeClaim", pod.metadata.namespace, names[0])
    head = Link(f"Pod {pod.metadata.name} waits for its disk", "kubelet", None, subject(pod))
    what = "does not answer" if seconds is None else f"takes {seconds} s to attach or detach a disk"
    return Chain((head, Link(f"the CSI driver {what}", "csi-attacher", None, about)), "storage-down", about)


def unbound_claim(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind the first claim of a Pod that has no volume, or does not exist."""
    for name in claims_of(pod):
        about: Subject = ("PersistentVolumeClaim", pod.metadata.namespace, name)
        claim = evidence.etcd.get("persistentvolumeclaims", about[1:])
        if not isinstance(claim, types.PersistentVolumeClaim):
            return Chain((Link(f"claim {name} does not exist", "etcd", None, about),), "claim-unbound", about)
        if claim.status is None or claim.status.phase != "Bound":
            slow = _driver(evidence, pod)
            if slow is not None:
                return slow
            return claim_not_bound(evidence, claim)
    return None


def claim_not_bound(evidence: Evidence, claim: types.PersistentVolumeClaim) -> Chain | None:
    """The chain behind a claim without a volume; None if it has one."""
    if claim.status is not None and claim.status.phase == "Bound":
        return None
    about = subject(claim)
    told = evidence.event(about, "ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer")
    text = told.message if told is not None else f"claim {about[2]} is not bound"
    at = evidence.tick_of(told.last_timestamp) if told is not None else None
    link = Link(text, "persistentvolume-controller", at, about, told.reason if told is not None else "")
    return Chain((link,), "claim-unbound", about)
