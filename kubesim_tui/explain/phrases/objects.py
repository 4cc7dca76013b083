"""Of Pods, workloads, configuration, storage, queues, and what somebody did."""

from __future__ import annotations

from collections.abc import Mapping

OBJECTS: Mapping[str, str] = {
    # whose doing it is
    "{kind} {name} was deleted by {user}": "{kind} {name} 被 {user} 删除",
    "{kind} {name} was evicted by {user}": "{kind} {name} 被 {user} 驱逐",
    "{kind} {name} was deleted": "{kind} {name} 已被删除",
    "it was deleted by {user}": "它被 {user} 删除",
    "{kind} {name} was last {what} by {user}": "{kind} {name} 最近一次由 {user} {what}",
    "Namespace {name} is being deleted": "命名空间 {name} 正在被删除",
    "Namespace {name} was deleted by {user}": "命名空间 {name} 被 {user} 删除",
    "requests with the token of {user} come from outside the cluster": "带着 {user} 令牌的请求来自集群之外",
    # workloads
    "all {n} Pods of {name} are starting or leaving": "{name} 的 {n} 个 Pod 都在启动或退出",
    "the only Pod of {name} is starting or leaving": "{name} 唯一的 Pod 正在启动或退出",
    "{kind} {name} asks for 1 replica, and it is being replaced": "{kind} {name} 只要 1 个副本，而它正在被替换",
    "{kind} {name} asks for 0 replicas": "{kind} {name} 要求的副本数是 0",
    "{kind} {name}, which takes them, asks for 0 replicas": "取消息的 {kind} {name} 要求的副本数是 0",
    "{kind} {name} asked for 0 replicas until {tick}s": "直到 {tick} 秒，{kind} {name} 要求的副本数是 0",
    "{kind} {name} has no Pod, and what is asked of the API server is refused": (
        "{kind} {name} 没有 Pod，而对 API 服务器的请求都被拒绝"
    ),
    "{kind} {name} has no Pod, and nobody makes one": "{kind} {name} 没有 Pod，也没有谁来创建",
    "the Pods of {kind} {name} are being made": "{kind} {name} 的 Pod 正在创建",
    "all {n} Pods of {kind} {name} are on node {node}": "{kind} {name} 的 {n} 个 Pod 都在节点 {node} 上",
    "{n} of {all} copies of {name} have all the work": "{name} 的 {all} 个副本里只有 {n} 个在承担全部工作",
    "{kind} {name} rolled out {image}, revision {revision}": "{kind} {name} 发布了 {image}，版本 {revision}",
    "the rollout of {name} is paused": "{name} 的发布已暂停",
    "Job {name} is suspended": "Job {name} 已挂起",
    "CronJob {name} is suspended": "CronJob {name} 已挂起",
    "PodDisruptionBudget {name} lets no Pod go: {healthy} are healthy, and {wanted} have to be": (
        "PodDisruptionBudget {name} 不允许任何 Pod 离开：健康的有 {healthy} 个，至少要 {wanted} 个"
    ),
    # Pods
    "Pod {name} is on node {node}": "Pod {name} 在节点 {node} 上",
    "Pod {name} is not Ready": "Pod {name} 未就绪",
    "Pod {name} was not Ready any more: {message}": "Pod {name} 曾被标为未就绪：{message}",
    "Pod {name} is starting": "Pod {name} 正在启动",
    "Pod {name} is being deleted": "Pod {name} 正在被删除",
    "Pod {name} should be gone": "Pod {name} 早该没有了",
    "Pod {name} should be gone, held by {finalizers}": "Pod {name} 早该没有了，被 {finalizers} 拦着",
    "Pod {name} has failed: {reason}: {message}": "Pod {name} 已失败：{reason}: {message}",
    "Pod {name} is Pending: no scheduler has looked at it yet": "Pod {name} 处于 Pending：调度器还没有看过它",
    "Pod {name} is Pending, and nobody says why": "Pod {name} 处于 Pending，没有谁说明原因",
    "Pod {name} is Pending: {message}": "Pod {name} 处于 Pending：{message}",
    "Pod {name} waits for its disk": "Pod {name} 在等它的磁盘",
    "the program of Pod {name} lives, and answers nobody": "Pod {name} 的程序还活着，却不应答任何人",
    "Pod {name} uses all the processor time that its limit grants": "Pod {name} 用满了 limit 允许的处理器时间",
    "Pod {name} gets {milli} millicores of node {node}, and needs more": (
        "Pod {name} 在节点 {node} 上只分到 {milli}m 处理器，还不够用"
    ),
    "Pod {name} there uses {used} millicores, and has requested {requested}": (
        "那里的 Pod {name} 用了 {used}m 处理器，它的 requests 是 {requested}m"
    ),
    "Pod {name} has written {mib} MiB to the disk of {node}": "Pod {name} 往 {node} 的磁盘写了 {mib} MiB",
    "Pod {name} had to go for what it wrote: {message}": "Pod {name} 因为写得太多而被驱逐：{message}",
    "container {name} of Pod {pod} ended: {reason}, exit code {code}": (
        "Pod {pod} 的容器 {name} 退出：{reason}，退出码 {code}"
    ),
    "container {name} of Pod {pod}: {message}": "Pod {pod} 的容器 {name}：{message}",
    "{message}, and it has not come yet": "{message}，还没有拉到",
    # storage and data
    "the disk of claim {name} fails": "卷申领 {name} 的磁盘出错",
    "the disk of claim {name} has failed: its file system is read-only until it is mounted anew": (
        "卷申领 {name} 的磁盘出过错：重新挂载之前文件系统只读"
    ),
    "each read and write on the disk of claim {name} takes {ms} ms longer": (
        "卷申领 {name} 的磁盘每次读写多花 {ms} 毫秒"
    ),
    "the CSI driver tries in vain to detach it from node {node}": "CSI 驱动一直没能把它从节点 {node} 分离",
    "the CSI driver does not answer": "CSI 驱动没有应答",
    "the CSI driver takes {s} s to attach or detach a disk": "CSI 驱动挂接或分离一块磁盘要 {s} 秒",
    "claim {name} does not exist": "卷申领 {name} 不存在",
    "claim {name} is not bound": "卷申领 {name} 没有绑定",
    "{n} acknowledged records of {store} are not found": "{store} 有 {n} 条已确认的记录找不到了",
    "Pod {name} kept them {where}": "Pod {name} 把它们存在{where}",
    "Pod {name} took writes while another was a primary, too": "Pod {name} 接受写入时另一个也是主节点",
    "it follows {name} now, and gave up {n} records for that": "它现在跟随 {name}，为此放弃了 {n} 条记录",
    # queues
    "{n} messages wait in queue {name}, the oldest for {s} s": "队列 {name} 里有 {n} 条消息在等，最久的等了 {s} 秒",
    "{n} messages come in a minute, and {done} are worked on": "每分钟来 {n} 条消息，处理掉 {done} 条",
    "of {ms} ms for a message {waits} go to {name}": "每条消息的 {ms} 毫秒里有 {waits} 毫秒花在 {name} 上",
    "Pod {name} cannot work on them: {why}": "Pod {name} 处理不了它们：{why}",
    "nobody takes messages from it": "没有谁从它那里取消息",
    **{
        f"{{n}} messages of queue {{name}} were lost {how}": f"队列 {{name}} 丢了 {{n}} 条消息：{why}"
        for how, why in (
            ("with a worker that ended, and that had not to acknowledge them", "消费者退出了，而它不用确认消息"),
            ("with the broker that ended, which had them in its memory", "消息代理退出了，消息只在它的内存里"),
            ("with the volume on which they lay", "存放它们的卷没有了"),
            ("since nobody was connected to take them, and the broker keeps none", "没有消费者连接，而代理不保留消息"),
            ("since the queue holds no more, and drops the oldest", "队列已满，最旧的被丢弃"),
        )
    },
}
"""English → Chinese."""
