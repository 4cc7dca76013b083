"""What a thing looks like, why it is not well, and what is wrong with a manifest: at the right line."""

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import folders, inspection, loader
from kubesim_tui.game.inspection import Quiet, plain
from kubesim_tui.game.session import Session
from kubesim_tui.kubectl.last_applied import LAST_APPLIED

SIGNS = "[ ] { } , & * ! | > % @ `"
API = Ref("Deployment", "shop", "api")
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.fixture(scope="module")
def session():
    return Session(loader.load(folders.find("4-1")))


@pytest.fixture(scope="module")
def text(session):
    return session.manifest(API)


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_manifest_shows_what_its_author_would_write(session, text):
    unwanted = ("status", "uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", LAST_APPLIED)
    assert [word for word in unwanted if f"{word}:" in text] == []
    assert text.startswith("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n")


def test_a_manifest_of_what_is_gone_is_empty(session):
    assert session.manifest(Ref("Deployment", "shop", "nobody")) == ""


@pytest.mark.parametrize("name", folders.catalogue())
def test_what_the_editor_opens_is_right_as_it_stands(name):
    session = Session(loader.load(folders.find(name)))
    wrong = {}
    for table in ("deployments.apps", "services", "ingresses.networking.k8s.io", "configmaps", "nodes", "pods"):
        for obj in session.game.cluster.etcd.table(table):
            ref = Ref(encode_object(obj)["kind"], obj.metadata.namespace, obj.metadata.name)
            if found := session.check_manifest(session.manifest(ref)):
                wrong[ref] = found
    assert wrong == {}


def test_applying_what_the_editor_opened_changes_nothing_and_warns_of_nothing():
    session = Session(loader.load(folders.find("4-1")))
    reply = session.run("kubectl apply -f -", Quiet(session.manifest(API)))
    before = session.manifest(API)
    assert (reply.err, reply.code, session.manifest(API)) == ((), 0, before)


def test_a_field_that_is_taken_out_in_the_editor_goes():
    session = Session(loader.load(folders.find("4-1")))
    text = session.manifest(API)
    start = text.index("        lifecycle:")
    shorter = text[:start] + text[text.index("        name: api\n", start) :]
    assert session.run("kubectl apply -f -", Quiet(shorter)).code == 0
    assert ("lifecycle" in text, "lifecycle" in session.manifest(API)) == (True, False)


def test_what_a_command_had_put_in_goes_too_when_it_is_taken_out_in_the_editor():
    session = Session(loader.load(folders.find("4-1")))
    text = session.manifest(API)
    session.run("kubectl set env deployment/api MODE=fast", Quiet())
    save = next(action.command for action in session.actions(API) if action.id == "edit")
    reply = session.run(save, Quiet(text))
    assert (reply.err, reply.out, session.manifest(API)) == ((), ("deployment.apps/api replaced",), text)
    assert session.run("kubectl apply -f -", Quiet(text)).err == ()


# -- errors at their lines --------------------------------------------------------------------------------------------

CHANGES = [
    ("  replicas: 3", "  replicas 3", "replicas 3", "a key needs a ':' and a space after it on the same line"),
    ("  replicas: 3", "\treplicas: 3", "replicas", "indentation is made of spaces: there is a tab here"),
    ("  replicas: 3", "  replica: 3", "replica: 3", 'unknown field "spec.replica"'),
    ("  replicas: 3", "  replicas: 3\n  replicas: 4", "replicas: 4",
     'key "replicas" is there twice: the last one counts'),
    ("        image: shop", "        imag: shop", "imag: shop",
     'unknown field "spec.template.spec.containers[0].imag"'),
    ("  replicas: 3", '  replicas: "3"', "replicas", "spec.replicas: a whole number is expected here, not text"),
    ("containerPort: 8080", "containerPort: http", "containerPort",
     "spec.template.spec.containers[0].ports[0].containerPort: a whole number is expected here, not text"),
    ("        - containerPort: 8080", "          containerPort: 8080", "        ports:",
     "spec.template.spec.containers[0].ports: a list is expected here, not an object"),
    ("  replicas: 3", "  replicas: -3", "replicas: -3",
     "spec.replicas: Invalid value: -3: must be greater than or equal to 0"),
    ("containerPort: 8080", "containerPort: 99999", "containerPort",
     "spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, "
     "inclusive"),
    ("kind: Deployment", "kind: Deploymnet", "kind: Deploymnet",
     'no matches for kind "Deploymnet" in version "apps/v1"'),
    ("apiVersion: apps/v1", "apiVersion: apps/v2", "kind: Deployment",
     'no matches for kind "Deployment" in version "apps/v2"; Deployment is served as apps/v1'),
    ("apiVersion: apps/v1", "apiVersion: extensions/v1beta1", "kind: Deployment",
     'no matches for kind "Deployment" in version "extensions/v1beta1"; Deployment is not served as extensions/v1beta1 '
     "since Kubernetes 1.16: use apiVersion: apps/v1"),
    ("kind: Deployment\n", "", "apiVersion", "kind is missing"),
    ("apiVersion: apps/v1\n", "", "kind", "apiVersion is missing; Deployment is served as apps/v1"),
    ("  namespace: shop", "  namespace: nope", "namespace", 'namespaces "nope" not found'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "said"), CHANGES)
