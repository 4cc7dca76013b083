"""Of causes those that lie in what an Ingress, or the ingress controller's ConfigMap, says."""

from __future__ import annotations

from collections.abc import Mapping

INGRESS: Mapping[str, tuple[str, str]] = {
    "ingress-refused": (
        "The ingress controller does not take the Ingress: an annotation is too risky, or its value is none.",
        "Ingress 控制器不接受该 Ingress：某个注解风险过高，或取值无效。",
    ),
    "location-denied": (
        "The ingress controller lets nobody in, for it can make nothing of an annotation, or lacks its Secret.",
        "Ingress 控制器拒绝所有请求：某个注解无法解析，或者它引用的 Secret 不可用。",
    ),
    "redirected": (
        "An annotation sends everybody elsewhere, and nobody answers there.",
        "注解把所有请求重定向到别处，而那里没有应答者。",
    ),
    "body-too-large": (
        "The request is larger than the ingress controller lets through.",
        "请求体超过了 Ingress 控制器允许的大小。",
    ),
    "source-not-allowed": (
        "The ingress controller does not let this address in.",
        "Ingress 控制器不放行这个来源地址。",
    ),
    "not-signed-in": (
        "An annotation asks who it is, and the request does not say.",
        "注解要求验证身份，而请求没有携带凭据。",
    ),
    "wrong-backend-protocol": (
        "The ingress controller speaks HTTP with Pods that want HTTPS, or the other way round.",
        "Ingress 控制器与 Pod 使用的协议不一致：一方用 HTTP，另一方用 HTTPS。",
    ),
    "no-error-page": (
        "Errors are thrown away for a page of the default backend, and there is none: users get its 404 instead.",
        "错误应答被替换成默认后端的页面，而默认后端并不存在：用户只能得到 404。",
    ),
    "rate-limit": (
        "More comes from one address than an annotation of the Ingress lets through.",
        "来自同一地址的请求超过了 Ingress 注解规定的上限。",
    ),
    "auth-service-down": (
        "Who should say whether somebody may come in does not answer, so nobody gets in.",
        "负责鉴权的服务没有正常应答，所有请求都被拒绝。",
    ),
}
