"""kubectl set image: other images for the containers of a Pod template."""

from __future__ import annotations

from kubesim_tui.kubectl import builder, change, files
from kubesim_tui.kubectl.change import Data
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    resources, pairs = change.split_arguments(env.flags.args, "image")
    images = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if not resources and not files.named(env):
        raise error(
            builder.MUST_PROVIDE
            if not env.flags.args
            else "one or more resources must be specified as <resource> <name> or <resource>/<name>"
        )
    if not images and len(resources) < 2:
        raise error("at least one image update is required")
    if "*" in images and len(images) > 1:
        raise error("all containers are already specified by *, but saw more than one container_name=image pairs")
    infos, failures = builder.chosen(env, resources, select_all=bool(env.flags["all"]))
    change.each(
        env, infos, failures, _Images(images), "image updated", "failed to patch image update to pod template: "
    )


class _Images:
    def __init__(self, images: dict[str, str]) -> None:
        self.images = images

    def __call__(self, data: Data) -> None:
        spec = change.pod_spec(data)
        for name, image in self.images.items():
            found = change.selected(spec, name)
            if not found:
                raise error(f'unable to find container named "{name}"')
            for container in found:
                container["image"] = image
