"""Levels made in a moment: a folder with one Deployment, one Service, one Ingress and one stream of users."""

from pathlib import Path

from kubesim_tui.game import loader
from kubesim_tui.game.level import Level

LEVEL = """\
apiVersion: kubesim.dev/v1
kind: Level
metadata: {name: small, version: 1}
spec:
  chapter: 0
  title: {en: Small, zh: 小}
  goal: {en: Stay up., zh: 别倒。}
  concepts: [1]
  lesson: small
  minutes: 1
  mode: MODE
  settle: 30
  traffic:
    - {name: web, url: "http://shop.example.com/", rate: 20/s, timeout: 2s}
  faults:
    - {at: 5s, jitter: 2s, do: pod-delete, target: {pods: app=web, pick: 1}}
  ends: {after: 40s}
  objectives:
    - {id: web, type: served, traffic: web, atLeast: 95%, text: {en: Up, zh: 在线}}
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29
          ports: [{containerPort: 80}]
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
          lifecycle: {preStop: {sleep: {seconds: 3}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""

WIN = "kubectl scale deployment web --replicas=3\n+20\ngo\n"
TEXTS = {
    "briefing": ("Story.", "故事。"),
    "debrief": ("Learnt.", "学到了。"),
    "hints": ("a\n---\nb\n---\nc", "甲\n---\n乙\n---\n丙"),
}


def folder(tmp_path: Path, mode: str = "drill", level: str = LEVEL, **files: str) -> Path:
    """A level's folder; `files` are further ones, by their path with __ for /."""
    made = tmp_path / "00-test" / "01-small"
    (made / "start").mkdir(parents=True, exist_ok=True)
    (made / "level.yaml").write_text(level.replace("MODE", mode), "utf-8")
    (made / "start" / "web.yaml").write_text(WEB, "utf-8")
    for name, (english, chinese) in TEXTS.items():
        (made / f"{name}.en.md").write_text(english, "utf-8")
        (made / f"{name}.zh.md").write_text(chinese, "utf-8")
    for name, text in files.items():
        path = made / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return made


def small(tmp_path: Path, mode: str = "drill", level: str = LEVEL) -> Level:
    """The level, loaded."""
    return loader.load(folder(tmp_path, mode, level))
