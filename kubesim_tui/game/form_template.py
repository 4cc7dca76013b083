"""Forms of workloads: replicas, image, health check, requests and limits."""

from __future__ import annotations

from typing import Any

from kubesim_tui.game.form import About, Line, Values
from kubesim_tui.game.menu_texts import label
from kubesim_tui.game.state import Field

MOST_REPLICAS = 1000
PERIODS = ("1", "2", "5", "10")
PATHS = ("/healthz", "/health", "/ready", "/")
HANDLERS = ("tcpSocket", "exec", "grpc")
FIGURES = [(part, name) for part in ("requests", "limits") for name in ("cpu", "memory")]


def scale(about: About) -> list[Field]:
    """How many; the next number is the first choice."""
    now = about.spec.get("replicas", 1)
    choices = tuple(str(n) for n in dict.fromkeys((now + 1, now + 2, 3, 5, 8, max(0, now - 1))))
    return [about.field("replicas", now, choices)]


def write_scale(about: About, values: Values) -> Line:
    """kubectl scale."""
    wanted = about.whole(values, "replicas", MOST_REPLICAS)
    shows = about.patch({"spec": {"replicas": wanted}}).command
    return Line(f"kubectl scale {about.name} --replicas={wanted}", shows=shows)


def image(about: About) -> list[Field]:
    """The image, and of which container; its earlier ones are choices."""
    return [*about.which(), about.field("image", _image(about), _earlier(about))]


def _image(about: About) -> str:
    return str(about.containers[0].get("image", ""))


def _earlier(about: About) -> tuple[str, ...]:
    """Images that its ReplicaSets have had."""
    found: list[str] = []
    for old in about.game.cluster.etcd.table("replicasets.apps").in_namespace(about.ref.namespace):
        owned = any(owner.name == about.ref.name for owner in old.metadata.owner_references)
        template: Any = getattr(getattr(old, "spec", None), "template", None)
        found += [c.image for c in template.spec.containers[:1]] if owned and template else []
    return tuple(sorted(set(found) - {_image(about)}))


def write_image(about: About, values: Values) -> Line:
    """kubectl set image."""
    text = values["image"].strip()
    if not text:
        raise about.refuse("empty", "image")
    return Line(f"kubectl set image {about.name} {about.container(values)['name']}={about.word(values, 'image')}")


def probe(about: About) -> list[Field]:
    """A readiness probe over HTTP: path, port, period."""
    container = about.containers[0]
    there, now = container.get("readinessProbe", {}), container.get("readinessProbe", {}).get("httpGet", {})
    ports = tuple(str(p["containerPort"]) for p in container.get("ports", ())) or ("8080",)
    return [
        *about.which(),
        about.field("path", now.get("path", PATHS[0]), PATHS),
        about.field("port", now.get("port", ports[0]), ports),
        about.field("period", there.get("periodSeconds", 2), PERIODS),
    ]


def write_probe(about: About, values: Values) -> Line:
    """A patch of the container; another kind of probe that stands there goes."""
    container = about.container(values)
    others = {name: None for name in HANDLERS if name in container.get("readinessProbe", {})}
    check = {"httpGet": {"path": about.path(values), "port": about.port(values)}, **others}
    period = about.whole(values, "period", 3600)
    changed = {"name": container["name"], "readinessProbe": {**check, "periodSeconds": period}}
    return about.patch({"spec": {"template": {"spec": {"containers": [changed]}}}})


def resources(about: About) -> list[Field]:
    """CPU and memory: what is asked for, and what is the most."""
    now = about.containers[0].get("resources", {})
    fields = [
        about.field(f"{p}-{n}", now.get(p, {}).get(n, ""), word=label(f"{p}-{n}", about.language)) for p, n in FIGURES
    ]
    return [*about.which(), *fields]


def write_resources(about: About, values: Values) -> Line:
    """kubectl set resources; an empty field leaves what stands there."""
    flags = []
    for part in ("requests", "limits"):
        given = [f"{n}={values[f'{p}-{n}'].strip()}" for p, n in FIGURES if p == part and values[f"{p}-{n}"].strip()]
        flags += [f"--{part}={','.join(given)}"] if given else []
    if not flags:
        raise about.refuse("figures")
    which = f" -c {about.container(values)['name']}" if len(about.containers) > 1 else ""
    if any(" " in flag for flag in flags):
        raise about.refuse("space", "requests-cpu")
    return Line(f"kubectl set resources {about.name}{which} {' '.join(flags)}")
