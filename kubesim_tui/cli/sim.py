"""`kubesim sim -f FILE_OR_DIR …`, `kubesim sim -k DIR`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from kubesim_tui.apiserver.request import User
from kubesim_tui.cli import LOST, WON, applied, output
from kubesim_tui.cluster.sim import ADMIN, Sim
from kubesim_tui.kernel import heap
from kubesim_tui.kubectl import run as kubectl

TROUBLES = applied.TROUBLES
SHOWN = ("pods -A -o wide", "services,endpointslices -A")


def main(args: Namespace) -> int:
    """Apply, run, print; 0 if every document was accepted."""
    sim = applied.prepare(args)
    heap.set_aside()
    told = sim.run(args.ticks)
    if args.json:
        documents = [outcome.to_json() for outcome in sim.outcomes]
        output.print_json({"documents": documents, "objects": sim.objects(), "digest": sim.cluster.digest})
    else:
        _tell(sim, told, ADMIN)
    return LOST if any(outcome.error for outcome in sim.outcomes) else WON


class NoFiles:
    """kubectl's terminal: wide, and without files."""

    width = 240

    def read(self, path: str) -> str:
        """There are none."""
        raise FileNotFoundError(2, "No such file or directory", path)

    def list(self, path: str) -> Sequence[str]:
        """There are no folders."""
        raise NotADirectoryError(20, "Not a directory", path)

    def edit(self, text: str) -> str | None:  # noqa: ARG002
        """Nobody edits."""
        return None


def _tell(sim: Sim, told: list[str], user: User) -> None:
    for outcome in sim.outcomes:
        name = f"{outcome.kind.lower() or 'document'}/{outcome.name}"
        if outcome.error is None:
            print(f"{outcome.file}:{outcome.line}: {name} accepted")
        else:
            print(f"{outcome.file}:{outcome.line}: {name} refused: {outcome.error['message']}")
    for line in told:
        print(line)
    cluster = sim.cluster
    for what in SHOWN:
        print()
        reply = kubectl(f"get {what}", cluster.client(user), NoFiles(), cluster.etcd.clock.now)
        for line in (*reply.out, *reply.err):
            print(line)
    print(f"\ndigest {cluster.digest}")
