"""Links about what an Ingress, or the ingress controller's ConfigMap, says."""

from __future__ import annotations

from collections.abc import Mapping

INGRESS: Mapping[str, str] = {
    "nginx answers {status}: {words}": "nginx 应答 {status}：{words}",
    "its annotation {key} says {words}": "它的注解 {key} 写着 {words}",
    "the key {key} of ConfigMap {name} says {words}": "ConfigMap {name} 的键 {key} 写着 {words}",
    "it is the address of node {name}: with externalTrafficPolicy Cluster nobody sees those of users": (
        "这是节点 {name} 的地址：externalTrafficPolicy 为 Cluster 时看不到用户自己的地址"
    ),
    "no annotation backend-protocol says that its Pods speak HTTPS": (
        "没有 backend-protocol 注解说明它的 Pod 使用 HTTPS"
    ),
    "annotation {key} is too risky for environment": "注解 {key} 的风险超出了允许的等级",
    "annotation {key} contains invalid value": "注解 {key} 的取值无效",
}
