"""Each bundled image, by what a person who has run the real one knows of it."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from kubesim_tui.world.answer import serve
from kubesim_tui.world.config import Limits, Mount
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.errors import StartError
from kubesim_tui.world.image_loader import assets, load, load_checked
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.plan import Plan, Refused
from kubesim_tui.world.probes import grpc_probe, http_probe, tcp_probe
from tests.world.builders import CATALOGUE, Box, FakeNet, text

FILES = sorted((assets() / "images").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_bundled_image_fits_the_schema(path):
    assert load_checked(path.read_text("utf-8"), path.name, CATALOGUE.read)["repositories"]


def test_the_schema_is_one():
    schema = json.loads((assets() / "schema" / "image.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == "An image of kubesim"


def test_no_repository_is_described_twice():
    names = [name for path in FILES for name in load(path.read_text("utf-8"))["repositories"]]
    assert len(names) == len(set(names))


def test_the_catalogue_finds_all_repositories_without_reading_the_files():
    names = sorted(name for path in FILES for name in load(path.read_text("utf-8"))["repositories"])
    assert CATALOGUE.names() == names


def get(container: Container, path: str = "/", port: int = 80, method: str = "GET") -> tuple[int, str]:
    fetched = serve(container, port, method, path, "", 0)
    return fetched.status, fetched.body


def status(container: Container, path: str = "/", port: int = 80, method: str = "GET") -> int:
    plan = container.plan(port, method, path)
    assert isinstance(plan, Plan)
    return plan.status


LISTEN = ("--web.listen-address=:9191",)
READY = [
    ("nginx", (), {}, (80,)),
    ("nginx:1.27-alpine", (), {}, (80,)),
    ("httpd", (), {}, (80,)),
    ("redis:alpine", (), {}, (6379,)),
    ("postgres:15-alpine", (), {"POSTGRES_PASSWORD": "x"}, (5432,)),
    ("mysql:8.0", (), {"MYSQL_ROOT_PASSWORD": "x"}, (3306,)),
    ("mariadb", (), {"MARIADB_ROOT_PASSWORD": "x"}, (3306,)),
    ("mongo", (), {}, (27017,)),
    ("hashicorp/http-echo", ("-text=hi",), {}, (5678,)),
    ("hashicorp/http-echo", ("-listen=:8080", "-text", "hi"), {}, (8080,)),
    ("registry.k8s.io/pause:3.10", (), {}, ()),
    ("dockersamples/examplevotingapp_vote", (), {}, (80,)),
    ("dockersamples/examplevotingapp_result", (), {}, (80,)),
    ("gcr.io/google-samples/hello-app:1.0", (), {}, (8080,)),
    ("gcr.io/google-samples/hello-app:2.0", (), {"PORT": "9000"}, (9000,)),
    ("registry.k8s.io/e2e-test-images/agnhost:2.40", ("netexec", "--http-port=8081"), {}, (8081,)),
    ("registry.k8s.io/e2e-test-images/agnhost:2.40", ("serve-hostname",), {}, (9376,)),
    ("ghcr.io/stefanprodan/podinfo:6.9.0", (), {}, (9898,)),
    ("gcr.io/google_samples/gb-frontend:v5", (), {}, (80,)),
    ("kicbase/echo-server:1.0", (), {}, (8080,)),
    ("wordpress:6.2.1-apache", (), {}, (80,)),
    ("python:3.12", ("python", "-m", "http.server"), {}, (8000,)),
    ("redis:5.0.4", ("--port", "7000"), {}, (7000,)),
    ("memcached:1.6-alpine", ("-p", "11311"), {}, (11311,)),
    ("cassandra:4.1", (), {}, (7000, 7199, 9042)),
    ("registry.k8s.io/guestbook:v3", (), {}, (3000,)),
    ("prom/prometheus", (), {}, (9090,)),
    ("quay.io/prometheus/prometheus:v3.5.0", ("--config.file=/etc/prometheus/prometheus.yml", *LISTEN), {}, (9191,)),
    ("prom/alertmanager", (), {}, (9093, 9094)),
    ("quay.io/prometheus/node-exporter:v1.9.1", ("--web.listen-address=127.0.0.1:9101",), {}, (9101,)),
    ("oliver006/redis_exporter", (), {}, (9121,)),
    ("grafana/grafana", (), {}, (3000,)),
    ("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.16.0", (), {}, (8080, 8081)),
    ("registry.k8s.io/metrics-server/metrics-server:v0.8.0", ("--secure-port=10250",), {}, (10250,)),
    ("rabbitmq:3-management", (), {}, (5672, 15672, 15692, 25672, 4369)),
    ("nats:2-alpine", (), {}, (4222, 8222, 6222)),
    ("minio/minio", ("server", "/data", "--console-address", ":9090"), {}, (9000, 9090)),
    ("elasticsearch:8.15.0", (), {}, (9200, 9300)),
    ("hashicorp/vault", (), {}, (8200, 8201)),
    ("registry.k8s.io/ingress-nginx/controller:v1.13.0", (), {}, (80, 443, 10254)),
    ("traefik/whoami", (), {}, (80,)),
    ("traefik:v3.5", ("--entrypoints.web.address=:8000",), {}, (8000, 8080)),
    ("nginxdemos/hello", (), {}, (80,)),
    ("nginxdemos/nginx-hello", (), {}, (8080,)),
    ("registry:2", ("serve", "/etc/docker/registry/config.yml"), {}, (5000,)),
    ("php:8.3-apache", (), {}, (80,)),
    ("php:8.3-fpm", (), {}, (9000,)),
    ("zookeeper", (), {}, (2181, 2888, 3888, 8080)),
    ("opensearchproject/opensearch:2.11.0", (), {}, (9200, 9300, 9600)),
    ("bitnami/nginx", (), {}, (8080, 8443)),
    ("bitnami/redis", (), {"ALLOW_EMPTY_PASSWORD": "yes"}, (6379,)),
    ("quay.io/coreos/etcd:v3.6.4", (), {}, (2379, 2380)),
    ("ghcr.io/mccutchen/go-httpbin", (), {"PORT": "9999"}, (9999,)),
]


@pytest.mark.parametrize("image,args,env,ports", READY, ids=[f"{row[0]} {' '.join(row[1])}" for row in READY])
def test_a_server_listens_within_half_a_minute(image, args, env, ports):
    container = Box().run(image, args=args, env=env)
    assert (container.state, container.ports) == (State.RUNNING, ports), text(container)


ENDS = [
    ("busybox", (), {}, 0, "Completed", ""),
    ("alpine", (), {}, 0, "Completed", ""),
    ("postgres", (), {}, 1, "Error", "superuser password is not specified"),
    ("mysql", (), {}, 1, "Error", "- MYSQL_ROOT_PASSWORD"),
    ("mysql", (), {"MYSQL_ROOT_PASSWORD": "x", "MYSQL_USER": "root"}, 1, "Error", 'MYSQL_USER="root"'),
    ("mariadb", (), {}, 1, "Error", "MARIADB_ROOT_PASSWORD"),
    ("hashicorp/http-echo", (), {}, 127, "Error", "Missing -text option"),
    ("nginx", ("nginx", "-v"), {}, 0, "Completed", "nginx version: nginx/"),
    ("nginx", ("nginx",), {}, 0, "Completed", "start worker process"),
    ("redis", ("redis-server", "/etc/nope.conf"), {}, 1, "Error", "can't open config file '/etc/nope.conf'"),
    ("prom/prometheus", ("prometheus", "--config.file=/no.yml"), {}, 2, "Error", "open /no.yml: no such file"),
    ("haproxy:3", (), {}, 1, "Error", "/usr/local/etc/haproxy/haproxy.cfg : No such file or directory"),
    ("confluentinc/cp-kafka", (), {}, 1, "Error", "KAFKA_ZOOKEEPER_CONNECT is required"),
    ("mcr.microsoft.com/mssql/server", (), {}, 1, "Error", "End-User License Agreement"),
    ("bitnami/postgresql", (), {}, 1, "Error", "The POSTGRESQL_PASSWORD environment variable is empty or not set"),
    ("couchdb:3", (), {}, 1, "Error", 'will no longer run in "Admin Party"'),
    ("joomla", (), {}, 1, "Error", "missing required JOOMLA_DB_PASSWORD"),
    ("ghost:5", (), {}, 2, "Error", "ECONNREFUSED"),
    ("fedora", (), {}, 0, "Completed", ""),
    ("perl:5.34", ("perl", "-Mbignum=bpi", "-wle", "print bpi(20)"), {}, 0, "Completed", "3.1415926535897932384"),
    ("busybox", ("sh", "-c", "exit 7"), {}, 7, "Error", ""),
    ("busybox", ("sleep", "5"), {}, 0, "Completed", ""),
    ("busybox", ("echo", "hi there"), {}, 0, "Completed", "hi there"),
    ("busybox", ("printenv", "HOSTNAME"), {}, 0, "Completed", "web-1"),
    ("python", ("python3", "-c", "import sys; print('x'); sys.exit(3)"), {}, 3, "Error", "x"),
]


@pytest.mark.parametrize(
    "image,command,env,code,reason,said", ENDS, ids=[f"{r[0]} {' '.join(r[1])}"[:40] for r in ENDS]
)
def test_a_container_ends_by_itself(image, command, env, code, reason, said):
    container = Box().run(image, *command, env=env)
    assert (container.exit_code, container.reason) == (code, reason), text(container)
    assert said in text(container)


def test_a_command_that_is_not_in_the_image_cannot_be_started():
    box = Box()
    with pytest.raises(StartError) as caught:
        box.start("nginx", "foo")
    container = next(iter(box.runtime.containers.values()))
    assert (container.exit_code, container.reason) == (128, "StartError")
    assert str(caught.value).endswith('exec: "foo": executable file not found in $PATH')


def test_an_init_runs_what_it_is_told():
    assert Box().run("grafana/grafana", "tini", "-g", "--", "/run.sh").ports == (3000,)
    assert Box().sh("exec tini -- echo hi")[0] == "hi\n"


def test_differences_may_hold_for_a_repository():
    assert [Box().run(name).ports for name in ("prom/node-exporter", "prom/pushgateway")] == [(9100,), (9091,)]


def test_prometheus_says_that_it_is_healthy_and_reloads_only_where_it_may():
    plain = Box().run("prom/prometheus")
    assert get(plain, "/-/healthy", 9090) == (200, "Prometheus Server is Healthy.\n")
    assert status(plain, "/-/reload", 9090, "POST") == 403
    args = ("--config.file=/etc/prometheus/prometheus.yml", "--web.enable-lifecycle")
    assert status(Box().run("prom/prometheus", args=args), "/-/reload", 9090, "POST") == 200


def test_grafana_sends_to_its_login_and_needs_its_directory():
    assert [status(Box().run("grafana/grafana"), path, 3000) for path in ("/api/health", "/", "/login")] == [
        200,
        302,
        200,
    ]
    stranger = Box().run("grafana/grafana", read_only_root=True)
    assert (stranger.exit_code, "GF_PATHS_DATA='/var/lib/grafana' is not writable." in text(stranger)) == (1, True)


def test_vault_is_sealed_unless_it_is_a_development_server():
    dev, real = Box().run("hashicorp/vault"), Box().run("hashicorp/vault", args=("server", "-config=/vault/config"))
    assert [status(box, "/v1/sys/health", 8200) for box in (dev, real)] == [200, 501]


def test_distroless_images_have_no_shell():
    with pytest.raises(StartError, match='exec: "sh": executable file not found'):
        Box().start("hashicorp/http-echo", "sh", "-c", "echo hi")


def test_nginx_serves_its_welcome_page_and_404_for_the_rest():
    container = Box().run("nginx")
    code, body = get(container)
    assert (code, "Welcome to nginx!" in body) == (200, True)
    assert status(container, "/nope") == 404


def test_nginx_serves_what_is_mounted_over_its_root():
    volume = Volume("content")
    container = Box().run("nginx", mounts=(Mount("/usr/share/nginx/html", volume),))
    assert status(container) == 403
    volume.write("index.html", "hello from a volume\n")
    assert get(container) == (200, "hello from a volume\n")


def test_nginx_follows_the_configuration_that_is_mounted():
    conf = Volume("conf")
    conf.write(
        "default.conf",
        """server { listen 8080; location = /healthz { return 200 "ok\\n"; } location /old { return 301 /new; }
        location /api/ { proxy_pass http://api:3000/; } location /private { deny all; }
        location / { return 503 "later"; } }""",
    )
    net = FakeNet().serve("api", Fetched(200, "from the api"))
    container = Box(net).run("nginx", mounts=(Mount("/etc/nginx/conf.d", conf),))
    assert container.ports == (8080,)
    assert get(container, "/healthz", 8080) == (200, "ok\n")
    assert [status(container, path, 8080) for path in ("/old", "/private", "/x")] == [301, 403, 503]
    call = container.plan(8080, "GET", "/api/users").calls[0]
    assert (call.host, call.port, call.path, call.failure) == ("api", 3000, "/users", 502)
    assert get(container, "/api/users", 8080) == (200, "from the api")


def test_nginx_reads_its_configuration_anew_when_it_is_told_to():
    conf = Volume("conf")
    conf.write("default.conf", "server { listen 80; location / { return 200 old; } }")
    box = Box()
    container = box.run("nginx", mounts=(Mount("/etc/nginx/conf.d", conf),))
    conf.write("default.conf", "server { listen 80; location / { return 200 new; } }")
    assert get(container) == (200, "old")
    box.runtime.exec(container.id, ("nginx", "-s", "reload"), box.now)
    assert get(container) == (200, "new")


def test_nginx_does_not_start_with_a_broken_configuration():
    conf = Volume("conf")
    conf.write("nginx.conf", "events {}\nhttp { server { listn 80; } }")
    container = Box().run("nginx", mounts=(Mount("/etc/nginx/nginx.conf", conf, "nginx.conf"),))
    assert container.exit_code == 1
    assert 'nginx: [emerg] unknown directive "listn" in /etc/nginx/nginx.conf:2\n' in text(container)


def test_nginx_does_not_start_without_its_upstream_and_starts_with_it():
    conf = Volume("conf")
    conf.write(
        "default.conf", "upstream up { server api:3000; }\nserver { listen 80; location / { proxy_pass http://up; } }"
    )
    mounts = (Mount("/etc/nginx/conf.d", conf),)
    without = Box(FakeNet()).run("nginx", mounts=mounts)
    assert (without.exit_code, 'host not found in upstream "api"' in text(without)) == (1, True)
    assert Box(FakeNet().serve("api")).run("nginx", mounts=mounts).ports == (80,)


def test_nginx_needs_to_write_its_cache():
    container = Box().run("nginx", read_only_root=True)
    assert container.exit_code == 1
    assert 'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)' in text(container)
    user = Box().run("nginx", user=1000)
    assert (user.exit_code, "(13: Permission denied)" in text(user)) == (1, True)


def test_two_servers_of_a_pod_cannot_have_the_same_port():
    box = Box()
    box.run("nginx")
    second = box.run("nginx")
    assert (second.exit_code, "Address already in use" in text(second)) == (1, True)


def test_httpd_says_that_it_works():
    assert get(Box().run("httpd")) == (200, "<html><body><h1>It works!</h1></body></html>\n")


def test_http_echo_says_what_it_was_told_by_flag_or_environment():
    assert get(Box().run("hashicorp/http-echo", args=("-text=apple",)), "/", 5678) == (200, "apple\n")
    assert get(Box().run("hashicorp/http-echo", env={"HTTP_ECHO_TEXT": "pear"}), "/x", 5678) == (200, "pear\n")


def test_postgres_keeps_the_password_of_its_first_start():
    volume = Volume("data")
    mounts = (Mount("/var/lib/postgresql/data", volume),)
    first = Box().run("postgres", env={"POSTGRES_PASSWORD": "first"}, mounts=mounts)
    assert "PostgreSQL init process complete" in text(first)
    again = Box().run("postgres", env={"POSTGRES_PASSWORD": "second"}, mounts=mounts)
    assert "Skipping initialization" in text(again)
    plans = [again.plan(5432, "READ", f"/?user=postgres&password={word}") for word in ("first", "second")]
    assert [plan.status for plan in plans] == [200, 401]
    assert plans[1].why == 'password authentication failed for user "postgres"'


def test_postgres_needs_no_password_when_there_is_a_database():
    volume = Volume("data")
    mounts = (Mount("/var/lib/postgresql/data", volume),)
    Box().run("postgres", env={"POSTGRES_PASSWORD": "x"}, mounts=mounts)
    assert Box().run("postgres", mounts=mounts).ports == (5432,)


def test_postgres_refuses_a_directory_with_something_else_in_it():
    volume = Volume("data")
    volume.write("lost+found/x", "")
    container = Box().run(
        "postgres", env={"POSTGRES_PASSWORD": "x"}, mounts=(Mount("/var/lib/postgresql/data", volume),)
    )
    assert container.exit_code == 1
    assert 'initdb: error: directory "/var/lib/postgresql/data" exists but is not empty' in text(container)


def test_records_of_postgres_outlive_it_on_a_volume_and_not_without():
    for mounts, kept in (((Mount("/var/lib/postgresql/data", Volume("data")),), 10), ((), 0)):
        box = Box()
        env = {"POSTGRES_PASSWORD": "x"}
        first = box.run("postgres", env=env, mounts=mounts)
        plan = first.plan(5432, "WRITE", "")
        assert first.keep(plan.store, "orders", 1, 10, box.now) == 10
        box.runtime.kill(first.id, box.now)
        second = box.run("postgres", env=env, mounts=mounts)
        assert len(second.records("orders")) == kept


def test_redis_writes_its_records_out_when_it_stops_in_order():
    for grace, kept in ((30, 5), (0, 0)):
        volume = Volume("data")
        box = Box()
        first = box.run("redis", mounts=(Mount("/data", volume),))
        first.keep(first.plan(6379, "WRITE", "").store, "votes", 1, 5, box.now)
        assert len(first.records("votes")) == 5
        box.runtime.stop(first.id, grace, box.now)
        second = box.run("redis", mounts=(Mount("/data", volume),))
        assert len(second.records("votes")) == kept


def test_redis_takes_a_snapshot_after_five_minutes_with_a_hundred_changes():
    volume = Volume("data")
    box = Box()
    first = box.run("redis", mounts=(Mount("/data", volume),))
    store = first.plan(6379, "WRITE", "").store
    first.keep(store, "votes", 1, 150, box.now)
    box.until(box.now + 400)
    first.keep(store, "votes", 151, 160, box.now)
    box.runtime.kill(first.id, box.now)
    assert list(box.run("redis", mounts=(Mount("/data", volume),)).records("votes")) == list(range(1, 151))


def test_redis_cli_sets_and_gets():
    box = Box()
    container = box.run("redis")
    said = [
        box.runtime.exec(container.id, ("redis-cli", *words), box.now).stdout
        for words in (("ping",), ("SET", "a", "1"), ("GET", "a"), ("INCR", "a"), ("NOPE",))
    ]
    assert said[:4] == ["PONG\n", "OK\n", "1\n", "2\n"]
    assert said[4].startswith("ERR unknown command 'NOPE'")


def test_redis_asks_for_the_password_of_its_arguments():
    box = Box()
    container = box.run("redis", args=("--requirepass", "s3cret"))
    assert box.runtime.exec(container.id, ("redis-cli", "ping"), box.now).stdout == "NOAUTH Authentication required.\n"
    assert box.runtime.exec(container.id, ("redis-cli", "-a", "s3cret", "ping"), box.now).stdout == "PONG\n"


def test_clients_of_databases_answer():
    box = Box()
    postgres = box.run("postgres", env={"POSTGRES_PASSWORD": "x"})
    result = box.runtime.exec(postgres.id, ("psql", "-U", "postgres", "-c", "select 1"), box.now)
    assert (result.exit_code, result.stdout) == (0, " ?column? \n----------\n        1\n(1 row)\n")
    assert (
        box.runtime.exec(postgres.id, ("pg_isready",), box.now).stdout
        == "/var/run/postgresql:5432 - accepting connections\n"
    )
    box = Box()
    mysql = box.run("mysql", env={"MYSQL_ROOT_PASSWORD": "x"})
    assert box.runtime.exec(mysql.id, ("mysqladmin", "ping"), box.now).stdout == "mysqld is alive\n"
    assert box.runtime.exec(mysql.id, ("mysql", "-h", "127.0.0.1", "-e", "SELECT 1"), box.now).exit_code == 0


def test_a_client_fails_while_its_server_is_not_ready():
    box = Box()
    mysql = box.run("mysql", env={"MYSQL_ROOT_PASSWORD": "x"}, ticks=1)
    result = box.runtime.exec(mysql.id, ("mysqladmin", "ping"), box.now)
    assert (result.exit_code, "Can't connect to local MySQL server" in result.stderr) == (1, True)


def test_the_worker_of_the_voting_app_waits_for_both_and_never_gives_up():
    net = FakeNet()
    box = Box(net)
    worker = box.run("dockersamples/examplevotingapp_worker", ticks=100)
    assert (worker.state, text(worker).splitlines()[0]) == (State.RUNNING, "Waiting for db")
    net.serve("db")
    net.serve("redis")
    box.until(box.now + 3)
    assert text(worker).splitlines()[-3:] == ["Connected to db", "Found redis at redis", "Connecting to redis"] or (
        text(worker).splitlines()[-3:] == ["Connected to db", "Found redis", "Connecting to redis"]
    )
    assert box.runtime.next_due is None


def test_a_vote_needs_redis_and_the_page_does_not():
    vote = Box().run("dockersamples/examplevotingapp_vote")
    page, ballot = vote.plan(80, "GET", "/"), vote.plan(80, "POST", "/")
    assert (page.status, page.calls, [call.host for call in ballot.calls]) == (200, (), ["redis"])


def test_gb_frontend_asks_the_follower():
    plan = Box().run("gcr.io/google_samples/gb-frontend:v5").plan(80, "GET", "/guestbook.php")
    assert [(call.host, call.port, call.method) for call in plan.calls] == [("redis-follower", 6379, "READ")]


def test_agnhost_liveness_fails_from_the_tenth_second_on():
    box = Box()
    container = box.run("registry.k8s.io/e2e-test-images/agnhost:2.40", args=("liveness",), ticks=9)
    assert status(container, "/healthz", 8080) == 200
    box.until(box.now + 1)
    assert status(container, "/healthz", 8080) == 500


def test_podinfo_drains_for_three_seconds():
    box = Box()
    container = box.run("ghcr.io/stefanprodan/podinfo:6.9.0")
    box.runtime.stop(container.id, 30, box.now)
    assert status(container, "/healthz", 9898) == 200
    box.until(box.now + 3)
    assert (container.state, container.exit_code) == (State.EXITED, 0)


def test_a_node_program_without_handler_is_killed_at_the_end_of_its_grace():
    box = Box()
    container = box.run("gcr.io/google-samples/node-hello:1.0")
    stopped = box.now
    box.runtime.stop(container.id, 10, stopped)
    box.until(stopped + 20)
    assert (container.exit_code, container.finished) == (137, stopped + 10)


def test_stress_is_killed_by_its_memory_limit():
    container = Box().run(
        "polinux/stress", "stress", args=("--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"),
        limits=Limits(memory_bytes=200 << 20),
    )  # fmt: skip
    assert (container.exit_code, container.reason) == (137, "OOMKilled")


def test_stress_uses_the_processor_that_it_is_told_up_to_its_limit():
    box = Box()
    container = box.run("vish/stress", args=("-cpus", "2"), limits=Limits(cpu_milli=1000), ticks=10)
    assert container.cpu_total_us(box.now) == 10 * 1_000_000


def test_an_unknown_image_is_up_after_a_second_where_it_is_expected():
    box = Box()
    container = box.start("example.com/team/app:1", expected_ports=(8080, 9090))
    assert container.state is State.CREATED
    box.until(box.now + 1)
    assert (container.state, container.ports) == (State.RUNNING, (8080, 9090))
    assert http_probe(container, 8080, "/anything").success
    assert tcp_probe(container, 9090).success


def test_an_unknown_image_with_a_command_of_its_own_runs_too():
    container = Box().run("kubernetes-zookeeper:1", "sh", "-c", "start-zookeeper --servers=3", expected_ports=(2181,))
    assert (container.state, container.ports) == (State.RUNNING, (2181,))


def test_only_the_last_program_of_a_script_of_an_unknown_image_serves():
    script = "migrate --up && fetch | unpack; exec serve --port 80"
    container = Box().run("example.com/app:1", "sh", "-c", script, expected_ports=(80,))
    assert (container.state, container.ports) == (State.RUNNING, (80,))
    done = Box().run("example.com/app:1", "sh", "-c", "migrate --up; echo migrated", expected_ports=(80,))
    assert (done.exit_code, text(done)) == (0, "migrated\n")


def test_what_is_asked_before_it_listens_is_refused():
    box = Box()
    container = box.start("postgres", env={"POSTGRES_PASSWORD": "x"})
    assert container.plan(5432, "READ", "") == Refused(why="still starting")
    box.until(box.now + 5)
    assert container.plan(5432, "READ", "").status == 200
    assert container.plan(80) == Refused(why="nothing listens on port 80")


SHOP = "us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo"
SHOP_NEEDS = {
    f"{name}_SERVICE_ADDR": f"{name.lower()}:80"
    for name in (
        *("PRODUCT_CATALOG", "CURRENCY", "CART", "RECOMMENDATION"),
        *("CHECKOUT", "SHIPPING", "AD", "EMAIL", "PAYMENT"),
    )
}
SHOP_GRPC = {
    "adservice": 9555,
    "cartservice": 7070,
    "checkoutservice": 5050,
    "currencyservice": 7000,
    "emailservice": 8080,
    "paymentservice": 50051,
    "productcatalogservice": 3550,
    "recommendationservice": 8080,
    "shippingservice": 50051,
}


@pytest.mark.parametrize("name,port", SHOP_GRPC.items(), ids=list(SHOP_GRPC))
def test_a_service_of_the_shop_tells_its_health_by_grpc(name, port):
    container = Box().run(f"{SHOP}/{name}:v0.10.6", env=SHOP_NEEDS)
    assert (container.ports, grpc_probe(container, port).success) == ((port,), True), text(container)


@pytest.mark.parametrize(
    "name,code,said",
    [
        ("frontend", 2, 'panic: environment variable "PRODUCT_CATALOG_SERVICE_ADDR" not set'),
        ("checkoutservice", 2, 'panic: environment variable "SHIPPING_SERVICE_ADDR" not set'),
        ("recommendationservice", 1, "PRODUCT_CATALOG_SERVICE_ADDR environment variable not set"),
    ],
)
def test_a_service_of_the_shop_does_not_start_without_the_addresses_of_those_it_asks(name, code, said):
    container = Box().run(f"{SHOP}/{name}:v0.10.6")
    assert (container.exit_code, container.reason, said in text(container)) == (code, "Error", True)


def test_the_shop_s_frontend_needs_the_shopping_assistant_s_address_only_since_there_is_one():
    new, old = (Box().run(f"{SHOP}/frontend:{tag}", env=SHOP_NEEDS) for tag in ("v0.10.6", "v0.8.0"))
    assert (new.exit_code, old.exit_code, old.ports) == (2, None, (8080,))


def test_adding_to_the_cart_asks_the_catalogue_and_the_cart():
    container = Box().run(f"{SHOP}/frontend:v0.8.0", env=SHOP_NEEDS)
    plan = container.plan(8080, "POST", "/cart")
    assert (plan.status, [call.host for call in plan.calls]) == (302, ["product_catalog", "cart"])


def test_a_cart_is_in_redis_or_without_an_address_in_memory():
    path = "/hipstershop.CartService/AddItem"
    shared = Box().run(f"{SHOP}/cartservice:v0.10.6", env={"REDIS_ADDR": "redis-cart:6379"}).plan(7070, "POST", path)
    alone = Box().run(f"{SHOP}/cartservice:v0.10.6").plan(7070, "POST", path)
    assert [(call.host, call.port, call.method) for call in shared.calls] == [("redis-cart", 6379, "WRITE")]
    assert (alone.status, alone.calls) == (200, ())


CASSANDRA, ZOOKEEPER = "gcr.io/google-samples/cassandra:v13", "registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10"


@pytest.mark.parametrize(
    "image,command,probe",
    [
        (CASSANDRA, (), ("/bin/bash", "-c", "/ready-probe.sh")),
        (ZOOKEEPER, ("sh", "-c", "start-zookeeper --servers=3"), ("sh", "-c", "zookeeper-ready 2181")),
    ],
    ids=["cassandra", "zookeeper"],
)
def test_the_probe_of_a_tutorial_s_database_holds_when_it_listens_and_not_before(image, command, probe):
    box = Box()
    container = box.run(image, *command, ticks=2, env={"POD_IP": "10.244.0.7"})
    early = box.runtime.exec(container.id, probe, box.now).exit_code
    box.until(30)
    late = box.runtime.exec(container.id, probe, box.now).exit_code
    assert (early, late) == (1, 0)


def test_guestbook_writes_to_the_master_and_reads_from_a_slave():
    container = Box().run("registry.k8s.io/guestbook:v3")
    plans = [container.plan(3000, "GET", path) for path in ("/rpush/guestbook/hi", "/lrange/guestbook")]
    assert [(call.host, call.method) for plan in plans for call in plan.calls] == [
        ("redis-master", "WRITE"),
        ("redis-slave", "READ"),
    ]
