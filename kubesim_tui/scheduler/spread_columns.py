"""Soft spreading by columns: per constraint the matching Pods and the domain of every node, and sums by domain.

See columns.py. A row that changes changes its domain's sum; scores are computed once per distinct (counts, domains).
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.kernel.numeric import log
from kubesim_tui.scheduler.framework import MAX_NODE_SCORE
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins.pod_topology_spread import HOSTNAME, Constraint, has_keys, rounded
from kubesim_tui.scheduler.pod_info import Group, PodInfo

Face = tuple[int | str | None, ...]
"""What a node's score follows from: per constraint its count (hostname) or its domain; None: it lacks the key."""


class SpreadColumns:
    """The columns of one template's soft constraints."""

    def __init__(
        self, pod: PodInfo, constraints: tuple[Constraint, ...], require_all: bool, nodes: Sequence[NodeInfo]
    ) -> None:
        self.pod, self.constraints, self.require_all = pod, constraints, require_all
        self.faces: list[Face] = [()] * len(nodes)
        self.sums: list[dict[str, int]] = [{} for _ in constraints]  # by domain, of eligible nodes
        self.shares: list[list[tuple[str, int]]] = [[] for _ in nodes]  # what each row added to the sums
        self.known: list[dict[Group, bool]] = [{} for _ in constraints]
        self.logs: dict[int, float] = {}
        if constraints:
            for i, node in enumerate(nodes):
                self.row(i, node)

    def row(self, i: int, node: NodeInfo) -> None:
        """A node has changed."""
        for j, (domain, pods) in enumerate(self.shares[i]):
            if pods:
                self.sums[j][domain] -= pods
        labels = node.labels
        face: list[int | str | None] = []
        shares: list[tuple[str, int]] = []
        eligible = not self.require_all or has_keys(node, self.constraints)
        for j, c in enumerate(self.constraints):
            value = labels.get(c.key)
            count = c.count(self.pod, node, self.known[j])
            if c.key == HOSTNAME:
                face.append(None if value is None else count)
                shares.append(("", 0))
                continue
            face.append(value)
            share = (value or "", count if eligible and c.includes(self.pod, node) else 0)
            self.sums[j][share[0]] = self.sums[j].get(share[0], 0) + share[1]
            shares.append(share)
        self.faces[i], self.shares[i] = tuple(face), shares

    def scores(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        """(raw, normalized) of feasible rows."""
        faces = self.faces
        picked = [faces[row] for row in rows]
        distinct = list(dict.fromkeys(picked))
        scored = [face for face in distinct if None not in face] if self.require_all else distinct
        weights = self._weights(picked, scored)
        raw = dict.fromkeys(distinct, 0)
        for face in scored:
            raw[face] = self._raw(face, weights)
        counted = [raw[face] for face in scored]
        highest, lowest = max(counted, default=0), min(counted, default=0)
        both, final = highest + lowest, dict.fromkeys(distinct, 0)
        for face in scored:
            final[face] = MAX_NODE_SCORE * (both - raw[face]) // highest if highest else MAX_NODE_SCORE
        return [raw[face] for face in picked], [final[face] for face in picked]

    def _weights(self, picked: Sequence[Face], scored: Sequence[Face]) -> list[float]:
        """ln(domains + 2) of each constraint; of the domain "one node", the nodes that are scored."""
        found = []
        for j, c in enumerate(self.constraints):
            if c.key != HOSTNAME:
                size = len({face[j] or "" for face in scored})
            elif self.require_all:
                size = sum([None not in face for face in picked])
            else:
                size = len(picked)
            found.append(self._log(size + 2))
        return found

    def _log(self, n: int) -> float:
        known = self.logs.get(n)
        if known is None:
            known = self.logs[n] = log(float(n))
        return known

    def _raw(self, face: Face, weights: Sequence[float]) -> int:
        score = 0.0
        for j, c in enumerate(self.constraints):
            value = face[j]
            if value is not None:
                count = value if isinstance(value, int) else self.sums[j][value]
                score += count * weights[j] + (c.max_skew - 1)
        return rounded(score)
