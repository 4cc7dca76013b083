"""kubectl describe configmap, secret and serviceaccount."""

from __future__ import annotations

import base64

from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer

TOKEN = "kubernetes.io/service-account-token"


def describe_config_map(w: Writer, o: Data) -> None:
    """One ConfigMap."""
    w.name(o)
    w.about(o)
    w(0, "\nData\n====")
    for key, value in sorted((o.get("data") or {}).items()):
        w(0, f"{key}:\n----")
        w(0, f"{value}\n")
    w(0, "\nBinaryData\n====")
    for key, value in sorted((o.get("binaryData") or {}).items()):
        w(0, f"{key}: {_size(value)} bytes")
    w(0, "")
    w.events(o)


def describe_secret(w: Writer, o: Data) -> None:
    """One Secret: its keys, and how long the values are."""
    w.name(o)
    w.about(o)
    w(0, f"\nType:\t{o.get('type', '')}")
    w(0, "\nData\n====")
    for key, value in sorted((o.get("data") or {}).items()):
        if key == "token" and o.get("type") == TOKEN:
            w(0, f"{key}:\t{base64.b64decode(value).decode('utf-8', 'replace')}")
        else:
            w(0, f"{key}:\t{_size(value)} bytes")


def _size(value: str) -> int:
    return len(base64.b64decode(value))


def describe_service_account(w: Writer, o: Data) -> None:
    """One ServiceAccount."""
    w.name(o)
    w.about(o)
    names = [s.get("name", "") for s in o.get("imagePullSecrets") or ()]
    for i, name in enumerate(names or [NONE]):
        w(0, f"{' ' * 19 if i else 'Image pull secrets:'}\t{name}")
    w.events(o)
