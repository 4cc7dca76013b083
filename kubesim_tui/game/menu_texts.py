"""The words of menus and forms, in both languages."""

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
    "scale": ("Scale", "扩缩容"),
    "restart": ("Restart", "滚动重启"),
    "undo": ("Undo", "回滚"),
    "image": ("Image", "镜像"),
    "probe": ("Health check…", "健康检查…"),
    "env": ("Environment", "环境变量"),
    "resources": ("Requests and limits", "资源请求与上限"),
    "requests": ("request", "请求"),
    "limits": ("limit", "上限"),
    "status": ("Follow the rollout", "跟踪发布进度"),
    "cordon": ("Close to Pods", "标记为不可调度"),
    "uncordon": ("Allow Pods", "允许调度"),
    "drain": ("Drain", "腾空"),
    "config-key": ("Change a key", "修改键值"),
    "route": ("Add a route", "添加路由"),
    "endpoints": ("Endpoints", "端点"),
    "selector": ("Selector", "选择器"),
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
}
"""Key → (English, Chinese)."""


def label(key: str, language: str) -> str:
    """A word in a language."""
    english, chinese = TEXTS[key]
    return chinese if language == "zh" else english
