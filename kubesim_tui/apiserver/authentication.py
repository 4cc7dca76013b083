"""Who asks: the identities of Kubernetes, with the groups that authentication finds for them.

There are no certificates and no signatures here (docs/FIDELITY.md): whoever holds a client of a user is that user. The
token of a service account is its name and uid; it is good as long as the account is the same.
"""

from __future__ import annotations

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import User

AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
MASTERS, NODES, ACCOUNTS = "system:masters", "system:nodes", "system:serviceaccounts"
ACCOUNT_PREFIX, NODE_PREFIX = "system:serviceaccount:", "system:node:"

ANONYMOUS = User("system:anonymous", (UNAUTHENTICATED,))
SCHEDULER = User("system:kube-scheduler", (AUTHENTICATED,))
PROXY = User("system:kube-proxy", (AUTHENTICATED,))


def service_account(namespace: str, name: str) -> User:
    """A Pod's identity, or a controller's (in kube-system)."""
    groups = (ACCOUNTS, f"{ACCOUNTS}:{namespace}", AUTHENTICATED)
    return User(f"{ACCOUNT_PREFIX}{namespace}:{name}", groups)


def node(name: str) -> User:
    """A kubelet's identity."""
    return User(f"{NODE_PREFIX}{name}", (NODES, AUTHENTICATED))


def token(namespace: str, name: str, uid: str) -> str:
    """What serviceaccounts/token gives out for an account."""
    return f"{ACCOUNT_PREFIX}{namespace}:{name}:{uid}"


def by_token(etcd: Etcd, text: str) -> User | None:
    """The user of a token; None if there is no such account (any more): 401."""
    parts = text.removeprefix(ACCOUNT_PREFIX).split(":")
    if not text.startswith(ACCOUNT_PREFIX) or len(parts) != 3:
        return None
    namespace, name, uid = parts
    account = etcd.get("serviceaccounts", (namespace, name))
    return service_account(namespace, name) if account is not None and account.metadata.uid == uid else None
