"""Rule 7 of the gate: texts are complete in both languages, true, and give nothing away too early."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kubesim_tui.game import script
from kubesim_tui.game.gate_rules import told
from kubesim_tui.game.gate_runs import Row, Runs, Watch
from kubesim_tui.game.gate_words import kubernetes_words, names_in, strangers, taught_words, words, world_words
from kubesim_tui.game.level import Level

LANGUAGES = ("en", "zh")
HINTS = 3
MOST_WORDS = 120
MOST_WORDS_FIRST = 40
"""Words of a briefing; in chapter 0. A Chinese one may have twice as many characters."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CODE_LINE = re.compile(r"^(?: {4}|\t)(.*)$", re.MULTILINE)


def rows(level: Level, runs: Runs, seeds: Sequence[str]) -> Iterator[Row]:
    """All rows of the rule."""
    for language in LANGUAGES:
        yield _complete(level, language)
        yield _true(level, runs, language)
        yield _patient(level, runs, language)
    yield from _last_hints(level, runs, seeds)


def _row(level: Level, subject: str, expected: str, wrong: list[str]) -> Row:
    return Row(level.id, 7, subject, 0, expected, "; ".join(wrong) or "as expected", not wrong)


def _complete(level: Level, language: str) -> Row:
    """Nothing is missing, three hints, a short briefing, and Chinese is Chinese."""
    wrong = []
    stories = {"briefing": level.briefing[language], "debrief": level.debrief[language]}
    hints = level.hints[language]
    if len(hints) != HINTS:
        wrong.append(f"{len(hints)} hints")
    stories |= {f"hint {i + 1}": hint for i, hint in enumerate(hints)}
    for name, text in stories.items():
        if not text.strip():
            wrong.append(f"{name} is empty")
        elif (language == "zh") != bool(_CHINESE.search(text)):
            wrong.append(f"{name} is not {'Chinese' if language == 'zh' else 'English'}")
    most = MOST_WORDS_FIRST if level.chapter == 0 else MOST_WORDS
    length = len(_CHINESE.findall(stories["briefing"])) // 2 if language == "zh" else len(stories["briefing"].split())
    if length > most:
        wrong.append(f"the briefing has {length} words")
    return _row(level, f"texts {language}", f"complete, at most {most} words", wrong)


def _texts(level: Level, language: str) -> Iterator[str]:
    yield level.briefing[language]
    yield level.debrief[language]
    yield level.goal[language]
    yield from (_CODE_LINE.sub("", hint) for hint in level.hints[language])
    yield from (step.say[language] for step in level.tour)
    yield from (objective.text[language] for objective in (*level.objectives, *level.bonus))


def _true(level: Level, runs: Runs, language: str) -> Row:
    """Every name in a text is something of the world."""
    known = kubernetes_words() | world_words(level, runs.fresh("1"))
    named = [name for text in _texts(level, language) for name in names_in(text, language)]
    return _row(level, f"names {language}", "all of the world", strangers(named, known))


def _patient(level: Level, runs: Runs, language: str) -> Row:
    """The first hint says nothing of what is to be typed."""
    said = {word.lower() for word in words(level.hints[language][0])} if level.hints[language] else set()
    return _row(level, f"hint 1 {language}", "no taught word", sorted(said & taught_words(level, runs.fresh("1"))))


def _last_hints(level: Level, runs: Runs, seeds: Sequence[str]) -> Iterator[Row]:
    """The script of the last hint wins; a language that has the same one is not played again."""
    played: dict[str, Row] = {}
    for language in LANGUAGES:
        text = "\n".join(_CODE_LINE.findall(level.hints[language][-1]))
        subject = f"hint 3 {language}"
        if text not in played:
            played[text] = _last_hint(level, runs, text, subject, seeds)
        row = played[text]
        yield Row(row.level, row.rule, subject, row.seeds, row.expected, row.found, row.ok, row.seconds)


def _last_hint(level: Level, runs: Runs, text: str, subject: str, seeds: Sequence[str]) -> Row:
    if not text:
        return _row(level, subject, "wins", ["it ends in no script"])
    watch = Watch()
    try:
        steps = script.parse(text, subject)
    except script.ScriptError as wrong:
        return _row(level, subject, "wins", [str(wrong)])
    found = [runs.script(steps, f"{level.folder}/solutions", seed, strict=True) for seed in seeds]
    ok = all(one.won and not one.wrong for one in found)
    return Row(level.id, 7, subject, len(seeds), "wins", told(found), ok, watch.seconds)
