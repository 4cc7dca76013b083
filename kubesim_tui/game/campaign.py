"""The campaign: chapters and levels with what the player has reached. It loads no engine.

A chapter opens when half of the one before is won; no level locks another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubesim_tui.game import progress as store
from kubesim_tui.game.cards import Chapter, LevelCard
from kubesim_tui.game.progress import Best, Progress

CHAPTERS: dict[int, tuple[str, str]] = {
    0: ("Ice-breaker", "破冰"),
    1: ("Pods and containers", "Pod 与容器"),
    2: ("Services", "Service"),
    3: ("Ingress", "Ingress 路由"),
    4: ("ConfigMap and Secret", "ConfigMap 与 Secret"),
    5: ("Volumes", "卷"),
    6: ("Deployments", "Deployment"),
    7: ("StatefulSets", "StatefulSet"),
    8: ("Batch and daemons", "批处理与守护进程"),
    9: ("Scheduling", "调度"),
    10: ("The node", "节点"),
    11: ("The control plane", "控制平面"),
    12: ("Security", "安全"),
    13: ("DNS and beyond", "DNS 及其他"),
    14: ("Finals", "终局"),
}
_NOTE = {"en": "opens when half of chapter {} is won", "zh": "第 {} 章通过一半后开放"}


class Campaign:
    """See the module. `folder`: where progress lies (the system's place if None)."""

    def __init__(self, levels: dict[str, Path], folder: Path | None = None, language: str = "") -> None:
        self._levels, self._folder = levels, folder
        self.progress: Progress = store.load(folder)
        self.language = language or self.progress.language or "en"
        self._heads: dict[str, dict[str, Any]] = {}

    @property
    def levels(self) -> tuple[str, ...]:
        """The ids of all levels, in order."""
        return tuple(self._levels)

    @property
    def notice(self) -> str:
        """What the player should be told of the file of progress; "" if all is well."""
        return self.progress.notice_zh if self.language == "zh" else self.progress.notice

    def _head(self, level: str) -> dict[str, Any]:
        """name, title and minutes of a level, from the top of its file; of a broken one, what is wrong with it."""
        known = self._heads.get(level)
        if known is None:
            known = self._heads[level] = _read_head(self._levels[level] / "level.yaml")
        return known

    def chapters(self) -> tuple[Chapter, ...]:
        """All chapters that have levels, in order."""
        found: list[Chapter] = []
        by_chapter: dict[int, list[str]] = {}
        for level in self._levels:
            by_chapter.setdefault(int(level.split("-")[0]), []).append(level)
        is_open, before = True, 0
        for number in sorted(by_chapter):
            cards = tuple(self._card(level, is_open) for level in by_chapter[number])
            note = "" if is_open else _NOTE.get(self.language, _NOTE["en"]).format(before)
            title = CHAPTERS.get(number, (f"Chapter {number}", f"第 {number} 章"))[1 if self.language == "zh" else 0]
            found.append(Chapter(number, title, cards, is_open, note))
            won = sum(card.stars > 0 for card in cards)
            is_open, before = is_open and 2 * won >= len(cards), number
        return tuple(found)

    def _card(self, level: str, is_open: bool) -> LevelCard:
        head = self._head(level)
        best = self.progress.levels.get(head["name"], Best())
        title = head["title"].get(self.language) or head["title"]["en"]
        return LevelCard(
            id=level,
            title=title,
            goal=head["goal"].get(self.language) or head["goal"]["en"],
            minutes=head["minutes"],
            mode=head["mode"],
            won=best.stars > 0,
            stars=best.stars,
            medals=best.medals,
            open=is_open,
        )

    def next_level(self) -> str:
        """The first open level that is not won; "" if all are."""
        for chapter in self.chapters():
            for card in chapter.levels:
                if chapter.open and not card.stars:
                    return card.id
        return ""

    def record(self, level: str, state: Any) -> None:
        """Keep what is best of a finished run (a GameState), figure by figure; OSError if it cannot be written."""
        if state.verdict is None or not state.verdict.won:
            return
        name = self._head(level)["name"]
        best = self.progress.levels.get(name, Best())
        score, verdict = state.score, state.verdict
        best = best.with_run(verdict.stars, verdict.medals, score.failed, score.cost_milli, score.changes)
        self._save(self.progress.after(name, best))

    def set_language(self, language: str) -> None:
        """Remember the player's language; OSError if it cannot be written."""
        self.language = language
        self._save(Progress(self.progress.levels, language, self.progress.last))

    def _save(self, progress: Progress) -> None:
        self.progress = progress
        store.save(progress, self._folder)


def _read_head(file: Path) -> dict[str, Any]:
    """The loader tells mistakes in full when the level is opened; here they must not hide the other levels."""
    import yaml  # when levels are listed: the first paint does without

    name = file.parent.name.split("-", 1)[-1]
    try:
        raw = yaml.load(file.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        head = {"name": raw["metadata"]["name"], **raw["spec"]}
        _ = head["title"]["en"], head["goal"]["en"], head["mode"], int(head["minutes"])
        return head
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        told = {"en": "This level is broken: open it to see where.", "zh": "这一关的文件有错误：打开它可看到位置。"}
        return {"name": name, "title": {"en": name, "zh": name}, "goal": told, "mode": "incident", "minutes": 0}
