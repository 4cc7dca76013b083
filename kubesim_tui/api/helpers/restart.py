"""Whether a container that has ended is started again: by its rules, its own policy, or else its Pod's.

As pkg/api/v1/pod/util.go (ContainerRestartRules, RestartAllContainersOnContainerExits: both are on in 1.37). Rules
are those of a container with a policy of its own; the first that matches an exit code decides. One may ask for all
containers of the Pod to be started anew.
"""

from __future__ import annotations

from kubesim_tui.api.types import Container, PodSpec

RESTART, RESTART_ALL = "Restart", "RestartAllContainers"
POLICIES = ("Always", "OnFailure", "Never")


def action(container: Container, exit_code: int) -> str:
    """What the first rule that matches an exit code wants; "" if none does."""
    for rule in container.rest.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        inside = exit_code in (codes.get("values") or ())
        if codes.get("operator") == ("In" if inside else "NotIn"):
            return str(rule["action"])
    return ""


def policy(container: Container, spec: PodSpec) -> str:
    """A container's own policy, else the Pod's."""
    own = container.restart_policy
    return own if own in POLICIES else spec.restart_policy


def restarts(container: Container, spec: PodSpec, exit_code: int) -> bool:
    """Whether a container that ended so is started again."""
    if container.restart_policy is not None and action(container, exit_code) in (RESTART, RESTART_ALL):
        return True
    chosen = policy(container, spec)
    return chosen not in ("Never", "OnFailure") or (chosen == "OnFailure" and exit_code != 0)


def restarts_all(container: Container, exit_code: int) -> bool:
    """Whether all containers are started anew when this one has ended so."""
    return action(container, exit_code) == RESTART_ALL


def could_restart_all(spec: PodSpec) -> bool:
    """Whether some container may have all of them started anew."""
    containers = (*spec.init_containers, *spec.containers)
    return any(rule["action"] == RESTART_ALL for c in containers for rule in c.rest.get("restartPolicyRules") or ())
