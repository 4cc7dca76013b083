"""kubectl create secret generic, tls, docker-registry."""

from __future__ import annotations

import base64
import json
import re

from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----\s+[A-Za-z0-9+/=\s]+-----END \1-----")


def run(env: Env) -> None:
    """The command."""
    name = generate.name_of(env)
    kinds = {"generic": _generic, "tls": _tls, "docker-registry": _docker}
    kind, found = kinds[env.flags.path.split()[-1]](env)
    data = generate.base("v1", "Secret", name)
    if found:
        data["data"] = {k: base64.b64encode(v.encode()).decode() for k, v in found.items()}
    if kind:
        data["type"] = kind
    generate.make(env, "secrets", data, failing="create secret")


def _generic(env: Env) -> tuple[str, dict[str, str]]:
    return env.flags.text("type"), generate.gathered(env)


def _tls(env: Env) -> tuple[str, dict[str, str]]:
    cert, key = env.flags.text("cert"), env.flags.text("key")
    if not key or not cert:
        raise error("key and cert must be specified")
    found = {"tls.crt": _file(env, cert), "tls.key": _file(env, key)}
    _check_pem(found["tls.crt"], "certificate", "CERTIFICATE")
    _check_pem(found["tls.key"], "key", "PRIVATE KEY")
    return "kubernetes.io/tls", found


def _check_pem(text: str, name: str, block: str) -> None:
    """Fail for a text without such a block."""
    found = PEM.findall(text)
    if not found:
        raise error(f"tls: failed to find any PEM data in {name} input")
    if not any(title.endswith(block) for title in found):
        skipped = f"after skipping PEM blocks of the following types: [{' '.join(found)}]"
        raise error(f'tls: failed to find "{block}" PEM block in {name} input {skipped}')


def _file(env: Env, path: str) -> str:
    try:
        return env.terminal.read(path)
    except OSError as failure:
        raise error(f"Cannot read file {path}, open {path}: {(failure.strerror or 'failed').lower()}") from None


def _docker(env: Env) -> tuple[str, dict[str, str]]:
    flags = env.flags
    if flags["from-file"]:
        return "kubernetes.io/dockerconfigjson", dict(generate.from_files(env, default=".dockerconfigjson"))
    user, password, server = (flags.text(f"docker-{n}") for n in ("username", "password", "server"))
    if not user or not password or not server:
        raise error(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server "
            "is required"
        )
    entry = {"username": user, "password": password}
    if flags.text("docker-email"):
        entry["email"] = flags.text("docker-email")
    entry["auth"] = base64.b64encode(f"{user}:{password}".encode()).decode()
    text = json.dumps({"auths": {server: entry}}, separators=(",", ":"))
    return "kubernetes.io/dockerconfigjson", {".dockerconfigjson": text}
