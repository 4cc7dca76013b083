"""Of causes that lie in what an Ingress, or the ingress controller's ConfigMap, says."""

from __future__ import annotations

from collections.abc import Mapping

INGRESS: Mapping[str, tuple[str, str]] = {
    "ingress-refused": (
        "The value that the annotation may have; for snippets `annotations-risk-level: Critical` in the controller's "
        "ConfigMap, if you trust all who write Ingresses.",
        "改成注解允许的取值；若要使用 snippet，且信任所有能写 Ingress 的人，"
        "就在控制器的 ConfigMap 中设置 `annotations-risk-level: Critical`。",
    ),
    "location-denied": (
        "The Secret with a key `auth` in the same namespace, or an annotation that can be read.",
        "在同一命名空间里提供带有 `auth` 键的 Secret，或改正写错的注解。",
    ),
    "redirected": ("The address where it is served now, or no redirect.", "指向真正提供服务的地址，或去掉重定向。"),
    "body-too-large": (
        "A larger `proxy-body-size` for the Ingress (1m is what it has without one).",
        "为该 Ingress 设置更大的 `proxy-body-size`（默认 1m）。",
    ),
    "source-not-allowed": (
        "A range with the callers' addresses; `externalTrafficPolicy: Local` on the controller's Service shows these.",
        "写上调用方真实所在的网段；控制器的 Service 设为 `externalTrafficPolicy: Local` 才能看到真实地址。",
    ),
    "not-signed-in": (
        "A name and password with the request, or a path of its own (another Ingress) for what is open to all.",
        "请求携带用户名和密码；对所有人开放的路径放到单独的 Ingress 中。",
    ),
    "wrong-backend-protocol": (
        "`backend-protocol` as the Pods speak on the port that the Service sends to (HTTP where nothing is said).",
        "`backend-protocol` 要与 Service 目标端口上实际使用的协议一致（不写即 HTTP）。",
    ),
    "no-error-page": (
        "A Service in `default-backend` that answers with the pages, or no `custom-http-errors`.",
        "用 `default-backend` 指定提供错误页的 Service，或者去掉 `custom-http-errors`。",
    ),
    "rate-limit": (
        "A limit above what one caller needs; `externalTrafficPolicy: Local` on the controller's Service, so that "
        "users do not count as one; `limit-whitelist` for callers of one's own.",
        "上限要高于单个调用方的正常用量；控制器的 Service 设为 `externalTrafficPolicy: Local`，"
        "以免所有用户算作同一个；自己的调用方写进 `limit-whitelist`。",
    ),
    "auth-service-down": (
        "More than one copy of who is asked by `auth-url`, and one that is ready.",
        "`auth-url` 指向的服务要有多个副本，并保持就绪。",
    ),
}
