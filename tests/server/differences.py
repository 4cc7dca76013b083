"""What today's API server (1.37) does otherwise than that of 1.20.2, or what cannot be compared, with reasons."""

import re

VALUES = (
    ("StatefulSet", r"spec\.updateStrategy", "maxUnavailable has a default since 1.35"),
    ("DaemonSet", r"spec\.updateStrategy", "maxSurge has a default since 1.22"),
    ("DaemonSet", r".*\.hostPort", "a template's hostPort is left alone since 1.28"),
    ("Job", r"spec\.selector|spec\.template\.metadata.*", "labels have a prefix since 1.27; uids are drawn"),
    ("Job", r"spec\.backoffLimit", "with backoffLimitPerIndex it is the highest number since 1.29"),
    ("Service", r"spec\.healthCheckNodePort", "node ports are drawn"),
    ("StatefulSet", r"spec\.serviceName", "it may be left out since 1.34"),
)
"""(kind, path, why the value is another)."""

REFUSALS = (
    ("already exists", "the real cluster was empty; ours has a StorageClass and namespaces already"),
    (r"spec\.ipFamilies\[0\]: .*not configured on this cluster", "this cluster has IPv4 only"),
    (
        r"scaleTargetRef\.apiVersion: .*: apiVersion must specify API group",
        "the group of an autoscaler's target is required",
    ),
)
"""(a part of our refusal of what was accepted, why)."""

WORDS = (
    (r"equal to cpu limit,", "equal to cpu limit of 500m,", "the limit is named since 1.29"),
    (r"map\[string\]string\(nil\)", "null", "values print as JSON since 1.31"),
    (r"map\[string\]string(\{[^}]*\})", r"\1", "values print as JSON since 1.31"),
    (r"Ingress\.extensions", "Ingress.networking.k8s.io", "the group that Ingress is served in since 1.22"),
)
"""(pattern, what stands there today, why)."""


def changed(kind, path):
    """Whether the value at a path may be another."""
    return any(kind == k and re.fullmatch(where, path) for k, where, _ in VALUES)


def refused_today(message):
    """Whether what was accepted then may be refused so."""
    return any(re.search(part, message) for part, _ in REFUSALS)


def today(message):
    """What a message of then says today."""
    for pattern, now, _ in WORDS:
        message = re.sub(pattern, now, message)
    return message
