"""Whatever is typed, kubectl answers: no line ends in an exception of ours."""

import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.kubectl import Config, flags, run
from tests.kubectl import board

NOW = 1795638000
FILES = {
    "x.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n---\n"
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n",
    "dir/kustomization.yaml": "resources: [a.yaml]\n",
    "dir/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n",
    "-": "y\n",
}
ARGUMENTS = (
    *("pods", "pod", "web-1", "deploy/web", "deploy", "web", "svc/web", "cm", "conf", "node/node-a", "nodes", "a=b"),
    *("c-", "job/job", "cj/cj", "hpa", "all", "ns", "rolebinding/rb", "pods,svc", "--", "", "/", "a/b/c", "crd"),
    *("nope", "ds/ds", "web=nginx:2", "k1=v1:NoSchedule", "csr/joe", "es", "endpointslice/es", "netpol/np"),
)
VALUES = (
    *("1", "-1", "a=b", "a", "", "x.yaml", "dir", "-", "json", "yaml", "name", "wide", "jsonpath={.x}", "5s", "10%"),
    *("go-template={{.metadata.name}}", "custom-columns=A:.metadata.name", "client", "server", "cpu=1", "[", "{"),
    *("80:90", "true", '{"spec":{"replicas":2}}', "pod/web-1", "cronjob/cj", "app=web", "a in (b)", "background"),
)
PATHS = [path for path in flags._document() if path not in ("", "options")]


@cache
def fresh(name):
    return board.load(name)


@st.composite
def lines(draw):
    """A command with arguments and flags of its own."""
    path = draw(st.sampled_from(PATHS))
    usable = sorted({flag.name: flag for flag in flags.usable(path).values() if flag.name != "help"}.items())
    words = path.split()
    for name, flag in draw(st.lists(st.sampled_from(usable), max_size=3)):
        value = "" if flag.type == "bool" else f"={draw(st.sampled_from(VALUES))}"
        words.append(f"--{name}{value}")
    return [*words, *draw(st.lists(st.sampled_from(ARGUMENTS), max_size=3))]


@pytest.mark.parametrize("name", ["board.yaml", "kinds.yaml"])
@settings(max_examples=400, deadline=None)
@given(words=lines())
def test_any_words_get_an_answer(name, words):
    harness = copy.deepcopy(fresh(name))
    terminal = board.Terminal(dict(FILES), edits=(("a", "b"), ("name", "nome")))
    reply = run(words, harness.admin, terminal, NOW, Config())
    if reply.job is not None:
        reply.job.poll(harness.admin, NOW + 1)
    assert isinstance(reply.code, int)