def test_a_mistake_is_told_at_its_line(session, text, old, new, at, said):
    assert text.count(old) >= 1
    wrong = text.replace(old, new, 1)
    assert session.check_manifest(wrong) == ((line_of(wrong, at), said),)


def test_several_mistakes_are_told_each_at_its_line(session, text):
    wrong = text.replace("replicas: 3", "replicas: -3").replace("containerPort: 8080", "containerPort: 0")
    found = session.check_manifest(wrong)
    assert [line for line, _ in found] == [line_of(wrong, "replicas: -3"), line_of(wrong, "containerPort: 0")]


def test_two_unknown_fields_are_told_each_at_its_line(session, text):
    wrong = text.replace("  replicas: 3", "  replica: 3\n  foo: 1")
    assert session.check_manifest(wrong) == (
        (line_of(wrong, "replica: 3"), 'unknown field "spec.replica"'),
        (line_of(wrong, "foo: 1"), 'unknown field "spec.foo"'),
    )


def test_a_field_that_cannot_change_is_told(session, text):
    wrong = text.replace("      app: api", "      app: other", 1)
    assert session.check_manifest(wrong)[0] == (
        line_of(wrong, "  selector:"),
        'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (MAP + "data:\n  a: x\n  b: 1\n", ((6, "data.b: text is expected here, not a number"),)),
        (MAP.replace("{name: x}", "[a]"), ((3, "metadata: an object is expected here, not a list"),)),
        (MAP + "---\n" + MAP.replace("Map", "Mop"), ((6, 'no matches for kind "ConfigMop" in version "v1"'),)),
        (MAP + "---\na: [\n", ((6, f"a value was expected here; quote text that starts with one of {SIGNS}"),)),
        ("- a\n- b\n", ((1, "an object with apiVersion, kind and metadata is expected here"),)),
        ("hello\n", ((1, "an object with apiVersion, kind and metadata is expected here"),)),
        ("# nothing\n", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_other_manifests(session, text, found):
    assert session.check_manifest(text) == found


def test_a_value_of_a_secret_that_is_not_base64_is_told(session):
    wrong = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  a: YQ==\n  b: '$$$'\n"
    ((line, said),) = session.check_manifest(wrong)
    assert (line, said.endswith("illegal base64 data at input byte 0")) == (6, True)


def test_checking_changes_nothing(session, text):
    before = session.game.cluster.etcd.revision
    session.check_manifest(text.replace("replicas: 3", "replicas: 5"))
    assert session.game.cluster.etcd.revision == before


# -- describe, why ----------------------------------------------------------------------------------------------------


def test_describe_is_kubectls(session):
    assert session.describe(API) == session.run("kubectl describe deployment api -n shop", Quiet()).out


def test_a_thing_that_is_well_needs_no_explanation(session):
    assert (session.why(API), session.why(Ref("Node", "", "node-a"))) == (None, None)


def test_a_workload_is_explained_by_its_pods():
    session = Session(loader.load(folders.find("4-1")))
    session.go()
    session.run("kubectl set image deployment api api=UPPER:1", Quiet())
    for _ in range(20):
        session.advance()
    found = session.why(API)
    assert found is not None
    assert (found.subject, found.cause) == ("deployment/api", "image-pull")


def test_without_a_terminal_there_are_no_files_and_no_editor():
    with pytest.raises(FileNotFoundError):
        Quiet().read("web.yaml")
    assert (Quiet("x").read("-"), Quiet().edit("x")) == ("x", None)


def test_annotations_of_the_authors_own_stay():
    data = {"kind": "Pod", "metadata": {"name": "a", "annotations": {"team": "b", LAST_APPLIED: "{}"}}, "status": {}}
    assert plain(data) == {"kind": "Pod", "metadata": {"annotations": {"team": "b"}, "name": "a"}}
    assert inspection.HIDDEN


def test_a_mistake_is_told_in_the_players_language():
    session = Session(loader.load(folders.find("4-1")), language="zh")
    assert session.check_manifest(MAP + "data:\n  b: 1\n") == ((5, "data.b：这里应是文本，而不是数字"),)
