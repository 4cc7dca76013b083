"""Definitions of custom kinds: which are refused and why, and who gets a name."""

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.table.custom import kind
from tests.apiserver.custom import CustomDoor, definition, schema, version
from tests.apiserver.rules import changed, created, reported

APPROVED = "api-approved.kubernetes.io"
AT = "spec.validation.openAPIV3Schema"


def refused(data):
    return {c.field: c.message for c in CustomDoor().refusal("create", data).details.causes}


def of(spec, **more):
    """The complaints about a schema of `spec`, without its path."""
    found = refused(definition(versions=[version(spec=spec, **more)]))
    return {k.removeprefix(f"{AT}.properties[spec]").lstrip("."): v for k, v in found.items()}


def test_the_name_is_plural_and_group():
    data = definition()
    data["metadata"]["name"] = "other.example.com"
    message = 'Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group'
    assert refused(data) == {"metadata.name": message}


def test_singular_and_list_kind_follow_the_kind():
    door = CustomDoor(definition())
    names = door.definition().rest["spec"]["names"]
    assert (names["singular"], names["listKind"]) == ("widget", "WidgetList")


def test_exactly_one_version_is_stored():
    for storages in ((False,), (True, True)):
        versions = [version(f"v{i}", storage=s) for i, s in enumerate(storages, 1)]
        found = refused(definition(versions=versions))["spec.versions"]
        assert found.endswith("must have exactly one version marked as storage version")


def test_versions_have_names_of_their_own():
    found = refused(definition(versions=[version("v1"), version("v1", storage=False)]))
    assert found["spec.versions"].endswith("must contain unique version names")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"scope": "Global"}, "spec.scope", 'Unsupported value: "Global": supported values: "Cluster", "Namespaced"'),
        ({"group": "plain"}, "spec.group", 'Invalid value: "plain": should be a domain with at least one dot'),
        ({"group": ""}, "spec.group", "Required value"),
    ],
)
def test_scope_and_group(change, field, message):
    data = definition()
    data["spec"] |= change
    assert refused(data)[field] == message


def test_kind_and_list_kind_differ():
    found = refused(definition(listKind="Widget"))
    assert found["spec.names.listKind"] == 'Invalid value: "Widget": kind and listKind may not be the same'


def test_a_schema_is_there():
    data = definition()
    del data["spec"]["versions"][0]["schema"]
    assert refused(data) == {"spec.versions[0].schema.openAPIV3Schema": "Required value"}


def test_every_field_has_a_type():
    assert of({"type": "object", "properties": {"a": {}}}) == {
        "properties[a].type": "Required value: must not be empty for specified object fields"
    }
    assert of({"type": "array", "items": {}}) == {
        "items.type": "Required value: must not be empty for specified array items"
    }
    assert of({"type": "text"}) == {
        "type": 'Unsupported value: "text": supported values: '
        '"array", "boolean", "integer", "number", "object", "string"'
    }


