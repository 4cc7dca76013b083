"""Of causes that lie in the network and in names."""

from __future__ import annotations

from collections.abc import Mapping

NETWORK: Mapping[str, tuple[str, str]] = {
    "selector-mismatch": (
        "A selector with the same labels as the Pods' template; `kubectl get endpointslices` shows what it finds.",
        "选择器与 Pod 模板的标签保持一致；用 `kubectl get endpointslices` 查看它选中了谁。",
    ),
    "certificate-missing": (
        "A tls section with the host and a Secret of type kubernetes.io/tls in the same namespace, whose certificate "
        "is for that host; `kubectl describe ingress` shows what is named.",
        "在 Ingress 的 tls 中写上主机名和同一命名空间里类型为 kubernetes.io/tls 的 Secret，证书要签给该主机；"
        "用 `kubectl describe ingress` 核对。",
    ),
    "certificate-unknown": (
        "A certificate that an authority has signed (cert-manager asks for one), not one that signs itself.",
        "使用由证书机构签发的证书（cert-manager 可以代为申请），不要用自签名证书。",
    ),
    "stale-rules": (
        "A kube-proxy that runs and reaches the API server on every node.",
        "每个节点上的 kube-proxy 都要在运行，并能连上 API 服务器。",
    ),
    "ingress-sync": (
        "A few seconds between the change and the first users; a readiness probe and a preStop hook bridge them.",
        "改动之后等几秒再放用户进来；就绪探针和 preStop 钩子可以盖过这段时间。",
    ),
    "stale-dns": (
        "A Service with an address of its own instead of a headless one, or a client that looks the name up again.",
        "使用带有自己地址的 Service，而不是 Headless；或者让客户端重新解析域名。",
    ),
    "wrong-target-port": (
        "A targetPort on which the container listens; naming the port in both places keeps them together.",
        "targetPort 要是容器真正监听的端口；两处都用端口名就不会走样。",
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
    "dns-config": (
        "A Corefile with the plugins kubernetes (for cluster.local) and forward; changes that are tried elsewhere.",
        "Corefile 要有 kubernetes（负责 cluster.local）和 forward 插件；改动先在别处验证。",
    ),
    "dns-down": ("More than one copy of cluster DNS, and one that runs.", "集群 DNS 要有多个副本，并保持运行。"),
    "no-route": ("An Ingress rule for this host and path.", "为该域名和路径添加 Ingress 规则。"),
    "service-not-found": (
        "The name of a Service that exists in the Ingress's namespace; what was deleted comes back from its manifest.",
        "填写 Ingress 所在命名空间里确实存在的 Service 名；被删掉的 Service 用它的清单重新创建。",
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
    "worker-connections": (
        "Quicker answers or a shorter proxy-read-timeout; max-worker-connections in the ConfigMap; more Pods of it.",
        "让应用应答更快，或缩短 proxy-read-timeout；在 ConfigMap 中调高 max-worker-connections；增加它的 Pod。",
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
