"""One trial: a mutated manifest through the reader and the door. It ends in an acceptance or in a refusal."""

import copy
import json
import time

from attrs import frozen

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.apiserver.table import table
from tests.apiserver.door import Door
from tests.fuzz import mutations, seeds
from tests.harness import ADMIN

LEVELS = ("Strict", "Warn", "Ignore")
PATCHES = ("merge", "strategic", "apply", "json")
MOST_SECONDS = 2.0


@frozen
class Ended:
    """How a trial ended: how many documents were accepted, refused, and not read."""

    accepted: int = 0
    refused: int = 0
    unread: int = 0

    def __add__(self, other):
        return Ended(self.accepted + other.accepted, self.refused + other.refused, self.unread + other.unread)


class Bench:
    """A cluster in which the seeds stand; all trials are dry runs, so that it stays as it is."""

    def __init__(self):
        self.door, self.seeds = Door(), seeds.documents()
        self.known = {}
        for data in self.seeds:
            self._settle(copy.deepcopy(data))

    def _settle(self, data):
        meta = data.get("metadata")
        if not isinstance(meta, dict) or not isinstance(data.get("kind"), str):
            return
        resource = self.door.server.resource_for_kind(str(data.get("apiVersion")), data["kind"])
        if resource is None or resource in self.known or resource.kind == "CustomResourceDefinition":
            return
        try:
            if resource.namespaced:
                self.door.namespace(str(meta.get("namespace") or "default"))
            made = self.door.send("create", data, validation="Ignore")
        except StatusError:
            return
        self.known[resource] = (made.metadata.namespace, made.metadata.name)

    def run(self, rng):
        """One trial; raises what the simulator raises, or AssertionError when it takes too long."""
        began = time.process_time()
        data = self.seeds[rng.randint(0, len(self.seeds) - 1)]
        if rng.randint(0, 3) == 0:
            ended = sum((self._document(rng, d) for d in manifest.read(mutations.text(rng, data), "f.yaml")), Ended())
        else:
            ended = self._send(rng, mutations.value(rng, data, self.seeds))
        took = time.process_time() - began
        assert took < MOST_SECONDS, f"{took:.1f} s"
        return ended

    def _document(self, rng, document):
        if document.error is not None:
            assert str(document.error)
            return Ended(unread=1)
        return self._send(rng, document.data)

    def _send(self, rng, data):
        resource = self.door.server.resource_for_kind(_text(data.get("apiVersion")), _text(data.get("kind")))
        if resource is None:
            return Ended(refused=1)
        meta = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
        options = Options(dry_run=True, validation=LEVELS[rng.randint(0, 2)], field_manager="fuzz")
        namespace = (_text(meta.get("namespace")) or "default") if resource.namespaced else ""
        request = Request(ADMIN, "create", resource, namespace, _text(meta.get("name")), body=data, options=options)
        if resource in self.known and rng.randint(0, 1):
            request = self._change(rng, request)
        try:
            made = self.door.server.handle(request)
        except StatusError as refused:
            json.dumps([refused.to_json(), refused.fields])
            return Ended(refused=1)
        encode_object(made)
        table(resource, [made], 1_800_000_000)
        return Ended(accepted=1)

    def _change(self, rng, request):
        """The same body as an update or a patch of the object that stands there."""
        namespace, name = self.known[request.resource]
        body = dict(request.body)
        meta = body.get("metadata")
        if isinstance(meta, dict):
            meta = {k: v for k, v in meta.items() if k not in ("name", "namespace", "resourceVersion", "uid")}
            body["metadata"] = {**meta, "name": name} | ({"namespace": namespace} if namespace else {})
        way = rng.randint(0, 5)
        if way < 2:
            subresource = ("", "status")[way]
            return Request(
                ADMIN, "update", request.resource, namespace, name, subresource, body, options=request.options
            )
        kind = PATCHES[way - 2]
        patch = body if kind != "json" else [{"op": "replace", "path": f"/{k}", "value": v} for k, v in body.items()]
        return Request(
            ADMIN, "patch", request.resource, namespace, name, body=patch, patch_type=kind, options=request.options
        )


def _text(found):
    return found if isinstance(found, str) else ""
