"""Why here, in words: the scheduler's decision about a Pod as lines of text, for the prompt and the command line.

Plugins, reasons and the scheduler's own sentence stay English, as Kubernetes says them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from attrs import asdict

from kubesim_tui.cluster.placement import Placement
from kubesim_tui.game.menu_texts import say
from kubesim_tui.game.menus import short
from kubesim_tui.scheduler.explain import NodeRow, PluginScore

MOST_NODES = 12
"""Of each kind (fitting, refused, not examined) so many nodes are told; JSON has them all."""

WORDS: Mapping[str, tuple[str, str]] = {
    "placed": ("{pod}: placed on {node} at {tick} s; {fitting} of {nodes} nodes fit",
               "{pod}：第 {tick} 秒放到 {node}；{nodes} 个节点中有 {fitting} 个合适"),
    "nowhere": ("{pod}: fits nowhere, tried at {tick} s; 0 of {nodes} nodes fit",
                "{pod}：第 {tick} 秒尝试过，没有合适的节点；{nodes} 个节点中有 0 个合适"),
    "would": ("{pod}: the scheduler remembers no decision; now such a Pod would go to {node}; "
              "{fitting} of {nodes} nodes fit",
              "{pod}：调度器没有留下决定；现在这样的 Pod 会放到 {node}；{nodes} 个节点中有 {fitting} 个合适"),
    "would-not": ("{pod}: the scheduler remembers no decision; now such a Pod would fit nowhere",
                  "{pod}：调度器没有留下决定；现在这样的 Pod 没有合适的节点"),
    "drawn": ("{n} nodes came out equal: chance chose among them", "{n} 个节点得分相同：随机选了一个"),
    "freed": ("{node} is being freed for it: {victims} must go", "正在为它腾出 {node}：{victims} 要让位"),
    "raw": ("raw", "原始分"),
    "points": ("of 100 × weight = points", "百分制 × 权重 = 得分"),
    "chosen": ("chosen", "选中"),
    "only": ("the only node that fits: nothing to compare", "唯一合适的节点：无需打分"),
    "refused": ("refused by {plugin}: {reasons}", "被 {plugin} 拒绝：{reasons}"),
    "refused-all": ("refused: {reasons}", "被拒绝：{reasons}"),
    "helps": ("evicting Pods could help", "驱逐 Pod 可能有用"),
    "unseen": ("not examined: enough nodes had been found", "未检查：合适的节点已经够了"),
    "more": ("… and {n} more", "…… 还有 {n} 个"),
    "unknown": ("{pod}: no scheduler has a say in it (a kubelet runs it from a file, or no scheduler runs)",
                "{pod}：没有调度器可问（由 kubelet 按文件运行，或调度器没有运行）"),
}  # fmt: skip
"""Key → (English, Chinese)."""


def told(key: str, language: str, **args: object) -> str:
    """One of the words in a language."""
    return say(WORDS, key, language, **args)


def headline(found: Placement, language: str) -> str:
    """What was decided, in one line."""
    key = ("placed" if found.node else "nowhere") if found.remembered else ("would" if found.node else "would-not")
    return told(
        key,
        language,
        pod=short(found.pod),
        node=found.node,
        tick=found.tick,
        fitting=found.fitting,
        nodes=len(found.rows),
    )


def drawn(found: Placement, language: str) -> str:
    """How many nodes shared the best score, among which chance chose; "" if one was best."""
    best = found.rows[0].total if found.rows and found.rows[0].scores else None
    equal = sum(row.fits and row.total == best for row in found.rows)
    return told("drawn", language, n=equal) if found.node and found.remembered and equal > 1 else ""


def freed(found: Placement, language: str) -> str:
    """Which node is being freed for it, and who must go; "" if none is."""
    if not found.nominated:
        return ""
    victims = ", ".join(f"{v.namespace}/{v.name}" for v in found.victims)
    return told("freed", language, node=found.nominated, victims=victims)


def verdict(row: NodeRow, language: str) -> str:
    """What became of a node that has no scores to show."""
    if not row.examined:
        return told("unseen", language)
    if row.fits:
        return told("only", language)
    key, reasons = "refused" if row.refused_by else "refused-all", ", ".join(row.reasons)
    text = told(key, language, plugin=row.refused_by, reasons=reasons)
    return f"{text} ({told('helps', language)})" if row.resolvable else text


def points(score: PluginScore) -> str:
    """`62 → 62 × 1 = 62`: raw, normalized, weight, and what it adds."""
    return f"{score.raw:>6} → {score.normalized:>3} × {score.weight} = {score.points}"


def shown(found: Placement) -> Iterator[NodeRow | int]:
    """The nodes that are told, at most MOST_NODES of a kind; where some are left out, how many."""
    for _, group in groupby(found.rows, key=lambda row: (row.fits, row.examined)):
        rows = list(group)
        yield from rows[:MOST_NODES]
        if len(rows) > MOST_NODES:
            yield len(rows) - MOST_NODES


def lines(found: Placement, language: str) -> tuple[str, ...]:
    """The whole decision."""
    return tuple(_lines(found, language))


def _lines(found: Placement, language: str) -> Iterator[str]:
    yield headline(found, language)
    if found.message:
        yield f"  {found.message}"
    yield from (f"  {said}" for said in (drawn(found, language), freed(found, language)) if said)
    for row in shown(found):
        if isinstance(row, int):
            yield told("more", language, n=row)
        else:
            yield from _node(found, row, language)


def _node(found: Placement, row: NodeRow, language: str) -> Iterator[str]:
    if not row.scores:
        yield f"{row.node}  {verdict(row, language)}"
        return
    chosen = f"  ◀ {told('chosen', language)}" if row.node == found.node else ""
    yield f"{row.node}  {row.total}{chosen}"
    width = max(len(score.plugin) for score in row.scores)
    for score in row.scores:
        yield f"  {score.plugin:{width}}  {points(score)}"


def to_json(found: Placement) -> dict[str, object]:
    """The whole matrix, for `--json`."""
    row = asdict(found)
    row["pod"] = f"{found.pod.namespace}/{found.pod.name}"
    row["victims"] = [f"{v.namespace}/{v.name}" for v in found.victims]
    row["nodes"] = [asdict(r) | {"fits": r.fits} for r in found.rows]
    del row["rows"]
    return row
