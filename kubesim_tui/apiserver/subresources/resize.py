"""pods/resize: cpu and memory of running containers, and of the Pod as a whole."""

from __future__ import annotations

from kubesim_tui.apiserver.subresources.partial import JsonMap, Partial

TAKEN = ("resources", "resizePolicy")


class Resize(Partial):
    """Only resources and resizePolicy of containers change, and the Pod's own resources."""

    def take(self, spec: JsonMap, given: JsonMap) -> None:
        """Containers are matched by their place; others than before are taken whole, for validation to refuse."""
        for kind in ("containers", "initContainers"):
            now, wanted = spec.get(kind) or [], given.get(kind) or []
            if [c.get("name") for c in now] != [c.get("name") for c in wanted]:
                spec[kind] = wanted
                continue
            for container, found in zip(now, wanted, strict=True):
                for name in TAKEN:
                    container.pop(name, None)
                container.update({name: found[name] for name in TAKEN if name in found})
        if given.get("resources") is not None:  # a client that does not know the field does not take it away
            spec["resources"] = given["resources"]
