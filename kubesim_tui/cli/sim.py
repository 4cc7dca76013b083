"""`kubesim sim -f FILE_OR_DIR …`, `kubesim sim -k DIR`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from kubesim_tui.api import manifest
from kubesim_tui.apiserver.request import User
from kubesim_tui.cli import LOST, WON, output
from kubesim_tui.cluster.sim import ADMIN, Sim, SimError, files_of
from kubesim_tui.faults.catalogue import FaultError, parse
from kubesim_tui.kubectl import kustomize
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.kustomize import KustomizeError

TROUBLES = (SimError, FaultError, KustomizeError)
SHOWN = ("pods -A -o wide", "services,endpointslices -A")


def main(args: Namespace) -> int:
    """Apply, run, print; 0 if every document was accepted."""
    faults = [parse(text) for text in args.fault]
    built = _built(args.kustomize) if args.kustomize else None
    files = files_of(chain.from_iterable(args.filename or ()))
    sim = Sim(args.nodes, args.seed, faults)
    if built is not None:
        sim.apply_text(built, args.kustomize, create_namespaces=args.create_namespaces)
    sim.apply(files, create_namespaces=args.create_namespaces)
    told = sim.run(args.ticks)
    if args.json:
        documents = [outcome.to_json() for outcome in sim.outcomes]
        output.print_json({"documents": documents, "objects": sim.objects(), "digest": sim.cluster.digest})
    else:
        _tell(sim, told, ADMIN)
    return LOST if any(outcome.error for outcome in sim.outcomes) else WON


class Disk:
    """Where a kustomization lies."""

    def read(self, path: str) -> str:
        """A file's text."""
        return Path(path).read_text("utf-8")

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder."""
        return sorted(entry.name for entry in Path(path).iterdir())


def _built(folder: str) -> str:
    """The manifest that a folder's kustomization makes; its warnings go to standard error."""
    objects, warnings = kustomize.build(folder, Disk())
    for warning in warnings:
        print(warning, file=sys.stderr)
    return "---\n".join(manifest.dump(data) for data in objects)


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
