"""What containers are made with: ConfigMaps and Secrets as environment and as files, volumes, limits, names."""

import base64

import pytest

from kubesim_tui.api.types import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod
from tests.kubelet.rig import Rig


def config_map(r, name="settings", **data):
    return r.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def secret(r, name="login", **data):
    data = {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}
    return r.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data})


def env_from(name="settings", key="COLOR"):
    return [{"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": name, "key": key}}}]


CONFIG_VOLUME = {
    "volumes": [{"name": "config", "configMap": {"name": "settings"}}],
    "volumeMounts": [{"name": "config", "mountPath": "/etc/config"}],
}


def read(r, path):
    return r.container().files().read(path)


def test_a_missing_config_map_heals():
    """Tried at 0, 1, and then every 10 s; made in second 15, it is found in second 21, and that it runs in 22."""
    r = Rig()
    r.pod(env=env_from())
    assert r.history(15) == [(0, "Pending app=CreateContainerConfigError")]
    waiting = r.get(Pod, "web").status.container_statuses[0].state.waiting
    assert waiting.message == 'configmap "settings" not found'
    assert r.said("Failed") == ['Failed: Error: configmap "settings" not found x3']
    config_map(r, COLOR="red")
    assert r.history(10) == [
        (15, "Pending app=CreateContainerConfigError"),
        (22, "Running app=Running*"),
    ]


