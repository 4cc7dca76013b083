"""A kubeconfig: clusters, users and contexts by name, and which context is current. What is changed is a copy.

A user with the player's own certificate is the player; one with a token is the service account that it was made for;
one with neither is anonymous. A cluster with another server is out of reach.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver import authentication
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import User
from kubesim_tui.kubectl.fail import SERVER, Fail, error
from kubesim_tui.kubectl.flags import Flags, command
from kubesim_tui.kubectl.result import Config

Data = dict[str, Any]
PATH = "/root/.kube/config"
URL = f"https://{SERVER}"
AUTHORITY, CERTIFICATE, KEY = "a3ViZXNpbSBDQQ==", "a3ViZXNpbSBjbGllbnQ=", "a3ViZXNpbSBrZXk="
"""What stands for the certificates; nothing is signed here (docs/FIDELITY.md)."""
LISTS = ("clusters", "users", "contexts")
INSIDE = {"clusters": "cluster", "users": "user", "contexts": "context"}
PART_FLAGS = (
    ("cluster", "clusters", 'no server found for cluster "{}"'),
    ("user", "users", 'auth info "{}" does not exist'),
)


def of(config: Config) -> Data:
    """The whole file: as it was changed, or the one that a game begins with."""
    if config.file is not None:
        found: Data = copy.deepcopy(thaw(config.file))
        return found
    context = {"cluster": config.cluster, "user": config.user}
    context |= {"namespace": config.namespace} if config.namespace != "default" else {}
    return {
        "clusters": {config.cluster: {"certificate-authority-data": AUTHORITY, "server": URL}},
        "users": {config.user: {"client-certificate-data": CERTIFICATE, "client-key-data": KEY}},
        "contexts": {config.context: context},
        "current-context": config.context,
    }


def current(file: Data, name: str = "") -> Config:
    """What holds in a context of a file, the current one if none is named."""
    name = name or file["current-context"]
    context = file["contexts"].get(name) or {}
    where, user, cluster = (str(context.get(key) or "") for key in ("namespace", "user", "cluster"))
    plain = Config(where or "default", user, name, cluster)
    return plain if of(plain) == file else evolve(plain, file=file)


def selected(config: Config, flags: Flags) -> Config:
    """What holds for a command that names a context, a cluster or a user itself. Fail if it is not there."""
    given = {flag: general(flags, flag) for flag in ("context", "cluster", "user")}
    if not any(given.values()):
        return config
    file, name = of(config), given["context"] or config.context
    if given["context"] and name not in file["contexts"]:
        raise Fail(f"Error in configuration: context was not found for specified context: {name}")
    context = file["contexts"].setdefault(name, {})
    for flag, kind, missing in PART_FLAGS:
        if given[flag]:
            if given[flag] not in file[kind]:
                raise error(missing.format(given[flag]))
            context[flag] = given[flag]
    return current(file, name)


def general(flags: Flags, name: str) -> str:
    """A flag that every command has, where the command has none of its own by that name."""
    return "" if any(own.name == name for own in command(flags.path).flags) else flags.text(name)


# -- who asks, and whom ----------------------------------------------------------------------------------------------


def user(config: Config, client: Client, token: str = "") -> User:
    """Who the context's credentials (or a token that was given) make of the player. 401 for those that are wrong."""
    if config.file is None and not token:
        return client.user
    entry: Mapping[str, Any] = {"token": token} if token else of(config)["users"].get(config.user) or {}
    if entry.get("client-certificate-data") == CERTIFICATE and not token:
        return client.user
    if entry.get("token"):
        found = authentication.by_token(client.server.etcd, str(entry["token"]))
        if found is not None:
            return found
    elif not entry.get("username"):
        return authentication.ANONYMOUS
    raise StatusError(401, "Unauthorized", "Unauthorized")


def reach(config: Config, server: str = "") -> None:
    """Fail for a context without a cluster, and for another server than the game's."""
    if config.file is None and not server:
        return
    url = server or str((of(config)["clusters"].get(config.cluster) or {}).get("server") or "http://localhost:8080")
    if url.rstrip("/") == URL:
        return
    scheme, _, host = url.rpartition("://")
    if host.startswith("localhost"):
        raise Fail(f"The connection to the server {host} was refused - did you specify the right host or port?")
    port = "" if ":" in host else ":80" if scheme == "http" else ":443"
    raise Fail(f"Unable to connect to the server: dial tcp {host}{port}: i/o timeout")
