"""Forms: what they offer, the line and the difference that they amount to, and what is wrong with a field."""

import pytest

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import folders, loader
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.session import Session

API, CONFIG = Ref("Deployment", "shop", "api"), Ref("ConfigMap", "shop", "api-config")
DB, ROUTE, SERVICE = Ref("Deployment", "shop", "db"), Ref("Ingress", "shop", "web"), Ref("Service", "shop", "api")
SECRET = Ref("Secret", "shop", "key")
OLD, NEW = "postgres://db-old.example.com:5432/shop", "postgres://db-new.example.com:5432/shop"


def session_of(name, language="en"):
    return Session(loader.load(folders.find(name)), language=language)


@pytest.fixture
def session():
    return session_of("4-1")


@pytest.fixture
def ingress():
    return session_of("3-1")


@pytest.fixture
def database():
    return session_of("7-1")


def action(session, ref, entry):
    return next(a for a in session.actions(ref) if a.id == entry)


def fields(session, ref, entry):
    return {f.name: f for f in session.form(ref, action(session, ref, entry)).fields}


def propose(session, ref, entry, /, **values):
    return session.propose(ref, action(session, ref, entry), {k.replace("_", "-"): v for k, v in values.items()})


def changed(proposal):
    """The lines of a difference that are not the same before and after."""
    return [line for line in proposal.diff if line[0] in "+-" and not line.startswith(("+++", "---"))]


def run(session, proposal):
    return session.run(proposal.command, Quiet(proposal.stdin))


def yaml_of(session, ref):
    return session.manifest(ref)


# -- each form: its line, its difference, and that kubectl takes it ---------------------------------------------------

CASES = [
    ("4-1", API, "scale", {"replicas": "5"}, "kubectl scale deployment/api --replicas=5",
     ["-  replicas: 3", "+  replicas: 5"]),
    ("4-1", API, "image", {"image": "shop/api:2.0"}, "kubectl set image deployment/api api=shop/api:2.0",
     ["-        image: shop/api:1.0", "+        image: shop/api:2.0"]),
    ("4-1", API, "probe", {"period": "5"},
     "kubectl patch deployment/api -p "
     '\'{"spec":{"template":{"spec":{"containers":[{"name":"api","readinessProbe":'
     '{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":5}}]}}}}\'',
     ["-          periodSeconds: 2", "+          periodSeconds: 5"]),
    ("4-1", API, "env", {"value": NEW}, f"kubectl set env deployment/api DB_URL={NEW}",
     ["-          valueFrom:", "-            configMapKeyRef:", "-              key: db_url",
      "-              name: api-config", f"+          value: {NEW}"]),
    ("4-1", API, "env", {"name": "GREETING", "value": "it's $5 a day"},
     "kubectl set env deployment/api 'GREETING=it'\"'\"'s $5 a day'",
     ["+        - name: GREETING", "+          value: it's $5 a day"]),
    ("4-1", API, "resources", {"requests_cpu": "100m", "limits_memory": "64Mi"},
     "kubectl set resources deployment/api --requests=cpu=100m --limits=memory=64Mi",
     ["-        resources: {}", "+        resources:", "+          limits:", "+            memory: 64Mi",
      "+          requests:", "+            cpu: 100m"]),
    ("4-1", CONFIG, "key:db_url", {"value": NEW},
     f"kubectl patch configmap/api-config -p '{{\"data\":{{\"db_url\":\"{NEW}\"}}}}'",
     [f"-  db_url: {OLD}", f"+  db_url: {NEW}"]),
    ("4-1", CONFIG, "new-key", {"key": "mode", "value": "快\n\"slow\""},
     'kubectl patch configmap/api-config -p \'{"data":{"mode":"快\\n\\"slow\\""}}\'',
     ["+  mode: |-", "+    快", '+    "slow"']),
    ("3-1", ROUTE, "route", {"path": "/api", "service": "api"},
     'kubectl patch ingress/web --type=json -p \'[{"op":"add","path":"/spec/rules/0/http/paths/-","value":'
     '{"path":"/api","pathType":"Prefix","backend":{"service":{"name":"api","port":{"number":80}}}}}]\'',
     ["+      - backend:", "+          service:", "+            name: api", "+            port:",
      "+              number: 80", "+        path: /api", "+        pathType: Prefix"]),
    ("3-1", ROUTE, "route", {"service": "api"},
     'kubectl patch ingress/web --type=json -p \'[{"op":"replace","path":"/spec/rules/0/http/paths/0","value":'
     '{"path":"/","pathType":"Prefix","backend":{"service":{"name":"api","port":{"number":80}}}}}]\'',
     ["-            name: web", "+            name: api"]),
    ("3-1", ROUTE, "route", {"host": "api.example.com", "service": "api", "port": "http", "path_type": "Exact"},
     'kubectl patch ingress/web --type=json -p \'[{"op":"add","path":"/spec/rules/-","value":{"host":'
     '"api.example.com","http":{"paths":[{"path":"/","pathType":"Exact","backend":{"service":{"name":"api","port":'
     '{"name":"http"}}}}]}}}]\'',
     ["+  - host: api.example.com", "+    http:", "+      paths:", "+      - backend:", "+          service:",
      "+            name: api", "+            port:", "+              name: http", "+        path: /",
      "+        pathType: Exact"]),
    ("3-1", SERVICE, "selector", {"selector": "app=web, tier=a"}, "kubectl set selector service/api app=web,tier=a",
     ["-    app: api", "+    app: web", "+    tier: a"]),
]  # fmt: skip


