"""ServiceAccount: a Pod's account must exist; its token is mounted into every container.

The projected volume is named kube-api-access- and five characters. Upstream draws them for each Pod; here they follow
from the Pod's spec, so that Pods of one template keep one spec (docs/FIDELITY.md).
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from kubesim_tui.api.helpers.static_pods import CONFIG_MIRROR
from kubesim_tui.api.types import Object, ServiceAccount
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin, Refused
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kernel.chance import Stream

DEFAULT = "default"
VOLUME = "kube-api-access-"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3607
GRACE = 2
"""Seconds that a young namespace may be without its default account: upstream waits that long for it."""


class ServiceAccounts(Plugin):
    """See the module."""

    name: ClassVar[str] = "ServiceAccount"
    resources: ClassVar[frozenset[str]] = frozenset({PODS})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Name the account, mount its token, take over its imagePullSecrets."""
        if old is not None:
            return
        spec = data["spec"]
        if CONFIG_MIRROR in (data["metadata"].get("annotations") or {}):
            if spec.get("serviceAccountName"):
                raise Refused("a mirror pod may not reference service accounts")
            return
        name = spec.get("serviceAccountName") or DEFAULT
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = self._account(request.namespace, name)
        if _automount(account, spec):
            mount(spec)
        if not spec.get("imagePullSecrets") and account is not None and account.image_pull_secrets:
            spec["imagePullSecrets"] = [{"name": s.name} for s in account.image_pull_secrets]

    def _account(self, namespace: str, name: str) -> ServiceAccount | None:
        """The account; None for the default one of a namespace that has only just been made."""
        found = self.etcd.get("serviceaccounts", (namespace, name))
        if isinstance(found, ServiceAccount):
            return found
        owner = self.etcd.get("namespaces", ("", namespace)) if name == DEFAULT else None
        if owner is None or self.etcd.clock.now - (owner.metadata.creation_timestamp or 0) > GRACE:
            raise Refused(f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found')
        return None


def _automount(account: ServiceAccount | None, spec: JsonMap) -> bool:
    """The Pod's word goes before the account's; without any the token is mounted."""
    said = spec.get("automountServiceAccountToken")
    if said is None and account is not None:
        said = account.automount_service_account_token
    return said is not False


def mount(spec: JsonMap) -> None:
    """Mount the token's volume wherever nothing is mounted in its place."""
    volumes = list(spec.get("volumes") or ())
    known = next((name for v in volumes if (name := v.get("name") or "").startswith(VOLUME)), "")
    name = known or VOLUME + Stream.seeded(json.dumps(spec, sort_keys=True)).suffix(5)
    wanted = False
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        mounts = list(container.get("volumeMounts") or ())
        if not any(m.get("mountPath") == MOUNT_PATH for m in mounts):
            mounts.append({"name": name, "readOnly": True, "mountPath": MOUNT_PATH})
            container["volumeMounts"] = mounts
            wanted = True
    if wanted and not known:
        spec["volumes"] = [*volumes, token_volume(name)]


def token_volume(name: str) -> dict[str, Any]:
    """The projected volume: token, the cluster's CA, the namespace's name."""
    token = {"expirationSeconds": TOKEN_SECONDS, "path": "token"}
    authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    namespace = {"items": [{"path": "namespace", "fieldRef": field}]}
    sources = [{"serviceAccountToken": token}, {"configMap": authority}, {"downwardAPI": namespace}]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}
