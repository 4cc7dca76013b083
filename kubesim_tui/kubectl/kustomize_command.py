"""kubectl kustomize: print what a folder's kustomization makes. `-k` of other commands reads the same."""

from __future__ import annotations

from kubesim_tui.kubectl import kustomize, output
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.kustomize.folder import REMOTE
from kubesim_tui.kubectl.result import save

RESTRICTORS = {"LoadRestrictionsRootOnly": False, "LoadRestrictionsNone": True}
NOT_HERE = ("enable-alpha-plugins", "enable-helm", "network")


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if len(flags.args) > 1:
        raise error("specify one path to kustomization.yaml")
    for name in NOT_HERE:
        if flags[name]:
            raise error(f"--{name} is not available here: nothing but built-in generators and transformers runs")
    restrictor = flags.text("load-restrictor")
    if restrictor not in RESTRICTORS:
        raise error(f"illegal flag value --load-restrictor {restrictor}; legal values: [{' '.join(RESTRICTORS)}]")
    made = text(env, flags.args[0] if flags.args else ".", anywhere=RESTRICTORS[restrictor])
    if not (file := flags.text("output")):
        env.say_raw(made)
        return
    try:
        save(env.terminal, file, made)
    except OSError as wrong:
        raise error(f"open {file}: {(wrong.strerror or str(wrong)).lower()}") from None


def text(env: Env, folder: str, *, anywhere: bool = False) -> str:
    """The manifest that a folder's kustomization makes; warnings go to standard error."""
    if folder.startswith(REMOTE):
        raise error(f"{folder}: the game has no way out to the network; give a folder")
    try:
        objects, warnings = kustomize.build(folder, env.terminal, anywhere=anywhere)
    except kustomize.KustomizeError as wrong:
        raise error(str(wrong)) from None
    env.err += warnings
    return "---\n".join(output.to_yaml(data) for data in objects)
