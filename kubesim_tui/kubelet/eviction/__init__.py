"""Eviction by the kubelet when its node runs short of memory or disk."""
