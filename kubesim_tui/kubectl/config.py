"""kubectl config, as far as a game has one context: current-context, get-contexts, view, set-context --namespace."""

from __future__ import annotations

from attrs import evolve

from kubesim_tui.kubectl import output, tabwriter
from kubesim_tui.kubectl.apply import go_list
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import SERVER, error
from kubesim_tui.kubectl.flags import help_text


def run(env: Env) -> None:
    """The command."""
    verb = env.flags.path.split()[-1]
    if verb not in VERBS:
        raise error(f"the game's kubeconfig cannot be changed with {verb}; it has one cluster and one user")
    VERBS[verb](env)


def _current(env: Env) -> None:
    env.say(env.config.context)


def _contexts(env: Env) -> None:
    c = env.config
    if env.flags.text("output") == "name":
        env.say(c.context)
        return
    headers = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]
    if env.flags.args and env.flags.args[0] != c.context:
        env.out += tabwriter.rows([] if env.flags["no-headers"] else headers, [])
        raise error(f"context {env.flags.args[0]} not found")
    row = ["*", c.context, c.cluster, c.user, c.namespace if c.namespace != "default" else ""]
    env.out += tabwriter.rows([] if env.flags["no-headers"] else headers, [row])


def _clusters(env: Env) -> None:
    env.say(f"NAME\n{env.config.cluster}")


def _users(env: Env) -> None:
    env.say(f"NAME\n{env.config.user}")


def _view(env: Env) -> None:
    c = env.config
    context = {"cluster": c.cluster, "user": c.user} | ({"namespace": c.namespace} if c.namespace != "default" else {})
    cluster = {"certificate-authority-data": "DATA+OMITTED", "server": f"https://{SERVER}"}
    user = {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}
    data = {
        "apiVersion": "v1",
        "clusters": [{"cluster": cluster, "name": c.cluster}],
        "contexts": [{"context": context, "name": c.context}],
        "current-context": c.context,
        "kind": "Config",
        "users": [{"name": c.user, "user": user}],
    }
    printer = output.printer(env)
    env.say_raw(printer(data) if printer is not None else output.to_yaml(data))


def _set_context(env: Env) -> None:
    name = env.flags.args[0] if env.flags.args else ""
    if not name and not env.flags["current"]:
        raise error("you must specify a non-empty context name or --current")
    if name and name != env.config.context:
        raise error(f'there is one context here, "{env.config.context}"')
    if env.flags.given("namespace"):
        env.switched = evolve(env.config, namespace=env.flags.text("namespace") or "default")
    env.say(f'Context "{env.config.context}" modified.')


def _use_context(env: Env) -> None:
    if len(env.flags.args) != 1:
        env.say(help_text(env.flags.path))
        raise error(f"Unexpected args: {go_list(env.flags.args)}")
    name = env.flags.args[0]
    if name != env.config.context:
        raise error(f'no context exists with the name: "{name}"')
    env.say(f'Switched to context "{name}".')


VERBS = {
    "current-context": _current,
    "get-contexts": _contexts,
    "get-clusters": _clusters,
    "get-users": _users,
    "view": _view,
    "set-context": _set_context,
    "use-context": _use_context,
}
