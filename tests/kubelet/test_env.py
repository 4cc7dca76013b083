"""The environment of containers: order, references, Services, and the words for what is missing."""

import base64

import pytest

from kubesim_tui.api.codec import decode, decode_object
from kubesim_tui.api.types import ConfigMap, Container, Pod, Secret, Service
from kubesim_tui.kubelet.env import ConfigError, Source, make_environment
from kubesim_tui.kubelet.expansion import expand
from kubesim_tui.kubelet.fieldpath import Place
from kubesim_tui.kubelet.service_env import from_services


class Known:
    """ConfigMap `settings` and Secret `login`, both in namespace shop."""

    def config_map(self, namespace, name):
        data = {"data": {"COLOR": "red", "SIZE": "9"}}
        return decode_object(ConfigMap, data) if (namespace, name) == ("shop", "settings") else None

    def secret(self, namespace, name):
        data = {"data": {"PASSWORD": base64.b64encode(b"s3cret").decode()}}
        return decode_object(Secret, data) if (namespace, name) == ("shop", "login") else None


POD = decode_object(
    Pod,
    {
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "labels": {"app": "web", "b": "x"}},
        "spec": {"nodeName": "node-a", "serviceAccountName": "default", "containers": []},
    },
)
PLACE = Place("10.244.1.7", "192.168.0.11", {"cpu": "3920m", "memory": "7Gi"})


def env(container, services=()):
    made = make_environment(POD, decode(Container, {"name": "c", **container}), Source(Known(), PLACE, dict(services)))
    return dict(made)


def test_values_may_refer_to_earlier_ones():
    """$(NAME) is filled in from what stands before it, and from Services; an unknown name stays."""
    found = env(
        {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)-$(C)-$$(A)-$(DB)"}, {"name": "C"}]},
        {"DB": "10.0.0.1"},
    )
    assert found == {"A": "1", "B": "1-$(C)-$(A)-10.0.0.1", "C": "", "DB": "10.0.0.1"}


def test_env_overrides_env_from():
    found = env(
        {
            "envFrom": [{"configMapRef": {"name": "settings"}, "prefix": "S_"}, {"secretRef": {"name": "login"}}],
            "env": [{"name": "S_SIZE", "value": "10"}],
        }
    )
    assert found == {"S_COLOR": "red", "S_SIZE": "10", "PASSWORD": "s3cret"}


def ref(kind, name, key, **more):
    return {"env": [{"name": "X", "valueFrom": {kind: {"name": name, "key": key, **more}}}]}


@pytest.mark.parametrize(
    "container, text",
    [
        (ref("configMapKeyRef", "nope", "K"), 'configmap "nope" not found'),
        (ref("secretKeyRef", "nope", "K"), 'secret "nope" not found'),
        (ref("configMapKeyRef", "settings", "K"), "couldn't find key K in ConfigMap shop/settings"),
        (ref("secretKeyRef", "login", "K"), "couldn't find key K in Secret shop/login"),
        ({"envFrom": [{"configMapRef": {"name": "nope"}}]}, 'configmap "nope" not found'),
        ({"envFrom": [{"secretRef": {"name": "nope"}}]}, 'secret "nope" not found'),
    ],
)
def test_missing(container, text):
    with pytest.raises(ConfigError) as found:
        env(container)
    assert str(found.value) == text


def test_optional_ones_are_left_out():
    assert env(ref("configMapKeyRef", "nope", "K", optional=True)) == {}
    assert env({"envFrom": [{"configMapRef": {"name": "nope", "optional": True}}]}) == {}


def test_downward_api():
    fields = ["metadata.name", "metadata.labels['app']", "spec.nodeName", "status.podIP", "status.hostIP"]
    found = env({"env": [{"name": f, "valueFrom": {"fieldRef": {"fieldPath": f}}} for f in fields]})
    assert list(found.values()) == ["web-1", "web", "node-a", "10.244.1.7", "192.168.0.11"]


def test_resource_fields_are_rounded_up_to_their_divisor():
    """A limit that is not set is what the node can allocate."""
    wants = [("limits.cpu", "1m"), ("limits.cpu", ""), ("requests.memory", "1Mi"), ("limits.memory", "1Gi")]
    found = env(
        {
            "resources": {"requests": {"memory": "1500Ki"}, "limits": {"cpu": "1500m"}},
            "env": [
                {"name": f"{n}", "valueFrom": {"resourceFieldRef": {"resource": r, "divisor": d}}}
                for n, (r, d) in enumerate(wants)
            ],
        }
    )
    assert list(found.values()) == ["1500", "2", "2", "7"]


def test_services():
    """A Service gives its host and ports, and what Docker's links gave; one without an address gives nothing."""
    spec = {
        "clusterIP": "10.96.0.9",
        "ports": [{"name": "http", "port": 80}, {"name": "dns-u", "port": 53, "protocol": "UDP"}],
    }
    services = [
        decode_object(Service, {"metadata": {"name": "my-web"}, "spec": spec}),
        decode_object(
            Service, {"metadata": {"name": "headless"}, "spec": {"clusterIP": "None", "ports": [{"port": 1}]}}
        ),
    ]
    assert from_services(services) == {
        "MY_WEB_SERVICE_HOST": "10.96.0.9",
        "MY_WEB_SERVICE_PORT": "80",
        "MY_WEB_SERVICE_PORT_HTTP": "80",
        "MY_WEB_SERVICE_PORT_DNS_U": "53",
        "MY_WEB_PORT": "tcp://10.96.0.9:80",
        "MY_WEB_PORT_80_TCP": "tcp://10.96.0.9:80",
        "MY_WEB_PORT_80_TCP_PROTO": "tcp",
        "MY_WEB_PORT_80_TCP_PORT": "80",
        "MY_WEB_PORT_80_TCP_ADDR": "10.96.0.9",
        "MY_WEB_PORT_53_UDP": "udp://10.96.0.9:53",
        "MY_WEB_PORT_53_UDP_PROTO": "udp",
        "MY_WEB_PORT_53_UDP_PORT": "53",
        "MY_WEB_PORT_53_UDP_ADDR": "10.96.0.9",
    }


@pytest.mark.parametrize(
    "text, found",
    [
        ("$(V)", "1"),
        ("$$(V)", "$(V)"),
        ("$$$(V)", "$1"),
        ("$(V", "$(V"),
        ("$", "$"),
        ("$V", "$V"),
        ("$(W)$(V)", "$(W)1"),
    ],
)
def test_expansion(text, found):
    """Upstream's examples of $(NAME)."""
    assert expand(text, {"V": "1"}) == found
