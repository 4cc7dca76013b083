"""The shop of assets/boards: an application on six machines in three zones, and users who come to it."""

from __future__ import annotations

from pathlib import Path

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.sim import Sim
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup, OutsideSystem, RegionSpec, RegistrySpec
from kubesim_tui.gameday import trials
from kubesim_tui.gameday.doors import doors
from kubesim_tui.traffic.spec import Users
from kubesim_tui.world.image_loader import assets

NODES = tuple(NodeGroup(f"node-{zone}", 2, zone=zone) for zone in "abc")
OUTSIDE = (OutsideSystem("bank.example.com", "nginx:1.29"),)
REGIONS = (RegionSpec("near"), RegionSpec("far", 120_000))
REGISTRIES = (RegistrySpec("registry.shop.test", {"ci": "hush"}),)
PATIENCE_US = 2_000_000
WARM = 20
"""Seconds of traffic before anything is done to it."""
RELEASES = {
    "web": ("shop/web:1.5", "shop/web:1.6", "shop/web:1.7", "shop/web:2.0"),
    "api": ("shop/api:2.2", "shop/api:2.3"),
    "cart": ("shop/cart:1.1", "shop/cart:11"),
    "pay": ("registry.shop.test/pay:1.3", "registry.shop.test/pay:2"),
    "feed": ("shop/feed:3.1", "shop/fed:3.0"),
}
"""Of its Deployments: releases that are bad, and images that are not there."""


def folder() -> Path:
    """Where its manifests and images lie."""
    return assets() / "boards" / "shop"


def shop(seed: str = "1") -> Cluster:
    """The shop, settled, with users who are all served."""
    images = tuple((file.name, file.read_text("utf-8")) for file in sorted((folder() / "images").glob("*.yaml")))
    cluster = Cluster(ClusterSpec(NODES, OUTSIDE, registries=REGISTRIES, regions=REGIONS), seed, images)
    sim = Sim(cluster=cluster)
    sim.apply([folder() / "shop.yaml"])
    assert not any(outcome.error for outcome in sim.outcomes)
    trials.settle(cluster)
    for users in _users(cluster):
        cluster.traffic.add(users)
    for _ in range(WARM):
        cluster.step()
    cluster.traffic.reset()
    return cluster


def _users(cluster: Cluster) -> list[Users]:
    address = next(door.url for door in doors(cluster.etcd) if door.name == "service/feed:80")
    return [
        Users("home", "http://shop.example.com/", 40_000, timeout_us=PATIENCE_US, regions=(("near", 3), ("far", 1))),
        Users("cart", "http://shop.example.com/cart", 15_000, "POST", timeout_us=PATIENCE_US),
        Users("pay", "http://shop.example.com/pay", 10_000, timeout_us=PATIENCE_US),
        Users("feed", address, 20_000, timeout_us=PATIENCE_US),
    ]
