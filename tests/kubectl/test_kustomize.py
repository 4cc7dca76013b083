"""Kustomizations: what the real kubectl built of the same folders, and what becomes of folders that are wrong."""

import copy
import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import manifest
from kubesim_tui.kubectl.kustomize import KustomizeError, build
from tests.kubectl import board

SHARED = Path(os.environ.get("KUBESIM_MANIFESTS", Path(__file__).parents[3] / "shared/manifests"))


@cache
def recorded():
    return board.recorded("kustomize")


def files_of(case):
    return {path: recorded()["shared"][t["shared"]] if isinstance(t, dict) else t for path, t in case["files"].items()}


def cases(*, failing):
    found = [case for case in recorded()["cases"] if ("error" in case) == failing]
    return pytest.mark.parametrize("case", found, ids=[case["name"] for case in found])


def kustomize(files, folder="."):
    """What `kubectl kustomize` answers."""
    return board.kubectl(board.load("rollout.yaml"), f"kustomize {folder}", board.Terminal(files))


@cases(failing=False)
def test_a_folder_is_built_as_the_real_kubectl_built_it(case):
    reply = kustomize(files_of(case), case["folder"])
    assert (case["out"], case.get("warnings", []), 0) == (list(reply.out), list(reply.err), reply.code)


@cases(failing=True)
def test_what_the_real_kubectl_refuses_is_refused_with_file_and_field(case):
    reply = kustomize(files_of(case), case["folder"])
    assert ([], [f"error: {case['error']}"], 1) == (list(reply.out), list(reply.err), reply.code)


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n"
APP = {"app/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\nnamespace: shop\n", "app/a.yaml": CONFIG}


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("apply -k app", ["configmap/x-a created"]),
        ("create -k app --dry-run=server", ["configmap/x-a created (server dry run)"]),
        ("apply -k app -o name", ["configmap/x-a"]),
        ("delete -k app --ignore-not-found", []),
    ],
)
def test_k_reads_the_folder_as_f_reads_a_file(line, out):
    reply = board.kubectl(board.load("board.yaml"), line, board.Terminal(APP))
    assert (out, 0) == (list(reply.out), reply.code)


def test_what_was_applied_by_k_is_found_changed_and_deleted_by_k():
    harness, terminal = board.load("board.yaml"), board.Terminal(APP)
    board.kubectl(harness, "apply -k app", terminal)
    assert list(board.kubectl(harness, "get -k app", terminal).out)[:1] == ["NAME   DATA   AGE"]
    assert board.kubectl(harness, "diff -k app", terminal).code == 0
    other = board.Terminal({**APP, "app/a.yaml": CONFIG.replace("v}", "w}")})
    assert board.kubectl(harness, "diff -k app", other).code == 1
    assert list(board.kubectl(harness, "apply -k app", other).out) == ["configmap/x-a configured"]
    gone = board.kubectl(harness, "delete -k app", other)
    assert list(gone.out) == ['configmap "x-a" deleted from shop namespace']


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("apply -k app -f app/a.yaml", "error: only one of -f or -k can be specified"),
        ("apply -k app -R", "error: the -k flag can't be used with -f or -R"),
        ("kustomize app app", "error: specify one path to kustomization.yaml"),
        ("apply -k app", "error: app/kustomization.yaml: helmCharts: not built here"),
    ],
)
def test_wrong_uses_of_k_are_told(line, err):
    files = {**APP, "app/kustomization.yaml": "helmCharts: []\n"} if "helm" in err else APP
    reply = board.kubectl(board.load("board.yaml"), line, board.Terminal(files))
    assert ([err], 1) == (list(reply.err), reply.code)


