"""What the commands that delete share: what --cascade means, and how a deletion names its namespace."""

from __future__ import annotations

from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info

CASCADES = {
    "background": "Background", "true": "Background", "foreground": "Foreground", "orphan": "Orphan", "false": "Orphan",
}  # fmt: skip


def cascade(env: Env) -> str:
    """The propagation policy that --cascade asks for; Fail if there is none of that name."""
    text = env.flags.text("cascade")
    if text in ("true", "false"):
        env.warn(
            f"warning: --cascade={text} is deprecated (boolean value) and can be replaced with "
            f"--cascade={CASCADES[text].lower()}."
        )
    if text not in CASCADES:
        raise error(f'invalid cascade value ({text}). Must be "background", "foreground", or "orphan"')
    return CASCADES[text]


def in_namespace(info: Info) -> str:
    """` from shop namespace`, for a namespaced object."""
    return f" from {info.namespace} namespace" if info.namespace else ""
