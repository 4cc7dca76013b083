"""apply --prune and what is near it: what is kept, what goes, what an editor changes."""

import pytest

from tests.kubectl import board

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {0}, labels: {{app: shop}}}}\ndata: {{k: v}}\n"


def manifests(*names):
    return "---\n".join(MAP.format(name) for name in names)


def applied(*names):
    """A cluster in which these were applied."""
    harness = board.load("board.yaml")
    reply = board.kubectl(harness, "apply -f all.yaml", board.Terminal({"all.yaml": manifests(*names)}))
    assert reply.code == 0
    return harness


def kubectl(harness, line, **files):
    terminal = board.Terminal({f"{name}.yaml": text for name, text in files.items()})
    return board.kubectl(harness, line, terminal)


def names_of(harness):
    return list(board.kubectl(harness, "get cm -l app=shop -o name").out)


def test_prune_deletes_what_was_applied_and_is_not_in_the_manifests_any_more():
    harness = applied("a", "b")
    line = "apply -f now.yaml --prune -l app=shop --prune-allowlist=core/v1/ConfigMap"
    reply = kubectl(harness, line, now=manifests("a"))
    assert list(reply.out) == ["configmap/a unchanged", "configmap/b pruned"]
    assert names_of(harness) == ["configmap/a"]


def test_prune_leaves_what_was_never_applied():
    harness = applied("a")
    board.kubectl(harness, "create cm c --from-literal=k=v")
    board.kubectl(harness, "label cm c app=shop")
    kubectl(harness, "apply -f now.yaml --prune -l app=shop", now=manifests("b"))
    assert names_of(harness) == ["configmap/b", "configmap/c"]


def test_prune_only_tells_what_it_would_do_in_a_dry_run():
    harness = applied("a", "b")
    reply = kubectl(harness, "apply -f now.yaml --prune --all --dry-run=client", now=manifests("a"))
    assert "configmap/b pruned (dry run)" in reply.out
    assert names_of(harness) == ["configmap/a", "configmap/b"]


def test_diff_shows_what_prune_would_delete():
    line = "diff -f now.yaml --prune -l app=shop --prune-allowlist=core/v1/ConfigMap"
    reply = kubectl(applied("a", "b"), line, now=manifests("a"))
    assert (reply.code, [r[1:] for r in reply.out if r.startswith("-  name:")]) == (1, ["  name: b"])


def test_edit_last_applied_changes_the_annotation_alone():
    harness = applied("a")
    terminal = board.Terminal(edits=(("k: v", "k: w"),))
    reply = board.kubectl(harness, "apply edit-last-applied cm/a", terminal)
    assert (list(reply.out), reply.code) == (["configmap/a edited"], 0)
    assert terminal.opened[0].startswith("# Please edit the 'last-applied-configuration' annotations below.")
    assert "  k: w" in board.kubectl(harness, "apply view-last-applied cm/a").out
    assert list(board.kubectl(harness, "get cm a -o jsonpath={.data.k}").out) == ["v"]


def test_create_edit_makes_what_the_player_left_in_the_editor():
    harness = board.load("board.yaml")
    terminal = board.Terminal({"a.yaml": MAP.format("a")}, edits=(("k: v", "k: w"),))
    assert list(board.kubectl(harness, "create -f a.yaml --edit", terminal).out) == ["configmap/a created"]
    assert list(board.kubectl(harness, "get cm a -o jsonpath={.data.k}").out) == ["w"]


@pytest.mark.parametrize(("answer", "left"), [("y\n", []), ("", ["configmap/a"])])
def test_delete_asks_first_where_that_is_wanted(answer, left):
    harness = applied("a")
    board.kubectl(harness, "delete cm a --interactive", board.Terminal({"-": answer}))
    assert names_of(harness) == left
