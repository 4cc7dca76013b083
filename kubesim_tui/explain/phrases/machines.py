"""Of machines, the control plane and the cloud."""

from __future__ import annotations

from collections.abc import Mapping

MACHINES: Mapping[str, str] = {
    # nodes
    "machine {name} has no power": "机器 {name} 没有电",
    "machine {name} had no power, and is on again since {tick}s": "机器 {name} 断过电，{tick} 秒起恢复",
    "node {name} still counts as Ready: its last heartbeat is not old enough": (
        "节点 {name} 仍算就绪：最后一次心跳还不够久"
    ),
    "node {name} is NotReady: {message}": "节点 {name} 为 NotReady：{message}",
    "node {name} shows {condition}: {message}": "节点 {name} 显示 {condition}：{message}",
    "Node {name} is gone": "Node {name} 已经没有了",
    "node {name} is not there": "节点 {name} 不在",
    "node {name} is cordoned": "节点 {name} 被封锁（cordon）",
    "node {name} is cordoned: its Pods stay, and no new one comes": (
        "节点 {name} 被封锁（cordon）：已有的 Pod 留下，新的不来"
    ),
    "the network to node {name} is cut": "到节点 {name} 的网络断了",
    "a link of node {name} is cut": "节点 {name} 有一条链路断了",
    "the network to node {name} was cut, and is whole again": "到节点 {name} 的网络断过，现在恢复了",
    "{process} on {name} does not run": "{name} 上的 {process} 没有运行",
    "on {name} {process} {release} ends as soon as it begins: {words}": (
        "{name} 上的 {process} {release} 一启动就退出：{words}"
    ),
    "{process} on {name} is {n} times slower than it should be": "{name} 上的 {process} 比正常慢 {n} 倍",
    "node {name} has DiskPressure": "节点 {name} 有 DiskPressure",
    "node {name} has DiskPressure: {message}": "节点 {name} 有 DiskPressure：{message}",
    "node {name} has MemoryPressure": "节点 {name} 有 MemoryPressure",
    "node {name} has PIDPressure": "节点 {name} 有 PIDPressure",
    "the disk of machine {name} is full: {what}": "机器 {name} 的磁盘满了：{what}",
    "{names} on machine {name}, beside all Pods, holds {mib} MiB of memory": (
        "机器 {name} 上 Pod 以外的 {names} 占着 {mib} MiB 内存"
    ),
    "{names} on machine {name}, beside all Pods, forks whenever it can": (
        "机器 {name} 上 Pod 以外的 {names} 不停地派生进程"
    ),
    "node {name} has {n} addresses for Pods, and {used} are taken": "节点 {name} 有 {n} 个 Pod 地址，已用 {used} 个",
    "node {name} has {n} addresses for Pods, and {used} are taken, {strays} of them by nobody who is still there": (
        "节点 {name} 有 {n} 个 Pod 地址，已用 {used} 个，其中 {strays} 个的主人已经不在"
    ),
    "the clock of machine {name} is {s} s {way}": "机器 {name} 的时钟{way} {s} 秒",
    "its renewals look older than the last one that was seen": "它的续约看起来比上一次还旧",
    "the certificate of {whose} is over": "证书已过期：{whose}",
    "the certificate of its Service {name} is over": "它的 Service {name} 的证书已过期",
    "the API server does not believe {whom}: {words}": "API 服务器不信任 {whom}：{words}",
    "kubelet does not believe the API server: {words}": "kubelet 不信任 API 服务器：{words}",
    # the control plane
    "{process} does not run": "{process} 没有运行",
    "{process} on {name}, which its kubelet asks, does not run": "{name} 的 kubelet 所访问的 {process} 没有运行",
    "machine {name}, on which {process} led, has no power": "担任 {process} 领导者的机器 {name} 没有电",
    "machine {name}, on which {process} led, is cut off": "担任 {process} 领导者的机器 {name} 与外界断开",
    "{process} on {name} could not renew its lease: its API server does not serve": (
        "{name} 上的 {process} 没能续约：它的 API 服务器不提供服务"
    ),
    "{process} on {name} could not renew its lease: {why}": "{name} 上的 {process} 没能续约：{why}",
    "{process} on {name} stands by until that lease is over": "{name} 上的 {process} 待命，等那份租约到期",
    "no other {process} runs": "没有别的 {process} 在运行",
    "etcd does not run": "etcd 没有运行",
    "no API server reaches a member of etcd that hears the leader": "没有 API 服务器能连上听得到领导者的 etcd 成员",
    "etcd has no leader: no majority of its {n} members is together": "etcd 没有领导者：{n} 个成员不足多数",
    "etcd has its NOSPACE alarm: the database is larger than its quota, and nothing is put into it": (
        "etcd 处于 NOSPACE 告警：数据库超出配额，什么都写不进去"
    ),
    "the disk of etcd on {name} is {n} times slower than it should be": "{name} 上 etcd 的磁盘比正常慢 {n} 倍",
    "{user} asks {n} times a second, and fills the queues of their flow": (
        "{user} 每秒请求 {n} 次，占满了所在流的队列"
    ),
    "answers to {who} take all the memory of machine {name}: the kernel has killed kube-apiserver there": (
        "给 {who} 的应答占光了机器 {name} 的内存：内核杀掉了那里的 kube-apiserver"
    ),
    "{n} Pods of {who} list all {kinds} over and over, {mib} MiB each time": (
        "{who} 的 {n} 个 Pod 反复列出所有 {kinds}，每次 {mib} MiB"
    ),
    "its Service {name} leads to nobody who answers": "它的 Service {name} 背后没有谁应答",
    "its Service {name} does not exist": "它的 Service {name} 不存在",
    # the cloud
    "the API of the cloud does not answer": "云的 API 没有应答",
    "the API of the cloud refuses most questions": "云的 API 拒绝了大多数请求",
    "Node {name} waits for the cloud ({taint})": "Node {name} 在等云（{taint}）",
    "no machine is added for Pod {name}": "没有为 Pod {name} 增加机器",
}
"""English → Chinese."""
