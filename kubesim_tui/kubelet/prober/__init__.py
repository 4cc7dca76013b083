"""Probes: startup, liveness and readiness of containers."""
