"""Snapshots of volumes: the kinds of snapshot.storage.k8s.io, and the loops of external-snapshotter that keep them."""