@pytest.mark.parametrize(("level", "ref", "name", "values", "line", "diff"), CASES)
def test_a_form_writes_its_line_and_shows_what_it_changes(level, ref, name, values, line, diff):
    session = session_of(level)
    proposal = propose(session, ref, name, **values)
    assert (proposal.error, proposal.command, changed(proposal)) == ("", line, diff)


@pytest.mark.parametrize(("level", "ref", "name", "values", "line", "diff"), CASES)
def test_what_a_form_promised_comes_true(level, ref, name, values, line, diff):
    session = session_of(level)
    proposal = propose(session, ref, name, **values)
    assert run(session, proposal).code == 0
    now = yaml_of(session, ref).splitlines()
    assert [part for part in diff if part[0] == "+" and part[1:] not in now] == []
    assert propose(session, ref, name, **values).diff == ()


@pytest.mark.parametrize(
    ("level", "ref", "name"),
    [("4-1", API, "scale"), ("4-1", API, "image"), ("4-1", API, "probe"), ("4-1", CONFIG, "key:db_url"),
     ("3-1", ROUTE, "route"), ("3-1", SERVICE, "selector")],
)  # fmt: skip
def test_a_form_as_it_stands_changes_nothing(level, ref, name):
    proposal = propose(session_of(level), ref, name)
    assert (proposal.error, proposal.diff) == ("", ())


def test_nothing_happens_before_the_line_is_run(session):
    before = session.game.cluster.etcd.revision
    propose(session, API, "scale", replicas="5")
    assert session.game.cluster.etcd.revision == before


# -- what is offered --------------------------------------------------------------------------------------------------


def test_an_address_outside_can_be_chosen(session):
    assert [fields(session, API, "env")["value"].choices, fields(session, CONFIG, "key:db_url")["value"].choices] == [
        (NEW,),
        (NEW,),
    ]


def test_a_variable_says_where_its_value_comes_from_now(session):
    field = fields(session, API, "env")["value"]
    assert (field.value, field.hint) == (OLD, "now from configmap/api-config db_url")


def test_paths_that_users_ask_for_and_services_can_be_chosen(ingress):
    found = fields(ingress, ROUTE, "route")
    assert [found[n].choices for n in ("path", "service", "port")] == [
        ("/", "/api", "/api/orders"),
        ("api", "web"),
        ("80",),
    ]


