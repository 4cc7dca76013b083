"""crictl pods and images."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.cluster.crictl.base import ATTEMPT, NAME, NAMESPACE, Act, Call, human_size, short, table
from kubesim_tui.world.pulls import Image

PODS = ("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")
IMAGES = ("IMAGE", "TAG", "IMAGE ID", "SIZE")


def _pods(call: Call) -> list[str]:
    flags, wanted = call.flags, {"ready": True, "notready": False}.get(call.flags.get("state", "").lower())
    found = [
        one
        for one in call.runtime.sandboxes.values()
        if (wanted is None or one.ready is wanted)
        and one.id.startswith(flags.get("id", ""))
        and re.search(flags.get("name", ""), one.labels.get(NAME, "")) is not None
        and re.search(flags.get("namespace", ""), one.labels.get(NAMESPACE, "")) is not None
    ]
    found.reverse()  # the newest first
    if "quiet" in flags:
        return [one.id for one in found]
    rows = [
        (
            short(one.id),
            call.ago(one.created),
            "Ready" if one.ready else "NotReady",
            one.labels.get(NAME, ""),
            one.labels.get(NAMESPACE, ""),
            one.labels.get(ATTEMPT, "0"),
            "(default)",
        )
        for one in found
    ]
    return table([PODS, *rows])


def _images(call: Call) -> list[str]:
    held = sorted(call.runtime.store.images.values(), key=lambda image: image.reference.name)
    held = [image for image in held if not call.words or image.reference.repository.endswith(call.words[0])]
    if "quiet" in call.flags:
        return [image.id for image in held]
    return table([IMAGES, *(_row(image) for image in held)])


def _row(image: Image) -> tuple[str, ...]:
    reference = image.reference
    return reference.repository, reference.tag or "<none>", short(image.id), human_size(image.size_bytes)


COMMANDS: Mapping[str, Act] = {"pods": _pods, "images": _images, "image": _images}
