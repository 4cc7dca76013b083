"""/healthz, /livez and /readyz of an API server, as `get --raw` shows them: `ok`, or a line a check.

Of the checks only etcd's can fail here. What fails is always told in full, and never why.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

PATHS = ("/healthz", "/livez", "/readyz")
READY = "/readyz"
HOOKS = (
    "start-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "start-legacy-token-tracking-controller",
    "start-kubernetes-service-cidr-controller",
    "bootstrap-controller",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
)
LAST = (
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
)
OF_ETCD = ("etcd", "etcd-readiness")


def checks(path: str) -> list[str]:
    """What is looked at, in order."""
    first = ["ping", "log", "etcd", *(("etcd-readiness", "informer-sync") if path == READY else ())]
    found = [*first, *(f"poststarthook/{hook}" for hook in HOOKS), *LAST]
    return [*found, "shutdown"] if path == READY else found


def answer(path: str, query: str, *, well: bool) -> tuple[bool, str]:
    """(whether all is well, what is said). `well`: etcd answers."""
    asked = parse_qsl(query, keep_blank_values=True)
    spared = [value for name, value in asked if name == "exclude"]
    lines, failed = [], False
    for check in checks(path):
        if check in spared:
            lines.append(f"[+]{check} excluded: ok")
        elif check in OF_ETCD and not well:
            failed = True
            lines.append(f"[-]{check} failed: reason withheld")
        else:
            lines.append(f"[+]{check} ok")
    unknown = sorted(set(spared) - set(checks(path)))
    if unknown:
        names = ", ".join(f'"{name}"' for name in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {names}")
    name = path.removeprefix("/")
    if failed:
        return False, "\n".join([*lines, f"{name} check failed"])
    return True, "\n".join([*lines, f"{name} check passed"]) if any(n == "verbose" for n, _ in asked) else "ok"
