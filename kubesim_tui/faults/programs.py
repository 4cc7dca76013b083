"""Faults of what runs: programs that exit, hang, err or start slowly, images that do not come, impatient users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import number, percent, positive, size

CODE, SHARE, FACTOR, TRICKLE, TRIES, HERD = 1, 50, 20, "64Ki", 3, 30


def _hang(*, spare_probes: bool) -> Act:
    def strike(hand: Hand, target: Any, _options: Options) -> bool:
        return hand.ail(*target, hangs=True, errors_pm=0, spare_probes=spare_probes)

    return strike


def _well(hand: Hand, target: Any, _options: Options) -> bool:
    return hand.ail(*target, hangs=False, errors_pm=0, spare_probes=False)


def exit_code(given: Any) -> int:
    """A whole number from 0 to 255."""
    found = number(given)
    if found > 255:
        raise ValueError(f"{given!r} is more than 255")
    return found


def _err(hand: Hand, target: Any, options: Options) -> bool:
    share = percent(options.get("percent", SHARE)) * 10
    return hand.ail(*target, hangs=False, errors_pm=share, spare_probes=False)


PROGRAMS: Mapping[str, Fault] = {
    "container-exit": Fault(
        "pod",
        lambda h, t, o: h.exit_container(t[0], t[1], exit_code(o.get("code", CODE))),
        None,
        "the main process of a container exits (with: code)",
        {"code": exit_code},
        story=Story(
            "The container ends with that code; restartPolicy says whether it is started again (Always: after 0, too).",
            "RESTARTS grows, LAST STATE Terminated (Completed or Error); connections refused until it is ready again.",
            "kubectl describe pod; kubectl logs --previous",
            "Two copies or more; a program that keeps what went wrong to the request that went wrong.",
            ("pod-died", "single-replica", "crash-loop"),
        ),
    ),
    "container-hang": Fault(
        "pod",
        _hang(spare_probes=False),
        _well,
        "the program of a container answers nothing any more, and lives on",
        story=Story(
            "It holds its port, so connections are accepted, and nobody answers. Probes time out: readiness takes it "
            "out of the Service, liveness restarts it. A tcpSocket probe sees nothing.",
            "Time-outs for its share of requests, until a probe has failed often enough; without one for ever.",
            "kubectl describe pod; kubectl get pods; why",
            "A readiness and a liveness probe over HTTP; time-outs in clients.",
            ("hangs", "not-ready", "liveness", "single-replica"),
        ),
    ),
    "container-deadlock": Fault(
        "pod",
        _hang(spare_probes=True),
        _well,
        "the program of a container answers its probes and nothing else",
        story=Story(
            "The health page needs no lock, and everything else does. For Kubernetes the Pod is well.",
            "Time-outs for its share of requests; the Pod is Ready, with no restart and no Event.",
            "kubectl exec POD -- curl; kubectl top pod; why",
            "A liveness probe that goes the way of real requests; kubectl delete pod meanwhile.",
            ("hangs",),
        ),
    ),
    "errors": Fault(
        "pod",
        _err,
        _well,
        "some answers of a container are errors (with: percent)",
        {"percent": percent},
        story=Story(
            "Requests reach the Pod and are worked on; so many of a hundred answers are 500.",
            "500 for some requests, of one Pod only, which stays Ready: its probes fail too seldom in a row.",
            "kubectl logs; why",
            "Rollouts that watch errors, not readiness alone; clients that try again; kubectl delete pod.",
            ("app-error", "bad-release", "not-ready"),
        ),
    ),
    "slow-start": Fault(
        "node",
        lambda h, n, o: h.slow_starts(n, positive(o.get("factor", FACTOR))),
        lambda h, n, _: h.slow_starts(n, 1),
        "programs on a machine take longer to start (with: factor)",
        {"factor": positive},
        story=Story(
            "What starts from now on reads from a slow disk; what runs does not notice.",
            "Nothing at first; then long rollouts, and restarts by liveness probes that do not wait long enough.",
            "kubectl get pods -o wide; kubectl describe pod",
            "Startup probes with patience; more than one copy, on several machines.",
            ("starting", "single-replica", "liveness"),
        ),
    ),
    "image-gone": Fault(
        "image",
        lambda h, n, _: h.remove_image(n, back=False),
        lambda h, n, _: h.remove_image(n, back=True),
        "an image is removed from its registry",
        story=Story(
            "Machines that have it go on using it (IfNotPresent); others cannot pull it.",
            "ErrImagePull: not found, ImagePullBackOff, for Pods that come to another node.",
            "kubectl describe pod; kubectl get events",
            "Tags that are kept as long as anything runs them; a mirror of one's own.",
            ("image-pull",),
        ),
    ),
    "registry-slow": Fault(
        "registry",
        lambda h, n, o: h.throttle(n, size(o.get("bytes", TRICKLE))),
        lambda h, n, _: h.throttle(n, 0),
        "images come slowly (with: bytes a second that a registry gives a machine)",
        {"bytes": size},
        story=Story(
            "Pulls take as long as their bytes need; side by side they share what there is.",
            "ContainerCreating for minutes, with a Pulling Event and no Pulled, on nodes that lack the image.",
            "kubectl describe pod; kubectl get events",
            "Small images, images that are on the nodes already, a mirror near by.",
            ("pull-slow",),
        ),
    ),
    "retry-storm": Fault(
        "traffic",
        lambda h, n, o: h.storm(n, positive(o.get("tries", TRIES))),
        lambda h, n, _: h.storm(n, 0),
        "users whose request fails try again at once (with: tries)",
        {"tries": positive},
        story=Story(
            "Nothing, while all is well. Each failure becomes more requests, and an overload keeps itself alive.",
            "Far more requests than users, 503 and time-outs that go on after their cause has gone.",
            "kubectl top pod; why",
            "Back-off with jitter and a budget for retries in clients; short queues; room in the copies.",
            ("overload", "slow", "cpu-limit"),
        ),
    ),
    "thundering-herd": Fault(
        "traffic",
        lambda h, n, o: h.herd(n, positive(o.get("seconds", HERD))),
        None,
        "all users come at once (with: seconds whose users come in one)",
        {"seconds": positive},
        story=Story(
            "As when a cache expires, or everybody connects again after an outage: one second has all of it.",
            "A burst of 503 and slow answers; then it is over, if nobody tries again.",
            "kubectl top pod; why",
            "Jitter in clients and caches; queues that hold a burst; an autoscaler is too late for it.",
            ("overload", "slow", "cpu-limit"),
        ),
    ),
}
"""Name → row."""
