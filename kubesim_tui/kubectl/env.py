"""One invocation of kubectl: who runs it, against what, and what it has printed so far.

All requests of a command go through here, as JSON in and objects out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.impersonation import impersonate
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.kubectl import fail, kubeconfig
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.result import Config, Grid, Job, Reply, Terminal

PLAIN = Options()
DRY_RUN = "W: --dry-run is deprecated and can be replaced with --dry-run=client."


class Env:
    """What a command holds while it runs."""

    def __init__(self, client: Client, terminal: Terminal, now: int, config: Config, flags: Flags) -> None:
        self.client, self.terminal, self.now, self.flags = client, terminal, now, flags
        self.config = config if flags.path.startswith("config") else kubeconfig.selected(config, flags)
        self._user: User | None = None
        self.out: list[str] = []
        self.err: list[str] = []
        self.grids: list[Grid] = []
        self.code = 0
        self.show_events = True
        self.job: Job | None = None
        self.switched: Config | None = None
        self.printer: Callable[[dict[str, Any]], str] | None = None  # of -o, once it has been asked for

    # -- output ------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Print text on standard output."""
        self.out += lines(text)

    def say_raw(self, text: str) -> None:
        """Print text that ends its lines itself: nothing for nothing, and what has no newline stays open."""
        if text:
            self.say(text)

    def warn(self, text: str) -> None:
        """Print text on standard error."""
        self.err += lines(text)

    def failed(self, failure: ApiError | Fail) -> None:
        """Print a failure, and go on; the command will have failed."""
        self.warn(failure.text if isinstance(failure, Fail) else fail.describe(failure))
        self.code = failure.code if isinstance(failure, Fail) else 1

    def reply(self) -> Reply:
        """What is handed back."""
        return Reply(tuple(self.out), tuple(self.err), self.code, self.job, self.switched, tuple(self.grids))

    # -- where -------------------------------------------------------------------------------------------------

    @property
    def namespace(self) -> str:
        """The namespace that the command is about."""
        return self.flags.text("namespace") or self.config.namespace

    @property
    def all_namespaces(self) -> bool:
        """Whether -A was given."""
        return bool(self.flags["all-namespaces"])

    @property
    def user(self) -> User:
        """Who asks: the context's user, or whom they act as with --as. 401, 403, and Fail if nobody is there to ask."""
        if self._user is None:
            self._user = self._asks()
        return self._user

    def _asks(self) -> User:
        flags = self.flags
        kubeconfig.reach(self.config, kubeconfig.general(flags, "server"))
        asks = kubeconfig.user(self.config, self.client, kubeconfig.general(flags, "token"))
        groups, uid, extra = list(flags["as-group"] or ()), flags.text("as-uid"), flags["as-user-extra"] or ()
        if not flags.text("as"):
            if groups or uid or extra:
                raise fail.error(
                    f"requesting uid, groups or user-extra for {self.config.user} without impersonating a user"
                )
            return asks
        if not self.client.road.open():
            return asks  # the request itself will say so
        pairs: dict[str, list[str]] = {}
        for text in extra:
            pairs.setdefault(text.partition("=")[0], []).append(text.partition("=")[2])
        return impersonate(self.client.server.authorizer, asks, flags.text("as"), groups, pairs, uid)

    # -- requests ----------------------------------------------------------------------------------------------

    def send(self, verb: str, resource: Resource, namespace: str, name: str = "", **more: Any) -> Any:
        """One request; ApiError if it is refused."""
        where = namespace if resource.namespaced else ""
        answer = self.client.send(Request(self.user, verb, resource, where, name, **more))
        for warning in self.client.server.warnings:
            if (text := f"Warning: {warning}") not in self.err:
                self.warn(text)
        return answer

    def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """One object."""
        found: Object = self.send("get", resource, namespace, name)
        return found

    def list(self, resource: Resource, namespace: str = "", labels: str = "", fields: str = "") -> list[Object]:
        """Objects, sorted by namespace and name."""
        found: list[Object] = self.send("list", resource, namespace, label_selector=labels, field_selector=fields)
        return found

    def create(self, resource: Resource, namespace: str, data: dict[str, Any], options: Options = PLAIN) -> Object:
        """Create from JSON."""
        name = str((data.get("metadata") or {}).get("name", ""))
        made: Object = self.send("create", resource, namespace, name, body=unversioned(data), options=options)
        return made

    def replace(
        self, resource: Resource, namespace: str, data: dict[str, Any], options: Options = PLAIN, subresource: str = ""
    ) -> Object:
        """Update from JSON."""
        name = str((data.get("metadata") or {}).get("name", ""))
        made: Object = self.send(
            "update", resource, namespace, name, body=data, options=options, subresource=subresource
        )
        return made

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: Any,
        kind: str = "strategic",
        options: Options = PLAIN,
        subresource: str = "",
    ) -> Object:
        """Patch."""
        made: Object = self.send(
            "patch", resource, namespace, name, body=body, patch_type=kind, options=options, subresource=subresource
        )
        return made

    def delete(self, resource: Resource, namespace: str, name: str, options: Options = PLAIN) -> bool:
        """Delete; True if the object is gone at once."""
        return bool(self.send("delete", resource, namespace, name, options=options)[1])

    # -- options -----------------------------------------------------------------------------------------------

    def dry_run(self) -> str:
        """ "none", "client" or "server"; Fail if --dry-run is anything else."""
        text = self.flags.text("dry-run") or "none"
        if text == "unchanged":
            if DRY_RUN not in self.err:
                self.warn(DRY_RUN)
            return "client"
        if text in ("none", "client", "server"):
            return text
        raise fail.error(f'Invalid dry-run value ({text}). Must be "none", "server", or "client".')

    def options(self, **more: Any) -> Options:
        """What goes along with a write: dry run, field manager, validation."""
        return Options(
            dry_run=self.dry_run() == "server",
            field_manager=self.flags.text("field-manager"),
            validation=self.validation(),
            **more,
        )

    def validation(self) -> str:
        """The fieldValidation that --validate asks for."""
        text = self.flags.text("validate").lower()
        if not text:
            return "Warn"
        known = {"true": "Strict", "strict": "Strict", "warn": "Warn", "false": "Ignore", "ignore": "Ignore"}
        if text not in known:
            raise fail.error(
                f'invalid - validate option "{text}"; must be one of: strict (or true), warn, ignore (or false)'
            )
        return known[text]


def unversioned(data: dict[str, Any]) -> dict[str, Any]:
    """An object without its resourceVersion, as the helper of cli-runtime creates it: the server takes none."""
    meta = data.get("metadata")
    if not isinstance(meta, dict) or "resourceVersion" not in meta:
        return data
    return {**data, "metadata": {k: v for k, v in meta.items() if k != "resourceVersion"}}


def lines(text: str) -> list[str]:
    """Text as lines; a newline at the end makes no further line."""
    return text.removesuffix("\n").split("\n")


def data_of(obj: Object) -> dict[str, Any]:
    """An object's JSON."""
    return encode_object(obj)
