"""The Roles of kube-system and kube-public, and who is bound to them (upstream's namespace_policy.go)."""

from __future__ import annotations

from kubesim_tui.apiserver.bootstrap.notation import EVENTS, READ, JsonMap, account, role, role_binding, user

SYSTEM, PUBLIC = "kube-system", "kube-public"
SIGNER, CLEANER, CLOUD = (f"system:controller:{n}" for n in ("bootstrap-signer", "token-cleaner", "cloud-provider"))
LOCKS = ("kube-controller-manager", "kube-scheduler")
READER = "extension-apiserver-authentication-reader"


def objects() -> list[JsonMap]:
    """Roles, then bindings."""
    return [*_roles(), *_bindings()]


def _roles() -> list[JsonMap]:
    locks = [
        role(
            f"system::leader-locking-{name}",
            SYSTEM,
            ("watch | core | configmaps", f"get update | core | configmaps | {name}"),
        )
        for name in LOCKS
    ]
    return [
        role(READER, SYSTEM, (f"{READ} | core | configmaps | extension-apiserver-authentication",)),
        *locks,
        role(SIGNER, SYSTEM, (f"{READ} | core | secrets",)),
        role(CLOUD, SYSTEM, (f"create {READ} | core | configmaps",)),
        role(CLEANER, SYSTEM, (f"delete {READ} | core | secrets", EVENTS)),
        role(SIGNER, PUBLIC, (f"{READ} | core | configmaps", "update | core | configmaps | cluster-info", EVENTS)),
    ]


def _bindings() -> list[JsonMap]:
    users = [user(f"system:{name}") for name in LOCKS]
    locks = [
        role_binding(f"system::leader-locking-{name}", SYSTEM, who, account(name))
        for name, who in zip(LOCKS, users, strict=True)
    ]
    return [
        role_binding(f"system::{READER}", SYSTEM, *users, of=READER),
        *locks,
        role_binding(SIGNER, SYSTEM, account("bootstrap-signer")),
        role_binding(CLOUD, SYSTEM, account("cloud-provider")),
        role_binding(CLEANER, SYSTEM, account("token-cleaner")),
        role_binding(SIGNER, PUBLIC, account("bootstrap-signer")),
    ]
