"""Of causes that lie in workloads and their Pods."""

from __future__ import annotations

from collections.abc import Mapping

WORKLOADS: Mapping[str, tuple[str, str]] = {
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
    "liveness": (
        "A liveness probe that fails only when a restart helps; slow starts need a startup probe.",
        "存活探针只应在重启有用时才失败；启动慢的应用要加启动探针。",
    ),
    "pod-stuck": (
        "An application that stops when it is told to, and no finalizer that nobody removes.",
        "应用收到退出信号要能停下，也不要留下无人移除的 finalizer。",
    ),
    "slow-loris": (
        "Time-outs for slow requests in servers, or a proxy in front that passes on whole requests only.",
        "服务器对慢请求设超时，或在前面放一个收齐请求才转发的代理。",
    ),
    "secret-leaked": (
        "Roles that allow no more than is needed, no token where none is needed; an account made anew ends old tokens.",
        "角色只给必要的权限，不需要的地方不挂令牌；重建 ServiceAccount 可使旧令牌失效。",
    ),
    "termination-race": (
        "A preStop sleep of a few seconds: the Pod answers until every kube-proxy has heard that it leaves.",
        "加几秒的 preStop 等待：在所有 kube-proxy 得知它要走之前，Pod 继续应答。",
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
    "overload": ("More replicas before the rush.", "在高峰到来之前增加副本。"),
    "no-consumers": (
        "A Deployment of workers that runs, and asks the address and the queue that are published to.",
        "让消费者的 Deployment 运行起来，并确保它连接的地址和队列名与发布方一致。",
    ),
    "too-few-consumers": (
        "More workers, by hand or by an autoscaler that looks at the length of the queue.",
        "增加消费者：手动扩容，或让自动扩缩按队列长度伸缩。",
    ),
    "lost-with-worker": (
        "Messages that are acknowledged when the work is done: then others get what a worker had in hand.",
        "处理完成后再确认（ack）消息：消费者退出时，未确认的消息会重新投递。",
    ),
    "lost-with-broker": (
        "Durable queues on a volume that outlives the container (redis: appendonly yes), and memory limits with room.",
        "使用持久化队列，并把数据放在比容器活得更久的卷上（redis：appendonly yes），内存上限要留有余量。",
    ),
    "queue-limit": (
        "Workers that keep up, or a limit (maxmemory, x-max-length) that lasts for the longest rush.",
        "让消费者跟得上，或把上限（maxmemory、x-max-length）设得足以撑过高峰。",
    ),
    "noisy-neighbour": (
        "CPU requests that say what each Pod needs: under pressure a processor is shared out by them.",
        "如实填写 CPU 请求：处理器紧张时，按请求量分配。",
    ),
    "cpu-limit": ("A higher CPU limit, or more replicas.", "提高 CPU 上限，或增加副本。"),
    "slow": ("More replicas, or whatever makes each answer faster.", "增加副本，或加快每次应答。"),
    "pod-died": ("More replicas, and a container that does not exit under load.", "增加副本，并让容器在负载下不退出。"),
}
