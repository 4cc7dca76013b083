"""A cluster's door with its own control loops for definitions, and a definition to play with."""

from kubesim_tui.apiserver.apiextensions.controllers import build
from kubesim_tui.kernel.process import Always
from tests.apiserver.door import Door

SPEC = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "string", "enum": ["small", "large"]},
        "replicas": {"type": "integer", "minimum": 0, "default": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "port": {"x-kubernetes-int-or-string": True},
        "ports": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "number": {"type": "integer", "maximum": 65535}},
            },
        },
        "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
    },
}
STATUS = {"type": "object", "properties": {"replicas": {"type": "integer"}, "selector": {"type": "string"}}}


def schema(spec=None, **more):
    """The schema of whole objects."""
    return {"type": "object", "properties": {"spec": spec or SPEC, "status": STATUS}, **more}


def version(name="v1", spec=None, **more):
    """One version of a definition."""
    made = {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema(spec)}}
    return {**made, **more}


def definition(plural="widgets", kind="Widget", group="example.com", versions=None, scope="Namespaced", **names):
    """A CustomResourceDefinition."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"plural": plural, "kind": kind, **names},
            "versions": versions or [version()],
        },
    }


def widget(name="w", api_version="example.com/v1", **spec):
    """A custom object."""
    spec = {"size": "small", **spec}
    return {"apiVersion": api_version, "kind": "Widget", "metadata": {"name": name}, "spec": spec}


class CustomDoor(Door):
    """A Door that serves definitions one tick after they are made."""

    def __init__(self, *definitions):
        super().__init__()
        for loop in build(self.engine, self.client("system:apiserver"), Always()):
            self.add(loop)
        for data in definitions:
            self.send("create", data)
        self.tick()

    def definition(self, name="widgets.example.com"):
        """A definition as it is now, None if it is gone."""
        return self.etcd.get("customresourcedefinitions.apiextensions.k8s.io", ("", name))

    def conditions(self, name="widgets.example.com"):
        """(type, status, reason) of each condition."""
        found = self.definition(name).rest.get("status", {}).get("conditions") or ()
        return [(c["type"], c["status"], c["reason"]) for c in found]
