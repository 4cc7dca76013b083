"""crictl inspect and inspectp: all that the runtime tells of a container or a sandbox, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kubesim_tui.cluster.crictl.base import ATTEMPT, NAME, NAMESPACE, UID, Act, Call, Failure
from kubesim_tui.world.config import Mount, Sandbox
from kubesim_tui.world.container import Container
from kubesim_tui.world.pulls import image_id
from kubesim_tui.world.reference import parse


def _inspect(call: Call) -> list[str]:
    if not call.words:
        raise Failure("ID cannot be empty")
    return _json([{"info": _info(c), "status": _status(call, c)} for c in map(call.container, call.words)])


def _info(container: Container) -> dict[str, Any]:
    config = container.config
    envs = [{"key": key, "value": value} for key, value in sorted(config.env.items())]
    return {
        "config": {"args": list(config.args), "command": list(config.command), "envs": envs},
        "removing": False,
        "sandboxID": container.sandbox.id,
    }


def _status(call: Call, one: Container) -> dict[str, Any]:
    config, labels = one.config, one.sandbox.labels
    limits, name = config.limits, f"{labels.get(NAMESPACE)}_{labels.get(NAME)}_{labels.get(UID)}"
    return {
        "createdAt": _time(call, one.created),
        "exitCode": one.exit_code or 0,
        "finishedAt": _time(call, one.finished),
        "id": one.id,
        "image": {"image": config.image},
        "imageRef": image_id(parse(config.image)),
        "labels": {"io.kubernetes.container.name": config.name, **_own(labels)},
        "logPath": f"/var/log/pods/{name}/{config.name}/{config.attempt}.log",
        "message": one.message,
        "metadata": {"attempt": config.attempt, "name": config.name},
        "mounts": [_mount(mount) for mount in config.mounts],
        "reason": one.reason,
        "resources": {
            "linux": {
                "cpuQuota": str(100 * limits.cpu_milli) if limits.cpu_milli is not None else "0",
                "cpuShares": str(limits.shares),
                "memoryLimitInBytes": str(limits.memory_bytes or 0),
                "oomScoreAdj": str(config.oom_score_adj),
            }
        },
        "startedAt": _time(call, one.started),
        "state": f"CONTAINER_{str(one.state).upper()}",
    }


def _own(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: labels[key] for key in (NAME, NAMESPACE, UID) if key in labels}


def _mount(mount: Mount) -> dict[str, Any]:
    return {"containerPath": mount.path, "hostPath": mount.volume.id, "readonly": mount.read_only}


def _inspectp(call: Call) -> list[str]:
    if not call.words:
        raise Failure("ID cannot be empty")
    return _json([{"info": {}, "status": _sandbox(call, _find(call, id))} for id in call.words])


def _find(call: Call, id: str) -> Sandbox:
    found = next((one for identity, one in call.runtime.sandboxes.items() if identity.startswith(id)), None)
    if found is None:
        said = f'an error occurred when try to find sandbox: sandbox "{id}": not found'
        raise Failure(f"getting the pod sandbox status: rpc error: code = NotFound desc = {said}")
    return found


def _sandbox(call: Call, one: Sandbox) -> dict[str, Any]:
    labels = one.labels
    return {
        "createdAt": _time(call, one.created),
        "id": one.id,
        "labels": _own(labels),
        "metadata": {
            "attempt": int(labels.get(ATTEMPT, "0")),
            "name": labels.get(NAME, ""),
            "namespace": labels.get(NAMESPACE, ""),
            "uid": labels.get(UID, ""),
        },
        "network": {"additionalIps": [], "ip": one.ip},
        "state": "SANDBOX_READY" if one.ready else "SANDBOX_NOTREADY",
    }


def _time(call: Call, tick: int | None) -> str:
    """Who has not come so far has the beginning of Unix."""
    unix = call.time(tick) if tick is not None else 0
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(found: list[dict[str, Any]]) -> list[str]:
    shown: Any = found[0] if len(found) == 1 else found
    return json.dumps(shown, indent=2, sort_keys=True).split("\n")


COMMANDS: Mapping[str, Act] = {"inspect": _inspect, "inspectp": _inspectp}
