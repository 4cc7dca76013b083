"""What can be done to a cluster, as a table. Each row strikes a cause; what follows is the cluster's own doing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.quantity import QuantityError, value
from kubesim_tui.faults.hand import Hand

Options = Mapping[str, Any]
Act = Callable[[Hand, Any, Options], bool]
LEAK = "4Mi"
FLOOD = "64Mi"
FACTOR = 5
CORES = 4
BOOT = 30
SLOW = 60
CRAWL = 100
CAN_BE_SLOW = (
    "cloud-controller-manager", "coredns", "etcd", "ingress-nginx-controller", "kube-controller-manager",
    "kube-scheduler", "kubelet",
)  # fmt: skip
"""Processes whose work takes longer when they are slowed."""


class FaultError(ValueError):
    """A fault, target or option that does not exist: says what there is."""


@frozen
class Fault:
    """One row. `target`: pod, node, workload, outside, registry, storage or traffic."""

    target: str
    strike: Act
    heal: Act | None
    about: str
    options: Mapping[str, Callable[[Any], Any]] = {}  # what it takes, and what makes a value of that
    needs: tuple[str, ...] = ()  # those without which it means nothing


# -- options -------------------------------------------------------------------------------------------------------


def text(given: Any) -> str:
    """Any text but none."""
    if not isinstance(given, str) or not given:
        raise ValueError(f"{given!r} is not a text")
    return given


def flag(given: Any) -> bool:
    """true or false."""
    words = {"true": True, "false": False, "": True}
    known = given if isinstance(given, bool) else words.get(str(given).lower())
    if known is None:
        raise ValueError(f"{given!r} is not true or false")
    return known


def size(given: Any) -> int:
    """Bytes, as a number or a quantity (4Mi)."""
    try:
        found = value(str(given))
    except QuantityError as wrong:
        raise ValueError(f"{given!r} is not a quantity: {wrong}") from wrong
    if found < 1:
        raise ValueError(f"{given!r} is not more than 0")
    return found


def amount(given: Any) -> int:
    """Bytes, none among them."""
    return 0 if str(given) == "0" else size(given)


def absolute(given: Any) -> str:
    """The path of a file, from the root on."""
    if not str(given).startswith("/") or str(given).endswith("/"):
        raise ValueError(f"{given!r} is not the absolute path of a file")
    return str(given)


def number(given: Any) -> int:
    """A whole number from 0 on."""
    words = str(given)
    if not words.isdecimal():
        raise ValueError(f"{given!r} is not a whole number")
    return int(words)


def positive(given: Any) -> int:
    """A whole number from 1 on."""
    found = number(given)
    if not found:
        raise ValueError(f"{given!r} is not a whole number from 1 on")
    return found


def slowable(given: Any) -> str:
    """The name of a process that can be slowed."""
    if given not in CAN_BE_SLOW:
        raise ValueError(f"{given!r} cannot be slowed; there are {', '.join(CAN_BE_SLOW)}")
    return str(given)


# -- acts ----------------------------------------------------------------------------------------------------------


def _pod(act: Callable[[Hand, str, str], bool]) -> Act:
    def strike(hand: Hand, target: Any, _options: Options) -> bool:
        return act(hand, target[0], target[1])

    return strike


def _leak(hand: Hand, target: Any, options: Options) -> bool:
    return hand.leak(target[0], target[1], size(options.get("bytes", LEAK)))


def _flood(hand: Hand, target: Any, options: Options) -> bool:
    path = options.get("path", "")
    return hand.flood(target[0], target[1], size(options.get("bytes", FLOOD)), absolute(path) if path else "")


def _fill(hand: Hand, node: Any, options: Options) -> bool:
    return hand.fill_disk(node, amount(options.get("leave", 0)), inodes=flag(options.get("inodes", False)))


def _process(*, start: bool) -> Act:
    def act(hand: Hand, node: Any, options: Options) -> bool:
        name = options.get("process", "kubelet")
        if start:
            return hand.start_process(node, name)
        return hand.stop_process(node, name, graceful=flag(options.get("graceful", False)))

    return act


def _release(hand: Hand, target: Any, options: Options) -> bool:
    kind, namespace, name = target
    return hand.set_image(kind, namespace, name, text(options["image"]))


def _crash(hand: Hand, node: Any, options: Options) -> bool:
    return hand.crash(node, gone=flag(options.get("gone", False)), replaced=flag(options.get("replaced", False)))


FAULTS: Mapping[str, Fault] = {
    "pod-delete": Fault("pod", _pod(lambda h, ns, n: h.delete_pod(ns, n)), None, "somebody deletes a Pod"),
    "container-kill": Fault("pod", _pod(lambda h, ns, n: h.kill_container(ns, n)), None, "a container is killed"),
    "memory-leak": Fault(
        "pod",
        _leak,
        _pod(lambda h, ns, n: h.leak(ns, n, 0)),
        "a container loses memory (with: bytes a second)",
        {"bytes": size},
    ),
    "cpu-hog": Fault(
        "pod",
        lambda h, t, o: h.burn(t[0], t[1], number(o.get("cores", CORES)) * 1000),
        _pod(lambda h, ns, n: h.burn(ns, n, 0)),
        "a container uses processors for nothing (with: cores)",
        {"cores": number},
    ),
    "log-flood": Fault(
        "pod",
        _flood,
        _pod(lambda h, ns, n: h.flood(ns, n, 0, "")),
        "a container writes without end (with: bytes a second; path of a file, instead of its log)",
        {"bytes": size, "path": absolute},
    ),
    "disk-full": Fault(
        "node",
        _fill,
        lambda h, n, _: h.clean_disk(n),
        "the disk of a machine fills up (with leave: so much stays free; with inodes: with very many small files)",
        {"leave": amount, "inodes": flag},
    ),
    "node-crash": Fault(
        "node",
        _crash,
        lambda h, n, _: h.recover(n),
        "a machine loses power (with gone: for good; with replaced: a fresh one takes its place)",
        {"gone": flag, "replaced": flag},
    ),
    "node-shutdown": Fault(
        "node",
        lambda h, n, _: h.shut_down(n, -1),
        lambda h, n, _: h.recover(n),
        "a machine is shut down in an orderly way, as its kubelet's shutdownGracePeriod allows",
    ),
    "node-reboot": Fault(
        "node",
        lambda h, n, o: h.shut_down(n, number(o.get("seconds", BOOT))),
        None,
        "a machine is rebooted (with: seconds that it takes to come back)",
        {"seconds": number},
    ),
    "kubelet-stop": Fault("node", _process(start=False), _process(start=True), "a kubelet stops"),
    "process-stop": Fault(
        "node",
        _process(start=False),
        _process(start=True),
        "a process stops (with: process; with graceful: it is told before, and may give up what it holds)",
        {"process": text, "graceful": flag},
    ),
    "process-slow": Fault(
        "node",
        lambda h, n, o: h.slow_process(n, o["process"], positive(o.get("factor", CRAWL))),
        lambda h, n, o: h.slow_process(n, o["process"], 1),
        "a process gets less done (with: process, factor); etcd: its disk is slow",
        {"process": slowable, "factor": positive},
        ("process",),
    ),
    "node-partition": Fault(
        "node", lambda h, n, _: h.isolate(n), lambda h, n, _: h.rejoin(n), "a machine is cut off from the network"
    ),
    "registry-down": Fault(
        "registry",
        lambda h, n, _: h.registry(n, up=False),
        lambda h, n, _: h.registry(n, up=True),
        "no image can be pulled",
    ),
    "registry-rotate": Fault(
        "registry",
        lambda h, n, _: h.rotate(n, back=False),
        lambda h, n, _: h.rotate(n, back=True),
        "the passwords of a private registry are changed",
    ),
    "storage-down": Fault(
        "storage",
        lambda h, _n, _o: h.storage(None),
        lambda h, _n, _o: h.storage(0),
        "the CSI driver does not answer: no disk is made, attached or detached",
    ),
    "storage-slow": Fault(
        "storage",
        lambda h, _n, o: h.storage(number(o.get("seconds", SLOW))),
        lambda h, _n, _o: h.storage(0),
        "disks are slow to attach and detach (with: seconds)",
        {"seconds": number},
    ),
    "outside-down": Fault(
        "outside",
        lambda h, n, _: h.outside(n, up=False),
        lambda h, n, _: h.outside(n, up=True),
        "a system outside the cluster is switched off",
    ),
    "bad-release": Fault(
        "workload", _release, None, "a pipeline sets an image (with: image)", {"image": text}, ("image",)
    ),
    "traffic-spike": Fault(
        "traffic",
        lambda h, n, o: h.rate(n, number(o.get("factor", FACTOR)) * 1000),
        lambda h, n, _: h.rate(n, 1000),
        "users send more (with: factor)",
        {"factor": number},
    ),
}
"""Name → row."""

NEED_A_TARGET = {"pod": "NAMESPACE/POD or a selector", "workload": "KIND/NAME", "outside": "the name of the system"}
"""Kinds of targets that must be named, and how."""


def known(name: str) -> Fault:
    """A row; FaultError if there is none of that name."""
    if name not in FAULTS:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    return FAULTS[name]


def check(name: str, target: Any, options: Options) -> None:
    """FaultError if a fault cannot be meant so."""
    row = known(name)
    if target is None and row.target in NEED_A_TARGET:
        raise FaultError(f"{name} needs a target: {NEED_A_TARGET[row.target]}")
    for option, given in options.items():
        if option not in row.options:
            there = f"there are {', '.join(sorted(row.options))}" if row.options else "it has none"
            raise FaultError(f"{name} has no option {option!r}; {there}")
        try:
            row.options[option](given)
        except ValueError as wrong:
            raise FaultError(f"{name}: {option}: {wrong}") from wrong
    missing = [option for option in row.needs if option not in options]
    if missing:
        raise FaultError(f"{name} needs {missing[0]}")