@pytest.mark.parametrize(
    "of, message",
    [
        ({"env": env_from(key="SHAPE")}, "couldn't find key SHAPE in ConfigMap default/settings"),
        ({"envFrom": [{"secretRef": {"name": "nope"}}]}, 'secret "nope" not found'),
        (
            {"env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "login", "key": "X"}}}]},
            "couldn't find key X in Secret default/login",
        ),
    ],
)
def test_what_else_may_be_missing(of, message):
    r = Rig()
    config_map(r, COLOR="red")
    secret(r, PASSWORD="s3cret")
    r.pod(**of)
    r.tick(1)
    assert r.get(Pod, "web").status.container_statuses[0].state.waiting.message == message


def test_environment_is_frozen_and_volumes_follow():
    """A changed ConfigMap reaches the files with the Pod's next minute; its variables stay as they were."""
    r = Rig()
    config_map(r, COLOR="red")
    r.pod(env=env_from(), **CONFIG_VOLUME)
    r.tick(10)
    assert (r.container().get("COLOR"), read(r, "/etc/config/COLOR")) == ("red", "red")
    r.patch(ConfigMap, "settings", {"data": {"COLOR": "blue"}})
    r.tick(50)
    assert read(r, "/etc/config/COLOR") == "red"
    r.tick(1)
    assert (r.container().get("COLOR"), read(r, "/etc/config/COLOR")) == ("red", "blue")
    r.tick(1)
    assert r.engine.next_timer() is None


def test_a_sub_path_does_not_follow():
    r = Rig()
    config_map(r, COLOR="red")
    mounts = [{"name": "config", "mountPath": "/etc/color", "subPath": "COLOR"}]
    r.pod(**{**CONFIG_VOLUME, "volumeMounts": mounts})
    r.tick(2)
    r.patch(ConfigMap, "settings", {"data": {"COLOR": "blue"}})
    r.tick(70)
    assert read(r, "/etc/color") == "red"


def test_a_missing_volume_is_told_and_heals():
    """FailedMount at 0, 1, 3, 7, 15 …; after 2 min 3 s the Pod says that it has waited too long."""
    r = Rig()
    r.pod(**CONFIG_VOLUME)
    assert r.history(20) == [(0, "Pending app=ContainerCreating")]
    assert r.said() == ['FailedMount: MountVolume.SetUp failed for volume "config" : configmap "settings" not found x5']
    r.tick(110)
    assert r.said()[1] == (
        "FailedMount: Unable to attach or mount volumes: unmounted volumes=[config], unattached volumes=[], "
        "failed to process volumes=[]: context deadline exceeded"
    )
    config_map(r, COLOR="red")
    found = r.history(120)
    assert found[-1][1] == "Running app=Running*"


def test_a_key_that_is_not_there():
    r = Rig()
    config_map(r, COLOR="red")
    items = {"name": "settings", "items": [{"key": "SHAPE", "path": "shape"}]}
    r.pod(**{**CONFIG_VOLUME, "volumes": [{"name": "config", "configMap": items}]})
    r.tick(1)
    why = "configmap references non-existent config key: SHAPE"
    assert r.said() == [f'FailedMount: MountVolume.SetUp failed for volume "config" : {why}']


def test_a_projected_volume():
    """Several sources in one directory: an object's keys, fields of the Pod, a token."""
    r = Rig()
    config_map(r, COLOR="red")
    secret(r, PASSWORD="s3cret")
    sources = [
        {"configMap": {"name": "settings", "items": [{"key": "COLOR", "path": "conf/color"}]}},
        {"secret": {"name": "login"}},
        {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
    ]
    r.pod(
        metadata={"labels": {"app": "web", "tier": "front"}},
        serviceAccountName="default",
        volumes=[{"name": "all", "projected": {"sources": sources}}],
        volumeMounts=[{"name": "all", "mountPath": "/all"}],
    )
    r.tick(2)
    assert r.container().files().names("/all") == ["PASSWORD", "conf", "labels", "token"]
    assert (read(r, "/all/conf/color"), read(r, "/all/PASSWORD")) == ("red", "s3cret")
    assert read(r, "/all/labels") == 'app="web"\ntier="front"'


def test_pods_of_one_account_share_what_they_speak_to_the_api_server_with():
    """It is one volume a node and account, and there only while its ConfigMap is."""
    r = Rig()
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    of = {
        "serviceAccountName": "default",
        "volumes": [{"name": "kube-api-access-x7f2p", "projected": {"sources": sources}}],
        "volumeMounts": [{"name": "kube-api-access-x7f2p", "mountPath": path, "readOnly": True}],
    }
    r.pod("early", **of)
    r.tick(1)
    assert r.said(about="early")[0].endswith('"kube-api-access-x7f2p" : configmap "kube-root-ca.crt" not found')
    config_map(r, "kube-root-ca.crt", **{"ca.crt": "-----BEGIN CERTIFICATE-----"})
    r.pod("late", **of)
    r.tick(4)
    volumes = [c.config.mounts[0].volume for c in r.containers().values()]
    assert (r.container().files().names(path), volumes[0] is volumes[1]) == (["ca.crt", "token"], True)


def test_changed_labels_reach_the_files():
    """With the Pod's next minute, as changed ConfigMaps do."""
    r = Rig()
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    r.pod(
        metadata={"labels": {"app": "web"}},
        volumes=[{"name": "info", "downwardAPI": {"items": items}}],
        volumeMounts=[{"name": "info", "mountPath": "/info"}],
    )
    r.tick(5)
    r.patch(Pod, "web", {"metadata": {"labels": {"app": "shop"}}})
    r.tick(55)
    assert read(r, "/info/labels") == 'app="web"'
    r.tick(1)
    assert read(r, "/info/labels") == 'app="shop"'


def test_an_empty_dir_outlives_containers_and_kubelets_but_not_the_pod():
    r = Rig()
    shared = {"volumes": [{"name": "d", "emptyDir": {}}], "volumeMounts": [{"name": "d", "mountPath": "/data"}]}
    r.pod(image="busybox:1.36", command=["sh", "-c", "echo x >> /data/log; sleep 5"], **shared)
    r.tick(8)
    r.stop_kubelet()
    r.start_kubelet()
    r.tick(12)
    assert read(r, "/data/log") == "x\nx\nx\n"
    r.delete(Pod, "web")
    r.tick(40)
    assert r.world.machines["node-a"].volumes == {}


def test_a_host_path_is_the_machines():
    """Two Pods see the same directory; what must be there and is not is refused."""
    r = Rig()
    host = {
        "volumeMounts": [{"name": "h", "mountPath": "/h"}],
        "volumes": [{"name": "h", "hostPath": {"path": "/data"}}],
    }
    r.pod("one", **host)
    r.tick(2)
    r.container().files().write("/h/note", "hello")
    r.pod("two", **host)
    r.tick(2)
    assert read(r, "/h/note") == "hello"
    strict = {"path": "/nope", "type": "Directory"}
    r.pod("three", **{**host, "volumes": [{"name": "h", "hostPath": strict}]})
    r.tick(1)
    assert r.said(about="three") == [
        'FailedMount: MountVolume.SetUp failed for volume "h" : hostPath type check failed: /nope is not a directory'
    ]


def bound_claim(r, handle="disk-1"):
    """A claim with its volume, as the binder leaves them."""
    claim = {"namespace": "default", "name": "data"}
    csi = {"driver": "disk.csi.sim", "volumeHandle": handle}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "csi": csi, "claimRef": claim}
    r.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": spec})
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv-1"}
    pvc = r.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": wanted})
    r.admin.update_status(pvc.evolve(status=pvc.status.evolve(phase="Bound")))
    assert r.admin.get(PersistentVolume, "", "pv-1")
    assert r.admin.get(PersistentVolumeClaim, "default", "data")
    r.world.cloud.create(handle, 1 << 30)


def test_a_claim_waits_for_its_disk_and_keeps_what_is_on_it():
    """The Pod starts when the disk is attached to its node; another Pod finds there what the first has written."""
    r = Rig()
    bound_claim(r)
    claim = {
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
        "volumeMounts": [{"name": "d", "mountPath": "/data"}],
    }
    r.pod(**claim)
    r.tick(5)
    assert r.status() == "Pending app=ContainerCreating"
    r.world.cloud.attach("disk-1", "node-a")
    r.tick(4)
    assert r.status() == "Running app=Running*"
    r.container().files().write("/data/order", "1")
    r.delete(Pod, "web")
    r.tick(3)
    r.pod(**claim)
    r.tick(2)
    assert read(r, "/data/order") == "1"


def test_limits_reach_the_runtime():
    r = Rig()
    r.pod(resources={"limits": {"cpu": "250m", "memory": "64Mi"}})
    r.tick(1)
    limits = r.container().config.limits
    assert (limits.cpu_milli, limits.memory_bytes) == (250, 64 << 20)


def test_commands_are_expanded():
    r = Rig()
    r.pod(
        image="busybox:1.36", command=["sh", "-c"], args=["echo $(WHO)-$$(WHO)"], env=[{"name": "WHO", "value": "me"}]
    )
    r.tick(1)
    assert r.container().config.args == ("echo me-$(WHO)",)


def test_names_in_a_pod():
    """Its hostname is its name; names are looked up in its namespace, in svc, and in the cluster's domain."""
    r = Rig()
    r.pod()
    r.tick(1)
    container = r.container()
    assert container.sandbox.hostname == "web"
    assert container.files().read("/etc/resolv.conf") == (
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"
    )


def test_services_of_the_moment():
    """A container sees the Services that were there when it started."""
    r = Rig()
    port = {"port": 80}
    for name in ("kubernetes", "db"):
        meta = {"name": name}
        r.create(
            {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [port], "selector": {"a": "b"}}}
        )
    r.pod("with")
    r.pod("without", spec={"enableServiceLinks": False, "containers": [{"name": "app", "image": "test/app"}]})
    r.tick(3)
    seen = [sorted(c.config.env) for c in r.containers().values()]
    assert ["DB_SERVICE_HOST" in names for names in seen] == [True, False]
    assert ["KUBERNETES_SERVICE_HOST" in names for names in seen] == [True, True]


