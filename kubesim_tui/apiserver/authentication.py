"""Who asks: the identities of Kubernetes, with the groups that authentication finds for them.

There are no certificates and no signatures here (docs/FIDELITY.md): whoever holds a client of a user is that user. The
token of a service account is its name and uid, its end and what it is bound to; it is good as long as all that holds.
"""

from __future__ import annotations

from kubesim_tui.apiserver import bootstraptoken
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


def token(namespace: str, name: str, uid: str, expires: int = 0, bound: str = "") -> str:
    """What serviceaccounts/token gives out: of which account, until when (0: for ever), with what it dies."""
    text = f"{ACCOUNT_PREFIX}{namespace}:{name}:{uid}"
    return f"{text}:{expires}" + (f":{bound}" if bound else "") if expires else text


def by_token(etcd: Etcd, text: str) -> User | None:
    """The user of a token; None if its time is over, or there is no such account or bound object (any more): 401."""
    if not text.startswith(ACCOUNT_PREFIX):
        return bootstraptoken.user(etcd, text)
    parts = text.removeprefix(ACCOUNT_PREFIX).split(":")
    if not 3 <= len(parts) <= 5:
        return None
    namespace, name, uid, *limits = parts
    account = etcd.get("serviceaccounts", (namespace, name))
    if account is None or account.metadata.uid != uid:
        return None
    if limits and (not limits[0].isdigit() or etcd.clock.now >= int(limits[0])):
        return None
    if len(limits) == 2 and not _still_there(etcd, namespace, limits[1]):
        return None
    return service_account(namespace, name)


def _still_there(etcd: Etcd, namespace: str, bound: str) -> bool:
    """Whether the object that a token is bound to (`pods/web-1/UID`) exists."""
    resource, _, rest = bound.partition("/")
    name, _, uid = rest.partition("/")
    found = etcd.get(resource, ("" if resource == "nodes" else namespace, name))
    return found is not None and found.metadata.uid == uid
