"""A cluster with manifests applied to it, as the options of `sim` and `why-here` want it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from errno import EILSEQ
from itertools import chain
from pathlib import Path

from kubesim_tui.api import manifest
from kubesim_tui.cluster.sim import Sim, SimError, files_of
from kubesim_tui.faults.catalogue import FaultError, parse
from kubesim_tui.kubectl import kustomize
from kubesim_tui.kubectl.kustomize import KustomizeError
from kubesim_tui.scheduler.config import ConfigError, Configuration, read

TROUBLES = (SimError, FaultError, KustomizeError)


def prepare(args: Namespace) -> Sim:
    """A cluster as the options want it, with their manifests applied."""
    faults = [parse(text) for text in args.fault]
    built = _built(args.kustomize) if args.kustomize else None
    files = files_of(chain.from_iterable(args.filename or ()))
    sim = Sim(
        args.nodes,
        args.seed,
        faults,
        _scheduler(args.scheduler_config),
        args.control_planes,
        etcd_members=args.etcd_members,
        snapshots=args.snapshots,
    )
    if built is not None:
        sim.apply_text(built, args.kustomize, create_namespaces=args.create_namespaces)
    sim.apply(files, create_namespaces=args.create_namespaces)
    return sim


class Disk:
    """Where a kustomization lies."""

    def read(self, path: str) -> str:
        """A file's text. OSError says what is wrong with it, as of a file that is not there."""
        try:
            return Path(path).read_text("utf-8")
        except UnicodeDecodeError as wrong:
            raise OSError(EILSEQ, f"not UTF-8 text ({wrong.reason} at byte {wrong.start})", path) from wrong

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder."""
        return sorted(entry.name for entry in Path(path).iterdir())


def _built(folder: str) -> str:
    """The manifest that a folder's kustomization makes; its warnings go to standard error."""
    objects, warnings = kustomize.build(folder, Disk())
    for warning in warnings:
        print(warning, file=sys.stderr)
    return "---\n".join(manifest.dump(data) for data in objects)


def _scheduler(file: str) -> Configuration | None:
    """The KubeSchedulerConfiguration of a file; None for "". SimError names the file, the line and the field."""
    if not file:
        return None
    try:
        documents = manifest.read(manifest.decode(Path(file).read_bytes()), file)
    except OSError as error:
        raise SimError(f"{file}: cannot be read: {error.strerror}") from error
    if len(documents) != 1:
        raise SimError(f"{file}: holds {len(documents)} documents; one KubeSchedulerConfiguration is expected")
    document = documents[0]
    if document.error is not None:
        raise SimError(str(document.error))
    try:
        return read(document.data)
    except ConfigError as error:
        lines = [f"{file}:{document.line_of(manifest.path_of(e.field))}: {e}" for e in error.errors]
        raise SimError("\n".join(lines)) from error
