"""An objective about the age of messages: the voting app, whose votes wait in redis for a worker."""

from pathlib import Path

import pytest

from kubesim_tui.explain.remedies import REMEDIES
from kubesim_tui.game import loader
from kubesim_tui.game.session import Session
from tests.game.builders import LEVEL, folder

VOTES = """
    - {id: votes, type: queue, service: redis, queue: votes, within: 10s, maxLost: 0, text: {en: Counted, zh: 已计票}}
"""
POLLS = """\
    - {name: votes, url: "http://vote.example.com/", method: POST, rate: RATE/s, timeout: 2s}
"""


def app(name: str, image: str, port: int = 0, replicas: int = 1) -> str:
    """A Deployment, and a Service on the same port if it has one."""
    env = "env: [{name: POSTGRES_PASSWORD, value: postgres}], " if name == "db" else ""
    made = f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{{env}name: {name}, image: "{image}"}}]}}
"""
    service = f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: {port}}}]}}
"""
    return made + service if port else made


def voting(tmp_path: Path, *, rate: int, workers: int) -> Session:
    """The voting app behind an Ingress."""
    examples = "dockersamples/examplevotingapp"
    apps = [
        app("vote", f"{examples}_vote", 80, 2),
        app("redis", "redis:alpine", 6379),
        app("db", "postgres:15-alpine", 5432),
        app("worker", f"{examples}_worker", replicas=workers),
    ]
    ingress = """---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: vote}
spec:
  rules:
    - host: vote.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: vote, port: {number: 80}}}}]}
"""
    level = LEVEL.replace("  faults:\n", POLLS.replace("RATE", str(rate)) + "  faults:\n").rstrip("\n") + VOTES
    level = level.replace("settle: 30", "settle: 60").replace("atLeast: 95%", "atLeast: 50%")
    made = folder(tmp_path, level=level)
    (made / "start" / "voting.yaml").write_text("".join(apps) + ingress, "utf-8")
    return Session(loader.load(made))


def played(session: Session) -> Session:
    session.go()
    while session.advance():
        pass
    return session


def test_votes_that_are_counted_in_time_meet_it(tmp_path):
    objectives = played(voting(tmp_path, rate=6, workers=1)).state().objectives
    assert [(one.id, one.state) for one in objectives] == [("web", "met"), ("votes", "met")]


@pytest.mark.parametrize(("rate", "workers", "cause"), [(6, 0, "no-consumers"), (20, 1, "too-few-consumers")])
def test_votes_that_wait_too_long_are_explained(tmp_path, rate, workers, cause):
    (why,) = played(voting(tmp_path, rate=rate, workers=workers)).state().verdict.whys
    assert (why.subject, why.cause, why.remedy) == ("votes", cause, REMEDIES[cause][0])