def test_what_stands_under_a_junctor_restricts_values_only():
    found = of({"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"type": "object"}]})
    assert found == {"anyOf[0].type": "Forbidden: must be empty to be structural"}


def test_int_or_string_may_say_so_in_its_own_way():
    both = [{"type": "integer"}, {"type": "string"}]
    CustomDoor(definition(versions=[version(spec={"x-kubernetes-int-or-string": True, "anyOf": both})]))


def test_metadata_may_only_be_restricted_in_their_name():
    data = definition()
    data["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["metadata"] = {
        "type": "object",
        "properties": {"labels": {"type": "object"}},
    }
    assert refused(data) == {
        f"{AT}.properties[metadata]": "Forbidden: must not specify anything other than name and generateName, "
        "but metadata is implicitly specified"
    }


def test_a_default_must_be_valid_itself():
    found = of({"type": "object", "properties": {"n": {"type": "integer", "default": "x"}}})
    assert found["properties[n].default"].startswith('Invalid value: "string":')


def test_keys_of_map_lists_are_required_or_have_a_default():
    items = {"type": "object", "properties": {"name": {"type": "string"}}}
    found = of(
        {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": items}
    )
    assert found == {
        "items.properties[name].default": "Required value: this property is in x-kubernetes-list-map-keys, "
        "so it must have a default or be a required property"
    }


def test_patterns_are_gos():
    assert of({"type": "string", "pattern": "(?=a)"}) == {
        "pattern": 'Invalid value: "(?=a)": must be a valid regular expression, but isn\'t: '
        "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"
    }
    CustomDoor(definition(versions=[version(spec={"type": "string", "pattern": "^(?i)(abort|warn)?$"})]))


def test_what_versions_do_not_share_has_its_path_in_the_version():
    versions = [version("v1"), version("v2", spec={"type": "object", "properties": {"a": {}}}, storage=False)]
    assert list(refused(definition(versions=versions))) == [
        "spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[a].type"
    ]


def test_printer_columns_have_a_known_type_and_a_path():
    columns = [{"name": "A", "type": "text", "jsonPath": "spec.a"}]
    found = refused(definition(versions=[version(additionalPrinterColumns=columns)]))
    assert found == {
        "spec.additionalPrinterColumns[0].type": 'Invalid value: "text": '
        "must be one of boolean,date,integer,number,string",
        "spec.additionalPrinterColumns[0].JSONPath": 'Invalid value: "spec.a": '
        "must be a simple json path starting with .",
    }


def test_scale_paths_lie_in_spec_and_status():
    scale = {"specReplicasPath": ".status.replicas", "statusReplicasPath": ".status.replicas"}
    found = refused(definition(versions=[version(subresources={"scale": scale})]))
    assert found == {
        "spec.subresources.scale.specReplicasPath": 'Invalid value: ".status.replicas": '
        "should be a json path under .spec"
    }


def test_rules_are_read_and_their_fields_must_be_there():
    rule = {"rule": "self.a > 1 &&"}
    found = of({"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [rule]})
    assert "compilation failed: ERROR: <input>:1:14: Syntax error" in found["x-kubernetes-validations[0].rule"]
    rule = {"rule": "self.b > 1"}
    found = of({"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [rule]})
    assert "undefined field 'b'" in found["x-kubernetes-validations[0].rule"]
    rule = {"rule": "other.a > 1"}
    found = of({"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": [rule]})
    assert "undeclared reference to 'other'" in found["x-kubernetes-validations[0].rule"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("self.a > soundex(1)", "1:17: undeclared reference to 'soundex' (in container '')"),
        ("self.a > math.abs(1)", "1:10: undeclared reference to 'math' (in container '')"),
        ("duration('1d') > duration('1s')", "1:10: invalid duration argument"),
        ("'a'.matches('[')", "1:13: invalid matches argument"),
    ],
)
def test_rules_name_functions_and_values_that_there_are(rule, said):
    rules = [{"rule": rule}]
    found = of({"type": "object", "properties": {"a": {"type": "integer"}}, "x-kubernetes-validations": rules})
    assert f"compilation failed: ERROR: <input>:{said}\n | {rule}\n" in found["x-kubernetes-validations[0].rule"]


def test_an_established_definition_keeps_its_kind_and_scope():
    door = CustomDoor(definition())
    now = encode_object(door.definition())
    now["spec"]["scope"], now["spec"]["names"]["kind"] = "Cluster", "Other"
    causes = {c.field: c.message for c in door.refusal("update", now).details.causes}
    assert causes["spec.scope"] == 'Invalid value: "Cluster": field is immutable'
    assert causes["spec.names.kind"] == 'Invalid value: "Other": field is immutable'


def test_stored_versions_are_remembered_and_may_not_go():
    door = CustomDoor(definition(versions=[version("v1")]))
    now = encode_object(door.definition())
    now["spec"]["versions"] = [version("v1", storage=False), version("v2")]
    door.send("update", now)
    assert list(door.definition().rest["status"]["storedVersions"]) == ["v1", "v2"]
    now = encode_object(door.definition())
    now["spec"]["versions"] = [version("v2")]
    assert "was previously a storage version" in door.refusal("update", now).message


def test_a_name_that_is_taken_is_not_accepted_until_it_is_free():
    door = CustomDoor(definition(shortNames=["wd"]), definition("wedges", "Wedge", shortNames=["wd"]))
    assert door.conditions("wedges.example.com") == [
        ("NamesAccepted", "False", "ShortNamesConflict"),
        ("Established", "False", "NotAccepted"),
    ]
    found = door.definition("wedges.example.com").rest["status"]["conditions"][0]
    assert found["message"] == '"wd" is already in use'
    door.send("delete", definition())
    door.tick(2)
    assert ("Established", "True", "InitialNamesAccepted") in door.conditions("wedges.example.com")


def test_kinds_of_one_name_in_two_groups_do_not_conflict():
    door = CustomDoor(definition(), definition(group="other.org"))
    assert ("Established", "True", "InitialNamesAccepted") in door.conditions("widgets.other.org")


def test_the_schemas_own_root_is_an_object():
    data = definition()
    data["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = {"type": "string"}
    assert refused(data)[f"{AT}.type"] == 'Invalid value: "string": must be object at the root'
    data["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema(additionalProperties=True)
    assert refused(data)[f"{AT}.additionalProperties"] == "Forbidden: must not be used at the root"


def full(**more):
    """A definition with all its names, as rules get it."""
    return definition(singular="widget", listKind="WidgetList", **more)


def hooked(**webhook):
    data = full()
    config = {"service": {"name": "a", "namespace": "b", "path": "/c", "port": 443}}
    given = {"clientConfig": config, "conversionReviewVersions": ["v1"], **webhook}
    data["spec"]["conversion"] = {"strategy": "Webhook", "webhook": given}
    return data


@pytest.mark.parametrize(
    ("webhook", "expected"),
    [
        ({}, {}),
        (
            {"clientConfig": {"url": "http://a"}},
            {
                "url": "Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]"
            },
        ),
        ({"clientConfig": {}}, {"": "Required value: exactly one of url or service is required"}),
    ],
)
def test_conversion_calls_a_webhook(webhook, expected):
    found = created(hooked(**webhook))
    assert {field.removeprefix("spec.conversion.webhookClientConfig").lstrip("."): m for field, m in found} == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["v3"], [("", 'Invalid value: ["v3"]: must include at least one of v1, v1beta1')]),
        (["v1", "v1"], [("[1]", 'Invalid value: "v1": duplicate version')]),
        ([], [("", "Required value")]),
    ],
)
def test_conversion_has_reviews_that_the_server_knows(versions, expected):
    path = "spec.conversion.conversionReviewVersions"
    assert [(f"{path}{at}", said) for at, said in expected] == created(hooked(conversionReviewVersions=versions))


def test_reviews_that_nobody_knew_before_may_stay():
    assert changed(hooked(conversionReviewVersions=["v3"]), hooked(conversionReviewVersions=["v4"])) == []


def test_without_a_webhook_nothing_is_said_of_one():
    data = hooked()
    data["spec"]["conversion"]["strategy"] = "None"
    said = "Forbidden: should not be set when strategy is not set to Webhook"
    at = "spec.conversion"
    assert created(data) == [(f"{at}.webhookClientConfig", said), (f"{at}.conversionReviewVersions", said)]


@pytest.mark.parametrize(
    ("approval", "told"),
    [
        (None, [f'Required value: protected groups must have approval annotation "{APPROVED}",']),
        (
            "yes",
            [
                f'Invalid value: "yes": protected groups must have approval annotation "{APPROVED}" with either a '
                'URL or a reason starting with "unapproved",'
            ],
        ),
        ("unapproved, experimental", []),
        ("https://github.com/kubernetes/kubernetes/pull/1", []),
    ],
)
def test_a_group_of_kubernetes_own_is_approved(approval, told):
    data = full(group="widgets.k8s.io")
    data["metadata"]["annotations"] = {APPROVED: approval} if approval else {}
    assert [message.partition(" see ")[0] for _, message in created(data)] == told
    assert changed(data, data) == []


def test_unknown_fields_are_kept_by_the_schema_alone():
    data, old = full(), full()
    data["spec"]["preserveUnknownFields"] = True
    (told,) = created(data)
    assert told[1].startswith(
        "Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true"
    )
    assert changed(old, data) == [told]
    assert changed(data, data) == []


def test_a_warning_of_deprecation_is_short_and_can_be_read():
    data = full(versions=[version(deprecated=True, deprecationWarning="a\tb")])
    ((field, message),) = created(data)
    assert field == "spec.versions[0].deprecationWarning"
    assert message.endswith("non-printable character found at index 1")


def test_beside_a_status_the_root_only_restricts():
    made = version(subresources={"status": {}})
    made["schema"]["openAPIV3Schema"]["x-kubernetes-map-type"] = "atomic"
    ((field, message),) = created(full(versions=[made]))
    assert field == AT
    assert "only [Description Type Format Title " in message


def test_of_too_many_selectable_fields_the_same_may_stay():
    properties = {f"f{i}": {"type": "string"} for i in range(9)}
    fields = [{"jsonPath": f".spec.f{i}"} for i in range(9)]
    data = full(versions=[version(spec={"type": "object", "properties": properties}, selectableFields=fields)])
    assert created(data) == [("spec.versions[0].selectableFields", "Too many: 9: must have at most 8 items")]
    assert changed(data, data) == []


def test_accepted_names_are_names():
    told = reported(full(), full() | {"status": {"acceptedNames": {"plural": "A", "kind": "A"}}})
    assert [field for field, _ in told] == ["status.acceptedNames.plural"]


def test_a_column_that_cannot_be_read_leaves_name_and_age():
    columns = [{"name": "A", "type": "string", "jsonPath": ".spec.a["}]
    assert [c.name for c in kind(columns).columns] == ["Name", "Age"]
