"""The words of menus and forms, in both languages. Those of kubectl and of Kubernetes stay English."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "describe": ("Describe", "查看详情"),
    "edit": ("Edit YAML", "编辑 YAML"),
    "delete": ("Delete", "删除"),
    "delete-pod": ("Delete Pod", "删除 Pod"),
    "delete-node": ("Delete Node", "删除节点"),
    "logs": ("Logs", "日志"),
    "previous": ("Logs before the restart", "重启前的日志"),
    "shell": ("Shell", "进入 shell"),
    "debug": ("Add a debugger", "添加调试容器"),
    "forward": ("Forward a port to here", "转发端口到本机"),
    "scale": ("Scale…", "扩缩容…"),
    "restart": ("Restart", "滚动重启"),
    "undo": ("Undo", "回滚"),
    "image": ("Image…", "镜像…"),
    "probe": ("Health check…", "健康检查…"),
    "env": ("Environment…", "环境变量…"),
    "resources": ("Requests and limits…", "资源请求与上限…"),
    "claim": ("Keep its data on a claim…", "数据改存持久卷申领…"),
    "stateful": ("Make it a StatefulSet…", "改成 StatefulSet…"),
    "placement": ("Why on this node", "为什么在这个节点"),
    "status": ("Follow the rollout", "跟踪发布进度"),
    "cordon": ("Close to Pods", "标记为不可调度"),
    "uncordon": ("Allow Pods", "允许调度"),
    "drain": ("Drain", "腾空"),
    "config-key": ("Change {key}…", "修改 {key}…"),
    "new-key": ("Add a key…", "添加键…"),
    "route": ("Add or change a route…", "添加或修改路由…"),
    "endpoints": ("Endpoints", "端点"),
    "selector": ("Selector…", "选择器…"),
    "container": ("container", "容器"),
    "requests-cpu": ("CPU request", "CPU 请求"),
    "requests-memory": ("memory request", "内存请求"),
    "limits-cpu": ("CPU limit", "CPU 上限"),
    "limits-memory": ("memory limit", "内存上限"),
    "replicas": ("replicas", "副本数"),
    "key": ("key", "键"),
    "value": ("value", "值"),
    "path": ("path", "路径"),
    "path-type": ("path type", "路径类型"),
    "port": ("port", "端口"),
    "period": ("every … seconds", "间隔（秒）"),
    "name": ("name", "名称"),
    "host": ("host", "域名"),
    "service": ("Service", "Service"),
    "volume": ("volume", "卷"),
    "size": ("size", "容量"),
    "from": ("now from {source}", "现在取自 {source}"),
    "secret": ("{n} bytes now", "现有 {n} 字节"),
    "encoded": ("base64 is done for you", "base64 编码自动完成"),
    "any-host": ("(any)", "（任意）"),
    "now": ("now", "现在"),
    "then": ("then", "之后"),
}
"""Key → (English, Chinese)."""

WRONG: Mapping[str, tuple[str, str]] = {
    "gone": ("{name} is gone", "{name} 已经不在了"),
    "whole": ("{field}: a whole number, not {value!r}", "{field}：应为整数，而不是 {value!r}"),
    "many": ("{field}: at most {most}", "{field}：最多 {most}"),
    "empty": ("{field} is empty", "{field}不能为空"),
    "space": ("{field}: no spaces, please", "{field}：不能有空格"),
    "slash": ("{field}: starts with /", "{field}：要以 / 开头"),
    "port": ("{field}: a number from 1 to 65535, or a port's name", "{field}：1 到 65535 的数字，或端口名"),
    "choice": ("{field}: one of {choices}", "{field}：只能是 {choices}"),
    "figures": ("fill in at least one figure", "至少填一个数"),
    "selector": ("{field}: key=value, several with a comma between", "{field}：写成 key=value，多个用逗号隔开"),
}
"""What can be wrong with the fields of a form."""


SAID: Mapping[str, tuple[str, str]] = {
    "well": ("all is well", "一切正常"),
    "objective": ("error: there is no objective {name!r}; there are {known}", "错误：没有目标 {name!r}；有 {known}"),
    "which-pod": ("error: name one Pod: why-here POD", "错误：请写一个 Pod：why-here POD"),
    "nothing": ("error: {name}: nothing there to strike", "错误：{name}：没有可以下手的对象"),
}
"""What the game's own commands answer."""

