"""Every controller of kube-controller-manager, in the order in which it starts them.

The cluster builds one process of them: `build(kit)` makes all (or those that are named), which share the kit's
informers and process; each is then started by the road it has to the API server.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen

from kubesim_tui.controllers.attachdetach import AttachDetachController
from kubesim_tui.controllers.base import Controller, Kit
from kubesim_tui.controllers.bootstrap import BootstrapSigner, TokenCleaner
from kubesim_tui.controllers.certificates import ApprovingController, CleanerController, SigningController
from kubesim_tui.controllers.clusterroleaggregation import ClusterRoleAggregationController
from kubesim_tui.controllers.cronjob.controller import CronJobController
from kubesim_tui.controllers.daemonset.controller import DaemonSetController
from kubesim_tui.controllers.deployment.controller import DeploymentController
from kubesim_tui.controllers.disruption import DisruptionController
from kubesim_tui.controllers.endpoint import EndpointsController
from kubesim_tui.controllers.endpointslice.controller import EndpointSliceController
from kubesim_tui.controllers.endpointslicemirroring import EndpointSliceMirroringController
from kubesim_tui.controllers.ephemeralvolume import EphemeralVolumeController
from kubesim_tui.controllers.garbagecollector.controller import GarbageCollector
from kubesim_tui.controllers.job.controller import JobController
from kubesim_tui.controllers.namespace import NamespaceController
from kubesim_tui.controllers.nodeipam import NodeIpamController
from kubesim_tui.controllers.nodelifecycle.controller import NodeLifecycleController
from kubesim_tui.controllers.persistentvolume.binder import PersistentVolumeBinder
from kubesim_tui.controllers.persistentvolume.protection import ClaimProtection, VolumeProtection
from kubesim_tui.controllers.persistentvolume.provisioner import Provisioner
from kubesim_tui.controllers.persistentvolume.resizer import VolumeResizer
from kubesim_tui.controllers.podautoscaler.controller import HorizontalPodAutoscalerController
from kubesim_tui.controllers.podgc import PodGarbageCollector
from kubesim_tui.controllers.replicaset.replica_set import ReplicaSetController
from kubesim_tui.controllers.replicaset.replication_controller import ReplicationControllerController
from kubesim_tui.controllers.resourcequota import ResourceQuotaController
from kubesim_tui.controllers.rootcacertpublisher import RootCACertPublisher
from kubesim_tui.controllers.serviceaccount import ServiceAccountController
from kubesim_tui.controllers.serviceaccounttoken import ServiceAccountTokenController
from kubesim_tui.controllers.snapshot.common import SnapshotController
from kubesim_tui.controllers.snapshot.snapshotter import Snapshotter
from kubesim_tui.controllers.statefulset.controller import StatefulSetController
from kubesim_tui.controllers.tainteviction import TaintEvictionController
from kubesim_tui.controllers.ttlafterfinished import TTLAfterFinishedController


@frozen
class Row:
    """One controller: its canonical name (as in --controllers) and its class, called with (name, kit)."""

    name: str
    cls: type[Controller]

    @property
    def account(self) -> str:
        """The service account in kube-system as which it speaks."""
        return self.cls.account


CONTROLLERS: tuple[Row, ...] = (
    Row("serviceaccount-token-controller", ServiceAccountTokenController),
    Row("serviceaccount-controller", ServiceAccountController),
    Row("endpoints-controller", EndpointsController),
    Row("endpointslice-controller", EndpointSliceController),
    Row("endpointslice-mirroring-controller", EndpointSliceMirroringController),
    Row("replicationcontroller-controller", ReplicationControllerController),
    Row("pod-garbage-collector-controller", PodGarbageCollector),
    Row("resourcequota-controller", ResourceQuotaController),
    Row("namespace-controller", NamespaceController),
    Row("garbage-collector-controller", GarbageCollector),
    Row("daemonset-controller", DaemonSetController),
    Row("job-controller", JobController),
    Row("cronjob-controller", CronJobController),
    Row("deployment-controller", DeploymentController),
    Row("replicaset-controller", ReplicaSetController),
    Row("horizontal-pod-autoscaler-controller", HorizontalPodAutoscalerController),
    Row("disruption-controller", DisruptionController),
    Row("statefulset-controller", StatefulSetController),
    Row("certificatesigningrequest-signing-controller", SigningController),
    Row("certificatesigningrequest-approving-controller", ApprovingController),
    Row("certificatesigningrequest-cleaner-controller", CleanerController),
    Row("node-ipam-controller", NodeIpamController),
    Row("node-lifecycle-controller", NodeLifecycleController),
    Row("taint-eviction-controller", TaintEvictionController),
    Row("persistentvolume-binder-controller", PersistentVolumeBinder),
    Row("csi-provisioner", Provisioner),
    Row("csi-resizer", VolumeResizer),
    Row("snapshot-controller", SnapshotController),
    Row("csi-snapshotter", Snapshotter),
    Row("persistentvolume-attach-detach-controller", AttachDetachController),
    Row("persistentvolumeclaim-protection-controller", ClaimProtection),
    Row("persistentvolume-protection-controller", VolumeProtection),
    Row("ephemeral-volume-controller", EphemeralVolumeController),
    Row("clusterrole-aggregation-controller", ClusterRoleAggregationController),
    Row("ttl-after-finished-controller", TTLAfterFinishedController),
    Row("root-ca-certificate-publisher-controller", RootCACertPublisher),
    Row("bootstrap-signer-controller", BootstrapSigner),
    Row("token-cleaner-controller", TokenCleaner),
)


def build(kit: Kit, without: Collection[str] = ()) -> list[Controller]:
    """All controllers but those named in `without`, not started yet."""
    return [row.cls(row.name, kit) for row in CONTROLLERS if row.name not in without]
