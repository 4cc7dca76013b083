"""Of causes that lie in machines, the control plane and the cloud."""

from __future__ import annotations

from collections.abc import Mapping

MACHINES: Mapping[str, tuple[str, str]] = {
    "cloud-down": (
        "Room in the cluster and ways in that exist beforehand: neither can be made while the cloud is silent.",
        "提前在集群里留出余量、备好入口：云不应答时两者都造不出来。",
    ),
    "cloud-throttled": (
        "Fewer questions to the cloud: nothing that asks it in a loop.",
        "少问云几次：不要有循环查询云 API 的工具。",
    ),
    "cloud-quota": (
        "A quota with room for the worst day, and a watch on how much of it is used.",
        "配额要按最忙的一天留足，并监控用量。",
    ),
    "sold-out": (
        "Groups of machines in several zones, and of several types.",
        "在多个可用区、用多种机型准备节点组。",
    ),
    "group-full": (
        "A larger maximum for the group, or smaller requests.",
        "提高节点组上限，或调小资源请求。",
    ),
    "cloud-manager-down": (
        "A stand-by on another control-plane machine.",
        "在另一台控制平面机器上准备备用实例。",
    ),
    "autoscaler-down": (
        "A stand-by on another control-plane machine.",
        "在另一台控制平面机器上准备备用实例。",
    ),
    "balancer-down": (
        "A second way in that users know; a new Service gets another balancer.",
        "给用户第二个入口；重建 Service 会得到另一个负载均衡器。",
    ),
    "node-memory": (
        "systemReserved for what runs beside Pods, memory requests (BestEffort Pods go first), and replicas on other "
        "nodes.",
        "用 systemReserved 给 Pod 以外的进程预留内存，填写内存请求（BestEffort 最先被驱逐），副本分散到其他节点。",
    ),
    "node-pids": (
        "An eviction threshold for pid.available, a higher kernel.pid_max, and replicas on other nodes.",
        "给 pid.available 设置驱逐阈值，调大 kernel.pid_max，副本分散到其他节点。",
    ),
    "process-slow": (
        "Room for the control plane on its machines; a stand-by elsewhere, to which the lead can go.",
        "给控制平面所在的机器留足资源，并在别处准备可以接手的备用实例。",
    ),
    "scheduler-down": ("Start the scheduler again.", "重新启动调度器。"),
    "controller-manager-down": ("Start the controller manager again.", "重新启动控制器管理器。"),
    "apiserver-down": (
        "Start it again; three control-plane machines behind a balancer.",
        "重新启动它；控制平面用三台机器并放在负载均衡之后。",
    ),
    "unknown-gate": (
        "Read what a release removes before it comes; one machine, and a look, before the next; take the gate out of "
        "the manifest or of the kubelet's flags, or put the old release back (kubeadm upgrade does that by itself).",
        "升级前先看新版本移除了什么；先升一台，看过再升下一台；把门控从清单或 kubelet 参数里删掉，"
        "或退回旧版本（kubeadm upgrade 会自动回退）。",
    ),
    "etcd-down": (
        "Bring members back until there is a majority, or restore a snapshot; members on several machines and zones.",
        "恢复成员直到达到多数，或用快照恢复；成员分散在多台机器和多个可用区。",
    ),
    "etcd-full": (
        "Fewer and smaller objects, automatic compaction and defragmentation, an alert on the database's size.",
        "减少对象的数量和体积，启用自动压缩与碎片整理，并对数据库大小告警。",
    ),
    "etcd-slow": (
        "Fast disks for etcd alone, and an alert on how long fsync takes.",
        "给 etcd 配专用的快盘，并对 fsync 耗时告警。",
    ),
    "api-overload": (
        "Clients that watch instead of asking again and again, with limits of their own, in a namespace of their own; "
        "a FlowSchema for whoever is greedy.",
        "客户端用 watch 代替反复查询，自带限速，放在单独的命名空间；给贪心者单独设 FlowSchema。",
    ),
    "node-shutdown": (
        "Replicas on several nodes, owned by a controller that replaces them; kubectl drain before planned work.",
        "副本分散在多个节点上，并由控制器负责补齐；计划内的停机先 kubectl drain。",
    ),
    "node-down": (
        "Replicas on several nodes, and a balancer before them rather than the node port of one: then a lost machine "
        "takes only its share. Running Pods never move by themselves; a restart places them anew.",
        "副本分散在多个节点上，前面用负载均衡器而不是某一个节点的 NodePort：少一台机器只损失它那一份。"
        "运行中的 Pod 不会自己搬家，重启才会重新安排位置。",
    ),
    "certificate-expired": (
        "Certificates that are renewed long before their end (rotateCertificates, kubeadm certs renew, cert-manager), "
        "and an alert on their dates.",
        "证书要提前自动续期（rotateCertificates、kubeadm certs renew、cert-manager），并对到期日告警。",
    ),
    "clock-skew": (
        "A time service (chrony) on every machine, and an alert when a clock drifts.",
        "每台机器都运行时间同步服务（如 chrony），并对时钟偏差告警。",
    ),
    "kubelet-stopped": (
        "Replicas on several nodes, and a kubelet that is started again.",
        "副本分散在多个节点上，并重新启动 kubelet。",
    ),
    "runtime-down": (
        "Replicas on several nodes, and a container runtime that is started again.",
        "副本分散在多个节点上，并重新启动容器运行时。",
    ),
    "no-free-node": (
        "Nodes that take the Pods: uncordon them, add some, or lower the requests.",
        "让节点能接收这些 Pod：解除封锁、增加节点，或减小资源请求。",
    ),
}
