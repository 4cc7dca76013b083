"""Rows of the board: where the cursor goes when its object does."""

from kubesim_tui.cluster.view import Ref
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.rows import RowMaker, heir


def ref(name):
    kind, _, own = name.partition("/")
    return Ref(kind, "shop", own)


def page(*names):
    return [RowMaker(Look(), 40, None, ref(name)).add(name).done() for name in names]


BEFORE = page("Service/db", "StatefulSet/db", "Pod/db-0", "Deployment/db", "Pod/db-x", "Node/a")


def test_a_pod_is_followed_by_its_sister():
    before = page("Deployment/web", "Pod/a", "Pod/b", "Pod/c", "Node/a")
    assert heir(before, page("Deployment/web", "Pod/a", "Pod/c", "Node/a"), ref("Pod/b")) == ref("Pod/c")


def test_the_last_pod_is_followed_by_the_sister_above_it():
    before = page("Deployment/web", "Pod/a", "Pod/b", "Node/a")
    assert heir(before, page("Deployment/web", "Pod/a", "Node/a"), ref("Pod/b")) == ref("Pod/a")


def test_the_only_pod_is_followed_by_its_workload():
    before = page("Deployment/web", "Pod/a", "Node/a")
    assert heir(before, page("Deployment/web", "Node/a"), ref("Pod/a")) == ref("Deployment/web")


def test_a_deleted_workload_is_followed_by_what_stands_above_it_and_never_by_a_node():
    assert heir(BEFORE, page("Service/db", "StatefulSet/db", "Pod/db-0", "Node/a"), ref("Deployment/db")) == ref(
        "Pod/db-0"
    )


def test_at_the_top_what_stands_below_takes_the_cursor():
    assert heir(BEFORE, page("Deployment/db", "Node/a"), ref("Service/db")) == ref("Deployment/db")


def test_what_was_never_there_has_no_heir():
    assert heir(BEFORE, BEFORE, ref("Pod/other")) is None
