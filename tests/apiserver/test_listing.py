"""Lists in portions and of a moment."""

import base64
import json

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import KEPT_TICKS
from kubesim_tui.apiserver.listing import INCONSISTENT, Expired, ListOptions
from tests.apiserver.custom import CustomDoor, definition, version, widget
from tests.apiserver.door import Door, document
from tests.harness import ADMIN, Request, User

CONFIG_MAPS = scheme.for_plural("configmaps")


@pytest.fixture
def door():
    made = Door()
    for name in "abcde":
        made.send("create", document("ConfigMap", "v1", name))
    return made


def page(door, user=ADMIN, namespace="default", label_selector="", **options):
    request = Request(user, "list", CONFIG_MAPS, namespace, label_selector=label_selector)
    return door.server.page(request, ListOptions(**options))


def names(found):
    return [o.metadata.name for o in found.items]


def refused(door, **options):
    with pytest.raises(StatusError) as error:
        page(door, **options)
    return error.value.code, error.value.message


def test_portions_make_up_the_whole(door):
    first = page(door, limit=2)
    second = page(door, limit=2, token=first.token)
    third = page(door, limit=2, token=second.token)
    assert [names(p) for p in (first, second, third)] == [["a", "b"], ["c", "d"], ["e"]]
    assert [p.remaining for p in (first, second, third)] == [3, 1, None]
    assert third.token == ""


def test_a_limit_below_zero_is_none(door):
    assert names(page(door, limit=-1)) == names(page(door))


def test_all_portions_show_the_moment_of_the_first(door):
    first = page(door, limit=2)
    door.send("delete", document("ConfigMap", "v1", "c"))
    door.send("create", document("ConfigMap", "v1", "bb"))
    rest = page(door, token=first.token)
    assert names(rest) == ["c", "d", "e"]
    assert rest.resource_version == first.resource_version


def test_with_a_selector_nobody_knows_how_many_are_left(door):
    assert page(door, limit=2, label_selector="!x").remaining is None


def test_across_namespaces_the_order_is_that_of_the_keys(door):
    door.namespace("aaa")
    door.send("create", document("ConfigMap", "v1", "z"), namespace="aaa")
    first = page(door, namespace="", limit=1)
    assert names(first) == ["z"]
    assert names(page(door, namespace="", limit=2, token=first.token)) == ["a", "b"]


def test_a_token_that_is_too_old_is_told_and_another_goes_on_with_what_there_is(door):
    first = page(door, limit=2)
    door.send("create", document("ConfigMap", "v1", "bb"))
    door.tick(KEPT_TICKS + 1)
    door.etcd.compact()
    with pytest.raises(Expired) as error:
        page(door, token=first.token)
    assert (error.value.code, error.value.reason, error.value.message) == (410, "Expired", INCONSISTENT)
    assert names(page(door, token=error.value.token)) == ["bb", "c", "d", "e"]


def test_a_list_can_be_of_an_exact_moment(door):
    then = str(door.etcd.revision)
    door.send("create", document("ConfigMap", "v1", "f"))
    assert names(page(door, resource_version=then, match="Exact")) == list("abcde")
    assert names(page(door, resource_version=then, match="NotOlderThan")) == list("abcdef")
    assert names(page(door, resource_version=then)) == list("abcdef")


def test_moments_that_are_gone_or_to_come(door):
    then = str(door.etcd.revision - 1)
    door.tick(KEPT_TICKS + 1)
    door.etcd.compact()
    assert refused(door, resource_version=then, match="Exact") == (
        410,
        "The resourceVersion for the provided list is too old.",
    )
    now = door.etcd.revision
    assert refused(door, resource_version=str(now + 9)) == (
        504,
        f"Timeout: Too large resource version: {now + 9}, current: {now}",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"match": "Exact"}, "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"),
        (
            {"match": "Exact", "resource_version": "0"},
            'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        (
            {"match": "Near", "resource_version": "1"},
            'Unsupported value: "Near": supported values: "Exact", "NotOlderThan"',
        ),
    ],
)
def test_options_that_do_not_go_together(door, options, message):
    said = f'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: {message}'
    assert refused(door, **options) == (422, said)


def test_tokens_and_versions_that_are_none(door):
    def token(**data):
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    bad = "invalid continue token: continue key is not valid: "
    assert refused(door, token=token(v="v9", rv=1, start="a"))[1] == (
        f'{bad}server does not recognize this encoded version "v9"'
    )
    assert refused(door, token="%%%")[0] == 400
    assert refused(door, token=token(v="meta.k8s.io/v1", rv=3, start=""))[1].startswith(f"{bad}encoded start key empty")
    assert refused(door, resource_version="x")[1].startswith("invalid resource version: strconv.ParseUint")
    assert refused(door, resource_version="9" * 5000)[1].endswith("value out of range")
    assert refused(door, token=token(v="meta.k8s.io/v1", rv=float("inf"), start="a"))[0] == 400
    assert refused(door, token=token(v="meta.k8s.io/v1", rv=1 << 40, start="a"))[0] == 504
    assert refused(door, token=page(door, limit=1).token, resource_version="5") == (
        400,
        "specifying resource version is not allowed when using continue",
    )


def test_who_may_not_list_gets_no_portion_either(door):
    with pytest.raises(StatusError, match='User "jane" cannot list resource "configmaps"'):
        page(door, user=User("jane", ("system:authenticated",)))


def test_portions_of_a_custom_kind_are_in_the_version_that_is_asked_for():
    door = CustomDoor(definition(versions=[version("v1"), version("v1beta1", storage=False)]))
    door.send("create", widget())
    beta = door.server.resource_for_kind("example.com/v1beta1", "Widget")
    found = door.server.page(Request(ADMIN, "list", beta, "default"), ListOptions(limit=5))
    assert [o.api_version for o in found.items] == ["example.com/v1beta1"]