def test_labels_of_the_workloads_can_be_chosen(ingress):
    assert fields(ingress, SERVICE, "selector")["selector"].choices == ("app=api", "app=web")


def test_images_of_earlier_revisions_can_be_chosen(session):
    session.go()
    session.run("kubectl set image deployment/api api=shop/api:2.0", Quiet())
    session.advance()
    assert fields(session, API, "image")["image"].choices == ("shop/api:1.0",)


def test_of_several_containers_one_is_chosen(session):
    sidecar = '{"spec":{"template":{"spec":{"containers":[{"name":"log","image":"busybox"}]}}}}'
    session.run(f"kubectl patch deployment api -p '{sidecar}'", Quiet())
    assert fields(session, API, "image")["container"].choices == ("log", "api")
    proposal = propose(session, API, "resources", container="log", requests_cpu="10m")
    assert proposal.command == "kubectl set resources deployment/api -c log --requests=cpu=10m"


def test_another_kind_of_probe_gives_way(database):
    proposal = propose(database, DB, "probe", path="/", port="5432")
    assert ("-          tcpSocket:" in changed(proposal), proposal.error) == (True, "")


# -- Secrets ----------------------------------------------------------------------------------------------------------


def test_a_secret_is_not_shown_and_need_not_be_encoded(session):
    session.run("kubectl create secret generic key --from-literal=token=abcde", Quiet())
    field = fields(session, SECRET, "key:token")["value"]
    assert (field.value, field.hint) == ("", "5 bytes now; base64 is done for you")
    proposal = propose(session, SECRET, "key:token", value="xyz")
    assert changed(proposal) == ["-  token: YWJjZGU=", "+  token: eHl6"]


# -- data on claims ---------------------------------------------------------------------------------------------------


def settle(session, ticks=40):
    for _ in range(ticks):
        session.advance()


def test_a_deployment_gets_a_claim_in_place_of_its_emptydir(database):
    proposal = propose(database, DB, "claim", size="1Gi")
    assert proposal.command == "kubectl apply -f -"
    shown = changed(proposal)
    wanted = ["+kind: PersistentVolumeClaim", "+      storage: 1Gi", "+    type: Recreate", "-      - emptyDir: {}",
              "+          claimName: db-data", "+          subPath: data"]  # fmt: skip
    assert [line for line in wanted if line not in shown] == []
    assert run(database, proposal).out == ("persistentvolumeclaim/db-data created", "deployment.apps/db configured")
    settle(database)
    view = database.state().view
    assert [(c.status, len(c.pods)) for c in view.claims] == [("Bound", 1)]
    assert [w.ready for w in view.workloads if w.ref == DB] == [1]


def test_a_deployment_becomes_a_statefulset_with_the_same_labels(database):
    proposal = propose(database, DB, "stateful")
    assert run(database, proposal).out == ("statefulset.apps/db created",)
    assert database.run("kubectl delete deployment db", Quiet()).code == 0
    settle(database)
    view = database.state().view
    found = [(w.ref.kind, w.want, w.ready) for w in view.workloads if w.ref.name == "db"]
    assert (found, [s.ready for s in view.services if s.ref.name == "db"]) == ([("StatefulSet", 1, 1)], [1])


def test_a_new_object_is_shown_as_it_is_written(database):
    assert not any("revisionHistoryLimit" in line for line in propose(database, DB, "claim").diff if line[0] == "+")
    assert "+kind: StatefulSet" in propose(database, DB, "stateful").diff


# -- bad values -------------------------------------------------------------------------------------------------------

