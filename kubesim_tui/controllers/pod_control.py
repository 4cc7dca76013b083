"""How controllers make and delete Pods: from a template, with an owner, and an Event for each.

As RealPodControl in pkg/controller. Pods of one template share its spec and labels, which the API server knows by
identity: that is what makes 10,000 replicas cheap.
"""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api import types
from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.types import Object, ObjectMeta, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.apiserver.request import Options


def pod_from_template(template: types.PodTemplateSpec, owner: Object, name: str = "") -> Pod:
    """A Pod of a template, controlled by the owner; without a name it gets one of `<owner>-<five letters>`."""
    meta = template.metadata or types.NO_META
    return Pod(
        metadata=ObjectMeta(
            name=name,
            generate_name="" if name else f"{owner.metadata.name}-",
            namespace=owner.metadata.namespace,
            labels=meta.labels,
            annotations=meta.annotations,
            finalizers=meta.finalizers,
            owner_references=(controller_ref(owner),),
        ),
        spec=template.spec,
    )


def is_terminating_namespace(refused: StatusError) -> bool:
    """Refused since the namespace is being deleted: every further try would be, too."""
    return any(c.reason == "NamespaceTerminating" for c in refused.details.causes)


class PodControl:
    """A controller's hand on Pods."""

    def __init__(self, client: Client, recorder: Recorder) -> None:
        self.client, self.recorder = client, recorder

    def create(self, pod: Pod, owner: Object) -> Pod:
        """Create; the owner's Events say whether it worked. StatusError if it was refused."""
        try:
            made = self.client.create(pod)
        except StatusError as refused:
            if not is_terminating_namespace(refused):
                self.recorder.event(owner, WARNING, "FailedCreate", f"Error creating: {refused.message}")
            raise
        self.recorder.event(owner, NORMAL, "SuccessfulCreate", f"Created pod: {made.metadata.name}")
        return made

    def delete(self, pod: Pod, owner: Object) -> None:
        """Delete; StatusError if it was refused (a Pod that is gone already: 404, without an Event)."""
        meta = pod.metadata
        try:
            self.client.delete(Pod, meta.namespace, meta.name, Options(uid=meta.uid))
        except StatusError as refused:
            if refused.code != 404:
                self.recorder.event(owner, WARNING, "FailedDelete", f"Error deleting: {refused.message}")
            raise
        self.recorder.event(owner, NORMAL, "SuccessfulDelete", f"Deleted pod: {meta.name}")


def slow_start(count: int, create: Callable[[], object]) -> StatusError | None:
    """Call `create` in batches of 1, 2, 4, 8 …: a quota that forbids all is hit once, not `count` times.

    A batch is tried to its end, as upstream's runs concurrently; the first refusal is returned and no batch follows.
    Throttled and Unreachable pass through at once.
    """
    left, batch = count, min(1, count)
    while batch:
        refused: StatusError | None = None
        for _ in range(batch):
            try:
                create()
            except StatusError as error:
                if not is_terminating_namespace(error):
                    refused = refused or error
        if refused is not None:
            return refused
        left -= batch
        batch = min(2 * batch, left)
    return None
