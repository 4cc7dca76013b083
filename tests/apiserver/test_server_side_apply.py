"""Server-side apply: fields have managers, who conflict, let go and prune."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.patch import fieldset, managed
from kubesim_tui.apiserver.request import Options, Request, User
from tests.harness import ADMIN, Harness

DEPLOYMENTS = scheme.for_plural("deployments")
WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "nginx:1",
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                        "ports": [{"containerPort": 80}],
                    }
                ]
            },
        },
    },
}


def with_(path, value):
    """WEB with another value somewhere."""
    data = copy.deepcopy(WEB)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


CONTAINER = ("spec", "template", "spec", "containers", 0)


class Door:
    """The API server, and people who apply to it."""

    def __init__(self):
        self.harness = Harness()

    def apply(self, data, manager="ci", *, force=False):
        options = Options(field_manager=manager, force=force)
        return self.send("patch", data, options, patch_type="apply")

    def send(self, verb, body, options=Options(), **more):  # noqa: B008 (frozen)
        request = Request(ADMIN, verb, DEPLOYMENTS, "default", "web", body=body, options=options, **more)
        return self.harness.server.handle(request)

    def managers(self):
        found = self.send("get", None)
        return {(m["manager"], m["operation"]): m["fieldsV1"] for m in found.metadata.rest["managedFields"]}


@pytest.fixture
def door():
    found = Door()
    found.apply(WEB)
    return found


def test_an_applied_field_is_owned_and_a_default_is_not(door):
    assert door.managers() == {
        ("ci", "Apply"): {
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {
                "f:replicas": {},
                "f:selector": {},
                "f:template": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {
                        "f:containers": {
                            'k:{"name":"web"}': {
                                ".": {},
                                "f:name": {},
                                "f:image": {},
                                "f:env": {
                                    'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}},
                                    'k:{"name":"B"}': {".": {}, "f:name": {}, "f:value": {}},
                                },
                                "f:ports": {
                                    'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}
                                },
                            }
                        }
                    },
                },
            },
        }
    }


def test_applying_the_same_again_changes_nothing(door):
    before = door.send("get", None)
    door.harness.tick(60)
    assert before == door.apply(WEB)


def test_what_is_no_longer_applied_goes(door):
    made = door.apply(with_((*CONTAINER, "env"), [{"name": "A", "value": "1"}]))
    assert [e.name for e in made.spec.template.spec.containers[0].env] == ["A"]
    bare = {**{k: v for k, v in WEB.items() if k != "metadata"}, "metadata": {"name": "web"}}
    assert door.apply(bare).spec.replicas == 2
    assert dict(door.send("get", None).metadata.labels) == {}


def test_somebody_else_conflicts_where_the_value_differs(door):
    with pytest.raises(StatusError) as refused:
        door.apply(with_((*CONTAINER, "image"), "nginx:2"), "ops")
    assert refused.value.code == 409
    assert (
        refused.value.message
        == 'Apply failed with 1 conflict: conflict with "ci": .spec.template.spec.containers[name="web"].image'
    )


def test_equal_values_are_owned_together_and_stay_when_one_lets_go(door):
    door.apply(WEB, "ops")
    made = door.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}, "ops")
    assert made.spec.template.spec.containers[0].image == "nginx:1"


def test_force_takes_the_field_from_the_other(door):
    door.apply(with_(("spec", "replicas"), 5), "ops", force=True)
    assert "f:replicas" not in door.managers()["ci", "Apply"]["f:spec"]
    with pytest.raises(StatusError, match=r'conflict with "ops": .spec.replicas'):
        door.apply(WEB)


def test_an_update_takes_the_fields_that_it_changes(door):
    door.send("patch", {"spec": {"replicas": 7}}, Options(field_manager="kubectl-edit"), patch_type="merge")
    assert door.managers()["kubectl-edit", "Update"] == {"f:spec": {"f:replicas": {}}}
    with pytest.raises(StatusError, match=r'conflict with "kubectl-edit" using apps/v1: .spec.replicas'):
        door.apply(WEB)


def test_scaling_is_a_manager_of_its_own(door):
    door.send("patch", {"spec": {"replicas": 7}}, patch_type="merge", subresource="scale")
    with pytest.raises(StatusError, match=r'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.rep'):
        door.apply(WEB)


def test_conflicts_with_several_are_listed_by_manager(door):
    door.send("patch", {"spec": {"replicas": 7}}, Options(field_manager="b"), patch_type="merge")
    door.send("patch", {"metadata": {"labels": {"app": "x"}}}, Options(field_manager="a"), patch_type="merge")
    with pytest.raises(StatusError) as refused:
        door.apply(WEB)
    assert refused.value.message.split("\n") == [
        'Apply failed with 2 conflicts: conflicts with "a" using apps/v1:',
        "- .metadata.labels.app",
        'conflicts with "b" using apps/v1:',
        "- .spec.replicas",
    ]


def test_a_controller_is_named_as_upstream_names_it(door):
    controller = User("system:serviceaccount:kube-system:deployment-controller", ("system:masters",))
    old = door.send("get", None)
    new = old.evolve(spec=old.spec.evolve(replicas=9))
    door.harness.server.handle(Request(controller, "update", DEPLOYMENTS, "default", "web", body=new))
    assert ("kube-controller-manager", "Update") in door.managers()


def test_before_the_first_apply_everything_was_somebodys():
    door = Door()
    door.harness.create(WEB)
    with pytest.raises(StatusError, match=r'conflict with "before-first-apply" using apps/v1: .spec.replicas'):
        door.apply(with_(("spec", "replicas"), 3))


def test_kubectl_takes_over_what_it_applied_from_the_client():
    door = Door()
    text = '{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":2},"metadata":{"labels":{"app":"web"}}}'
    door.harness.create(with_(("metadata", "annotations"), {managed.LAST_APPLIED: text}))
    assert door.apply(with_(("spec", "replicas"), 3), "kubectl").spec.replicas == 3


def test_a_field_that_the_schema_does_not_know_is_refused(door):
    with pytest.raises(StatusError) as refused:
        door.apply(with_(("spec", "foo"), 1))
    where = "(default/web; apps/v1, Kind=Deployment)"
    text = f"failed to create typed patch object {where}: .spec.foo: field not declared in schema"
    assert refused.value.message == text


def test_without_a_manager_there_is_no_apply(door):
    with pytest.raises(StatusError, match="is required for apply patch"):
        door.apply(WEB, "")


def test_field_sets_come_back_from_their_documents():
    fields = managed.owned(DEPLOYMENTS, WEB)
    assert fields == frozenset(fieldset.decode(fieldset.encode(fields)))
    path = (("f", "spec"), ("k", '{"containerPort":80,"protocol":"TCP"}'), ("v", '"x"'))
    assert fieldset.spoken(path) == '.spec[containerPort=80,protocol="TCP"][="x"]'