MANY = ("replicas: a whole number, not 'many'", "副本数：应为整数，而不是 'many'")
TYPES = ("path type: one of Prefix, Exact", "路径类型：只能是 Prefix, Exact")
BAD = [
    ("4-1", API, "scale", {"replicas": "many"}, *MANY),
    ("4-1", API, "scale", {"replicas": "-1"}, "replicas: a whole number, not '-1'", "副本数：应为整数，而不是 '-1'"),
    ("4-1", API, "scale", {"replicas": "２"}, "replicas: a whole number, not '２'", "副本数：应为整数，而不是 '２'"),
    ("4-1", API, "scale", {"replicas": "1001"}, "replicas: at most 1000", "副本数：最多 1000"),
    ("4-1", API, "image", {"image": " "}, "Image is empty", "镜像不能为空"),
    ("4-1", API, "image", {"image": "a b"}, "Image: no spaces, please", "镜像：不能有空格"),
    ("4-1", API, "probe", {"path": "healthz"}, "path: starts with /", "路径：要以 / 开头"),
    ("4-1", API, "probe", {"port": "0"}, "port: a number from 1 to 65535, or a port's name",
     "端口：1 到 65535 的数字，或端口名"),
    ("4-1", API, "env", {"name": ""}, "name is empty", "名称不能为空"),
    ("4-1", API, "resources", {}, "fill in at least one figure", "至少填一个数"),
    ("4-1", CONFIG, "new-key", {"key": ""}, "key is empty", "键不能为空"),
    ("3-1", ROUTE, "route", {"path_type": "exact"}, *TYPES),
    ("3-1", ROUTE, "route", {"service": ""}, "Service is empty", "Service不能为空"),
    ("3-1", SERVICE, "selector", {"selector": "app"}, "Selector: key=value, several with a comma between",
     "选择器：写成 key=value，多个用逗号隔开"),
    ("7-1", DB, "claim", {"volume": "other"}, "volume: one of data", "卷：只能是 data"),
]  # fmt: skip


@pytest.mark.parametrize(("level", "ref", "name", "values", "english", "chinese"), BAD)
def test_a_bad_value_is_told_in_the_players_language(level, ref, name, values, english, chinese):
    found = [propose(session_of(level, language), ref, name, **values).error for language in ("en", "zh")]
    assert found == [english, chinese]


REFUSED = [
    ("4-1", API, "image", {"image": "UPPER:1"}, None),
    ("4-1", API, "probe", {"port": "no_such_port!"}, "must contain only alpha-numeric characters"),
    ("4-1", API, "env", {"name": "=", "value": "1"}, "error"),
    ("4-1", API, "resources", {"requests_cpu": "lots"}, "quantities must match the regular expression"),
    ("4-1", API, "resources", {"requests_cpu": "2", "limits_cpu": "1"}, "must be less than or equal to cpu limit of 1"),
    ("4-1", CONFIG, "new-key", {"key": "a/b"}, "a valid config key must consist of alphanumeric characters"),
    ("3-1", ROUTE, "route", {"host": "not a host"}, "a lowercase RFC 1123 subdomain must consist of"),
    ("7-1", DB, "claim", {"size": "ten"}, "quantities must match the regular expression"),
    ("7-1", DB, "claim", {"size": "0"}, "must be greater than zero"),
]


@pytest.mark.parametrize(("level", "ref", "name", "values", "said"), REFUSED)
def test_what_the_api_server_refuses_is_said_before_anything_happens(level, ref, name, values, said):
    proposal = propose(session_of(level), ref, name, **values)
    if said is None:  # names of images are not checked by the API server, but by the kubelet
        assert proposal.error == ""
    else:
        assert said in proposal.error


def test_a_thing_that_is_gone_is_told(session):
    entry = action(session, API, "scale")
    session.run("kubectl delete deployment api --wait=false", Quiet())
    session.go()
    for _ in range(10):
        session.advance()
    assert session.propose(API, entry, {"replicas": "3"}).error == "deployment/api is gone"
    assert session.form(API, entry).fields[0].name == "replicas"


def test_titles_name_the_thing(session):
    assert session.form(CONFIG, action(session, CONFIG, "key:db_url")).title == "Change db_url — configmap/api-config"
