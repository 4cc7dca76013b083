"""A scripted session and a campaign for the tests of the interface. Nothing here simulates anything."""
# ruff: noqa: E501 - tables of data

from attrs import define, evolve, field

from kubesim_tui.faults.rows import FAULTS
from kubesim_tui.game.cards import Chapter, LevelCard
from kubesim_tui.game.menu_texts import FAULT_TEXTS
from kubesim_tui.game.state import Action, Field, Form, Proposal, Strike
from tests.tui.builders import SORTS, WRITES, course, followed, machine_room, placement, say, why

GET_PODS = (
    "NAME                  READY   STATUS             RESTARTS      AGE",
    "api-6f5d8c7b9-7hk2p   1/1     Running            0             4m",
    "api-6f5d8c7b9-m9x4d   0/1     Running            0             4m",
    "api-6f5d8c7b9-q8d1z   0/1     CrashLoopBackOff   3 (14s ago)   51s",
    "api-7b4c9d555-x2k7q   0/1     Pending            0             28s",
)

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api          # the checkout backend
  namespace: shop
spec:
  replicas: "4"
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    metadata:
      labels: {app: api, tier: backend}
    spec:
      containers:
        - name: api
          image: registry.example.com/api:2.0
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet:
              path: /healthz
              port: 80
            periodSecond: 2
