"""Faults as they are written on a command line, and what is wrong with those that are not."""

import pytest

from kubesim_tui.faults.catalogue import FAULTS, FaultError, FaultSpec, Planned, check, parse, plan
from kubesim_tui.kernel.chance import Chance


@pytest.mark.parametrize(
    "text, planned",
    [
        ("node-crash@60", Planned(60, "node-crash", None)),
        ("node-crash:node-b@60", Planned(60, "node-crash", "node-b")),
        ("node-crash:node-b,gone=true@5", Planned(5, "node-crash", "node-b", {"gone": "true"})),
        ("node-crash,for=30@5", Planned(5, "node-crash", None, {}, 30)),
        ("node-crash:node-a,heal=true@5", Planned(5, "node-crash", "node-a", {}, 0, True)),
        ("node-crash,for=30s@5", Planned(5, "node-crash", None, {}, 30)),
        ("pod-delete:shop/web-1@0", Planned(0, "pod-delete", "shop/web-1")),
        ("pod-delete:shop/app=web@0", Planned(0, "pod-delete", "shop/app=web")),
        ("traffic-spike,factor=10@9", Planned(9, "traffic-spike", None, {"factor": "10"})),
        (
            "bad-release:shop/deployment/web,image=shop/web:2.0@1",
            Planned(1, "bad-release", "shop/deployment/web", {"image": "shop/web:2.0"}),
        ),
    ],
)
def test_what_is_written(text, planned):
    assert parse(text) == planned


NAMES = ", ".join(sorted(FAULTS))
WRITE = "write NAME@TICK or NAME:TARGET,OPTION=VALUE@TICK, as node-crash@60 or traffic-spike,factor=3@60"


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "process-slow:cp-1,process=kube-apiserver@1",
            "process-slow: process: 'kube-apiserver' cannot be slowed; there are cloud-controller-manager, "
            "cluster-autoscaler, etcd, kube-controller-manager, kube-scheduler, kubelet",
        ),
        (
            "process-slow:cp-1,process=etcd,factor=0@1",
            "process-slow: factor: '0' is not a whole number from 1 on",
        ),
        ("process-slow:cp-1@1", "process-slow needs process"),
        ("process-stop:leader@1", "process-stop needs process, for its leader to be known"),
        ("meteor@5", f"there is no fault 'meteor'; there are {NAMES}"),
        ("node-crash", f"'node-crash' is not a fault; {WRITE}"),
        ("node-crash@soon", f"'node-crash@soon' is not a fault; {WRITE}"),
        ("node-crash@-1", f"'node-crash@-1' is not a fault; {WRITE}"),
        ("@5", f"'@5' is not a fault; {WRITE}"),
        ("pod-delete@5", "pod-delete needs a target: NAMESPACE/POD or a selector"),
        ("outside-down@5", "outside-down needs a target: the name of the system"),
        ("bad-release:deployment/web@5", "bad-release needs image"),
        ("bad-release:deployment/web,image=@5", "bad-release: image: '' is not a text"),
        ("node-crash,hard=yes@5", "node-crash has no option 'hard'; there are gone, replaced"),
        ("node-partition,gone=true@5", "node-partition has no option 'gone'; it has none"),
        ("node-crash,gone=maybe@5", "node-crash: gone: 'maybe' is not true or false"),
        ("traffic-spike,factor=x@5", "traffic-spike: factor: 'x' is not a whole number"),
        ("memory-leak:a/b,bytes=0@5", "memory-leak: bytes: '0' is not more than 0"),
        ("node-crash,gone@5", f"'node-crash,gone@5' is not a fault: 'gone' is no OPTION=VALUE; {WRITE}"),
        ("node-crash,heal=x@5", "'node-crash,heal=x@5' is not a fault: heal=x is not true or false"),
        ("container-exit:web,heal=true@5", "container-exit does not heal"),
        ("node-crash,for=x@5", "'node-crash,for=x@5' is not a fault: for=x is no number of seconds"),
    ],
)
def test_what_is_wrong(text, message):
    with pytest.raises(FaultError) as wrong:
        parse(text)
    assert str(wrong.value) == message


def test_a_quantity_that_is_none_is_told():
    with pytest.raises(FaultError, match="memory-leak: bytes: 'lots' is not a quantity"):
        check("memory-leak", "a/b", {"bytes": "lots"})


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_row_says_what_it_does_and_mentions_its_options(name):
    row = FAULTS[name]
    assert all(option in row.about for option in row.options)


# plans


def ticks(*specs: FaultSpec, seed: str = "1") -> list[int]:
    return [p.tick for p in plan(specs, 100, Chance(seed).stream("faults"))]


def test_times_count_from_go():
    assert ticks(FaultSpec(7, "node-crash")) == [107]


def test_what_comes_again_and_again_does_so_until_its_end():
    assert ticks(FaultSpec(15, "pod-delete", "a", every=15, until=60)) == [115, 130, 145]


def test_a_plan_is_in_order():
    assert ticks(FaultSpec(30, "node-crash"), FaultSpec(10, "node-crash")) == [110, 130]


def test_jitter_is_drawn_within_its_bounds_and_by_the_seed():
    spec = FaultSpec(5, "node-crash", jitter=10)
    found = [ticks(spec, seed=str(i))[0] for i in range(60)]
    assert (min(found), max(found)) == (100, 115)  # never before Go
    assert found == [ticks(spec, seed=str(i))[0] for i in range(60)]


def test_a_plan_of_something_that_does_not_exist_is_none():
    with pytest.raises(FaultError, match="there is no fault 'meteor'"):
        ticks(FaultSpec(1, "meteor"))


def test_only_what_lasts_heals_and_a_healing_does_not():
    (healing,) = Planned(3, "node-crash", "a", {}, 20).heals(5)
    assert (healing.tick, healing.healing, healing.heals(25), Planned(3, "node-crash", "a").heals(5)) == (
        25,
        True,
        (),
        (),
    )
