"""The cause codes: where every explanation ends. docs/CAUSES.md is made from this table."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.explain.ingress_causes import INGRESS

CAUSES: Mapping[str, tuple[str, str]] = {
    "single-replica": (
        "There is one copy, and it is away: while it is replaced nobody answers.",
        "只有一个副本，而它正好不在：替补就绪之前没有人应答。",
    ),
    "scaled-to-zero": ("It was asked to run no copy at all.", "要求的副本数是 0。"),
    "workload-deleted": (
        "What made the Pods was deleted, and its Pods went with it.",
        "创建这些 Pod 的工作负载已被删除，Pod 也随之消失。",
    ),
    "namespace-deleted": (
        "The namespace was deleted, and all that was in it went with it.",
        "命名空间已被删除，其中的一切也随之消失。",
    ),
    "cordoned": (
        "The node is cordoned: the scheduler gives it no new Pod.",
        "节点被封锁（cordon）：调度器不再把新的 Pod 放上去。",
    ),
    "rollout-paused": ("The rollout is paused.", "发布已暂停。"),
    "suspended": ("It is suspended, and starts nothing.", "它已被挂起，不会启动任何 Pod。"),
    "job-failed": ("The Job has failed, and does not try again.", "Job 已失败，不会再重试。"),
    "budget": (
        "A PodDisruptionBudget lets no Pod go, so that nodes cannot be drained.",
        "PodDisruptionBudget 不允许任何 Pod 离开，节点因此无法排空。",
    ),
    "no-metrics": (
        "The autoscaler has no figures to decide by: metrics or requests are missing.",
        "自动扩缩缺少判断依据：没有指标，或没有设置 requests。",
    ),
    "selector-mismatch": (
        "The Service's selector matches no Pod: compare it with the labels of the template.",
        "Service 的选择器没有选中任何 Pod：请与模板的标签对照。",
    ),
    "not-ready": ("The Pods run, but their readiness probe fails.", "Pod 在运行，但就绪探针失败。"),
    "starting": ("The Pods are still starting.", "Pod 还在启动。"),
    "not-created": ("The controller could not make the Pods.", "控制器没能创建 Pod。"),
    "forbidden": (
        "Whoever should do it has no right to: a role binding is missing.",
        "该做这件事的组件没有权限：缺少角色绑定。",
    ),
    "webhook-down": (
        "An admission webhook that must be asked does not answer.",
        "必须询问的准入 webhook 没有应答。",
    ),
    "preempted": (
        "Pods of a higher priority took its place, and there is no other.",
        "更高优先级的 Pod 占了它的位置，而别处也没有空位。",
    ),
    "unschedulable": ("No node takes the Pod.", "没有节点能容纳这个 Pod。"),
    "no-addresses": (
        "The node has no address left for another Pod: its range (podCIDR) is used up.",
        "节点没有可分配给 Pod 的地址了：它的地址段（podCIDR）已用尽。",
    ),
    "image-pull": ("The image cannot be pulled.", "镜像拉取失败。"),
    "pull-slow": ("The image comes slowly from its registry.", "镜像从仓库下载得太慢。"),
    "hangs": (
        "The program lives, accepts connections, and does not answer.",
        "程序还活着，也接受连接，但不应答。",
    ),
    "pull-secret": (
        "The registry wants credentials: the Pod brings none, or wrong ones.",
        "镜像仓库需要凭据，而 Pod 没有提供，或提供了错误的凭据。",
    ),
    "crash-loop": ("The container exits again and again.", "容器反复退出。"),
    "oom-killed": ("The container needs more memory than its limit.", "容器超出内存上限。"),
    "config-missing": (
        "A ConfigMap or Secret that the Pod needs is not there.",
        "Pod 需要的 ConfigMap 或 Secret 不存在。",
    ),
    "runs-as-root": (
        "The container must not run as root (runAsNonRoot), and its image does.",
        "容器要求不以 root 运行（runAsNonRoot），而镜像以 root 运行。",
    ),
    "volume-not-mounted": ("A volume cannot be mounted.", "卷挂载失败。"),
    "storage-down": (
        "The CSI driver, which makes and attaches disks, does not answer or is slow.",
        "负责创建和挂接磁盘的 CSI 驱动没有应答，或者太慢。",
    ),
    "io-slow": ("The disk of a volume is slow.", "卷所在的磁盘变慢。"),
    "io-error": (
        "The disk of a volume fails, or has failed: its file system is read-only until it is mounted anew.",
        "卷所在的磁盘出错（或曾经出错）：重新挂载之前文件系统只读。",
    ),
    "detach-hang": (
        "The disk is still attached to another node, and its driver does not get it off.",
        "磁盘还挂在另一个节点上，驱动一直分离不下来。",
    ),
    "claim-unbound": ("The claim has no volume.", "卷申领没有绑定到卷。"),
    "liveness": ("The liveness probe fails, so the container is restarted.", "存活探针失败，容器被重启。"),
    "pod-stuck": ("The Pod is told to go, and does not.", "Pod 已被要求退出，却迟迟不走。"),
    "evicted": (
        "The node ran short of memory or disk, and its kubelet put the Pod out.",
        "节点内存或磁盘不足，kubelet 驱逐了 Pod。",
    ),
    "storage-limit": (
        "The Pod wrote more than the sizeLimit of its emptyDir, or its ephemeral-storage limit, allows.",
        "Pod 写入的数据超出了 emptyDir 的 sizeLimit 或 ephemeral-storage 上限。",
    ),
    "node-disk-full": (
        "The disk of the node is full of what no Pod has written.",
        "节点磁盘被写满，而写入者并不是 Pod。",
    ),
    "cloud-down": ("The API of the cloud does not answer.", "云的 API 没有应答。"),
    "cloud-throttled": ("The API of the cloud refuses most questions.", "云的 API 限流，多数请求被拒绝。"),
    "cloud-quota": (
        "The account of the cloud may not have another machine: its quota is used up.",
        "云账号的配额用完，不能再要机器。",
    ),
    "sold-out": ("The zone has no machine to give.", "可用区已无机器可售。"),
    "group-full": (
        "The group of machines has reached its largest size.",
        "节点组已达到上限，不能再加机器。",
    ),
    "cloud-manager-down": (
        "No cloud-controller-manager works.",
        "没有云控制器管理器在工作。",
    ),
    "autoscaler-down": ("No cluster-autoscaler works.", "没有 cluster-autoscaler 在工作。"),
    "balancer-down": (
        "The balancer of the Service passes nothing on.",
        "Service 的云负载均衡器什么都不转发。",
    ),
    "node-memory": (
        "Something that is no Pod uses up the memory of the node.",
        "节点内存被 Pod 以外的进程吃光。",
    ),
    "node-pids": (
        "Something that is no Pod has used up the processes that the node can have.",
        "Pod 以外的进程耗尽了节点的进程号。",
    ),
    "disk-writer": (
        "One Pod fills the disk of its node.",
        "某个 Pod 写满了所在节点的磁盘。",
    ),
    "process-slow": (
        "A component of the control plane works slowly: what it has to do waits.",
        "某个控制平面组件处理缓慢，该做的事都在等待。",
    ),
    "scheduler-down": (
        "Nobody gives Pods a node: the scheduler does not run.",
        "调度器没有运行，没有人给 Pod 分配节点。",
    ),
    "controller-manager-down": (
        "Nobody makes or replaces Pods: the controller manager does not run.",
        "控制器管理器没有运行，没有人创建或替换 Pod。",
    ),
    "slow-loris": (
        "Strangers hold connections and never send a whole request: no server is left for others.",
        "有人占住连接却从不发完请求，没有空闲的服务线程留给别人。",
    ),
    "secret-leaked": (
        "Somebody outside has a ServiceAccount's token, and does what it allows.",
        "外人拿到了 ServiceAccount 的令牌，为所欲为。",
    ),
    "apiserver-down": (
        "The API server does not run: nobody hears of changes, and nothing is written.",
        "API 服务器没有运行：谁也听不到变化，什么也写不进去。",
    ),
    "unknown-gate": (
        "A component is told of a feature gate that its release no longer knows, and ends as soon as it begins.",
        "组件的参数里有新版本已移除的特性门控（feature gate），一启动就退出。",
    ),
    "etcd-down": (
        "etcd does not run, or no majority of its members is together: nothing is written.",
        "etcd 没有运行，或成员不足多数：什么也写不进去。",
    ),
    "etcd-full": (
        "etcd's database is larger than its quota: it takes no writes until it is compacted and its alarm disarmed.",
        "etcd 数据库超出配额：压缩整理并解除告警之前不再接受写入。",
    ),
    "etcd-slow": ("The disk of etcd is slow, and writes take too long.", "etcd 的磁盘太慢，写入超时。"),
    "api-overload": (
        "Somebody asks the API server without end: others of the same flow are told to come back later, or its machine has "
        "no memory left for the answers.",
        "有客户端不停地请求 API 服务器：同一流中的其他请求被要求稍后再试，或者应答耗尽了所在机器的内存。",
    ),
    "node-down": (
        "The machine does not answer. Until the cluster knows, its Pods still get their share of requests.",
        "机器没有应答。集群察觉之前，它上面的 Pod 仍会分到请求。",
    ),
    "node-shutdown": (
        "The node was shut down or rebooted, and its kubelet stopped the Pods before.",
        "节点关机或重启，kubelet 在此之前停止了 Pod。",
    ),
    "kubelet-stopped": ("The node's kubelet no longer reports.", "该节点的 kubelet 不再上报状态。"),
    "certificate-expired": (
        "A certificate is over, and whoever should believe it does not.",
        "证书已过期，对方不再信任。",
    ),
    "certificate-missing": (
        "The host has no certificate of its own, so the ingress controller shows one that nobody believes.",
        "该主机没有自己的证书，Ingress 控制器只好出示一张没人信任的证书。",
    ),
    "certificate-unknown": (
        "Nobody whom clients know has signed the certificate.",
        "证书不是由客户端认识的机构签发的。",
    ),
    "clock-skew": (
        "The clock of a machine is wrong: certificates and renewals look too old or too new to it, or to others.",
        "机器的时钟不准：证书和续约在它或别人看来太旧或太新。",
    ),
    "runtime-down": ("The container runtime of the node does not answer.", "节点的容器运行时没有应答。"),
    "no-free-node": ("The nodes that are left do not take the Pods.", "剩下的节点不接收这些 Pod。"),
    "termination-race": (
        "The Pod stopped answering before every kube-proxy had heard that it leaves.",
        "Pod 停止应答时，还有 kube-proxy 不知道它要走。",
    ),
    "stale-rules": (
        "The rules of this node are out of date: its kube-proxy hears nothing.",
        "这个节点的转发规则已过期：kube-proxy 收不到更新。",
    ),
    "ingress-sync": (
        "The ingress controller has not taken over the change yet: it syncs every 3.3 s at most, then reloads nginx.",
        "Ingress 控制器尚未应用最新的改动：它至多每 3.3 秒同步一次，随后才重载 nginx。",
    ),
    "stale-dns": (
        "The name was looked up before its Pods were replaced; the answer is kept for 30 seconds.",
        "域名是在 Pod 替换之前解析的，结果会缓存 30 秒。",
    ),
    "wrong-target-port": (
        "Nothing listens on the port that the Service sends to.",
        "Service 转发到的端口上没有进程监听。",
    ),
    "no-readiness-probe": (
        "Without a readiness probe a Pod gets requests before it can answer.",
        "没有就绪探针，Pod 还不能应答就会分到请求。",
    ),
    "bad-release": ("The new version answers with errors.", "新版本返回错误。"),
    "app-error": ("The application answers with an error.", "应用返回错误。"),
    "answer-404": ("The Service that was asked does not know this path.", "被访问的 Service 不认识这个路径。"),
    "env-empty": ("A variable of the environment that the application needs is empty.", "应用需要的环境变量为空。"),
    "stale-env": (
        "The running containers read their environment before the ConfigMap changed.",
        "运行中的容器在 ConfigMap 改动之前就读取了环境变量。",
    ),
    "wrong-password": ("The database knows another password.", "密码与数据库里的不一致。"),
    "outside-down": ("The system outside the cluster does not answer.", "集群外的系统没有应答。"),
    "dns-name": ("The name does not exist.", "域名不存在。"),
    "dns-down": ("Cluster DNS does not answer.", "集群 DNS 没有应答。"),
    "dns-config": (
        "The configuration of cluster DNS (its Corefile) has no answer for this name.",
        "集群 DNS 的配置（Corefile）无法回答这个域名。",
    ),
    "dns-overload": ("Cluster DNS gets more questions than it can answer.", "集群 DNS 收到的查询超过了它的处理能力。"),
    "no-route": ("No Ingress rule fits this host and path.", "没有 Ingress 规则匹配该域名和路径。"),
    "service-not-found": ("The Service that should take it in does not exist.", "本该接收请求的 Service 不存在。"),
    "wrong-service-port": ("The Service has no such port.", "Service 没有这个端口。"),
    "no-node-port": ("No Service has this node port.", "没有 Service 使用这个节点端口。"),
    "no-such-address": ("Nobody has this address.", "没有谁使用这个地址。"),
    "network-policy": (
        "A NetworkPolicy chooses the Pod, and no rule lets this connection through.",
        "NetworkPolicy 选中了该 Pod，而没有任何规则放行这个连接。",
    ),
    "source-ranges": (
        "loadBalancerSourceRanges lets in some addresses only, and the users come from another.",
        "loadBalancerSourceRanges 只放行部分来源地址，而用户不在其中。",
    ),
    "policy-local": (
        "externalTrafficPolicy Local, and no Pod on that node.",
        "externalTrafficPolicy 为 Local，而该节点上没有 Pod。",
    ),
    "overload": ("More requests come than the copies can work off.", "请求超过了现有副本的处理能力。"),
    "no-consumers": ("Nobody takes messages from the queue.", "没有消费者从队列里取消息。"),
    "too-few-consumers": (
        "More messages come than those who work on them can do.",
        "消息到达的速度超过了消费者的处理能力。",
    ),
    "lost-with-worker": (
        "A worker that does not acknowledge its messages ended, and what it had in hand was lost.",
        "消费者不做确认（ack），它退出时手里的消息就丢了。",
    ),
    "lost-with-broker": (
        "The broker kept its messages in memory, or in its container, and ended.",
        "消息代理把消息放在内存或容器自身里，它一退出消息就丢了。",
    ),
    "queue-limit": ("The queue holds as many messages as it may.", "队列已达到长度上限。"),
    "cpu-limit": (
        "The CPU limit of the container slows it down.",
        "容器的 CPU 上限拖慢了处理速度。",
    ),
    "noisy-neighbour": (
        "The processors of the node do not suffice, and a neighbour uses most of them: requests decide who gets how much.",
        "节点的处理器不够用，大部分被邻居占去：谁能分到多少由 requests 决定。",
    ),
    "slow": ("Answers come too late.", "应答太慢，已超时。"),
    "pod-died": ("The container ended while it was serving.", "容器在处理请求时退出了。"),
    "disk-full": ("The volume is full.", "卷已写满。"),
    "no-majority": (
        "Fewer than half of the database's members hear one another, and without a majority it takes no writes.",
        "数据库中能互相通信的成员不足半数以上，没有多数派就不接受写入。",
    ),
    "no-leader": (
        "The members of the database are without a leader until they have elected one.",
        "数据库成员暂时没有领导者，要等选举完成。",
    ),
    "not-primary": (
        "The write went to a replica; only the primary takes writes.",
        "写请求到了副本上，只有主节点接受写入。",
    ),
    "split-brain": (
        "Two members of the database took writes apart from each other, and one had to give up its own.",
        "数据库的两个成员各自接受了写入（脑裂），其中一个只能放弃自己的数据。",
    ),
    "data-on-emptydir": (
        "The records lay in an emptyDir, which lives and dies with its Pod.",
        "数据放在 emptyDir 里，与 Pod 同生共死。",
    ),
    "data-in-container": (
        "The records lay in the container's own layer, which is gone when it is replaced.",
        "数据写在容器自己的可写层里，容器一换就没了。",
    ),
    "data-elsewhere": (
        "The records lie on a volume that the application no longer uses.",
        "数据在应用不再使用的卷上。",
    ),
    "conntrack-full": (
        "The kernel of a node tracks as many connections as it may, and drops new ones.",
        "节点内核的连接跟踪表已满，新连接被丢弃。",
    ),
    "region-away": (
        "The way from a region of users to the cluster is cut, or too slow.",
        "某个地区的用户到集群的线路中断或太慢。",
    ),
    "port-exhaustion": (
        "A program has used up its local ports to one destination: it opens a connection for each call.",
        "程序通往某个目的地的本地端口已用尽：它每次调用都新建连接。",
    ),
    "worker-connections": (
        "The ingress controller's nginx holds as many connections as it may: those behind it answer too slowly.",
        "Ingress 控制器的 nginx 连接数已达上限：它背后的应用应答太慢。",
    ),
    "link-loss": (
        "Packets are lost on the way; what is sent again comes a second or more later, or too late.",
        "网络丢包：重传的数据要晚一秒以上才到，或者来不及。",
    ),
    "pod-network": (
        "The network of one Pod is slow, loses packets, or is cut.",
        "某个 Pod 自己的网络变慢、丢包或中断。",
    ),
    "slow-link": (
        "The network card of a node is slow: whatever goes there or comes from there takes its time.",
        "节点的网卡变慢：进出该节点的一切都要多花时间。",
    ),
    "network-partition": ("A link is cut.", "网络链路中断。"),
    "too-late": ("It works now, but it took too long.", "现在正常了，但修得太晚。"),
    "not-done": ("What was asked for has not happened.", "要求的事情没有发生。"),
    "over-limit": ("More was used than allowed.", "超出了限额。"),
    **INGRESS,
    "unknown": ("No rule explains this yet.", "目前没有规则能解释。"),
}
"""Code → what it means, in English and Chinese."""


def gloss(cause: str, language: str) -> str:
    """What a cause means, in a language."""
    english, chinese = CAUSES.get(cause, CAUSES["unknown"])
    return chinese if language == "zh" else english


def document() -> str:
    """The text of docs/CAUSES.md."""
    rows = [f"| `{code}` | {english} | {chinese} |" for code, (english, chinese) in sorted(CAUSES.items())]
    head = [
        "# Causes",
        "",
        "Where every explanation ends. Made from `kubesim_tui/explain/causes.py` by `make docs`; do not edit.",
        "",
        "| code | what it means | 含义 |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"
