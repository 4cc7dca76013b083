"""What would have prevented each cause: told when a level is lost, not before."""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, tuple[str, str]] = {
    "single-replica": (
        "More than one replica: while one is replaced the others answer.",
        "多于一个副本：一个被替换时，其余的照常应答。",
    ),
    "scaled-to-zero": ("A number of replicas above 0.", "副本数要大于 0。"),
    "workload-deleted": (
        "Before deleting what makes Pods, have another one that makes them ready.",
        "删除创建 Pod 的工作负载之前，先让接替它的工作负载就绪。",
    ),
    "namespace-deleted": (
        "Manifests and backups outside of the cluster, few who may delete namespaces, reclaimPolicy Retain.",
        "清单和备份放在集群之外，只让少数人能删除命名空间，卷的 reclaimPolicy 设为 Retain。",
    ),
    "cordoned": (
        "`kubectl uncordon` when the work is done, and room on other nodes meanwhile.",
        "维护完成后执行 `kubectl uncordon`，并在此期间让其他节点留有余量。",
    ),
    "rollout-paused": ("`kubectl rollout resume`.", "执行 `kubectl rollout resume`。"),
    "suspended": ("`spec.suspend: false`, when it is to run again.", "需要它运行时，把 `spec.suspend` 设为 false。"),
    "job-failed": (
        "A program that succeeds, or a larger backoffLimit or activeDeadlineSeconds; `kubectl logs` tells why.",
        "让程序能够成功，或放宽 backoffLimit、activeDeadlineSeconds；`kubectl logs` 会说明它为何结束。",
    ),
    "budget": (
        "One copy more than the budget asks for, or maxUnavailable 1 instead of a minAvailable of all.",
        "副本数比预算要求多一个，或用 maxUnavailable: 1 代替要求全部可用的 minAvailable。",
    ),
    "no-metrics": (
        "Resource requests in the template, and a metrics server that answers.",
        "在模板里写明资源 requests，并确保 metrics server 能应答。",
    ),
    "selector-mismatch": (
        "A selector with the same labels as the Pods' template; `kubectl get endpointslices` shows what it finds.",
        "选择器与 Pod 模板的标签保持一致；用 `kubectl get endpointslices` 查看它选中了谁。",
    ),
    "not-ready": (
        "A readiness probe that asks for what the image really answers, or the setting that the Pods wait for.",
        "就绪探针要问镜像真正会应答的路径，或者补上 Pod 所等待的设置。",
    ),
    "starting": (
        "Enough ready Pods before the others go: maxUnavailable 0, and time to start.",
        "旧 Pod 退出之前，要有足够的 Pod 就绪：maxUnavailable 设为 0，并留出启动时间。",
    ),
    "not-created": (
        "What the controller was refused: a larger quota, or a template that admission accepts.",
        "消除控制器被拒绝的原因：放宽配额，或让模板通过准入检查。",
    ),
    "forbidden": (
        "The role binding again, from the manifests; `kubectl auth can-i --as` shows who may do what.",
        "用清单把角色绑定补回来；`kubectl auth can-i --as` 可查看谁能做什么。",
    ),
    "webhook-down": (
        "A backend that answers, with a Service that leads to it; failurePolicy Ignore where a check can be missed.",
        "让 webhook 后端能应答，并有 Service 指向它；可以不查的地方把 failurePolicy 设为 Ignore。",
    ),
    "preempted": (
        "A priority class that says what matters, fewer of the high ones, or more nodes.",
        "用优先级类标明谁更重要，减少高优先级的 Pod，或增加节点。",
    ),
    "unschedulable": (
        "Room for the Pods: smaller requests, more nodes, or a toleration for what keeps them off.",
        "给 Pod 留出位置：减小资源请求、增加节点，或容忍相应的污点。",
    ),
    "image-pull": ("An image name and tag that the registry has.", "使用镜像仓库里确实存在的名称和标签。"),
    "pull-slow": (
        "Small images, images that are on the nodes already, or a mirror near by.",
        "使用小镜像、提前把镜像放到节点上，或就近部署镜像站。",
    ),
    "hangs": (
        "A liveness probe that goes the way of real requests, and time-outs in clients; a restart cures it meanwhile.",
        "存活探针要走真实请求的路径，客户端要设超时；眼下重启即可恢复。",
    ),
    "pull-secret": (
        "An imagePullSecret with the right password, named by the Pod or by its service account.",
        "准备密码正确的 imagePullSecret，并由 Pod 或它的服务账号引用。",
    ),
    "crash-loop": (
        "`kubectl logs --previous` tells why it exits: mend that before the rollout reaches all Pods.",
        "用 `kubectl logs --previous` 查看退出原因，在发布波及所有 Pod 之前修好。",
    ),
    "oom-killed": ("A memory limit above what the container needs.", "内存上限要高于容器的实际需要。"),
    "config-missing": (
        "Make the ConfigMap or Secret, with that key, before the Pods that need it.",
        "先创建 ConfigMap 或 Secret 及所需的键，再创建用到它的 Pod。",
    ),
    "runs-as-root": (
        "An image that runs as another user, or a runAsUser that is not 0.",
        "使用以非 root 用户运行的镜像，或设置不为 0 的 runAsUser。",
    ),
    "volume-not-mounted": ("A volume that exists and is free on that node.", "使用存在且能在该节点挂载的卷。"),
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
    "liveness": (
        "A liveness probe that fails only when a restart helps; slow starts need a startup probe.",
        "存活探针只应在重启有用时才失败；启动慢的应用要加启动探针。",
    ),
    "pod-stuck": (
        "An application that stops when it is told to, and no finalizer that nobody removes.",
        "应用收到退出信号要能停下，也不要留下无人移除的 finalizer。",
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
    "node-memory": (
        "systemReserved for what runs beside Pods, memory requests (BestEffort Pods go first), and replicas on other "
        "nodes.",
        "用 systemReserved 给 Pod 以外的进程预留内存，填写内存请求（BestEffort 最先被驱逐），副本分散到其他节点。",
    ),
    "node-pids": (
        "An eviction threshold for pid.available, a higher kernel.pid_max, and replicas on other nodes.",
        "给 pid.available 设置驱逐阈值，调大 kernel.pid_max，副本分散到其他节点。",
    ),
    "disk-writer": (
        "An ephemeral-storage limit on each Pod: the one that writes too much is evicted, not its neighbours.",
        "给每个 Pod 设置 ephemeral-storage 上限：被驱逐的是写得太多的那个，而不是邻居。",
    ),
    "scheduler-down": ("Start the scheduler again.", "重新启动调度器。"),
    "controller-manager-down": ("Start the controller manager again.", "重新启动控制器管理器。"),
    "slow-loris": (
        "Time-outs for slow requests in servers, or a proxy in front that passes on whole requests only.",
        "服务器对慢请求设超时，或在前面放一个收齐请求才转发的代理。",
    ),
    "secret-leaked": (
        "Roles that allow no more than is needed, no token where none is needed; an account made anew ends old tokens.",
        "角色只给必要的权限，不需要的地方不挂令牌；重建 ServiceAccount 可使旧令牌失效。",
    ),
    "apiserver-down": (
        "Start it again; three control-plane machines behind a balancer.",
        "重新启动它；控制平面用三台机器并放在负载均衡之后。",
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
        "Replicas on several nodes: then a lost machine takes only its share. Running Pods never move by themselves; "
        "a restart places them anew.",
        "副本分散在多个节点上：少一台机器只损失它那一份。运行中的 Pod 不会自己搬家，重启才会重新安排位置。",
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
    "termination-race": (
        "A preStop sleep of a few seconds: the Pod answers until every kube-proxy has heard that it leaves.",
        "加几秒的 preStop 等待：在所有 kube-proxy 得知它要走之前，Pod 继续应答。",
    ),
    "stale-rules": (
        "A kube-proxy that runs and reaches the API server on every node.",
        "每个节点上的 kube-proxy 都要在运行，并能连上 API 服务器。",
    ),
    "stale-dns": (
        "A Service with an address of its own instead of a headless one, or a client that looks the name up again.",
        "使用带有自己地址的 Service，而不是 Headless；或者让客户端重新解析域名。",
    ),
    "wrong-target-port": (
        "A targetPort on which the container listens; naming the port in both places keeps them together.",
        "targetPort 要是容器真正监听的端口；两处都用端口名就不会走样。",
    ),
    "no-readiness-probe": (
        "A readiness probe: no requests before the Pod can answer them.",
        "加上就绪探针：Pod 能应答之前不会收到请求。",
    ),
    "bad-release": (
        "A readiness probe that asks what users ask: the rollout stops at the first bad Pods. Else: undo at once.",
        "就绪探针要检查用户真正需要的东西：发布会停在第一批坏 Pod 上。没有探针就要立即回滚。",
    ),
    "app-error": (
        "An application that answers; its log tells what it lacks.",
        "让应用能正常应答；日志会说明它缺什么。",
    ),
    "answer-404": (
        "A rule of its own for that path, leading to the Service that knows it.",
        "为该路径单独添加规则，转到认识它的 Service。",
    ),
    "env-empty": (
        "The variable set, or its key put into the ConfigMap or Secret, before the Pods start.",
        "在 Pod 启动之前设置好该变量，或把对应的键写进 ConfigMap 或 Secret。",
    ),
    "stale-env": (
        "A rollout after the change (`kubectl rollout restart`): only new processes read the new values.",
        "改动之后滚动重启（`kubectl rollout restart`）：只有新进程才会读到新值。",
    ),
    "wrong-password": (
        "The same password on both sides, and a rollout after it was changed.",
        "两边使用相同的密码，修改之后要滚动重启。",
    ),
    "outside-down": (
        "Pods that ask the system that is up: change the address, and roll it out.",
        "让 Pod 访问仍在运行的系统：改好地址并滚动重启。",
    ),
    "dns-name": (
        "The name of a Service that exists, with its namespace.",
        "使用确实存在的 Service 名，并带上命名空间。",
    ),
    "dns-overload": (
        "Connections that are kept; names outside with a dot at the end, or dnsConfig ndots:2; more Pods of coredns.",
        "复用连接；集群外的域名以点结尾，或设置 dnsConfig ndots:2；增加 coredns 的 Pod。",
    ),
    "dns-down": ("More than one copy of cluster DNS, and one that runs.", "集群 DNS 要有多个副本，并保持运行。"),
    "no-route": ("An Ingress rule for this host and path.", "为该域名和路径添加 Ingress 规则。"),
    "no-ingress-controller": ("A running ingress controller.", "要有运行中的 Ingress 控制器。"),
    "service-not-found": (
        "The name of a Service that exists in the Ingress's namespace.",
        "填写 Ingress 所在命名空间里确实存在的 Service 名。",
    ),
    "wrong-service-port": (
        "In the rule the Service's own port (or its name), not the container's.",
        "规则里要填 Service 自己的端口（或端口名），而不是容器的端口。",
    ),
    "no-node-port": ("The node port that the Service was given.", "使用分配给 Service 的节点端口。"),
    "no-such-address": ("A name instead of an address: addresses of Pods change.", "用域名代替地址：Pod 的地址会变。"),
    "network-policy": (
        "A rule that lets this caller in (and for egress also one for port 53 of cluster DNS).",
        "添加放行该调用方的规则（限制 egress 时，还要放行集群 DNS 的 53 端口）。",
    ),
    "source-ranges": (
        "The users' addresses among the ranges, or no ranges at all.",
        "把用户的地址段加入范围，或不设范围。",
    ),
    "policy-local": (
        "A Pod on each node that is asked, or externalTrafficPolicy Cluster.",
        "被访问的每个节点上都要有 Pod，或把 externalTrafficPolicy 设为 Cluster。",
    ),
    "overload": ("More replicas before the rush.", "在高峰到来之前增加副本。"),
    "noisy-neighbour": (
        "CPU requests that say what each Pod needs: under pressure a processor is shared out by them.",
        "如实填写 CPU 请求：处理器紧张时，按请求量分配。",
    ),
    "cpu-limit": ("A higher CPU limit, or more replicas.", "提高 CPU 上限，或增加副本。"),
    "slow": ("More replicas, or whatever makes each answer faster.", "增加副本，或加快每次应答。"),
    "pod-died": ("More replicas, and a container that does not exit under load.", "增加副本，并让容器在负载下不退出。"),
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
    "no-addresses": (
        "A range for each node that is larger than maxPods, and a reboot or a new machine where addresses were never "
        "given back.",
        "每个节点的地址段要大于 maxPods；地址没有回收的节点要重启或更换。",
    ),
    "conntrack-full": (
        "A higher conntrack.maxPerCore of kube-proxy, connections that are kept and shared, and users who come in by "
        "several nodes.",
        "提高 kube-proxy 的 conntrack.maxPerCore，复用长连接，并让用户从多个节点进入。",
    ),
    "region-away": (
        "A second way in by another provider, or a copy of the service near those users; connections that are kept "
        "need fewer round trips.",
        "通过另一家运营商再接入一条线路，或在用户附近部署一份服务；长连接需要的往返更少。",
    ),
    "port-exhaustion": (
        "Connections that are kept and shared instead of one for each call; more copies of the caller.",
        "复用长连接，不要每次调用都新建；增加调用方的副本。",
    ),
    "link-loss": (
        "Draining the node that loses packets; connections that are kept, and time-outs with room for a second try.",
        "排空丢包的节点；复用长连接，超时时间要留出重试的余地。",
    ),
    "pod-network": (
        "Deleting the Pod: a new one has a network of its own. Several copies, and readiness probes over the network.",
        "删除该 Pod：新 Pod 有自己的网络。保持多个副本，并使用经由网络的就绪探针。",
    ),
    "slow-link": (
        "Draining the node as soon as its answers are late; copies on several nodes, and clients that try again.",
        "某个节点的应答变慢时尽快排空它；副本分布在多个节点上，客户端会重试。",
    ),
    "network-partition": (
        "Replicas on nodes that are still reached.",
        "在仍能连通的节点上要有副本。",
    ),
}
"""Code → what would have prevented it, in English and Chinese; none for what is too general to say."""


def remedy(cause: str, language: str) -> str:
    """What would have prevented a cause, in a language; "" where nothing general can be said."""
    english, chinese = REMEDIES.get(cause, ("", ""))
    return chinese if language == "zh" else english
