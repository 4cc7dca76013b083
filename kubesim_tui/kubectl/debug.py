"""kubectl debug: an ephemeral container in a Pod, a changed copy of a Pod, or a Pod in the namespaces of a node.

What is made stands in `debug_pod`, what a profile makes of it in `debug_profiles`.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Node, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubectl import builder, choose_pod, debug_profiles, jobs
from kubesim_tui.kubectl.attach import Attach
from kubesim_tui.kubectl.debug_pod import Debug
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.merge.diff import two_way
from kubesim_tui.kubectl.run_pod import IMAGE, PULL_POLICIES
from kubesim_tui.kubectl.stream import Stream, stdin_of

LEGACY = (
    "--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, "
    'for example "--profile=general".'
)
NON_ROOT = (
    "Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile "
    'may not work. Please consider using "--custom" with a custom profile that specifies '
    '"securityContext.runAsUser: 0".'
)
ONLY_COPIES = ("replace", "same-node", "set-image")
PODS = for_plural("pods")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    names = flags.args if flags.dash < 0 else flags.args[: flags.dash]
    debug = Debug.of(env, [] if flags.dash < 0 else flags.args[flags.dash :])
    attach = bool(flags["attach"]) if flags.given("attach") else bool(flags["stdin"])
    _check(env, debug, names, attach)
    words = [name if "/" in name else f"pods/{name}" for name in names]
    infos, failures = builder.chosen(env, words)
    builder.finish(failures)
    for info in infos:
        if isinstance(info.object, Node):
            made = _debug_node(env, debug, info.object)
        elif isinstance(info.object, Pod):
            made = (_copy if debug.copy_to else _debug_pod)(env, debug, info.object)
        else:
            r = info.resource
            raise error(f'"{r.group}/{r.version}, Kind={r.kind}" not supported by debug')
        if attach and made[2]:
            _attach(env, *made)


def _check(env: Env, debug: Debug, names: list[str], attach: bool) -> None:
    """What does not go together, in kubectl's order."""
    flags, image = env.flags, debug.image
    if attach and flags.given("attach") and not image and not debug.container:
        raise error("you must specify --container or create a new container using --image in order to attach.")
    if debug.copy_to:
        if not image and not debug.set_images and not debug.arguments:
            raise error("you must specify --image, --set-image or command arguments.")
        if debug.arguments and not debug.container and not image:
            raise error("you must specify an existing container or a new image when specifying args.")
    else:
        for name in ONLY_COPIES:
            if flags[name]:
                raise error(f"--{name} may only be used with --copy-to.")
        if not image:
            raise error("you must specify --image when not using --copy-to.")
    if image and not IMAGE.fullmatch(image):
        raise error(f'invalid image name "{image}": invalid reference format')
    if not names and not flags["filename"]:
        raise error("NAME or filename is required for debug")
    if debug.pull_policy and debug.pull_policy not in PULL_POLICIES:
        raise error(f"invalid image pull policy: {debug.pull_policy}")
    for name, other in debug.set_images.items():
        if not IMAGE.fullmatch(other):
            raise error(f'invalid image name "{other}" for container "{name}": invalid reference format')
    if debug.target:
        _target(env, debug)
    if flags["tty"] and not flags["stdin"]:
        raise error("-i/--stdin is required for containers with -t/--tty=true")
    debug_profiles.check_custom(debug.custom)
    if debug.profile == "legacy":
        env.warn(LEGACY)


def _target(env: Env, debug: Debug) -> None:
    if debug.copy_to:
        raise error("--target is incompatible with --copy-to. Use --share-processes instead.")
    if not env.flags["quiet"]:
        env.say(
            f'Targeting container "{debug.target}". If you don\'t see processes from this container it may be because '
            "the container runtime doesn't support this feature."
        )


# -- the three ways --------------------------------------------------------------------------------------------------

Made = tuple[str, str, str]
"""(namespace, Pod, container) to attach to."""


def _debug_pod(env: Env, debug: Debug, pod: Pod) -> Made:
    old = data_of(pod)
    new, name = debug.with_ephemeral(env, old)
    _warn_of_user(env, new, new["spec"]["ephemeralContainers"][-1])
    patch = two_way("core.v1.Pod", old, new)
    meta = pod.metadata
    env.patch(PODS, meta.namespace, meta.name, patch, subresource="ephemeralcontainers")
    return meta.namespace, meta.name, name


def _copy(env: Env, debug: Debug, pod: Pod) -> Made:
    new, name = debug.copy(env, data_of(pod))
    container = next((c for c in new["spec"]["containers"] if c["name"] == name), None)
    if container is not None:
        _warn_of_user(env, new, container)
    env.create(PODS, pod.metadata.namespace, new)
    if env.flags["replace"]:
        env.delete(PODS, pod.metadata.namespace, pod.metadata.name, Options(grace=0))
    return pod.metadata.namespace, debug.copy_to, name


def _debug_node(env: Env, debug: Debug, node: Node) -> Made:
    new, name = debug.node_pod(env, node)
    env.create(PODS, env.namespace, new)
    return env.namespace, new["metadata"]["name"], name


def _warn_of_user(env: Env, pod: dict[str, Any], container: dict[str, Any]) -> None:
    """Capabilities are of no use to whoever is not root."""
    user = ((pod["spec"].get("securityContext")) or {}).get("runAsUser")
    context = container.get("securityContext") or {}
    granted = context.get("privileged") or (context.get("capabilities") or {}).get("add")
    if user and granted and context.get("runAsUser") != 0:
        env.warn(NON_ROOT)


# -- attaching -------------------------------------------------------------------------------------------------------


def _attach(env: Env, namespace: str, pod: str, container: str) -> None:
    stream = Stream("attach", namespace, pod, {**stdin_of(env), "container": container})
    jobs.begin(env, Debugging(env.flags, env.config, stream))


@define(kw_only=True)
class Debugging(Attach):
    """Wait until the debugger runs, then attach to it; of one that has ended already, the log is shown."""

    seen: int = 0  # the Pod's version when it was last told why the container waits
    runs: bool = False

    def step(self, env: Env, **said: Any) -> bool:
        """Go on."""
        if not self.runs:
            return self._await(env)
        return self.step_or_log(env, **said)

    def _await(self, env: Env) -> bool:
        name, stream = str(self.stream.body["container"]), self.stream
        try:
            pod = env.get(PODS, stream.namespace, stream.pod)
        except StatusError as refused:
            if refused.reason != "NotFound":
                raise
            raise StatusError(404, "NotFound", 'pods "" not found') from None
        assert isinstance(pod, Pod)
        status = choose_pod.status_of(pod, name)
        state = status.state if status is not None else None
        if state is None:
            return False
        if state.terminated is not None:
            self.log(env, pod)
            return True
        if state.running is not None:
            self.runs = True
            return self.step_or_log(env)
        if state.waiting is not None and state.waiting.message and pod.metadata.resource_version != self.seen:
            self.seen = pod.metadata.resource_version
            if not env.flags["quiet"]:
                env.warn(f"Warning: container {name}: {state.waiting.message}")
        return False