CONFIGS = "resources: [a.yaml]\n"
ONTO_CONFIGS = "targets: [{select: {kind: ConfigMap}, fieldPaths: ["


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("labels: [{pairs: {a: b}, fields: [{kind: X}]}]", "labels: each of the fields must have a path"),
        ("labels: [{pairs: {a: b}, fields: [{path: /}]}]", "labels: each of the fields must have a path"),
        (f"replacements: [{{sourceValue: v, {ONTO_CONFIGS}'']}}]}}]", "replacements[0]: fieldPath '' names no field"),
        (f"replacements: [{{sourceValue: v, {ONTO_CONFIGS}.]}}]}}]", "replacements[0]: fieldPath '.' names no field"),
        (
            "patches: [{target: {kind: ConfigMap}, path: p.yaml}]",
            "patches[0]: [path: 'p.yaml']: ConfigMap.v1.[noGrp]/a.[noNs]: the patch leaves 5 where a resource must be",
        ),
    ],
)
def test_a_place_that_is_none_is_told(more, said):
    files = {"kustomization.yaml": CONFIGS + more, "a.yaml": CONFIG, "p.yaml": "[{op: replace, path: '', value: 5}]"}
    with pytest.raises(KustomizeError, match=re.escape(f"kustomization.yaml: {said}")):
        build(".", board.Terminal(files))


@pytest.mark.parametrize(
    ("more", "resource"),
    [
        ("namespace: shop", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, subjects: 5, roleRef: [x]"),
        ("patches: [{target: {labelSelector: a=b}, patch: '{a: b}'}]", "{apiVersion: v1, kind: Service"),
        (
            "configMapGenerator: [{name: s, behavior: merge, literals: [a=b]}]",
            "{apiVersion: v1, kind: ConfigMap, data: 5",
        ),
    ],
)
def test_what_stands_where_a_map_or_list_belongs_is_left_to_the_api_server(more, resource):
    one = f"{resource}, metadata: {{name: s, labels: [x]}}}}"
    objects, _ = build(".", board.Terminal({"kustomization.yaml": CONFIGS + more, "a.yaml": one}))
    assert [o["metadata"]["name"].partition("-")[0] for o in objects] == ["s"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "web", "x=y", "[", "$patch", "delete", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "kind", "$patch", "a"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutated_kustomization_is_built_or_refused_but_never_crashes(data):
    case = data.draw(st.sampled_from(recorded()["cases"]))
    files = copy.deepcopy(files_of(case))
    path = data.draw(st.sampled_from(sorted(files)))
    documents = [document.data for document in manifest.read(files[path], path)] or [{}]
    target = copy.deepcopy(documents[0]) or {"resources": ["web.yaml"]}
    holder, key = target, None
    while isinstance(holder, dict | list) and holder:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            holder[key] = data.draw(JSON)
            break
        holder = holder[key]
    files[path] = json.dumps(target)
    try:
        objects, _ = build(case["folder"], board.Terminal(files))
    except KustomizeError:
        objects = []
    assert all(isinstance(o, dict) for o in objects)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the real manifests are not at {SHARED}")
def test_a_real_kustomization_makes_what_its_resources_hold():
    class Disk:
        read = staticmethod(lambda path: Path(path).read_text("utf-8"))
        list = staticmethod(os.listdir)

    root = SHARED / "podinfo/kustomize"
    named = manifest.read((root / "kustomization.yaml").read_text(), "k")[0].data["resources"]
    wanted = [d.data["metadata"]["name"] for name in named for d in manifest.read((root / name).read_text(), name)]
    objects, warnings = build(str(root), Disk())
    assert (sorted(wanted), []) == (sorted(o["metadata"]["name"] for o in objects), warnings)


def test_bases_that_multiply_are_stopped():
    files = {"a9/c.yaml": CONFIG, "b9/c.yaml": CONFIG}
    for at in range(9):
        for name in "ab":
            both = f"resources: [../a{at + 1}, ../b{at + 1}]\nnamePrefix: {name}-\n"
            files[f"{name}{at}/kustomization.yaml"] = both
    files["a9/kustomization.yaml"] = "resources: [c.yaml]\nnamePrefix: a-\n"
    files["b9/kustomization.yaml"] = "resources: [c.yaml]\nnamePrefix: b-\n"
    with pytest.raises(KustomizeError, match="a build of more than 500 folders"):
        build("a0", board.Terminal(files))