FAULT_TEXTS: Mapping[str, str] = {
    "pod-delete": "有人删除一个 Pod",
    "container-kill": "一个容器被杀死",
    "memory-leak": "一个容器内存泄漏（with: bytes，每秒字节数）",
    "cpu-hog": "一个容器空耗处理器（with: cores）",
    "log-flood": "一个容器不停地写（with: bytes，每秒字节数；path：写入文件而不是日志）",
    "disk-full": "一台机器的磁盘被写满（with: leave，留下多少；with inodes：被大量小文件占满）",
    "memory-pressure": "机器上不属于任何 Pod 的进程吃掉内存（with: leave，留下多少；bytes，此后每秒再吃多少）",
    "pid-exhaustion": "机器上不属于任何 Pod 的进程不停 fork（with: leave，还剩多少进程号）",
    "node-crash": "一台机器断电（with gone：永久；with replaced：换上一台新机器）",
    "node-shutdown": "一台机器正常关机，按 kubelet 的 shutdownGracePeriod 留出时间",
    "node-reboot": "一台机器重启（with: seconds，多久恢复）",
    "kubelet-stop": "一个 kubelet 停止",
    "process-stop": "一个进程停止（with: process；with graceful：先通知它，可交出所持之物）",
    "process-slow": "一个进程变慢（with: process、factor）；etcd：磁盘慢",
    "node-partition": "一台机器断网",
    "node-slow-nic": "一台机器的网卡变慢（with: ms，每次往返多花多少毫秒；mbit，带宽只剩多少 Mbit/s）",
    "link-loss": "网络丢包（with: percent；of: machine 该机器、zone 可用区之间、users 外部用户）",
    "pod-delay": "一个 Pod 的网络变慢（with: ms）",
    "pod-loss": "一个 Pod 的网络丢包（with: percent）",
    "pod-partition": "一个 Pod 断网",
    "conntrack-full": "没有人关闭的连接占满一台机器的连接跟踪表（with: leave，还能容纳几个）",
    "port-exhaustion": "程序每次调用都新建连接而从不关闭，本地端口用尽（with: leave，还剩几个）",
    "ip-exhaustion": "一台机器的 Pod 地址用尽：网络插件没有回收已消失 Pod 的地址（with: leave，还剩几个）",
    "link-cut": "两台机器互相不通（with: to，另一台机器）",
    "zone-partition": "一台机器所在的可用区与其他可用区断开",
    "dns-down": "集群 DNS 全部停止",
    "kube-proxy-stale": "一台机器的 kube-proxy 停止，转发规则不再更新",
    "runtime-hang": "一台机器的容器运行时卡死",
    "cloud-down": "云的 API 没有应答",
    "cloud-throttled": "云的 API 限流，每 10 次请求只应答 1 次（with: patience，几次里应答一次）",
    "sold-out": "一台机器所在的可用区已无机器可售",
    "cloud-quota": "云账号的处理器配额用完",
    "balancer-lost": "一个 Service 的云负载均衡器失灵，什么都不转发",
    "spot-reclaim": "云收回一台实例，提前 120 秒通知（with: seconds）",
    "kubelet-cert-expired": "一个 kubelet 的客户端证书过期",
    "apiserver-cert-expired": "API 服务器的证书过期",
    "webhook-cert-expired": "准入 webhook 的证书过期",
    "clock-skew": "一台机器的时钟走错（with: seconds，负数表示偏慢）",
    "registry-down": "镜像拉不下来",
    "registry-rotate": "私有镜像仓库的密码被更换",
    "io-slow": "一个存储卷申领的磁盘变慢（with: ms，每次读写多花多少毫秒）",
    "io-error": "一个存储卷申领的磁盘出错",
    "zone-volumes-lost": "一台机器所在可用区的网络磁盘全部出错",
    "detach-hang": "驱动一直分离不下一个存储卷申领的磁盘",
    "storage-down": "CSI 驱动没有应答：磁盘无法创建、挂接或分离",
    "storage-slow": "磁盘挂接和分离变慢（with: seconds）",
    "outside-down": "集群外的一个系统关机",
    "container-exit": "容器的主进程退出（with: code，退出码）",
    "container-hang": "容器里的程序还活着，却什么都不应答",
    "container-deadlock": "容器里的程序只应答探针，其余请求一概不理",
    "errors": "容器的一部分应答是错误（with: percent，百分比）",
    "slow-start": "一台机器上的程序启动变慢（with: factor）",
    "image-gone": "镜像从仓库里消失",
    "registry-slow": "镜像拉取变慢（with: bytes，仓库每秒给一台机器的字节数）",
    "retry-storm": "请求失败的用户立刻重试（with: tries，次数）",
    "thundering-herd": "所有用户同时涌来（with: seconds，把多少秒的用户挤进一秒）",
    "bad-config": "流水线改动 ConfigMap 或 Secret 的一个键（with: key、value；不写 value 则删除该键）",
    "secret-deleted": "有人删除一个 Secret 或 ConfigMap",
    "service-deleted": "有人删除一个 Service",
    "selector-changed": "流水线改动 Service 的选择器（with: label，写作 KEY=VALUE）",
    "namespace-deleted": "有人删除整个命名空间",
    "quota-tightened": "命名空间里多出一个 ResourceQuota（with: pods，允许的数量）",
    "policy-closed": "命名空间里多出一条拒绝所有入站流量的 NetworkPolicy",
    "rbac-removed": "有人删除一个 ClusterRoleBinding 或 RoleBinding",
    "webhook-down": "准入 webhook 的 Service 消失",
    "priority-cascade": "有人创建高优先级的 Deployment（with: replicas；cores，每个副本请求的核数）",
    "bad-release": "流水线换上一个镜像（with: image）",
    "traffic-spike": "用户流量猛增（with: factor）",
}
"""What faults do, in Chinese; faults.catalogue has the English."""


def say(texts: Mapping[str, tuple[str, str]], word: str, language: str, **args: object) -> str:
    """A text in a language, with its blanks filled in."""
    english, chinese = texts[word]
    return (chinese if language == "zh" else english).format(**args)


def label(word: str, language: str, **args: object) -> str:
    """A word in a language."""
    return say(TEXTS, word, language, **args)
