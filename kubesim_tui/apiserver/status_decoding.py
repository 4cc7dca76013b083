"""The stations of a client's write to `/status`, for typed kinds without webhooks: `decoding.decode` in short.

Only the status and the metadata count; all else stays as it is stored. So the spec, the larger part, is decoded only
where it says something else than what is stored, and its JSON is kept for as long as its object lives.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.codec import decoder_of, encode, encode_object
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import Object, PodSpec
from kubesim_tui.apiserver import decoding, defaults
from kubesim_tui.apiserver.decoding import JsonMap, Stations
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.validation import strict

MOST_SPECS = 1024


class Specs:
    """The JSON of Pods' specs, which Pods of one template share. Nobody may change it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[PodSpec, JsonMap]] = {}

    def __deepcopy__(self, _memo: Any) -> Specs:
        return Specs()

    def encoded(self, obj: Object) -> JsonMap:
        """The JSON of an object."""
        spec = getattr(obj, "spec", None)
        if not isinstance(spec, PodSpec):
            return encode_object(obj)
        known = self._known.get(id(spec))
        if known is None or known[0] is not spec:
            if len(self._known) >= MOST_SPECS:
                self._known.clear()
            known = self._known[id(spec)] = (spec, encode(spec))
        found = encode_object(cast(Any, obj).evolve(spec=None))
        found["spec"] = known[1]
        return found


def decode(door: Stations, specs: Specs, request: Request, old: Object) -> Object:
    """The old object with the status and metadata that a client has sent. StatusError as the stations refuse it."""
    resource, before = request.resource, specs.encoded(old)
    body = request.body if isinstance(request.body, dict) else decoding.json_object(request.body)
    same = body.get("spec") == before.get("spec")
    data: JsonMap = {k: thaw(v) for k, v in body.items() if not (same and k == "spec")}
    door.warnings += strict.check(resource, data, request.options.validation)
    if "spec" in before:
        data["spec"] = before["spec"]
    decoding.known_metadata(door, request, data, before)
    defaults.set_status_defaults(resource, data)
    decoding.check_versions(resource, data["metadata"], old)
    decoding.validate(request, data, before)
    status = decoder_of(type(old), "status")(data["status"]) if data.get("status") else None
    given = data["metadata"]
    metadata = old.metadata if given == before["metadata"] else decoder_of(type(old), "metadata")(given)
    return cast(Object, cast(Any, old).evolve(metadata=metadata, status=status))
