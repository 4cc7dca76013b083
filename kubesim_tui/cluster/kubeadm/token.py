"""kubeadm token: what a machine shows that wants to join. Each is a Secret in kube-system that ends by itself."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

from kubesim_tui.api import duration
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.types import ObjectMeta, Secret
from kubesim_tui.apiserver.bootstraptoken import DEFAULT_GROUP, NAMESPACE, PREFIX, TYPE, USAGE, read
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm import authority
from kubesim_tui.cluster.kubeadm.base import Act, Call, Failure
from kubesim_tui.kubectl import tabwriter

ID, FULL = "[a-z0-9]{6}", r"\A([a-z0-9]{6})\.([a-z0-9]{16})\z"
USAGES = "signing,authentication"
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
DAY = "24h0m0s"
PATH = "/api/v1/namespaces/kube-system/secrets"
BY_TYPE = f"{PATH}?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken"


def _made(call: Call) -> str:
    stream = call.cluster.chance.stream("kubeadm/token")
    drawn = "".join(stream.choice(LETTERS) for _ in range(22))
    return f"{drawn[:6]}.{drawn[6:]}"


def _generate(call: Call) -> list[str]:
    return [_made(call)]


def create(call: Call) -> str:
    """A new token, as a Secret."""
    token = call.words[0] if call.words else _made(call)
    if re.fullmatch(rf"{ID}\.[a-z0-9]{{16}}", token) is None:
        raise Failure(f'the bootstrap token "{token}" was not of the form "{FULL}"')
    name, secret = token.split(".")
    groups = call.flags.get("groups", DEFAULT_GROUP)
    data = {
        **({"auth-extra-groups": groups} if groups else {}),
        **({"description": call.flags["description"]} if call.flags.get("description") else {}),
        **_expiration(call),
        "token-id": name,
        "token-secret": secret,
        **{f"{USAGE}{usage}": "true" for usage in call.flags.get("usages", USAGES).split(",") if usage},
    }
    made = Secret(
        metadata=ObjectMeta(name=PREFIX + name, namespace=NAMESPACE),
        type=TYPE,
        data=FrozenMap({key: b64encode(text.encode()).decode() for key, text in data.items()}),
    )
    try:
        call.client.create(made)
    except ApiError as wrong:
        raise Failure(call.told(wrong, PATH).replace("Get ", "Post ", 1)) from wrong
    return token


def _create(call: Call) -> list[str]:
    token = create(call)
    if "print-join-command" not in call.flags:
        return [token]
    pin = authority.pin(call.epoch)
    key = call.flags.get("certificate-key")
    more = f"--control-plane --certificate-key {key}" if key else ""
    return [f"kubeadm join {call.server} --token {token} --discovery-token-ca-cert-hash {pin} {more}"]


def _expiration(call: Call) -> dict[str, str]:
    text = call.flags.get("ttl", DAY)
    try:
        seconds = 0 if text == "0" else duration.parse(text) // 1_000_000_000
    except ValueError as wrong:
        said = f'invalid argument "{text}" for "--ttl" flag: time: invalid duration "{text}"'
        raise Failure(said) from wrong
    if not seconds:
        return {}
    return {"expiration": datetime.fromtimestamp(call.now + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _list(call: Call) -> list[str]:
    try:
        secrets = [s for s in call.client.list(Secret, NAMESPACE) if s.type == TYPE]
    except ApiError as wrong:
        raise Failure(f"failed to list bootstrap tokens: {call.told(wrong, BY_TYPE)}") from wrong
    head = "TOKEN\tTTL\tEXPIRES\tUSAGES\tDESCRIPTION\tEXTRA GROUPS"
    rows = [_row(call, secret) for secret in secrets]
    # each token is printed by itself, the first one with the head
    blocks = [f"{head}\n{rows[0]}", *rows[1:]] if rows else []
    return [line for block in blocks for line in tabwriter.align(block, minimum=10, padding=3).split("\n")]


def _row(call: Call, secret: Secret) -> str:
    data = read(secret)
    ends, left = data.get("expiration", ""), "<forever>"
    if ends:
        left = duration.short_human(
            (int(datetime.fromisoformat(ends).timestamp()) - call.now) * 1_000_000_000 - 1
        )  # it takes a moment
    usages = ",".join(sorted(k.removeprefix(USAGE) for k, v in data.items() if v == "true"))
    fields = (
        f"{data.get('token-id', '')}.{data.get('token-secret', '')}",
        f"{left:9}",
        ends or "<never>",
        f"{usages or '<none>':22}",
        f"{data.get('description', '') or '<none>':56}",
        data.get("auth-extra-groups", "") or "<none>",
    )
    return "\t".join(fields)


def _delete(call: Call) -> list[str]:
    forms = f'"{FULL}" or "\\A({ID})\\z"'
    if not call.words:
        raise Failure(f"missing argument; 'token delete' is missing token of form {forms}")
    lines = []
    for word in call.words:
        if re.fullmatch(rf"{ID}(\.[a-z0-9]{{16}})?", word) is None:
            raise Failure(f"given token didn't match pattern {forms}")
        name = word[:6]
        try:
            call.client.delete(Secret, NAMESPACE, PREFIX + name)
        except ApiError as wrong:
            told = call.told(wrong, f"{PATH}/{PREFIX}{name}").replace("Get ", "Delete ", 1)
            raise Failure(f'failed to delete bootstrap token "{name}": {told}') from wrong
        lines.append(f'bootstrap token "{name}" deleted')
    return lines


COMMANDS: Mapping[tuple[str, ...], Act] = {
    ("token", "generate"): _generate,
    ("token", "create"): _create,
    ("token", "list"): _list,
    ("token", "delete"): _delete,
}
