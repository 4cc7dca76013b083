"""What Kubernetes' words mean, in the player's language: one line under the selected thing.

The words themselves (STATUS columns, reasons, messages) stay English everywhere, as a player will meet them at work.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.tui.i18n import N_

STATUSES: Mapping[str, str] = {
    "Running": N_("Its containers run and it is ready: it gets its share of the requests."),
    "NotReady": N_("It runs, but its readiness probe fails: Services send it nothing."),
    "Pending": N_("No node has been found for it yet."),
    "ContainerCreating": N_("A node has it; volumes, image and containers are being prepared."),
    "PodInitializing": N_("Its init containers are done; the real ones are about to start."),
    "Terminating": N_("It was told to stop and has until its grace period ends."),
    "Completed": N_("It did its work and exited with 0."),
    "Error": N_("Its container exited with a code other than 0."),
    "CrashLoopBackOff": N_("It keeps exiting; the kubelet waits longer before each new start. Read its logs."),
    "ErrImagePull": N_("The image could not be pulled: wrong name, wrong tag, or the registry is away."),
    "ImagePullBackOff": N_("The image cannot be pulled; the kubelet tries again, less and less often."),
    "InvalidImageName": N_("The name of its image is not a valid one."),
    "ErrImageNeverPull": N_("The image is not on the node, and it was told never to pull it."),
    "CreateContainerConfigError": N_("Something it needs is missing: a ConfigMap, a Secret, or a key of one."),
    "OOMKilled": N_("It used more memory than its limit and was killed."),
    "Evicted": N_("Its node ran short of something and gave it up."),
    "NodeLost": N_("Its node does not answer any more."),
    "Unknown": N_("Its node has not been heard of: nobody knows how it is."),
    "Init": N_("Its init containers run first, one after the other."),
    "SchedulingGated": N_("It waits until a scheduling gate is taken away."),
}

REASONS: Mapping[str, str] = {
    "Scheduled": N_("The scheduler chose a node for it."),
    "FailedScheduling": N_("No node suits it. The message counts the reasons node by node."),
    "Preempted": N_("It had to make room for a more important Pod."),
    "Pulling": N_("The node fetches its image."),
    "Pulled": N_("Its image is on the node."),
    "Created": N_("Its container was created."),
    "Started": N_("Its container was started."),
    "Killing": N_("Its container is being stopped."),
    "BackOff": N_("It failed before; the kubelet waits before it tries again."),
    "Failed": N_("Something about its container failed; the message says what."),
    "Unhealthy": N_("A probe failed. Readiness: no requests for it. Liveness: it will be restarted."),
    "FailedMount": N_("A volume could not be mounted; the Pod waits."),
    "FailedAttachVolume": N_("A volume could not be attached to the node."),
    "FailedCreate": N_("A Pod could not be created: the API server refused it."),
    "SuccessfulCreate": N_("A controller made up the difference between want and is."),
    "SuccessfulDelete": N_("A controller took away what was too much."),
    "ScalingReplicaSet": N_("The Deployment moved replicas between its old and its new ReplicaSet."),
    "DeploymentRollback": N_("The Deployment went back to an earlier revision."),
    "NodeNotReady": N_("The node has not reported in time; after a while its Pods are evicted."),
    "NodeReady": N_("The node reports again."),
    "NodeNotSchedulable": N_("The node was cordoned: it takes no new Pods and keeps those it has."),
    "NodeSchedulable": N_("The node takes new Pods again."),
    "NodeHasInsufficientMemory": N_("The node is short of memory and may evict Pods."),
    "NodeHasDiskPressure": N_("The node is short of disk and may evict Pods."),
    "NodeHasSufficientMemory": N_("The node has enough memory again."),
    "Rebooted": N_("The node has restarted: everything on it started anew."),
    "TaintManagerEviction": N_("Its node has a taint that it does not tolerate: it is evicted."),
    "Evicted": N_("Its node ran short of something and gave it up."),
    "OOMKilling": N_("A process used more memory than allowed and was killed."),
    "ProvisioningSucceeded": N_("A volume was made for the claim."),
    "ProvisioningFailed": N_("No volume could be made for the claim."),
    "WaitForFirstConsumer": N_("The volume is made only when a Pod uses the claim: nothing is wrong."),
    "FailedBinding": N_("No volume suits the claim."),
    "ProgressDeadlineExceeded": N_("The rollout has made no progress for too long."),
}

KINDS: Mapping[str, str] = {
    "Pod": N_("Containers that share one IP. A Pod is never repaired, only replaced."),
    "Deployment": N_("Keeps a number of equal Pods and replaces them step by step when its template changes."),
    "StatefulSet": N_("Keeps Pods with a name and a volume of their own, started and stopped in order."),
    "DaemonSet": N_("Keeps one Pod on every node."),
    "ReplicaSet": N_("Keeps a number of equal Pods."),
    "ReplicationController": N_("Keeps a number of equal Pods; the ancestor of ReplicaSet."),
    "Job": N_("Runs Pods until so many have finished well."),
    "CronJob": N_("Starts a Job by the clock."),
    "Service": N_("A stable name and address; sends each request to one of the ready Pods behind it."),
    "Ingress": N_("Leads requests from outside to Services, by host name and path."),
    "Node": N_("A machine. It runs Pods through its kubelet."),
    "ConfigMap": N_("Plain settings. As environment they are read once, when a container starts."),
    "Secret": N_("As a ConfigMap, in base64: encoded, not encrypted. Access control guards it."),
    "PersistentVolumeClaim": N_("Asks for a volume that outlives its Pod."),
    "PersistentVolume": N_("A piece of storage that outlives Pods."),
    "Event": N_("Something that a component of the cluster noted."),
}

CORDONED = N_("It takes no new Pods; those that run here stay.")
PRESSURE = N_("It is short of something; Pods above their requests may be evicted.")
NO_ENDPOINTS = N_("No ready Pod is behind it: every request fails.")
NODE_DOWN = N_("It does not report. Its Pods look as they last were; 300 s later they are replaced.")


def of_status(status: str) -> str:
    """The source text for a STATUS column (``Init:0/2`` counts as Init); "" where there is none."""
    word = "Init" if status.startswith("Init:") and status.count(":") == 1 and "/" in status else status
    return STATUSES.get(word.removeprefix("Init:"), "")


def of_reason(reason: str) -> str:
    """The source text for an Event's reason; "" where there is none."""
    return REASONS.get(reason) or STATUSES.get(reason, "")
