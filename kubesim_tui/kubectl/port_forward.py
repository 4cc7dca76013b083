"""kubectl port-forward: there is no local machine whose ports could be forwarded; what stands there is said."""

from __future__ import annotations

from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error, usage


def run(env: Env) -> None:
    """The command."""
    args = env.flags.args
    if len(args) < 2:
        raise usage("TYPE/NAME and list of ports are required for port-forward", "port-forward")
    raise error(
        "port-forward needs a machine of yours to listen on, and there is none here; call the Service from a Pod "
        f"instead: kubectl exec POD -- wget -qO- http://NAME:PORT, or kubectl get --raw for {args[0]}"
    )