@pytest.mark.parametrize(
    "context, reason, message",
    [
        ({"runAsNonRoot": True}, "CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
        (
            {"runAsNonRoot": True, "runAsUser": 0},
            "CreateContainerConfigError",
            "container's runAsUser breaks non-root policy",
        ),
    ],
)
def test_root_may_be_forbidden(context, reason, message):
    r = Rig()
    r.pod(securityContext=context)
    r.tick(1)
    waiting = r.get(Pod, "web").status.container_statuses[0].state.waiting
    assert (waiting.reason, waiting.message.partition(" (")[0]) == ("CreateContainerConfigError", message)


@pytest.mark.parametrize(
    "image, message",
    [
        ("prom/prometheus", "image has non-numeric user (nobody), cannot verify user is non-root"),
        ("test/app", "image will run as root"),
    ],
)
def test_only_a_number_or_nothing_that_is_known_proves_that_an_image_is_not_root(image, message):
    r = Rig(have=(image,))
    r.pod(image=image, securityContext={"runAsNonRoot": True})
    r.tick(1)
    waiting = r.get(Pod, "web").status.container_statuses[0].state.waiting
    assert waiting.message.startswith(f"container has runAsNonRoot and {message} (pod: ")


@pytest.mark.parametrize("image", ["grafana/grafana", "shop/unknown"])
def test_an_image_with_a_numeric_user_or_of_which_nobody_knows_may_run(image):
    r = Rig(have=(image,))
    r.pod(image=image, securityContext={"runAsNonRoot": True})
    r.tick(2)
    assert r.get(Pod, "web").status.container_statuses[0].state.running is not None


def test_a_command_that_does_not_exist():
    r = Rig()
    r.pod(image="busybox:1.36", command=["nope"])
    r.tick(1)
    waiting = r.get(Pod, "web").status.container_statuses[0]
    assert waiting.state.waiting.reason == "RunContainerError"
    assert waiting.state.waiting.message.endswith('exec: "nope": executable file not found in $PATH')
    assert waiting.last_state.terminated.reason == "StartError"
    assert waiting.last_state.terminated.exit_code == 128
