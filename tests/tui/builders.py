"""Boards and games for the tests of the interface: each a notable moment, in both languages."""
# ruff: noqa: E501 - tables of data

from attrs import evolve

from kubesim_tui.apiserver.request import Record
from kubesim_tui.cluster.picture.course import Course
from kubesim_tui.cluster.picture.followed import FAILED, Followed, Sort, Stop, fact
from kubesim_tui.cluster.picture.room import CUT, KINDS, PEOPLE, RUNNING, SLOW, STOPPED, Box, Message, Room
from kubesim_tui.cluster.picture.steps import AHEAD, DONE, Step
from kubesim_tui.cluster.picture.steps import FAILED as STOPS
from kubesim_tui.cluster.placement import Placement
from kubesim_tui.cluster.view import (
    ClaimView,
    ComponentView,
    ConfigView,
    EventView,
    Face,
    Mark,
    NodeView,
    ObjectiveView,
    PodView,
    Ref,
    RouteView,
    ServiceView,
    TrafficView,
    View,
    WorkloadView,
)
from kubesim_tui.game.state import (
    Coach,
    GameState,
    Link,
    Score,
    Verdict,
    Why,
)
from kubesim_tui.scheduler.explain import NodeRow, PluginScore

GI = 1 << 30
MI = 1 << 20


def say(language, en, zh):
    return zh if language == "zh" else en


def ref(kind, name, namespace="shop"):
    return Ref(kind, "" if kind in ("Node", "PersistentVolume", "Namespace") else namespace, name)


STATUS = {
    Face.RUNNING: "Running",
    Face.NOT_READY: "Running",
    Face.PENDING: "Pending",
    Face.CREATING: "ContainerCreating",
    Face.CRASH: "CrashLoopBackOff",
    Face.OOM: "OOMKilled",
    Face.STOPPING: "Terminating",
    Face.DONE: "Completed",
    Face.UNKNOWN: "Unknown",
}


def pod(name, face=Face.RUNNING, node="node-a", owner=None, ip="10.244.1.4", status="", **more):
    ready = 1 if face in (Face.RUNNING, Face.STOPPING) else 0
    return PodView(
        ref=ref("Pod", name),
        face=face,
        status=status or STATUS[face],
        ready=ready,
        containers=1,
        restarts=more.pop("restarts", 0),
        node="" if face is Face.PENDING else node,
        ip="" if face in (Face.PENDING, Face.CREATING) else ip,
        age=more.pop("age", 240),
        owner=owner,
        image=more.pop("image", "registry.example.com/web:1.0"),
        revision=name.split("-")[-2] if name.count("-") > 1 else "",
        cpu_milli=120,
        memory_bytes=64 * MI,
        **more,
    )


def node(letter, pods=(), ready=True, schedulable=True, cpu=30, memory=40, pressure="", zone="", heard=4):
    status = ("Ready" if ready else "NotReady") + ("" if schedulable else ",SchedulingDisabled")
    return NodeView(
        ref=ref("Node", f"node-{letter}"),
        letter=letter,
        zone=zone or f"zone-{letter}",
        status=status,
        ready=ready,
        schedulable=schedulable,
        pressure=pressure,
        control_plane=False,
        cpu_capacity_milli=4000,
        cpu_used_milli=40 * cpu,
        cpu_requested_milli=60 * cpu,
        memory_capacity_bytes=8 * GI,
        memory_used_bytes=8 * GI * memory // 100,
        memory_requested_bytes=4 * GI,
        pods=tuple(pods),
        heard=heard,
    )


