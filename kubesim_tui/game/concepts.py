"""What the game teaches, concept by concept: where each runs, on which screen it is seen, what breaks and explains it.

docs/CONCEPTS.md is made from this table. A concept is there only when it runs, is seen, can be broken and is
explained; tests look for each of these in a real cluster.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.faults.rows import FAULTS


@frozen
class Concept:
    """One row. `kinds`: of objects; `boxes`: of the machine room; `stops`: of a request that is followed."""

    number: int
    name: str
    chinese: str
    faults: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    @property
    def causes(self) -> tuple[str, ...]:
        """Where explanations of its faults end."""
        stories = [story for name in self.faults if (story := FAULTS[name].story) is not None]
        return tuple(sorted({code for story in stories for code in story.causes}))


def _row(number: int, name: str, chinese: str, faults: str, **where: str) -> Concept:
    return Concept(number, name, chinese, tuple(faults.split()), **{key: tuple(v.split()) for key, v in where.items()})


CONCEPTS: tuple[Concept, ...] = (
    _row(
        1, "Node", "节点",
        "node-crash node-partition node-reboot node-shutdown node-slow-nic disk-full memory-pressure pid-exhaustion "
        "noisy-neighbour slow-start spot-reclaim link-loss",
        kinds="Node", stops="link",
    ),
    _row(
        2, "Container", "容器",
        "container-exit container-kill container-hang container-deadlock memory-leak cpu-hog log-flood errors "
        "port-exhaustion",
        kinds="Pod", boxes="runtime",
    ),
    _row(
        3, "Pod", "Pod（最小调度单元）",
        "pod-delete pod-delay pod-loss pod-partition ip-exhaustion priority-cascade namespace-deleted",
        kinds="Pod", stops="pod",
    ),
    _row(
        4, "Service, internal", "内部服务",
        "selector-changed service-deleted dns-down dns-overload policy-closed slow-loris",
        kinds="Service", boxes="coredns kube-proxy", stops="dns service rule",
    ),
    _row(
        5, "Service, external", "外部服务",
        "balancer-lost cloud-controller-down conntrack-full",
        kinds="Service", boxes="cloud-controller-manager", stops="balancer",
    ),
    _row(
        6, "Ingress", "Ingress 路由",
        "service-deleted selector-changed ingress-cert-expired region-cut region-slow",
        kinds="Ingress", boxes="ingress-nginx-controller", stops="ingress",
    ),
    _row(7, "ConfigMap", "ConfigMap（配置）", "bad-config secret-deleted", kinds="ConfigMap"),
    _row(
        8, "Secret", "Secret（base64 编码，并非加密）",
        "secret-deleted secret-leaked bad-config registry-rotate",
        kinds="Secret",
    ),
    _row(
        9, "Volume", "卷",
        "storage-down storage-slow detach-hang io-error io-slow zone-volumes-lost",
        kinds="PersistentVolumeClaim",
    ),
    _row(10, "Deployment", "Deployment", "bad-release quota-tightened", kinds="Deployment"),
    _row(
        11, "StatefulSet", "StatefulSet（有状态应用）",
        "quota-tightened detach-hang zone-volumes-lost",
        kinds="StatefulSet",
    ),
    _row(
        12, "A stateful system outside the cluster", "集群外单独部署的数据库", "outside-down",
        stops="outside",
    ),
    _row(13, "kubelet", "kubelet", "kubelet-stop kubelet-cert-expired clock-skew", boxes="kubelet"),
    _row(14, "kube-proxy", "kube-proxy", "kube-proxy-stale conntrack-full", boxes="kube-proxy", stops="rule"),
    _row(
        15, "container runtime", "容器运行时",
        "runtime-hang registry-down registry-slow image-gone",
        boxes="runtime",
    ),
    _row(
        16, "kube-apiserver", "API 服务器",
        "apiserver-down apiserver-cert-expired api-flood rbac-removed webhook-down webhook-cert-expired",
        boxes="kube-apiserver",
    ),
    _row(17, "kube-scheduler", "调度器", "scheduler-down", boxes="kube-scheduler"),
    _row(18, "kube-controller-manager", "控制器管理器", "controller-manager-down", boxes="kube-controller-manager"),
    _row(19, "etcd", "etcd 键值存储", "etcd-quorum-lost etcd-full etcd-slow", boxes="etcd"),
    _row(
        20, "cloud-controller-manager", "云控制器管理器",
        "cloud-controller-down cloud-down cloud-throttled cloud-quota sold-out",
        boxes="cloud-controller-manager",
    ),
    _row(
        21, "who balances what", "负载均衡的分工",
        "kube-proxy-stale balancer-lost traffic-spike retry-storm thundering-herd",
        kinds="Ingress Service", stops="ingress service rule pod",
    ),
    _row(
        22, "control plane and worker nodes", "控制平面与工作节点（旧称 Master-Worker）",
        "zone-outage zone-partition upgrade-wave kubelet-upgrade control-plane-upgrade link-cut process-slow "
        "process-stop",
        boxes="etcd kube-apiserver kube-scheduler kube-controller-manager kubelet runtime kube-proxy",
    ),
)  # fmt: skip
"""In the order in which they are taught."""


def document() -> str:
    """The text of docs/CONCEPTS.md."""
    head = [
        "# Concepts",
        "",
        "Everything that the game teaches runs in the engine, is seen on a screen, can be broken by a fault and is",
        "explained. Made from `kubesim_tui/game/concepts.py` by `make docs`; do not edit. tests/game/test_concepts.py",
        "looks for each cell in a real cluster.",
        "",
        "| # | concept | 中文 | runs as | is seen | can be broken by | is explained as |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_line, CONCEPTS)]) + "\n"


def _line(row: Concept) -> str:
    seen = (("board", row.kinds), ("machine room (`m`)", row.boxes), ("a request followed (`f`)", row.stops))
    runs = ", ".join((*row.kinds, *row.boxes)) or "a system of the world"
    where = "; ".join(f"{screen}: {', '.join(things)}" for screen, things in seen if things)
    faults, causes = (", ".join(f"`{code}`" for code in codes) for codes in (row.faults, row.causes))
    return f"| {row.number} | {row.name} | {row.chinese} | {runs} | {where} | {faults} | {causes} |"
