"""The whole door for tests: RBAC, every admission plugin, and what stands in a new cluster."""

import copy

from kubesim_tui.apiserver import bootstrap
from kubesim_tui.apiserver.admission.chain import Chain
from kubesim_tui.apiserver.authorization import Rbac
from kubesim_tui.apiserver.errors import StatusError
from tests.harness import ADMIN, Harness, Options, Request


class Door(Harness):
    """A Harness that refuses what a real API server would; its namespaces have a default service account."""

    def __init__(self, seed=1):
        super().__init__(seed)
        rbac = Rbac(self.etcd)
        self.server.authorizer = rbac
        self.server.admission = Chain(self.etcd, rbac, proxy=self.server.proxy)
        bootstrap.write(self.server)
        self.account("default")

    def namespace(self, name, labels=None):
        """A namespace with its default account, unless it is there."""
        if self.etcd.get("namespaces", ("", name)) is None:
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}})
        if self.etcd.get("serviceaccounts", (name, "default")) is None:
            self.account(name)

    def account(self, namespace, name="default", **more):
        """A service account."""
        self.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}, **more}, namespace)

    def send(self, verb, data, user=ADMIN, namespace="default", name=None, subresource="", **options):
        """Send a document as it is: create, update …."""
        resource = self._resource(data)
        meta = data.get("metadata")
        meta = meta if isinstance(meta, dict) else {}
        given = meta.get("namespace")
        namespace = (given if given and isinstance(given, str) else namespace) if resource.namespaced else ""
        name = meta.get("name", "") if name is None else name
        body = copy.deepcopy(data)
        request = Request(user, verb, resource, namespace, name, subresource, body, options=Options(**options))
        return self.server.handle(request)

    def refusal(self, verb, data, **more):
        """What a request is refused with; fails if it is not."""
        try:
            self.send(verb, data, **more)
        except StatusError as refused:
            return refused
        raise AssertionError("was not refused")


def pod(name="p", **spec):
    """A Pod of one container, with more or other fields of the spec."""
    made = {"containers": [{"name": "c", "image": "nginx"}], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": made}


def deployment(name="web", **spec):
    """A Deployment of such Pods."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod()["spec"]}
    made = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": made}


def service(name="web", **spec):
    """A Service on port 80."""
    made = {"selector": {"app": name}, "ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": made}


def document(kind, api_version, name, **rest):
    """Any other object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}
