"""kubectl create job and kubectl create cronjob."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import builder, generate
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    if env.flags.path.endswith("cronjob"):
        _cron_job(env)
        return
    name, command = generate.name_of(env), generate.command_of(env)
    image, source = env.flags.text("image"), env.flags.text("from")
    if not image and not source:
        raise error("either --image or --from must be specified")
    if image and source:
        raise error("either --image or --from must be specified")
    if source and command:
        raise error("cannot specify --from and command")
    if source:
        generate.make(env, "jobs", _from_cron_job(env, name, source), failing="create job")
        return
    spec = {"template": _template(name, image, command, "Never")}
    generate.make(env, "jobs", generate.base("batch/v1", "Job", name, spec=spec, status={}), failing="create job")


def _template(name: str, image: str, command: list[str], restart: str) -> dict[str, Any]:
    container: dict[str, Any] = {"image": image, "name": name, "resources": {}}
    if command:
        container["command"] = command
    return {"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}}


def _cron_job(env: Env) -> None:
    flags = env.flags
    name = generate.name_of(env)
    restart = flags.text("restart") or "OnFailure"
    job = {
        "metadata": {"name": name},
        "spec": {"template": _template(name, flags.text("image"), generate.command_of(env), restart)},
    }
    spec = {"jobTemplate": job, "schedule": flags.text("schedule")}
    data = generate.base("batch/v1", "CronJob", name, spec=spec, status={})
    generate.make(env, "cronjobs", data, failing="create cronjob")


def _from_cron_job(env: Env, name: str, source: str) -> dict[str, Any]:
    """A Job now, from a CronJob's template."""
    infos, failures = builder.chosen(env, [source])
    builder.finish(failures)
    (info,) = infos
    if info.resource.kind != "CronJob":
        raise error(f"unknown object type *{info.resource.version}.{info.resource.kind}")
    of, cron = info.name, data_of(env.get(info.resource, info.namespace, info.name))
    template = cron["spec"]["jobTemplate"]
    notes = {"cronjob.kubernetes.io/instantiate": "manual", **(template.get("metadata") or {}).get("annotations", {})}
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": of,
        "uid": cron["metadata"]["uid"],
        "controller": True,
    }
    data = generate.base("batch/v1", "Job", name, spec=template["spec"], status={})
    data["metadata"] |= {"annotations": notes, "ownerReferences": [owner]}
    if labels := (template.get("metadata") or {}).get("labels"):
        data["metadata"]["labels"] = labels
    return data
