"""Whatever happens to a node: when it is left alone, all is as it should be."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.world.container import State
from tests.kubelet.rig import Rig

SCRIPTS = {
    "server": {},
    "slow": {"image": "busybox:1.36", "command": ["sh", "-c", "trap 'sleep 3; exit 0' TERM; sleep 99999 & wait"]},
    "stubborn": {"image": "busybox:1.36", "command": ["sleep", "99999"], "terminationGracePeriodSeconds": 4},
    "probed": {"readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 2}},
    "hooked": {"lifecycle": {"preStop": {"sleep": {"seconds": 2}}, "postStart": {"sleep": {"seconds": 1}}}},
    "pulled": {"image": "nginx:1.27"},
}
NAMES = st.sampled_from(["p1", "p2", "p3", "p4"])
STEPS = st.one_of(
    st.tuples(st.just("create"), NAMES, st.sampled_from(sorted(SCRIPTS))),
    st.tuples(st.just("delete"), NAMES, st.sampled_from([None, 0, 2])),
    st.tuples(st.just("kill"), NAMES, st.none()),
    st.tuples(st.sampled_from(["stop", "cut", "off", "down"]), st.none(), st.integers(1, 8)),
    st.tuples(st.just("tick"), st.none(), st.integers(1, 6)),
)


class Play:
    """Carries a script out."""

    def __init__(self):
        self.r = Rig()

    def step(self, what, name, of):
        getattr(self, what)(name, of)
        self.r.tick()

    def create(self, name, kind):
        if all(p.metadata.name != name for p in self.r.list(Pod)):
            self.r.pod(name, **SCRIPTS[kind])

    def delete(self, name, grace):
        with suppress(StatusError):
            self.r.delete(Pod, name, **({} if grace is None else {"grace": grace}))

    def kill(self, name, _):
        runtime = self.r.world.machines["node-a"].runtime
        for id, container in list(runtime.containers.items()):
            if container.sandbox.name.startswith(f"{name}_"):
                runtime.kill(id, self.r.engine.clock.tick)

    def tick(self, _, ticks):
        self.r.tick(ticks)

    def stop(self, _, ticks):
        self.r.stop_kubelet()
        self.r.tick(ticks)
        self.r.start_kubelet()

    def cut(self, _, ticks):
        self.r.cut()
        self.r.tick(ticks)
        self.r.mend()

    def off(self, _, ticks):
        self.r.power_off()
        self.r.tick(ticks)
        self.r.power_on()

    def down(self, _, ticks):
        machine, kubelet = self.r.world.machines["node-a"], self.r.kubelets["node-a"]
        machine.stop_process("containerd")
        kubelet.look()
        self.r.tick(ticks)
        machine.start_process("containerd")
        kubelet.look()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=14))
def test_everything_settles(script):
    """Every Pod of the API runs, with one container, ready, with an address of its own; and nothing else is left."""
    play = Play()
    for step in script:
        play.step(*step)
    r = play.r
    r.tick(700)
    machine, pods = r.world.machines["node-a"], r.list(Pod)
    assert [r.status(p.metadata.name).split("x")[0] for p in pods] == ["Running app=Running*"] * len(pods)
    running = [c for c in machine.runtime.containers.values() if c.state is State.RUNNING]
    told = {p.status.container_statuses[0].container_id for p in pods}
    assert {f"containerd://{c.id}" for c in running} == told
    assert len({p.status.pod_ip for p in pods}) == len(pods) == len(r.kubelets["node-a"].parts.host.ipam.used)
    assert {c.sandbox.ip for c in running} == {p.status.pod_ip for p in pods}
    assert len([s for s in machine.runtime.sandboxes.values() if s.ready]) == len(pods)
    assert (r.engine.idle(), (r.engine.next_timer() or 90_000) > 80_000) == (True, True)  # but the ends of the sleeps
