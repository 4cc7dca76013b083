"""The rules of validation alone, for tables: what is said of a new object, of a change and of a status."""

import copy

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status, validate_update


def _resource(data):
    found = scheme.for_kind(data["apiVersion"], data["kind"])
    if found.namespaced:
        data["metadata"].setdefault("namespace", "default")
    return found


def _told(found):
    return [(cause.field, cause.message) for cause in found]


def created(data):
    """(field, message) of each cause why an object is refused."""
    data = copy.deepcopy(data)
    return _told(validate_create(_resource(data), data))


def changed(old, new, rule=validate_update):
    """(field, message) of each cause why a change is refused."""
    old, new = copy.deepcopy(old), copy.deepcopy(new)
    resource = _resource(new)
    _resource(old)
    old["metadata"]["resourceVersion"] = new["metadata"]["resourceVersion"] = "1"
    return _told(rule(resource, new, old))


def reported(old, new):
    """(field, message) of each cause why a change of the status is refused."""
    return changed(old, new, validate_status)
