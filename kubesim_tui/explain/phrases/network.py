"""Of requests on their way: users, ingress, Services, names, certificates, connections."""

from __future__ import annotations

from collections.abc import Mapping

NETWORK: Mapping[str, str] = {
    # what the user saw
    "{stream}: timed out": "{stream}：超时（timed out）",
    "{stream}: connection refused": "{stream}：连接被拒绝（connection refused）",
    "{stream}: connection reset": "{stream}：连接被重置（connection reset）",
    "{stream}: no such host": "{stream}：域名不存在（no such host）",
    "{stream}: certificate error": "{stream}：证书错误",
    "{stream}: circuit breaker open": "{stream}：熔断器已打开",
    # the stops on its way
    "Ingress {name} took it in": "Ingress {name} 接收了请求",
    "Ingress {name} took it in by its rule {rule}, which leads to {kind} {service}": (
        "Ingress {name} 按规则 {rule} 接收，转给 {kind} {service}"
    ),
    "Ingress {name} by its rule {rule}, which leads to {kind} {service}": (
        "Ingress {name} 的规则 {rule} 指向 {kind} {service}"
    ),
    "Service {name} passed it on": "Service {name} 转发了请求",
    "it went to node {name}": "请求到了节点 {name}",
    "Pod {name} had to ask further": "Pod {name} 还得再去问别人",
    # users and regions
    "nothing gets from region {region} to the data centre": "{region} 地区到数据中心的线路不通",
    "the way from region {region} and back takes {ms} ms": "从 {region} 地区来回要 {ms} 毫秒",
    "all come in by a port of node {name}, and by no other node": "所有人都从节点 {name} 的端口进来，没有别的入口",
    # ingress and Services
    "no rule for {url}": "没有匹配 {url} 的规则",
    "Ingress {name} does not exist": "Ingress {name} 不存在",
    "Service {name} does not exist": "Service {name} 不存在",
    "Service {name} has no such port": "Service {name} 没有这个端口",
    "Service {name} has no {port}; it has {ports}": "Service {name} 没有{port}，它有的端口是 {ports}",
    "nobody there knows Service {name} yet": "那里还没有谁知道 Service {name}",
    "no Service has node {port}": "没有 Service 使用节点{port}",
    "nobody has address {address}": "没有谁使用地址 {address}",
    "no endpoint on node {node}, and the policy is Local": "节点 {node} 上没有端点，而流量策略是 Local",
    "no rule of NetworkPolicy {names} lets it in": "NetworkPolicy {names} 没有放行入站的规则",
    "no rule of NetworkPolicy {names} lets it out": "NetworkPolicy {names} 没有放行出站的规则",
    "not from {ranges}": "来源不在 {ranges} 之内",
    "Service {name} has no ready endpoint": "Service {name} 没有就绪的端点",
    "it knows no ready endpoint of Service {name}": "它不知道 Service {name} 有任何就绪的端点",
    "the Service is gone": "Service 已经没有了",
    "its selector {selector} matches no Pod and no template": "它的选择器 {selector} 没有选中任何 Pod 或模板",
    "Service {name} selected {selector} until {tick}s": "直到 {tick} 秒，Service {name} 的选择器是 {selector}",
    "nobody writes endpoints anew": "没有谁更新端点",
    "Service {name} waits for its address": "Service {name} 还在等地址",
    "the balancer of Service {name} passes nothing on": "Service {name} 的负载均衡器什么都不转发",
    "no node answers the balancer's health checks": "没有节点通过负载均衡器的健康检查",
    "Pod {name} has not taken over the latest changes: it syncs 0.3 times a second at most, then reloads nginx": (
        "Pod {name} 还没有应用最新的改动：它每秒至多同步 0.3 次，随后重载 nginx"
    ),
    "what the ingress controller on node {node} knows is out of date": "节点 {node} 上的 Ingress 控制器所知已过期",
    "the rules of node {node} are out of date": "节点 {node} 的转发规则已过期",
    "kube-proxy on {node}, whom they ask, does not run": "被询问的 {node} 上 kube-proxy 没有运行",
    # certificates
    "it shows one that it has made for itself: {why}": "它出示的是自己生成的证书：{why}",
    "the certificate in Secret {name} is over": "Secret {name} 里的证书已过期",
    "Secret {name} is there, and the ingress controller has not taken it over yet": (
        "Secret {name} 已经有了，Ingress 控制器还没有应用"
    ),
    "Secret {name} holds it": "证书来自 Secret {name}",
    "no Ingress has a tls section for it": "没有 Ingress 为它写 tls 段",
    # names
    "no such host: {name}": "域名不存在：{name}",
    "no DNS record for {host}": "没有 {host} 的 DNS 记录",
    "{name} cannot be looked up": "无法解析 {name}",
    "Service {name} is there: the servers do not look into the cluster for it": (
        "Service {name} 是存在的：DNS 服务器没有到集群里去查"
    ),
    "the Service kube-dns is gone": "Service kube-dns 已经没有了",
    "{name} was looked up before its Pods changed": "{name} 是在它的 Pod 更换之前解析的",
    "{who} with each connection, and Pod {name} cannot answer as fast": "每次建立连接{who}，Pod {name} 来不及回答",
    # connections and links
    "the kernel of node {name} says {words}": "节点 {name} 的内核报告 {words}",
    "it tracks {tracked} of {limit} connections": "它跟踪着 {tracked} 个连接，上限 {limit}",
    "it tracks {tracked} of {limit} connections; {stuck} of them are never closed": (
        "它跟踪着 {tracked} 个连接，上限 {limit}，其中 {stuck} 个从不关闭"
    ),
    "it tracks {tracked} of {limit} connections, each for 120 s after it was closed": (
        "它跟踪着 {tracked} 个连接，上限 {limit}，每个在关闭后还要保留 120 秒"
    ),
    "cannot assign requested address: all {ports} local ports to {host} are taken": (
        "cannot assign requested address：通往 {host} 的 {ports} 个本地端口都用完了"
    ),
    "nginx in Pod {name} says {words}": "Pod {name} 里的 nginx 报告 {words}",
    "{held} connections that never send a whole request hold {kept} of its {servers} servers": (
        "{held} 个从不发完请求的连接占着它 {servers} 个服务线程中的 {kept} 个"
    ),
    "Pod {name}: {held} connections that never send a whole request hold {kept} of its {servers} servers": (
        "Pod {name}：{held} 个从不发完请求的连接占着它 {servers} 个服务线程中的 {kept} 个"
    ),
    "{loss} % of the packets are lost": "{loss}% 的数据包丢失",
    "{loss} % of the packets from and to node {node} are lost": "进出节点 {node} 的数据包有 {loss}% 丢失",
    "each round trip to node {node} takes {ms} ms longer than it should": "到节点 {node} 的每次往返多花 {ms} 毫秒",
    "each round trip to node {node} takes {s} s longer: nobody waits so long": (
        "到节点 {node} 的每次往返多花 {s} 秒：没有谁会等这么久"
    ),
    "the network card of node {node} carries {rate} Mbit/s": "节点 {node} 的网卡只有 {rate} Mbit/s",
    "the network of Pod {name} reaches nobody, and nobody reaches it": "Pod {name} 的网络与谁都不通",
    "the network of Pod {name} loses {loss} % of its packets": "Pod {name} 的网络丢失 {loss}% 的数据包",
    "the network of Pod {name} takes {ms} ms longer for each round trip": "Pod {name} 的网络每次往返多花 {ms} 毫秒",
    # who answers, and who does not
    "{name} answers {code}": "{name} 返回 {code}",
    "{name} answers {code}: {why}": "{name} 返回 {code}：{why}",
    "Pod {name} refuses the connection: {why}": "Pod {name} 拒绝连接：{why}",
    "connection refused: {why}": "连接被拒绝：{why}",
    "Pod {name} has stopped, and {who} had not heard of it yet": "Pod {name} 已经停止，而 {who} 还不知道",
    "Pod {name} still counts as Ready: nobody tells that its container has ended": (
        "Pod {name} 仍算就绪：没有谁报告它的容器已经退出"
    ),
    "it still counts as Ready: nobody can write that it is not": "它仍算就绪：没有谁能把未就绪写进去",
    "no answer from Pod {name}": "Pod {name} 没有应答",
    "{name} accepts connections, and its program hangs": "{name} 接受连接，但程序没有反应",
    "its program hangs": "它的程序没有反应",
    "{name} does not answer": "{name} 没有应答",
    "{name} answers late": "{name} 应答太晚",
    "it waited too long": "等得太久",
    "{name} hears {n} of {all} members, and a write needs {need}": (
        "{name} 听得到 {all} 个成员中的 {n} 个，写入需要 {need} 个"
    ),
    "{name} and the members that it hears are electing a leader": "{name} 和它听得到的成员正在选举领导者",
    "{name} is a replica of {primary}: {words}": "{name} 是 {primary} 的副本：{words}",
    "queue {name} takes no more messages": "队列 {name} 不再接收消息",
    "REFUSED: no server block of its Corefile is about {name}": "REFUSED：它的 Corefile 里没有管 {name} 的 server 段",
    "no answer in time": "没有及时应答",
    "the queue is full": "队列已满",
    "its container ended while it was being served": "正在处理它的容器退出了",
    "requests in Pod {name} wait for {host}": "Pod {name} 里的请求在等 {host}",
    "more requests come to Pod {name} than it can work off": "到 Pod {name} 的请求超过了它的处理能力",
    "until {tick}s its requests failed, or waited, for another reason": "直到 {tick} 秒，它的请求失败或等待另有原因",
    "the process has {variable}={value}": "进程里的 {variable}={value}",
    "{kind} {name} says {key}: {value}": "{kind} {name} 里写的是 {key}: {value}",
    "{kind} {name} has no key {key}": "{kind} {name} 没有键 {key}",
    "{name} has an empty {key}": "{name} 的 {key} 是空的",
    "{kind} {name} does not set {variable}": "{kind} {name} 没有设置 {variable}",
}
"""English → Chinese."""
