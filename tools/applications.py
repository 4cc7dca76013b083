"""What becomes of real applications: each folder of manifests is applied whole. `make applications` writes the table.

The manifests lie outside the project (KUBESIM_MANIFESTS); only what became of them is written down. A folder is one
application; files of it that define the same object again are alternatives, and each is applied in a round of its own.
"""

import json
import pathlib
import sys
from collections import Counter
from functools import cache

from kubesim_tui.api import manifest, types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.helpers.static_pods import CONFIG_SOURCE
from kubesim_tui.cluster.sim import Sim
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.pod import pod_not_ready

ROOT = pathlib.Path(__file__).parent.parent
NODES, TICKS = 8, 400
STARTED = 60
"""Seconds after which a cluster has started its own Pods."""
HEAD = f"""# Applications

What becomes of real applications on {NODES} nodes of 4 CPU and 8 GiB after {TICKS} s. Made by `make applications`, not
by hand. Each folder of the collection of manifests is applied as a whole; files that define the same object again are
alternatives, applied in a round of their own. What waits is named with its cause (CAUSES.md) and what it waits for.

| application | documents | Pods | what waits, and for what |
|---|---|---|---|
"""


def rounds(files):
    """Files in groups without an object that stands twice."""
    groups = []
    for file in files:
        found = manifest.read(manifest.decode(file.read_bytes()), str(file))
        names = {(d.data.get("kind"), *_name(d.data)) for d in found if d.error is None}
        home = next((g for g in groups if not g[1] & names), None)
        if home is None:
            groups.append(home := ([], set()))
        home[0].append(file)
        home[1].update(names)
    return [group[0] for group in groups]


def _name(data):
    meta = data.get("metadata") or {}
    return meta.get("namespace") or "default", meta.get("name") or meta.get("generateName")


def run(files, nodes=NODES, ticks=TICKS):
    """A cluster with these files applied, after some time."""
    sim = Sim(nodes)
    sim.apply(files, create_namespaces=True)
    sim.run(ticks)
    return sim


def pods(sim):
    """The application's Pods: those that no kubelet runs from a file, and that do not come with every cluster."""
    theirs = of_any_cluster() - {(o.kind, o.name) for o in sim.outcomes}
    return [pod for pod, workload in _pods(sim) if workload not in theirs]


@cache
def of_any_cluster():
    """(kind, name) of the workloads that are there before anybody applies anything."""
    sim = Sim(NODES)
    sim.run(STARTED)
    return {workload for _, workload in _pods(sim)}


def _pods(sim):
    """All Pods but those from files, each with (kind, name) of what has made it."""
    evidence = Evidence(sim.cluster.etcd, sim.cluster.witness)
    found = [p for p in sim.cluster.etcd.table("pods").objects.values() if isinstance(p, types.Pod)]
    made = [(p, evidence.workload(p)) for p in found if CONFIG_SOURCE not in p.metadata.annotations]
    told = [(pod, (owner.kind, owner.metadata.name)) for pod, owner in made]
    return sorted(told, key=lambda one: (one[0].metadata.namespace, one[0].metadata.name))


def state(pod):
    """Ready, Completed, Failed, or that it waits."""
    phase = pod.status.phase if pod.status else "Pending"
    if phase in ("Succeeded", "Failed"):
        return "completed" if phase == "Succeeded" else "failed"
    return "ready" if is_pod_ready(pod) else "waiting"


def waits(sim):
    """What waits: each cause once, with a name and the words of its last link."""
    evidence, found = Evidence(sim.cluster.etcd, sim.cluster.witness), {}
    for pod in pods(sim):
        if state(pod) == "waiting":
            chain = pod_not_ready(evidence, pod)
            text = chain.links[-1].text if chain is not None else "Ready is not reached yet"
            cause = chain.cause if chain is not None else "starting"
            owner = evidence.workload(pod)
            name = f"{owner.kind} {owner.metadata.name}"
            found.setdefault((cause, name), text)
    refused = [f"{o.kind} {o.name} is refused: {o.error['message']}" for o in sim.outcomes if o.error]
    return [f"{name}: `{cause}`, {text}" for (cause, name), text in found.items()] + refused


def row(folder, files):
    """One row of the table, over all rounds."""
    count, documents, told = Counter(), 0, []
    for group in rounds(files):
        sim = run(group)
        count.update(map(state, pods(sim)))
        documents += len(sim.outcomes)
        told += [t for t in waits(sim) if t not in told]
    shown = ", ".join(f"{n} {word}" for word in ("ready", "completed", "failed", "waiting") if (n := count[word]))
    cells = (f"`{folder}`", str(documents), shown or "none", "<br>".join(_cut(t) for t in told))
    return "| " + " | ".join(cells) + " |"


def _cut(text, most=240):
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= most else text[: most - 1] + "…"


def applications(folder):
    """Folder → files whose documents are all known to be good."""
    found = {}
    for entry in json.loads((folder / "INDEX.json").read_text("utf-8")):
        top = entry["file"].split("/")[0]
        if top not in ("edge", "broken") and entry["docs"] and all(d["verdict"] == "accept" for d in entry["docs"]):
            found.setdefault(str(pathlib.Path(entry["file"]).parent), []).append(folder / entry["file"])
    return dict(sorted(found.items()))


def main():
    sys.path.insert(0, str(ROOT))
    from tests.manifests import corpus

    if not corpus.HERE:
        sys.exit(f"there are no manifests at {corpus.FOLDER} (KUBESIM_MANIFESTS names the folder)")
    rows = []
    for folder, files in applications(corpus.FOLDER).items():
        rows.append(row(folder, sorted(files)))
        print(rows[-1])
    (ROOT / "docs" / "APPLICATIONS.md").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