SYSTEM = ("cloud-controller-manager", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def control_plane(crashed=""):
    """The machine of the control plane with its static Pods."""
    name = "control-plane"
    pods = [
        evolve(
            pod(
                f"{part}-{name}", Face.CRASH if part == crashed else Face.RUNNING, name, ref("Node", name), "172.18.0.2"
            ),
            ref=Ref("Pod", "kube-system", f"{part}-{name}"),
        )
        for part in SYSTEM
    ]
    return evolve(
        node("d", pods, cpu=0, memory=6, zone="a"), ref=ref("Node", name), control_plane=True, cpu_used_milli=12
    )


def workload(kind, name, pods, want=None, image="registry.example.com/web:1.0", **more):
    ready = sum(p.ready for p in pods)
    pods = tuple(pods)
    return WorkloadView(
        ref=ref(kind, name),
        want=len(pods) if want is None else want,
        ready=ready,
        updated=len(pods),
        available=ready,
        image=image,
        rollout=more.pop("rollout", ""),
        pods=pods,
        configs=more.pop("configs", ()),
        claims=more.pop("claims", ()),
        probe=more.pop("probe", ""),
    )


def service(name, pods, workloads, type="ClusterIP", port="80→8080", rate=0, ok=1000, p95=12, **more):
    return ServiceView(
        ref=ref("Service", name),
        type=type,
        cluster_ip=more.pop("ip", "10.96.0.40"),
        ports=port,
        external=more.pop("external", ""),
        ready=sum(p.ready for p in pods if p.face is not Face.STOPPING),
        endpoints=len(pods),
        pods=tuple(pods),
        workloads=tuple(workloads),
        rate=rate,
        ok_pm=ok,
        p95_us=p95 * 1000,
    )


def route(path, to, host="shop.example.com", problem="", ingress="shop"):
    return RouteView(ref("Ingress", ingress), host, path, "Prefix", ref("Service", to), "80", problem)


def traffic(name, ok, rate=20, slo=900, method="GET", path="/", failed=(), p95=None, url=""):
    """A stream of users; `ok` is its history in per mille."""
    ok = tuple(ok)
    rates = tuple(rate + (i * 7 % 5) - 2 for i in range(len(ok)))
    sent = sum(rates)
    lost = sum(n for _, n in failed)
    latency = tuple((p95 or 12) * 1000 + (i * 13 % 7) * 900 for i in range(len(ok)))
    minute = [pm for pm in ok[-60:] if pm >= 0] or [1000]
    mean = sum(minute) // len(minute)
    return TrafficView(
        name=name,
        url=url or f"http://shop.example.com{path}",
        method=method,
        rate=rate,
        sent=sent,
        served=sent - lost,
        failed=tuple(failed),
        now_ok_pm=ok[-1] if ok else -1,
        now_p95_us=latency[-1] if ok else 0,
        slo_pm=slo,
        ok_history=ok,
        rate_history=rates,
        p95_history=latency,
        first_hop=ref("Ingress", "shop"),
        goodput=rate * mean // 1000,
        burn_milli=(1000 - mean) * 1000 // (1000 - slo) if slo else 0,
    )


def event(tick, reason, about, message, type="Normal", count=1):
    return EventView(tick, type, reason, about, message, count)


def objective(id, text, state="open", value="", done=-1, bonus=False):
    return ObjectiveView(id, text, state, value, done, bonus)


WEB = ref("Deployment", "web")
WEB_POD = ref("Pod", "web-7c9f6d4b5-x2k7q")
COMPONENTS = tuple(
    ComponentView(name, "control-plane", True, "")
    for name in ("kube-apiserver", "etcd", "kube-scheduler", "kube-controller-manager", "cloud-controller-manager")
)


def kill_a_pod(language, web_pods, ok=(), tick=0, go=None, **more):
    """The board of the first level: one route, one Service, one Deployment, two nodes."""
    pods = tuple(evolve(p, owner=WEB) for p in web_pods)
    visitors = traffic("visitors", ok, slo=900, failed=more.pop("failed", ()))
    ready = sum(p.ready for p in pods if p.face is not Face.STOPPING)
    view = View(
        tick=tick,
        go=go,
        clock=f"14:{5 + tick // 60:02d}:{tick % 60:02d}",
        ends=None if go is None else go + 90,
        nodes=(node("a", [p for p in pods if p.node == "node-a"]), node("b", [p for p in pods if p.node == "node-b"])),
        pending=tuple(p for p in pods if not p.node),
        workloads=(workload("Deployment", "web", pods, want=more.pop("want", 1)),),
        services=(service("web", pods, [WEB], rate=20, ok=visitors.now_ok_pm if ok else 1000),),
        routes=(route("/", "web", problem="" if ready else "no endpoints"),),
        traffic=(visitors,),
        events=more.pop("events", ()),
        components=COMPONENTS,
    )
    served = say(language, "90 % of requests succeed", "90% 的请求成功")
    fine = say(language, "98 % of requests succeed", "98% 的请求成功")
    lost = sum(n for _, n in visitors.failed)
    return GameState(
        level="0-1",
        title=say(language, "Kill a Pod", "干掉一个 Pod"),
        goal=say(language, "Keep the shop open while Pods die.", "Pod 不断死去，商店不能关门。"),
        mode="drill",
        view=view,
        objectives=more.pop(
            "objectives",
            (
                objective("served", served, "open" if go is None else "holding", "100.0 %" if go is not None else ""),
                objective("calm", fine, "open", "", bonus=True),
            ),
        ),
        coach=Coach(
            more.pop("coach", say(language, "Press Enter, choose Delete Pod.", "按回车，选“删除 Pod”。")), WEB_POD
        ),
        budget_pm=more.pop("budget", 1000),
        score=Score(sent=visitors.sent, served=visitors.served, failed=lost, cost_milli=120, changes=1),
        marks=more.pop("marks", ()),
        running=go is not None and "verdict" not in more,
        verdict=more.pop("verdict", None),
        pause_because=more.pop("pause", ""),
    )


def start(language="en"):
    """Before Go: one Pod runs, nothing has happened."""
    return kill_a_pod(language, [pod(WEB_POD.name)], tick=12, ok=())


def outage(language="en"):
    """The only Pod was deleted: the old one stops, the new one is being made, users see 503."""
    about = ref("Pod", "web-7c9f6d4b5-hh2p9")
    return kill_a_pod(
        language,
        [pod(WEB_POD.name, Face.STOPPING), pod(about.name, Face.CREATING, "node-b", age=2)],
        ok=[1000] * 14 + [300, 0, 0],
        tick=29,
        go=12,
        failed=(("503", 52),),
        budget=380,
        coach=say(language, "Nobody repaired it: you had asked for 1.", "没有人去修：你要的就是 1 个。"),
        marks=(Mark(26, "action", "kubectl delete pod"), Mark(27, "warning", "503")),
        pause=say(language, "The first request failed.", "第一个请求失败了。"),
        events=(
            event(13, "ScalingReplicaSet", WEB, "Scaled up replica set web-7c9f6d4b5 from 0 to 1"),
            event(26, "Killing", WEB_POD, "Stopping container web"),
            event(26, "SuccessfulCreate", ref("ReplicaSet", "web-7c9f6d4b5"), f"Created pod: {about.name}"),
            event(27, "Scheduled", about, f"Successfully assigned shop/{about.name} to node-b"),
        ),
    )


CHAIN = (
    Link("52 requests of visitors failed: 503", "users", 27, None, ""),
    Link("Ingress shop: Service web has no ready endpoint", "ingress-nginx", 27, ref("Ingress", "shop"), ""),
    Link("Pod web-7c9f6d4b5-x2k7q is Terminating", "kubelet", 26, WEB_POD, "Killing"),
    Link("It was deleted by pod-delete; 1 replica was asked for", "kube-apiserver", 26, WEB, ""),
)


def why(language="en"):
    gloss = say(
        language,
        "The only copy was gone. Until its successor was ready there was nobody to answer.",
        "唯一的副本没了。新的副本就绪之前，没有人应答。",
    )
    return Why("served", "single-replica", WEB, CHAIN, gloss)


def placement(pod):
    def score(plugin, raw, normalized, weight):
        return PluginScore(plugin, raw, normalized, weight)

    def row(node, fit, balanced):
        scores = (
            score("TaintToleration", 0, 100, 3),
            score("NodeResourcesFit", fit, fit, 1),
            score("NodeResourcesBalancedAllocation", balanced, balanced, 1),
        )
        return NodeRow(node, scores=scores, total=sum(s.points for s in scores))

    taint = NodeRow("control-plane", True, "TaintToleration", ("node(s) had untolerated taint(s)",), resolvable=False)
    full = NodeRow("node-c", True, "NodeResourcesFit", ("Insufficient cpu", "Insufficient memory"))
    return Placement(pod, "node-b", "", 42, "", (), (row("node-b", 91, 95), row("node-a", 62, 71), taint, full))


URL = "http://shop.example.com/api/cart"
SORTS = (
    Sort("cart", "cart", "GET", URL, count=4711),
    Sort(
        "cart", "", "GET", URL, "502", "black-hole", (("Ingress", "shop", "shop"), ("Service", "shop", "api")), 52, 41
    ),
)


def followed(sort, number=0):
    """A request that its Pod answers, or that fails at the database which this Pod calls."""
    fails = bool(sort.reason)
    end, ends = (
        (
            FAILED,
            (
                fact("failed", reason="timed out"),
                fact("code-black-hole"),
                fact("detail", text="node node-c does not answer"),
            ),
        )
        if fails
        else ("ok", (fact("works", image="postgres:17", ms="0.4", servers=16),))
    )
    took, state = (1_009_000, FAILED) if fails else (9_200, "ok")
    api = (
        fact("works", image="shop/api:1.0", ms="8.4", servers=32),
        *((fact("passes", status="502"),) if fails else ()),
    )
    rule = (
        fact("rule", machine="control-plane", address="10.96.40.167:80", n=3),
        fact("chosen", address="10.244.2.2:8080"),
    )
    second = (fact("rule", machine="node-b", address="10.96.3.4:5432", n=1), fact("chosen", address="10.244.3.2:5432"))
    name = (fact("dns-service", name="db.shop.svc.cluster.local", addresses="10.96.3.4", port=5432),)
    stops = (
        Stop(
            "user",
            sort.stream,
            took_us=took,
            state=state,
            facts=(fact("asks", method=sort.method, url=sort.url), fact("timeout", ms=2000)),
        ),
        Stop(
            "ingress",
            "shop",
            "control-plane",
            0,
            0,
            took,
            ref=ref("Ingress", "shop"),
            facts=(fact("routed", host="shop.example.com", service="api"),),
        ),
        Stop("service", "api", "", 0, 0, took, ref=ref("Service", "api")),
        Stop("rule", "api", "control-plane", 0, 0, took, ref=ref("Service", "api"), facts=rule),
        Stop("link", "node-b", "control-plane", 0, 0, 300, facts=(fact("link", a="control-plane", b="node-b"),)),
        Stop("pod", "api-6ffd46d765-z7z5r", "node-b", 0, 0, took, state, ref("Pod", "api-6ffd46d765-z7z5r"), api),
        Stop("dns", "db", "node-b", 1, 8600, facts=name),
        Stop("service", "db", "", 1, 8600, took - 8600, ref=ref("Service", "db")),
        Stop("rule", "db", "node-b", 1, 8600, took - 8600, facts=second),
        Stop("pod", "db-0", "node-c", 1, 8600, took - 8600, end, ref("Pod", "db-0"), ends),
        Stop(
            "answer",
            sort.reason or "200",
            "",
            0,
            took,
            0,
            state,
            facts=(fact("answered", status=sort.reason or "200", ms=took // 1000),),
        ),
    )
    return Followed(sort, 41, number, sort.reason or "200", took, stops)


RELEASE = fact("release", release="v1.37.0")
SIZE = fact("size", size="1.2 MB", quota="2.1 GB", percent=0)
FIGURES = {
    "etcd": (
        fact("revision", n=512),
        SIZE,
        fact("term", n=3),
        fact("keys", n=288),
        fact("release", release="3.7.0-0"),
    ),
    "kube-apiserver": (fact("requests", n=4, seconds=10), RELEASE),
    "kube-scheduler": (fact("queue", n=2), fact("lease", seconds=1), RELEASE),
    "kube-controller-manager": (fact("loops", n=36), fact("lease", seconds=0), RELEASE),
    "cloud-controller-manager": (fact("loops", n=3), fact("lease", seconds=1), RELEASE),
    "coredns": (fact("names", n=4),),
    "ingress-nginx-controller": (fact("routes", n=1),),
    "kubelet": (fact("heard", seconds=3), fact("pods", n=4), RELEASE),
    "runtime": (fact("containers", n=4),),
    "kube-proxy": (fact("rules", n=4),),
}
LEADS = {
    "etcd": "cp-1",
    "kube-scheduler": "cp-1",
    "kube-controller-manager": "cp-2",
    "cloud-controller-manager": "cp-1",
    "coredns": "cp-1",
    "ingress-nginx-controller": "cp-1",
}
STANDING = {("etcd", "cp-3"): CUT, ("kube-scheduler", "cp-2"): STOPPED, ("kubelet", "node-b"): SLOW}


def machine_room():
    """Three machines of a control plane and two nodes; one etcd member is cut off, one scheduler has stopped."""
    machines = ("cp-1", "cp-2", "cp-3", "node-a", "node-b")

    def box(kind, machine):
        figures = FIGURES[kind]
        if any(code == "lease" for code, _ in figures) and LEADS[kind] != machine:
            figures = (fact("stands-by"), RELEASE) if (kind, machine) not in STANDING else (RELEASE,)
        process = "containerd" if kind == "runtime" else kind
        return Box(
            kind, process, machine, STANDING.get((kind, machine), RUNNING), LEADS.get(kind) == machine, figures, 1
        )

    boxes = tuple(
        box(kind, m)
        for m in machines
        for kind in KINDS
        if kind in FIGURES and (m.startswith("cp") or kind in ("kubelet", "runtime", "kube-proxy"))
    )
    said = (
        Message(
            41,
            "kubelet",
            "node-a",
            "system:node:node-a",
            "update",
            "pods/status shop/web-7c9f6d4b5-hh2p9",
            200,
            "",
            "",
            512,
        ),
        Message(
            41,
            "kube-scheduler",
            "cp-1",
            "system:kube-scheduler",
            "create",
            "pods/binding shop/web-7c9f6d4b5-hh2p9",
            201,
            "",
            "",
            511,
        ),
        Message(
            40,
            "kube-controller-manager",
            "cp-2",
            "system:serviceaccount:kube-system:replicaset-controller",
            "create",
            "pods shop/web-7c9f6d4b5-hh2p9",
            201,
            "",
            "",
            510,
        ),
        Message(
            38,
            PEOPLE,
            "",
            "admin",
            "create",
            "pods shop/big",
            403,
            "admission/ResourceQuota",
            "exceeded quota: shop",
            509,
        ),
    )
    return Room(42, machines, 3, boxes, said)


WRITES = (
    Record(30, "admin", "create", "deployments.apps", "shop", "big", "", 201, "", "", 510, stored=True),
    Record(12, "admin", "create", "services", "shop", "web", "", 422, "validation", "", 470),
)


def course(write):
    """A Deployment whose Pods fit nowhere, or a Service that was never valid."""
    tick = write.tick
    door = (
        Step("request", tick, DONE, (fact("asked", verb=write.verb, about=f"{write.resource} {write.name}"),)),
        Step("authentication", tick, DONE, (fact("user", name="admin", groups="system:masters"),)),
        Step("authorization", tick, DONE, (fact("master"),)),
        Step("defaulting", tick, DONE, (fact("changed", station="defaulting", fields="spec.replicas, spec.strategy"),)),
    )
    if write.code >= 400:
        text = "spec.ports: Required value"
        said = (fact("refused", status=422, station="validation"), fact("text", text=text))
        return Course(write, 42, (*door, Step("validation", tick, STOPS, said), Step("etcd", None, AHEAD)))
    work = (
        Step("validation", tick, DONE, (fact("valid"),)),
        Step("validating", tick, DONE, (fact("passed", station="ResourceQuota"),)),
        Step("etcd", tick, DONE, (fact("stored", revision=510),)),
        Step("deployment-controller", tick, DONE, (fact("replicas", name="big-5fb75d5cbc", a=0, b=1, tick=tick),)),
        Step("replicaset-controller", tick, DONE, (fact("made", name="big-5fb75d5cbc-x2k7q", tick=tick),)),
        Step("pod", tick, DONE, (fact("one-of", n=1, ready=0),), ref("Pod", "big-5fb75d5cbc-x2k7q")),
        Step("scheduler", None, STOPS, (
            fact("refused-by", node="node-a", plugin="NodeResourcesFit", why="Insufficient cpu"),
            fact("refused-by", node="node-b", plugin="NodeResourcesFit", why="Insufficient cpu"),
            fact("text", text="0/2 nodes are available: 2 Insufficient cpu."),
        )),
        *(Step(kind, None, AHEAD) for kind in ("kubelet", "ready", "endpointslice", "rules", "served")),
    )  # fmt: skip
    return Course(write, 42, (*door, *work))


HELPED = ("Three replicas: two answer while one is replaced.", "三个副本：一个被替换时，另外两个照常应答。")


def lost(language="en"):
    text = say(language, "90 % of requests succeed", "90% 的请求成功")
    return evolve(
        outage(language),
        verdict=Verdict(False, 0, (), (evolve(why(language), remedy=say(language, HELPED[0], HELPED[1])),)),
        running=False,
        pause_because="",
        budget_pm=-120,
        objectives=(objective("served", text, "failed", "81.2 %"),),
    )


def won(language="en"):
    pods = [pod(f"web-7c9f6d4b5-{n}", node=f"node-{a}") for n, a in (("x2k7q", "a"), ("hh2p9", "b"), ("m4zrt", "a"))]
    texts = (
        say(language, "90 % of requests succeed", "90% 的请求成功"),
        say(language, "98 % of requests succeed", "98% 的请求成功"),
    )
    return kill_a_pod(
        language,
        pods,
        ok=[1000] * 15 + [950, 1000] + [1000] * 73,
        tick=102,
        go=12,
        want=3,
        budget=940,
        failed=(("502", 6),),
        verdict=Verdict(True, 2, ("served", "changes"), (), (3, 3)),
        objectives=(
            objective("served", texts[0], "met", "99.7 %"),
            objective("calm", texts[1], "met", "99.7 %", bonus=True),
        ),
        marks=(Mark(20, "action", "kubectl scale"), Mark(27, "fault", "pod-delete"), Mark(42, "fault", "pod-delete")),
        coach="",
    )


API, DB, FRONT, JOB = (
    ref("Deployment", "api"),
    ref("StatefulSet", "db"),
    ref("Deployment", "web"),
    ref("Job", "report"),
)


def shop(language="en", quiet=False):
    """A busy shop: three workloads and a Job, two paths, a volume, a stale environment, a node in trouble."""
    bad = Face.RUNNING if quiet else Face.CRASH
    unready = Face.RUNNING if quiet else Face.NOT_READY
    back_off = "back-off 40s restarting failed container=api pod=api-6f5d8c7b9-q8d1z_shop"
    front = [
        pod(f"web-5d8b7f66c-{n}", node=f"node-{a}", owner=FRONT)
        for n, a in (("k4tzz", "a"), ("9fzx2", "b"), ("l2m4n", "c"))
    ]
    api = [
        pod("api-6f5d8c7b9-7hk2p", node="node-a", owner=API, ip="10.244.1.7"),
        pod(
            "api-6f5d8c7b9-m9x4d",
            unready,
            "node-b",
            API,
            ip="10.244.2.9",
            why="" if quiet else "Readiness probe failed: HTTP probe failed with statuscode: 503",
        ),
        pod(
            "api-6f5d8c7b9-q8d1z",
            bad,
            "node-c",
            API,
            ip="10.244.3.3",
            restarts=0 if quiet else 3,
            why="" if quiet else back_off,
        ),
    ]
    if not quiet:
        api.append(
            pod(
                "api-7b4c9d555-x2k7q",
                Face.PENDING,
                owner=API,
                age=28,
                why="0/3 nodes are available: 3 Insufficient cpu.",
            )
        )
    db = [
        pod("db-0", node="node-a", owner=DB, ip="10.244.1.2", image="postgres:17"),
        pod("db-1", node="node-c", owner=DB, ip="10.244.3.2", image="postgres:17"),
    ]
    report = [pod("report-x7x7x", Face.DONE, "node-b", JOB)]
    everything = [*front, *api, *db, *report]

    def on(letter):
        return [p for p in everything if p.node == f"node-{letter}"]

    config, secret, claim = (
        ref("ConfigMap", "api-config"),
        ref("Secret", "db-password"),
        ref("PersistentVolumeClaim", "data-db-0"),
    )
    history = [1000] * 40 + [980, 960, 930, 900, 860, 900, 940, 930, 920, 925] * 2
    browse = traffic("browse", [1000] * 60, rate=182, slo=990, path="/")
    orders = traffic(
        "orders",
        [1000] * 60 if quiet else history,
        rate=95,
        slo=990,
        method="POST",
        path="/orders",
        failed=() if quiet else (("503", 310), ("timeout", 41)),
        p95=12 if quiet else 310,
    )
    view = View(
        tick=272,
        go=60,
        clock="14:05:32",
        ends=360,
        nodes=(
            node("a", on("a"), cpu=41, memory=63, zone="a"),
            node("b", on("b"), cpu=41, memory=38, schedulable=False),
            node("c", on("c"), cpu=72, memory=94 if not quiet else 50, pressure="" if quiet else "MemoryPressure"),
            control_plane("" if quiet else "kube-scheduler"),
        ),
        pending=tuple(p for p in everything if not p.node),
        workloads=(
            workload("Deployment", "api", api, want=4 if not quiet else 3, image="registry.example.com/api:2.0", rollout="" if quiet else "1/4 updated", configs=(config, secret), probe="GET /healthz :8080"),
            workload("StatefulSet", "db", db, image="postgres:17", configs=(secret,), claims=(claim, ref("PersistentVolumeClaim", "data-db-1"))),
            workload("Deployment", "web", front, image="nginx:1.27"),
            workload("Job", "report", report, want=1, image="report:1.4"),
        ),
        services=(
            service("web", front, [FRONT], rate=182, p95=12, ip="10.96.0.12"),
            service("api", api, [API], rate=95, ok=1000 if quiet else 921, p95=12 if quiet else 310, ip="10.96.0.40"),
            service("db", db, [DB], type="Headless", port="5432", rate=44, p95=3, ip="None"),
        ),
        routes=(route("/", "web"), route("/orders", "api"), route("/old", "legacy", problem="" if quiet else "service not found")),
        traffic=(browse, orders),
        configs=(
            ConfigView(config, (("DB_URL", "postgres://db.shop:5432/orders"), ("LOG_LEVEL", "info"), ("RETRIES", "3")), ((API, "env"),), (api[0].ref, api[1].ref) if not quiet else ()),
            ConfigView(secret, (("password", "12 bytes"),), ((API, "env"), (DB, "env")), ()),
            ConfigView(ref("ConfigMap", "web-pages"), (("index.html", "<h1>Shop</h1>"),), ((FRONT, "volume"),), ()),
        ),
        claims=(
            ClaimView(claim, "Bound", "pvc-5d1f", "1Gi", "standard", "RWO", (db[0].ref,), 1204, 212 * MI),
            ClaimView(ref("PersistentVolumeClaim", "data-db-1"), "Bound", "pvc-77aa", "1Gi", "standard", "RWO", (db[1].ref,), 1204, 212 * MI),
            ClaimView(ref("PersistentVolumeClaim", "uploads"), "Pending", "", "10Gi", "fast", "RWX", (), 0, 0),
        ),
        events=(
            event(241, "ScalingReplicaSet", API, "Scaled up replica set api-7b4c9d555 from 0 to 1"),
            event(244, "FailedScheduling", ref("Pod", "api-7b4c9d555-x2k7q"), "0/3 nodes are available: 3 Insufficient cpu.", "Warning"),
            event(249, "Unhealthy", api[1].ref, "Readiness probe failed: HTTP probe failed with statuscode: 503", "Warning", 9),
            event(254, "BackOff", api[2].ref, "Back-off restarting failed container api in pod api-6f5d8c7b9-q8d1z", "Warning", 4),
            event(258, "NodeHasInsufficientMemory", ref("Node", "node-c"), "Node node-c status is now: NodeHasInsufficientMemory", "Warning"),
            event(264, "NodeNotSchedulable", ref("Node", "node-b"), "Node node-b status is now: NodeNotSchedulable"),
            event(267, "Killing", ref("Pod", "web-5d8b7f66c-9fz11"), "Stopping container web"),
            event(269, "SuccessfulCreate", ref("ReplicaSet", "web-5d8b7f66c"), "Created pod: web-5d8b7f66c-k4tzz"),
            event(272, "Scheduled", ref("Pod", "web-5d8b7f66c-k4tzz"), "Successfully assigned shop/web-5d8b7f66c-k4tzz to node-a"),
        ),
        components=COMPONENTS if quiet else (*COMPONENTS[:2], evolve(COMPONENTS[2], running=False, note="stopped"), *COMPONENTS[3:]),
        outside=(("db-old.example.com", "postgres", quiet), ("db-new.example.com", "postgres", True)),
    )  # fmt: skip
    return GameState(
        level="4-1",
        title=say(language, "Move the database", "数据库搬家"),
        goal=say(language, "Keep the orders coming.", "订单不能断。"),
        mode="incident",
        view=view,
        objectives=(
            objective("orders", say(language, "80 % of orders succeed", "80% 的订单成功"), "holding", "96.3 %", 963),
            objective(
                "steady",
                say(language, "Steady at the end: 99 % in the last 40 s", "最后保持稳定：末 40 秒 99%"),
                "open",
                "92.1 %",
                921,
            ),
            objective(
                "kept",
                say(language, "No order lost", "订单一条不丢"),
                "holding",
                say(language, "0 lost", "丢失 0"),
                -1,
            ),
            objective("calm", say(language, "Users hardly notice", "用户几乎无感"), "failed", "96.3 %", -1, True),
        ),
        coach=Coach(
            say(
                language,
                "The environment of a container is read once, at its start. Who still has the old address?",
                "容器的环境变量只在启动时读取一次。谁还在用旧地址？",
            ),
            config,
        ),
        budget_pm=1000 if quiet else 380,
        score=Score(sent=61250, served=60899, failed=351, cost_milli=2400, changes=3),
        marks=(
            Mark(84, "action", "kubectl apply -f api-config.yaml"),
            Mark(130, "warning", "Unhealthy"),
            Mark(180, "fault", "outside-down"),
            Mark(186, "warning", "BackOff"),
            Mark(243, "warning", "FailedScheduling"),
            Mark(262, "failed", "calm"),
        ),
        running=True,
        verdict=None,
    )


def fleet(language="en"):
    """Twelve nodes and some forty Pods, for the large size."""
    state = shop(language)
    faces = [Face.RUNNING] * 9 + [Face.NOT_READY, Face.CREATING, Face.OOM, Face.UNKNOWN]
    nodes = []
    for i, letter in enumerate("abcdefghijkl"):
        pods = [
            pod(f"web-5d8b7f66c-{letter}{k:04d}", faces[(i * 5 + k) % 13], f"node-{letter}", FRONT)
            for k in range(3 + i % 3)
        ]
        nodes.append(
            node(letter, pods, ready=letter != "h", cpu=20 + i * 6, memory=30 + i * 5, zone=f"zone-{'abc'[i % 3]}")
        )
    front = [p for n in nodes for p in n.pods]
    workloads = tuple(workload("Deployment", "web", front) if w.ref == FRONT else w for w in state.view.workloads)
    services = tuple(
        service("web", front, [FRONT], rate=182) if s.ref.name == "web" else s for s in state.view.services
    )
    return evolve(state, view=evolve(state.view, nodes=tuple(nodes), workloads=workloads, services=services))
