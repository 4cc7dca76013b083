"""Forms that give data a place of its own: a claim for a Deployment, or a StatefulSet in its place.

Both write manifests and apply them. A claim belongs to one Pod at a time (ReadWriteOnce), so the Deployment stops the
old Pod before it starts the new one. The StatefulSet bears the same labels, so the Service finds its Pods as before;
the Deployment is still there, and must be deleted. Applications get a directory *in* the volume: a database wants an
empty one, and a fresh disk holds lost+found.
"""

from __future__ import annotations

import copy
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.game.form import About, Line, Values
from kubesim_tui.game.inspection import plain
from kubesim_tui.game.state import Field

SIZES = ("10Gi", "1Gi", "100Gi")
APPLY = "kubectl apply -f -"
OF_TEMPLATE = ("replicas", "selector", "template", "minReadySeconds", "revisionHistoryLimit")


def claim(about: About) -> list[Field]:
    """Which volume, and how large."""
    names = _scratch(about)
    return [about.field("volume", names[0] if names else "", names), about.field("size", SIZES[0], SIZES)]


def _scratch(about: About) -> tuple[str, ...]:
    """Its volumes that die with the Pod."""
    volumes = about.spec.get("template", {}).get("spec", {}).get("volumes", ())
    return tuple(v["name"] for v in volumes if "emptyDir" in v)


def write_claim(about: About, values: Values) -> Line:
    """A claim, and the Deployment that uses it."""
    volume = about.one_of(values, "volume", _scratch(about))
    name = f"{about.ref.name}-{volume}"
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": about.ref.namespace},
        "spec": _claim(about, values),
    }
    data = copy.deepcopy(plain(about.data))
    data["spec"]["strategy"] = {"type": "Recreate"}
    pod = data["spec"]["template"]["spec"]
    kept = {"name": volume, "persistentVolumeClaim": {"claimName": name}}
    pod["volumes"] = [kept if v["name"] == volume else v for v in pod["volumes"]]
    _mount_below(pod, volume)
    return Line(APPLY, "---\n".join(map(manifest.dump, (made, data))))


def write_stateful(about: About, values: Values) -> Line:
    """A StatefulSet with the same template, and a claim for each Pod."""
    volume = about.one_of(values, "volume", _scratch(about))
    spec = copy.deepcopy({k: v for k, v in plain(about.data)["spec"].items() if k in OF_TEMPLATE})
    pod = spec["template"]["spec"]
    pod["volumes"] = [v for v in pod["volumes"] if v["name"] != volume]
    _mount_below(pod, volume)
    data = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": about.ref.name, "namespace": about.ref.namespace},
        "spec": {
            "serviceName": about.ref.name,
            **spec,
            "volumeClaimTemplates": [{"metadata": {"name": volume}, "spec": _claim(about, values)}],
        },
    }
    return Line(APPLY, manifest.dump(data))


def _claim(about: About, values: Values) -> dict[str, Any]:
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": about.word(values, "size")}}}


def _mount_below(pod: dict[str, Any], volume: str) -> None:
    """Each mount gets a directory of the volume, not its root."""
    for container in pod["containers"]:
        for mount in container.get("volumeMounts", ()):
            if mount["name"] == volume:
                mount.setdefault("subPath", "data")