"""

ERRORS = (
    (7, 'Invalid value: "string": spec.replicas in body must be of type integer: "string"'),
    (23, 'unknown field "spec.template.spec.containers[0].readinessProbe.periodSecond"'),
)


@define(slots=False)
class Answer:
    out: tuple = ()
    err: tuple = ()
    code: int = 0
    job: int | None = None


@define(slots=False)
class FakeSession:
    """A session that follows a script: each step shows the next state, each line gets its canned answer."""

    states: list
    language: str = "en"
    answers: dict = field(factory=dict)  # line → Answer, or an exception to raise
    calls: list = field(factory=list)  # everything that was asked, in order
    at: int = 0
    gone: bool = False
    jobs: dict = field(factory=dict)  # job → lines still to come
    well: set = field(factory=set)  # kinds that have nothing to explain
    ended: set = field(factory=set)  # jobs that have ended
    talks: object = None  # the shell that takes what is typed
    break_after: int = -1  # raise in this step
    found_after: int = 0  # how often the past is not found yet

    def state(self):
        return self.states[min(self.at, len(self.states) - 1)]

    def go(self):
        self.gone = True
        self.calls.append(("go",))

    def step(self, ticks, budget_ms):
        self.calls.append(("step", ticks))
        if self.break_after == 0:
            raise RuntimeError("the engine broke")
        self.break_after -= 1
        self.at += ticks
        return ticks

    def next_event(self):
        self.calls.append(("next_event",))
        self.at += 1
        return 1

    def run(self, line, terminal):
        self.calls.append(("run", line))
        answer = self.answers.get(line)
        if callable(answer):
            answer = answer(terminal)
        if isinstance(answer, Exception):
            raise answer
        if answer is None and line.startswith("kubectl get pods"):
            return Answer(GET_PODS)
        return answer or Answer((f"ran: {line}",))

    def complete(self, line, cursor, terminal=None):
        words = ("kubectl", "get", "pods", "describe", "delete", "scale", "rollout", "logs", "deploy/api", "deploy/web")
        last = line[:cursor].rpartition(" ")[2]
        return tuple(w for w in words if w.startswith(last) and w != last) if line else ()

    def talk(self):
        return self.talks

    def type(self, text):
        self.calls.append(("type", text))

    def job_output(self, job):
        lines = self.jobs.pop(job, ())
        return tuple(lines), job in self.ended

    def cancel(self, job):
        self.calls.append(("cancel", job))

    def actions(self, ref):
        t = f"{ref.kind.lower()} {ref.name} -n {ref.namespace}" if ref.namespace else f"{ref.kind.lower()} {ref.name}"
        common = (
            Action("describe", say(self.language, "Describe", "描述"), f"kubectl describe {t}", key="d"),
            Action("yaml", say(self.language, "Show YAML", "查看 YAML"), f"kubectl get {t} -o yaml", key="y"),
        )
        if ref.kind == "Pod":
            return (
                Action(
                    "delete",
                    say(self.language, "Delete Pod", "删除 Pod"),
                    f"kubectl delete {t}",
                    danger=True,
                    key="ctrl+d",
                ),
                Action("logs", say(self.language, "Logs", "日志"), f"kubectl logs {ref.name} -n shop", key="l"),
                *common,
                Action(
                    "placement",
                    say(self.language, "Why on this node", "为什么在这个节点"),
                    f"why-here {ref.name}",
                    form="placement",
                    key="W",
                ),
            )
        if ref.kind == "Deployment":
            return (
                Action("scale", say(self.language, "Scale…", "扩缩容…"), "", form="scale"),
                Action(
                    "restart",
                    say(self.language, "Restart", "重启"),
                    f"kubectl rollout restart deployment/{ref.name} -n shop",
                    key="r",
                ),
                Action(
                    "undo", say(self.language, "Undo", "回滚"), f"kubectl rollout undo deployment/{ref.name} -n shop"
                ),
                *common,
                Action("edit", say(self.language, "Edit YAML", "编辑 YAML"), f"kubectl edit {t}", form="edit", key="e"),
            )
        if ref.kind == "Node":
            return (
                Action("cordon", say(self.language, "Cordon", "标记为不可调度"), f"kubectl cordon {ref.name}"),
                *common,
            )
        return common

    def strikes(self, ref):
        if ref is None:
            return (
                Strike(
                    "cloud-down",
                    "chaos cloud-down",
                    say(self.language, FAULTS["cloud-down"].about, FAULT_TEXTS["cloud-down"]),
                ),
            )
        name = f"{ref.namespace}/{ref.name}"
        about = say(self.language, FAULTS["pod-delete"].about, FAULT_TEXTS["pod-delete"])
        percent = say(self.language, FAULTS["pod-loss"].about, FAULT_TEXTS["pod-loss"])
        own = (
            Strike("pod-delete", f"chaos pod-delete:{name}", about),
            Strike("pod-loss", f"chaos pod-loss:{name},percent=", percent, whole=False),
        )
        return (*own, *self.strikes(None))

    def form(self, ref, action):
        label = say(self.language, "Replicas", "副本数")
        hint = say(self.language, "How many copies are wanted.", "想要多少个副本。")
        title = say(self.language, f"Scale {ref.name}", f"调整 {ref.name} 的副本数")
        return Form(action, title, (Field("replicas", label, "1", (), hint),))

    def propose(self, ref, action, values):
        n = values.get("replicas", "")
        if not n.isdigit():
            return Proposal("", "", (), say(self.language, "a whole number, please", "请输入整数"))
        diff = (" spec:", "-  replicas: 1", f"+  replicas: {n}", "   selector:")
        return Proposal(f"kubectl scale deployment/{ref.name} --replicas={n} -n shop", "", diff)

    def manifest(self, ref):
        return MANIFEST

    def check_manifest(self, text):
        return ERRORS if 'replicas: "4"' in text else ()

    def describe(self, ref):
        return (f"Name:             {ref.name}", f"Namespace:        {ref.namespace}", "Status:           Running")

    def why(self, ref, objective=None):
        return None if ref is not None and ref.kind in self.well else why(self.language)

    def placement(self, ref):
        return placement(ref) if ref.kind == "Pod" else None

    def requests(self):
        return SORTS

    def writes(self):
        return WRITES

    def course(self, write):
        return course(write)

    def room(self):
        return machine_room()

    def request(self, sort, number):
        return followed(sort, number)

    def hint(self):
        self.calls.append(("hint",))
        return self.hint_text(1)

    def hint_text(self, number):
        return say(self.language, "Look at how many copies of web there are.", "看看 web 有几个副本。")

    def briefing(self):
        return say(
            self.language,
            "# Kill a Pod\n\nA small shop runs in this cluster. Its users send **20 requests a second**.\n\n"
            "- Delete the Pod and watch what happens.\n- Then make the shop survive it.\n\nThe clock stands until you press `g`.",
            "# 干掉一个 Pod\n\n这个集群里跑着一家小店，用户每秒发来 **20 个请求**。\n\n- 删掉那个 Pod，看看会发生什么。\n- 然后让小店扛得住。\n\n"
            "按 `g` 之前，时钟不走。",
        )

    def debrief(self):
        return say(
            self.language,
            "## State a number\n\nYou asked for 3 copies. A *ReplicaSet* compares what you want with what is, and makes up the difference.\n\n"
            "- Spares hide the repair.\n- `kubectl scale` only writes a number.",
            "## 说出一个数字\n\n你要 3 个副本。*ReplicaSet* 不断比较“想要”和“现有”，补上差额。\n\n- 多出来的副本把修复过程遮住了。\n- `kubectl scale` 只是写下一个数字。",
        )

    def tour_event(self, name, ref=None):
        self.calls.append(("tour", name))

    def restart(self):
        self.calls.append(("restart",))
        self.at = 0

    def leave(self):
        self.calls.append(("leave",))

    def past(self, tick, budget_ms):
        self.calls.append(("past", tick))
        now = self.state()
        if self.found_after > 0:
            self.found_after -= 1
            return None
        return evolve(now, view=evolve(now.view, tick=tick, clock=f"13:00:{tick % 60:02d}"))

    def rewind(self, tick):
        self.calls.append(("rewind", tick))


@define(slots=False)
class FakeCampaign:
    language: str = "en"
    recorded: list = field(factory=list)
    refuse: str = ""  # the disk's complaint
    notice: str = ""

    def chapters(self):
        z = self.language
        return (
            Chapter(
                0,
                say(z, "Ice-breaker", "破冰"),
                (
                    LevelCard("0-1", say(z, "Kill a Pod", "干掉一个 Pod"), say(z, "Keep the shop open while Pods die.", "Pod 不断死去，商店不能关门。"), 3, "drill", True, True, 3, ("served", "changes")),
                    LevelCard("0-2", say(z, "Pull the plug", "拔掉电源"), say(z, "A machine dies. The shop must not.", "一台机器死了，小店不能死。"), 4, "drill", True, True, 1, ("served",)),
                    LevelCard("0-3", say(z, "Ship a release", "发布新版本"), say(z, "A bad release is on its way.", "一个坏版本正在路上。"), 5, "incident", True),
                ),
                True,
            ),
            Chapter(3, "Ingress", (LevelCard("3-1", say(z, "One host, two paths", "一个域名，两条路径"), say(z, "Send /orders to the api.", "把 /orders 转给 api。"), 6, "drill", True),), True),
            Chapter(4, say(z, "ConfigMap and Secret", "ConfigMap 与 Secret"), (LevelCard("4-1", say(z, "Move the database", "数据库搬家"), say(z, "Keep the orders coming.", "订单不能断。"), 6, "incident", False),), False, say(z, "opens when half of chapter 3 is won", "第 3 章过半后开放")),
            Chapter(7, "StatefulSets", (LevelCard("7-1", say(z, "A database in a Deployment", "放在 Deployment 里的数据库"), say(z, "Lose a node, but no order.", "可以丢一个节点，不能丢一条订单。"), 8, "incident", False, story=True),), False, say(z, "opens when half of chapter 4 is won", "第 4 章过半后开放")),
        )  # fmt: skip

    def next_level(self):
        return "0-3"

    def record(self, level, state):
        if self.refuse:
            raise OSError(28, self.refuse, "/home/me/.local/share/kubesim/progress.json")
        self.recorded.append((level, state.verdict.won))

    def set_language(self, language):
        self.language = language
        if self.refuse:
            raise OSError(28, self.refuse, "/home/me/.local/share/kubesim/progress.json")
