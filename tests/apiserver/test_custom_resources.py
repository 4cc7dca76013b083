"""Objects of custom kinds are served as those of built-in ones."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver import table
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options, Request
from tests.apiserver.custom import SPEC, CustomDoor, definition, version, widget
from tests.harness import ADMIN

SUBRESOURCES = {
    "status": {},
    "scale": {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    },
}


@pytest.fixture
def door():
    return CustomDoor(definition())


def kind(door, api_version="example.com/v1"):
    return door.server.resource_for_kind(api_version, "Widget")


def request(door, verb, body=None, name="w", **more):
    return door.server.handle(Request(ADMIN, verb, kind(door), "default", name, body=body, **more))


def refused(door, data, verb="create", **more):
    return door.refusal(verb, data, **more).message


def test_a_definition_is_served_once_it_is_established():
    door = CustomDoor()
    door.send("create", definition())
    assert kind(door) is None
    door.tick()
    assert door.conditions() == [
        ("NamesAccepted", "True", "NoConflicts"),
        ("Established", "True", "InitialNamesAccepted"),
    ]
    assert kind(door).group_resource == "widgets.example.com"


def test_two_clusters_do_not_see_each_others_kinds(door):
    assert kind(door) is not None
    assert kind(CustomDoor()) is None


def test_a_copy_of_a_cluster_keeps_its_kinds_and_goes_on_alone(door):
    other = copy.deepcopy(door)
    other.send("create", definition("gears", "Gear"))
    other.tick()
    assert other.server.resource_for_kind("example.com/v1", "Gear") is not None
    assert door.server.resource_for_kind("example.com/v1", "Gear") is None


def test_an_object_is_filled_in_and_given_its_metadata(door):
    made = encode_object(door.send("create", widget()))
    assert made["spec"] == {"size": "small", "replicas": 1}
    assert made["metadata"]["generation"] == 1


def test_wrong_values_are_refused_in_the_schemas_words(door):
    unchecked = "; correct the existing errors to complete validation"
    assert unchecked not in refused(door, widget(size="huge"))
    assert refused(door, widget(replicas="two")) == (
        'Widget.example.com "w" is invalid: spec.replicas: Invalid value: "string": '
        'spec.replicas in body must be of type integer: "string"'
    )
    assert refused(door, widget(replicas=-1)) == (
        'Widget.example.com "w" is invalid: spec.replicas: Invalid value: -1: '
        "spec.replicas in body should be greater than or equal to 0"
    )
    assert refused(door, widget(size="huge")) == (
        'Widget.example.com "w" is invalid: spec.size: Unsupported value: "huge": supported values: "small", "large"'
    )


def test_a_missing_field_is_required(door):
    data = widget()
    del data["spec"]["size"]
    assert refused(door, data) == 'Widget.example.com "w" is invalid: spec.size: Required value'


def test_an_int_or_string_is_either(door):
    assert encode_object(door.send("create", widget("a", port=80)))["spec"]["port"] == 80
    assert encode_object(door.send("create", widget("b", port="http")))["spec"]["port"] == "http"
    assert 'must be of type integer,string: "boolean"' in refused(door, widget(port=True))


def test_unknown_fields_are_refused_or_pruned_as_the_client_wants(door):
    data = widget(colour="red", ports=[{"name": "http", "speed": 1}])
    assert refused(door, data) == (
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: '
        'unknown field "spec.colour", unknown field "spec.ports[0].speed"'
    )
    made = encode_object(door.send("create", data, validation="Warn"))
    assert door.server.warnings == ['unknown field "spec.colour"', 'unknown field "spec.ports[0].speed"']
    assert made["spec"] == {"size": "small", "replicas": 1, "ports": [{"name": "http"}]}


def test_unknown_fields_stay_where_the_schema_keeps_them(door):
    made = encode_object(door.send("create", widget(free={"a": {"b": [1]}}, labels={"x": "y"})))
    assert made["spec"]["free"] == {"a": {"b": [1]}}
    assert made["spec"]["labels"] == {"x": "y"}


def test_lists_that_are_maps_or_sets_have_each_item_once(door):
    assert refused(door, widget(ports=[{"name": "a"}, {"name": "a"}])) == (
        'Widget.example.com "w" is invalid: spec.ports[1]: Duplicate value: {"name":"a"}'
    )
    assert refused(door, widget(tags=["a", "b", "a"])) == (
        'Widget.example.com "w" is invalid: spec.tags[2]: Duplicate value: "a"'
    )


def test_metadata_are_checked_as_everywhere(door):
    assert "metadata.name: Invalid value" in refused(door, widget("Not_A_Name"))
    data = widget()
    data["metadata"]["labels"] = {"a": 1}
    assert "cannot unmarshal number" in refused(door, data)


def test_a_change_of_the_spec_counts_and_one_of_the_metadata_does_not(door):
    door.send("create", widget())
    request(door, "patch", {"metadata": {"labels": {"a": "b"}}}, patch_type="merge")
    assert request(door, "get").metadata.generation == 1
    request(door, "patch", {"spec": {"replicas": 2}}, patch_type="merge")
    assert request(door, "get").metadata.generation == 2


def test_an_update_must_say_which_version_it_saw(door):
    door.send("create", widget())
    assert "must be specified for an update" in refused(door, widget(replicas=3), "update")


def test_a_part_that_is_as_it_was_is_not_looked_at_again():
    door = CustomDoor(definition())
    made = encode_object(door.send("create", widget(replicas=9)))
    narrow = copy.deepcopy(SPEC)
    narrow["properties"]["replicas"]["maximum"] = 5
    now = encode_object(door.definition())
    now["spec"]["versions"] = [version(spec=narrow)]
    door.send("update", now)
    made["spec"]["tags"] = ["new"]
    door.send("update", made)
    assert "should be less than or equal to 5" in refused(door, {**widget(replicas=8)})


def test_strategic_patches_are_not_for_custom_kinds(door):
    door.send("create", widget())
    with pytest.raises(StatusError) as error:
        request(door, "patch", {"spec": {}}, patch_type="strategic")
    assert error.value.code == 415


def test_server_side_apply_merges_by_the_schemas_keys_and_tells_conflicts(door):
    def apply(who, spec, **more):
        body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
        return request(door, "patch", body, patch_type="apply", options=Options(field_manager=who, **more))

    apply("one", {"size": "small", "ports": [{"name": "a", "number": 1}]})
    apply("two", {"size": "small", "ports": [{"name": "b", "number": 2}]})
    found = encode_object(request(door, "get"))
    assert found["spec"]["ports"] == [{"name": "a", "number": 1}, {"name": "b", "number": 2}]
    with pytest.raises(StatusError) as error:
        apply("two", {"size": "large"})
    assert error.value.message == 'Apply failed with 1 conflict: conflict with "one": .spec.size'


def test_status_is_a_field_like_others_without_its_subresource(door):
    made = encode_object(door.send("create", {**widget(), "status": {"replicas": 3}}))
    assert made["status"] == {"replicas": 3}
    with pytest.raises(StatusError) as error:
        request(door, "update", made, subresource="status")
    assert error.value.code == 404


def test_with_the_subresource_spec_and_status_are_written_apart():
    door = CustomDoor(definition(versions=[version(subresources=SUBRESOURCES)]))
    made = encode_object(door.send("create", {**widget(), "status": {"replicas": 3}}))
    assert "status" not in made
    made["status"], made["spec"]["replicas"] = {"replicas": 4}, 9
    found = encode_object(request(door, "update", made, subresource="status"))
    assert (found["status"], found["spec"]["replicas"]) == ({"replicas": 4}, 1)
    assert found["metadata"]["generation"] == 1


def test_scale_reads_and_writes_the_paths_of_the_definition():
    door = CustomDoor(definition(versions=[version(subresources=SUBRESOURCES)]))
    made = encode_object(door.send("create", widget(replicas=2)))
    made["status"] = {"replicas": 1, "selector": "app=w"}
    request(door, "update", made, subresource="status")
    scale = encode_object(request(door, "get", subresource="scale"))
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 1, "selector": "app=w"})
    request(door, "patch", {"spec": {"replicas": 5}}, patch_type="merge", subresource="scale")
    assert encode_object(request(door, "get"))["spec"]["replicas"] == 5


def test_each_version_is_answered_in_its_own_name():
    versions = [version("v1"), version("v1beta1", storage=False)]
    door = CustomDoor(definition(versions=versions))
    door.send("create", widget(api_version="example.com/v1beta1"))
    assert door.etcd.table("widgets.example.com").objects["default", "w"].api_version == "example.com/v1"
    for name in ("v1", "v1beta1"):
        found = door.server.handle(Request(ADMIN, "list", kind(door, f"example.com/{name}"), "default"))
        assert [o.api_version for o in found] == [f"example.com/{name}"]


def test_a_version_that_is_not_served_is_not_there():
    door = CustomDoor(definition(versions=[version("v1"), version("v1alpha1", storage=False, served=False)]))
    assert kind(door, "example.com/v1alpha1") is None


def test_a_deprecated_version_warns_and_names_a_better_one():
    door = CustomDoor(definition(versions=[version("v1"), version("v1beta1", storage=False, deprecated=True)]))
    door.send("create", widget(api_version="example.com/v1beta1"))
    assert door.server.warnings == ["example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget"]


def test_tables_have_the_columns_of_the_definition():
    columns = [
        {"name": "Size", "type": "string", "jsonPath": ".spec.size"},
        {"name": "Ports", "type": "string", "jsonPath": ".spec.ports", "priority": 1},
    ]
    door = CustomDoor(definition(versions=[version(additionalPrinterColumns=columns)]))
    made = door.send("create", widget())
    assert [c.name for c in table.table(kind(door), [made], 0, wide=False).columns] == ["Name", "Size"]
    assert [c.name for c in table.table(kind(door), [made], 0).columns] == ["Name", "Size", "Ports"]
    assert table.table(kind(door), [made], 0, wide=False).rows[0].cells == ("w", "small")


def test_lists_can_be_chosen_by_selectable_fields():
    fields = [{"jsonPath": ".spec.size"}]
    door = CustomDoor(definition(versions=[version(selectableFields=fields)]))
    door.send("create", widget("a"))
    door.send("create", widget("b", size="large"))
    found = door.server.handle(Request(ADMIN, "list", kind(door), "default", field_selector="spec.size=large"))
    assert [o.metadata.name for o in found] == ["b"]
    with pytest.raises(StatusError) as error:
        door.server.handle(Request(ADMIN, "list", kind(door), "default", field_selector="spec.replicas=1"))
    assert error.value.message == "field label not supported: spec.replicas"


def test_deletecollection_takes_them_all(door):
    for name in "abc":
        door.send("create", widget(name))
    door.server.handle(Request(ADMIN, "deletecollection", kind(door), "default"))
    assert len(door.etcd.table("widgets.example.com")) == 0


def test_a_deleted_definition_takes_its_objects_with_it(door):
    door.send("create", widget())
    door.send("delete", definition())
    assert ("Terminating", "True", "InstanceDeletionPending") in door.conditions()
    assert door.refusal("create", widget("x")).message == (
        "create not allowed while custom resource definition is terminating"
    )
    door.tick()
    assert len(door.etcd.table("widgets.example.com")) == 0
    assert door.definition() is None
    assert kind(door) is None


def test_a_definition_waits_for_objects_that_wait_for_their_finalizers(door):
    data = widget()
    data["metadata"]["finalizers"] = ["example.com/keep"]
    door.send("create", data)
    door.send("delete", definition())
    door.tick(3)
    assert door.definition() is not None
    request(door, "patch", {"metadata": {"finalizers": None}}, patch_type="merge")
    door.tick(6)
    assert door.definition() is None
