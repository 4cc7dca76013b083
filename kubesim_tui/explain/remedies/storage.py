"""Of causes that lie in volumes, disks and data."""

from __future__ import annotations

from collections.abc import Mapping

STORAGE: Mapping[str, tuple[str, str]] = {
    "volume-not-mounted": ("A volume that exists and is free on that node.", "使用存在且能在该节点挂载的卷。"),
    "storage-down": (
        "Copies that need no disk to move: a second replica with its own volume answers while the first one waits.",
        "让副本不必等磁盘搬家：第二个副本自带卷，第一个等待时由它应答。",
    ),
    "io-slow": (
        "A faster class of disk, a replica of the data elsewhere, and time-outs in whoever asks.",
        "换用更快的磁盘类型，在别处保留数据副本，调用方要设超时。",
    ),
    "io-error": (
        "A replica of the data on another disk; once the disk is well, a new Pod: only mounting makes it writable.",
        "在另一块磁盘上保留数据副本；磁盘恢复后要重建 Pod：只有重新挂载才能再写。",
    ),
    "detach-hang": (
        "A replica with a disk of its own, instead of one disk that must move; mend the driver, and the disk follows.",
        "让副本各有自己的磁盘，而不是靠一块磁盘搬家；修好驱动，磁盘就会过来。",
    ),
    "claim-unbound": (
        "A claim whose class, size and access mode some volume or provisioner can serve.",
        "申领的存储类、容量和访问模式要有卷或供应者能满足。",
    ),
    "evicted": (
        "Requests and limits that say what the Pods need, so that a node is not filled beyond its means.",
        "如实填写资源请求和上限，节点就不会被塞得过满。",
    ),
    "storage-limit": (
        "A limit above what the Pod writes, or a volume of its own for what it writes.",
        "上限要高于 Pod 的写入量，或者给这些数据单独准备一个卷。",
    ),
    "node-disk-full": (
        "Free space on the node's disk, and replicas on other nodes.",
        "节点磁盘要留有空间，其他节点上也要有副本。",
    ),
    "disk-writer": (
        "An ephemeral-storage limit on each Pod: the one that writes too much is evicted, not its neighbours.",
        "给每个 Pod 设置 ephemeral-storage 上限：被驱逐的是写得太多的那个，而不是邻居。",
    ),
    "disk-full": ("A larger volume, or less kept on it.", "使用更大的卷，或少存一些数据。"),
    "no-majority": (
        "Members on different nodes (anti-affinity), and a disruption budget that keeps a majority.",
        "把成员分散到不同节点（反亲和性），并用中断预算保住多数派。",
    ),
    "no-leader": (
        "Clients that try again: an election takes a few seconds.",
        "客户端应当重试：选举只需几秒钟。",
    ),
    "split-brain": (
        "A quorum, or writes that wait for a replica: then nobody is told of a write that one member has alone.",
        "使用多数派，或让写入等待副本确认：只存在于一个成员上的写入就不会被确认。",
    ),
    "not-primary": (
        "Writes sent to the primary by its own name, not to a Service in front of all members.",
        "写入要用主节点自己的名字，而不是面向全部成员的 Service。",
    ),
    "data-on-emptydir": (
        "The data on a PersistentVolumeClaim: it outlives its Pod and its machine.",
        "把数据放在 PersistentVolumeClaim 上：Pod 和机器都没了，它还在。",
    ),
    "data-in-container": (
        "The data on a PersistentVolumeClaim that is mounted where the application writes.",
        "把 PersistentVolumeClaim 挂载到应用写入的目录。",
    ),
    "data-elsewhere": (
        "The application kept on the volume that holds the records, or the records copied first.",
        "让应用继续使用存有数据的卷，或者先把数据复制过去。",
    ),
}
