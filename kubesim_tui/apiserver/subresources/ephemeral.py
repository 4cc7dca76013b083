"""pods/ephemeralcontainers: how `kubectl debug` adds a container to a running Pod."""

from __future__ import annotations

from kubesim_tui.apiserver.subresources.partial import JsonMap, Partial


class EphemeralContainers(Partial):
    """Only spec.ephemeralContainers change."""

    def take(self, spec: JsonMap, given: JsonMap) -> None:
        """The list as given."""
        spec["ephemeralContainers"] = given.get("ephemeralContainers")
