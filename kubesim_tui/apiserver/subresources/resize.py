"""pods/resize: cpu and memory of running containers."""

from __future__ import annotations

from kubesim_tui.apiserver.subresources.partial import JsonMap, Partial


class Resize(Partial):
    """Only resources and resizePolicy of containers change."""

    def take(self, spec: JsonMap, given: JsonMap) -> None:
        """Containers are matched by name; others are left as they are."""
        for kind in ("containers", "initContainers"):
            wanted = {c.get("name"): c for c in given.get(kind) or ()}
            for container in spec.get(kind) or ():
                found = wanted.get(container.get("name"))
                if found is not None:
                    container.update({k: found[k] for k in ("resources", "resizePolicy") if k in found})
