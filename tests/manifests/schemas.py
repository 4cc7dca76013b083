"""An independent judge: the published schemas of Kubernetes 1.37, strict, as kubernetes-validate has them."""

import re
from functools import cache

import jsonschema
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

VERSION = "1.37.0"
FOLDER = f"kubernetes-json-schema/v{VERSION}-local-strict"


@cache
def _definitions():
    return Resource.from_contents(schema_contents(f"{FOLDER}/_definitions.json", VERSION))


@cache
def _validator(api_version, kind):
    """The validator of a kind; None of a custom kind."""
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    try:
        schema = schema_contents(f"{FOLDER}/{kind.lower()}-{group}.json", VERSION)
    except FileNotFoundError:
        return None
    registry = _definitions() @ (Resource.from_contents(schema) @ Registry())
    return jsonschema.validators.Draft202012Validator(schema, registry=registry)


def faults(data):
    """What is wrong with an object, each fault with its place; nothing of a custom kind, whose schema is its own."""
    validator = _validator(data["apiVersion"], data["kind"])
    found = validator.iter_errors(data) if validator is not None else ()
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]
