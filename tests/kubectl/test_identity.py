"""Who asks: contexts and their users, tokens, acting as somebody else; and permissions that are reconciled."""

import pytest

from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import User
from kubesim_tui.kubectl import Config, run
from tests.apiserver.door import Door
from tests.kubectl.board import Terminal

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [RESOURCES], verbs: [get, list]}]
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [SUBJECTS]
"""


class Prompt:
    """A prompt whose context is what its lines make of it."""

    def __init__(self, user="admin", groups=("system:masters", "system:authenticated")):
        self.door = Door()
        self.client = Client(self.door.server, User(user, groups), self.door.admin.road, 1000, 1000)
        self.config = Config(user=user)
        self.files = {}

    def type(self, line):
        reply = run(line, self.client, Terminal(self.files), self.door.engine.clock.now, self.config)
        self.config = reply.config or self.config
        return list(reply.out) + list(reply.err)

    def reconcile(self, text, flags=""):
        self.files["rbac.yaml"] = text
        return self.type(f"auth reconcile -f rbac.yaml {flags}".strip())


@pytest.fixture
def prompt():
    return Prompt()


# -- contexts


def test_a_context_has_its_namespace(prompt):
    prompt.type("config set-context dev --cluster=kubesim --user=admin --namespace=kube-system")
    assert prompt.type("config use-context dev") == ['Switched to context "dev".']
    assert prompt.type("get sa default -o jsonpath={.metadata.namespace}") == [
        'Error from server (NotFound): serviceaccounts "default" not found'
    ]
    assert [line.split() for line in prompt.type("config get-contexts")] == [
        ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"],
        ["*", "dev", "kubesim", "admin", "kube-system"],
        ["kubesim", "kubesim", "admin"],
    ]
    assert prompt.type("get sa default -o name --context=kubesim") == ["serviceaccount/default"]


def test_a_user_with_a_token_is_the_account_that_it_was_made_for(prompt):
    token = prompt.type("create token default")[0]
    assert prompt.type(f"config set-credentials robot --token={token}") == ['User "robot" set.']
    prompt.type("config set-context robot --cluster=kubesim --user=robot")
    assert prompt.type("auth whoami --context=robot")[1].split() == [
        "Username",
        "system:serviceaccount:default:default",
    ]
    assert prompt.type("get pods --context=robot") == [
        'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:default:default" cannot list '
        'resource "pods" in API group "" in the namespace "default"'
    ]
    assert "REDACTED" in "".join(prompt.type("config view"))


def test_a_wrong_token_and_no_credentials(prompt):
    prompt.type("config set-credentials x --token=nonsense")
    assert prompt.type("get pods --user=x") == ["error: You must be logged in to the server (Unauthorized)"]
    prompt.type("config set-context y --cluster=kubesim --user=nobody")
    assert prompt.type("get pods --context=y")[0].startswith(
        'Error from server (Forbidden): pods is forbidden: User "system:anonymous" cannot list'
    )


def test_another_server_is_out_of_reach_and_none_is_localhost(prompt):
    prompt.type("config set-cluster far --server=https://1.2.3.4")
    assert prompt.type("get pods --cluster=far") == [
        "Unable to connect to the server: dial tcp 1.2.3.4:443: i/o timeout"
    ]
    prompt.type("config unset current-context")
    assert prompt.type("get pods") == [
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?"
    ]
    prompt.type("config use-context kubesim")
    assert prompt.type("get pods") == ["No resources found in default namespace."]


def test_what_is_changed_back_is_the_file_that_it_was(prompt):
    before = prompt.config
    prompt.type("config rename-context kubesim other")
    prompt.type("config set-context --current --namespace=x")
    prompt.type("config unset contexts.other.namespace")
    prompt.type("config rename-context other kubesim")
    assert prompt.config == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set contexts x", "error: can't set a map to a value: map[kubesim]"),
        ("set users.admin x", "error: can't set a map to a value: map[admin]"),
        ("set users..token x", "error: can't set a map to a value: map[admin]"),
        ("set clusters.a.server.b x", "error: unable to parse one or more field values of clusters.a.server.b"),
        ("unset contexts.nope.user", "error: current map key `nope` is invalid"),
    ],
)
def test_a_property_that_is_no_field_is_refused_and_the_file_stays(prompt, line, said):
    before = prompt.config
    assert (prompt.type(f"config {line}"), prompt.config) == ([said], before)


def test_a_list_that_is_unset_is_empty_and_can_be_filled_again(prompt):
    assert prompt.type("config unset clusters") == ['Property "clusters" unset.']
    assert prompt.type("config get-clusters") == ["NAME"]
    prompt.type("config set-cluster kubesim --server=https://kubesim:6443")
    assert prompt.type("config get-clusters") == ["NAME", "kubesim"]


# -- acting as somebody else


def test_who_may_do_everything_may_be_anybody(prompt):
    assert prompt.type("auth whoami --as=bob --as-group=dev") == [
        "ATTRIBUTE   VALUE",
        "Username    bob",
        "Groups      [dev system:authenticated]",
    ]


def test_a_uid_and_other_attributes_are_kept(prompt):
    assert prompt.type("auth whoami --as=bob --as-uid=7 --as-user-extra=team=a --as-user-extra=team=b") == [
        "ATTRIBUTE     VALUE",
        "Username      bob",
        "UID           7",
        "Groups        [system:authenticated]",
        "Extra: team   [a b]",
    ]


def test_a_service_account_has_its_groups(prompt):
    groups = "system:serviceaccounts system:serviceaccounts:default system:authenticated"
    assert prompt.type("auth whoami --as=system:serviceaccount:default:default")[2] == f"Groups      [{groups}]"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--as=bob", 'users "bob" is forbidden: User "eve" cannot impersonate resource "users" in API group ""'),
        (
            "--as=system:serviceaccount:default:robot",
            'serviceaccounts "robot" is forbidden: User "eve" cannot impersonate resource "serviceaccounts" in API '
            'group ""',
        ),
    ],
)
def test_others_must_be_allowed_to(flags, said):
    eve = Prompt("eve", ("system:authenticated",))
    where = 'in the namespace "default"' if "serviceaccount" in flags else "at the cluster scope"
    assert eve.type(f"get pods {flags}") == [f"Error from server (Forbidden): {said} {where}"]


def test_each_group_is_asked_for_too():
    eve = Prompt("eve", ("system:authenticated",))
    role = {"rules": [{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["bob"]}]}
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "be-bob"}}
    eve.door.create({**kind, **role})
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "be-bob"}
    subject = {"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}
    eve.door.create({**kind, "kind": "ClusterRoleBinding", "roleRef": ref, "subjects": [subject]})
    assert eve.type("auth whoami --as=bob")[1].split() == ["Username", "bob"]
    assert eve.type("auth whoami --as=bob --as-group=dev") == [
        'Error from server (Forbidden): groups "dev" is forbidden: User "eve" cannot impersonate resource "groups" in '
        'API group "" at the cluster scope'
    ]


# -- auth reconcile


def rules(prompt):
    return prompt.type("get role reader -o jsonpath={.rules[*].resources}")


def test_reconcile_creates_what_is_not_there(prompt):
    assert prompt.reconcile(ROLE.replace("RESOURCES", "pods")) == [
        "role.rbac.authorization.k8s.io/reader reconciled",
        "\treconciliation required create",
        "\tmissing rules added:",
        "\t\t{Verbs:[get list] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}",
    ]
    assert prompt.reconcile(ROLE.replace("RESOURCES", "pods")) == ["role.rbac.authorization.k8s.io/reader reconciled"]


def test_reconcile_adds_what_is_missing_and_leaves_what_is_more(prompt):
    prompt.reconcile(ROLE.replace("RESOURCES", "pods"))
    said = prompt.reconcile(ROLE.replace("RESOURCES", "services"))
    assert [line for line in said if not line.startswith("\t\t")] == [
        "role.rbac.authorization.k8s.io/reader reconciled",
        "\treconciliation required update",
        "\tmissing rules added:",
        "\textra rules left:",
    ]
    assert rules(prompt) == ['["pods"] ["services"] ["services"]']


def test_reconcile_takes_away_only_when_it_is_told_to(prompt):
    prompt.reconcile(ROLE.replace("RESOURCES", "pods,services"))
    prompt.reconcile(ROLE.replace("RESOURCES", "services"), "--remove-extra-permissions")
    assert rules(prompt) == ['["services"]']


def test_reconcile_of_subjects_and_of_another_role(prompt):
    bob = "{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}"
    account = "{kind: ServiceAccount, name: default, namespace: default}"
    prompt.reconcile(BINDING.replace("SUBJECTS", bob))
    said = prompt.reconcile(BINDING.replace("SUBJECTS", account))
    assert said[2:] == [
        "\tmissing subjects added:",
        "\t\t{Kind:ServiceAccount APIGroup: Name:default Namespace:default}",
        "\textra subjects left:",
        "\t\t{Kind:User APIGroup:rbac.authorization.k8s.io Name:bob Namespace:}",
    ]
    other = BINDING.replace("SUBJECTS", bob).replace("kind: Role, name: reader", "kind: ClusterRole, name: view")
    assert prompt.reconcile(other)[1] == "\treconciliation required recreate"
    assert prompt.type("get rolebinding reader -o jsonpath={.roleRef.name}") == ["view"]


def test_a_dry_run_of_reconcile_changes_nothing(prompt):
    said = prompt.reconcile(ROLE.replace("RESOURCES", "pods"), "--dry-run=client")
    assert said[0] == "role.rbac.authorization.k8s.io/reader reconciled (dry run)"
    assert rules(prompt) == ['Error from server (NotFound): roles.rbac.authorization.k8s.io "reader" not found']
