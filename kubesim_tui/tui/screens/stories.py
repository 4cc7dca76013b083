"""Sheets that tell something: briefing, hint, why, help, the end of a level, questions, mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.strip import Strip

from kubesim_tui.cluster.view import ObjectiveView
from kubesim_tui.game.state import GameState, Why
from kubesim_tui.tui import commands
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit import markdown
from kubesim_tui.tui.kit.cells import cell_len, clean, pad, wrap
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.sheet import Button, Sheet
from kubesim_tui.tui.widgets import objectives
from kubesim_tui.tui.widgets.figures import duration, named, percent, thousands

CLOSE = Button("close", "escape", "Esc", N_("Close"))


def paragraph(
    look: Look, text: str, width: int, colour: str = "soft", lead: str = " ", ground: str = "panel"
) -> list[Strip]:
    """Wrapped text; `lead` stands before its first row."""
    found: list[Strip] = []
    for row in wrap("\n".join(clean(part) for part in text.split("\n")), max(4, width - cell_len(lead) - 1)):
        line = look.line(width, ground).add(" " * cell_len(lead) if found else lead, colour, bold=True)
        found.append(line.add(row, colour).strip())
    return found


def heading(look: Look, text: str, width: int) -> list[Strip]:
    """A small heading with a rule, after an empty row."""
    line = look.line(width).add(f" {text} ", "blue", bold=True)
    return [look.line(width).strip(), line.add("─" * (line.room - 1), "line").strip()]


# Briefing.


def briefing(text: str, state: GameState, gentle: bool) -> Sheet:
    """The story and what is asked; time stands (in the first chapters)."""
    buttons = (Button("close", "enter", "Enter", N_("To the board")),)
    return Sheet(f"{state.level} · {state.title}", partial(_briefing, text, state.objectives, gentle), buttons)


def _briefing(text: str, asked: tuple[ObjectiveView, ...], gentle: bool, look: Look, width: int) -> list[Strip]:
    rows = markdown.rows(look, markdown.without_title(text), width)
    rows += heading(look, look.t("Objectives"), width) + objectives.rows(look, asked, width, 99, bars=False)
    if gentle:
        rows += [look.line(width).strip()]
        rows += paragraph(look, look.t("Time stands still while you read."), width, "mute")
    return rows


# Hints.


def hint(text: str, number: int) -> Sheet:
    """One hint; the third has cost the medals, which is said before it is shown."""
    buttons = (CLOSE,) if number >= 3 else (CLOSE, Button("next", "h", "h", N_("Next hint")))
    return Sheet(f"✦ {number}/3", partial(_plain, text), buttons[::-1] if len(buttons) > 1 else buttons)


def _plain(text: str, look: Look, width: int) -> list[Strip]:
    return markdown.rows(look, text, width)


# Why.


def why(found: Why, state: GameState) -> Sheet:
    """The chain of causes, from the symptom down to the cause."""
    title = (
        found.subject
        if "/" in found.subject
        else next((o.text for o in state.objectives if o.id == found.subject), found.subject)
    )
    return Sheet(title, partial(chain, found, state), (CLOSE,))


def chain(found: Why, state: GameState, look: Look, width: int) -> list[Strip]:
    """Each link with its component, tick, object and event; the cause's code and its gloss last."""
    rows: list[Strip] = []
    for n, link in enumerate(found.chain):
        lead = " ✗ " if n == 0 else " ↳ "
        rows += paragraph(look, link.text, width, "red" if n == 0 else "text", lead)
        where = [link.component, named(link.object) if link.object else "", link.event]
        if link.tick is not None:
            where.append(f"+{duration(link.tick - (state.view.go or 0))}")
        rows += paragraph(look, " · ".join(w for w in where if w), width, "mute", "   ")
    rows.append(look.line(width).strip())
    code = f"{found.cause}  {named(found.object) if found.object else ''}"
    rows.append(look.line(width).add(f" {look.t('cause')} ", "mute").add(code, "orange", bold=True).strip())
    rows += paragraph(look, found.gloss, width, "soft") if found.gloss else []
    if found.remedy:
        rows += heading(look, look.t("What would have prevented it"), width)
        rows += paragraph(look, found.remedy, width, "green", " ✓ ")
    return rows


def told(title: str, source: str) -> Sheet:
    """A sentence or two; `source` is translated where it is shown."""
    return Sheet(title, partial(_told, source), (CLOSE,))


def _told(source: str, look: Look, width: int) -> list[Strip]:
    return paragraph(look, look.t(source), width)


# Help.


def help_page(title: str) -> Sheet:
    """All keys, derived from the commands."""
    return Sheet(title, _help, (CLOSE,))


def _help(look: Look, width: int) -> list[Strip]:
    rows: list[Strip] = []
    rows += paragraph(look, look.t("Arrows move the cursor, Enter shows what can be done with a thing."), width)
    rows += paragraph(look, look.t("Each action writes its kubectl line into the prompt; Enter runs it."), width)
    for group, members in commands.groups():
        rows += heading(look, look.t(group), width)
        for command in members:
            keys = "1–9" if command.id == "speed" else command.shown
            line = look.line(width).add(" ").add(pad(keys, 12), "cyan", bold=True)
            label = pad(look.t(command.label), 16)
            text = wrap(look.t(command.help), max(10, width - 31))
            line.add(label, "text").add(text[0] if text else "", "soft")
            rows.append(line.strip())
            rows += [look.line(width).to(29).add(more, "soft").strip() for more in text[1:]]
    return rows


# The end.

MEDALS = (
    ("served", N_("served"), N_("few requests failed")),
    ("cost", N_("cost"), N_("few node-hours")),
    ("changes", N_("changes"), N_("few objects changed")),
)


def end(state: GameState, debrief: str) -> Sheet:
    """The verdict: stars and medals, what was reached, why not, and what was learnt."""
    assert state.verdict is not None
    again, levels = Button("again", "r", "r", N_("Again")), Button("levels", "l", "l", N_("Levels"))
    look_on = Button("board", "escape", "Esc", N_("Look at the board"))
    first = Button("next", "n", "n", N_("Next level"))
    buttons = (first, again, levels, look_on) if state.verdict.won else (again, levels, look_on)
    return Sheet(f"{state.level} · {state.title}", partial(_end, state, debrief), buttons)


def _end(state: GameState, debrief: str, look: Look, width: int) -> list[Strip]:
    verdict, t = state.verdict, look.t
    assert verdict is not None
    rows = [look.line(width).strip(), _headline(look, state, width), look.line(width).strip()]
    rows += objectives.rows(look, state.objectives, width, 99, bars=False)
    if verdict.won:
        rows += _medals(look, verdict.medals, width)
        if verdict.seeds_held[1]:
            held, tried = verdict.seeds_held
            colour = "green" if held == tried else "yellow"
            rows += paragraph(
                look, t("It holds on {held} of {tried} other seeds.", held=held, tried=tried), width, colour
            )
    for found in verdict.whys:
        rows += heading(look, t("Why"), width) + chain(found, state, look, width)
    rows += heading(look, t("What was learnt"), width) + markdown.rows(look, debrief, width)
    return rows


def _headline(look: Look, state: GameState, width: int) -> Strip:
    verdict, t = state.verdict, look.t
    assert verdict is not None
    line = look.line(width).add("  ")
    if verdict.won:
        line.add(f" {t('WON')} ", "bg", "green", bold=True).add(
            "  " + "★" * verdict.stars + "☆" * (3 - verdict.stars), "yellow", bold=True
        )
    else:
        line.add(f" {t('LOST')} ", "bg", "red", bold=True)
    score = state.score
    done = percent(score.served * 1000 // score.sent) if score.sent else "–"
    counts = t("{served} of {sent} served", served=thousands(score.served), sent=thousands(score.sent))
    return line.right((f"{done} ", "text", True), (f" {counts} ", "soft")).strip()


def _medals(look: Look, won: Sequence[str], width: int) -> list[Strip]:
    """The three medals; what each is for where there is room."""
    line = look.line(width).add(" ")
    told = sum(cell_len(look.t(word)) + cell_len(look.t(what)) + 6 for _, word, what in MEDALS) < width
    for name, word, what in MEDALS:
        has = name in won
        line.add("◆ " if has else "◇ ", "yellow" if has else "mute")
        line.add(look.t(word), "text" if has else "mute", bold=has)
        line.add(f" {look.t(what)}   " if told else "   ", "mute")
    return [look.line(width).strip(), line.strip()]


# Questions and mistakes.


def ask(title: str, text: str, yes: str, no: str = N_("No")) -> Sheet:
    """A question; ``yes`` or ``no``; Esc is no."""
    buttons = (Button("yes", "y", "y", yes), Button("no", "n", "n", no))
    return Sheet(title, partial(_plain, text), buttons)


class Leaving(Sheet):
    """Whether to leave; Ctrl-C once more is yes."""

    async def action_interrupt(self) -> None:
        """It is meant."""
        self.dismiss("yes")


def ask_leaving(title: str, text: str) -> Sheet:
    """The question before the game ends."""
    buttons = (Button("yes", "y", "y", N_("Leave")), Button("no", "n", "n", N_("No")))
    return Leaving(title, partial(_plain, text), buttons)


def wrong_level(title: str, text: str) -> Sheet:
    """A level whose files are wrong: where, and how to go on."""
    return Sheet(title, partial(_wrong_level, text), (CLOSE,))


def _wrong_level(text: str, look: Look, width: int) -> list[Strip]:
    rows = paragraph(look, text, width, "red", " ✗ ")
    said = look.t("Mend the file and open the level again, or choose another one. Nothing is lost.")
    return [*rows, look.line(width).strip(), *paragraph(look, said, width)]


def mistake(title: str, text: str, report: str, go_on: str) -> Sheet:
    """Something went wrong: what happened, where the report lies, how to go on."""
    return Sheet(title, partial(_mistake, text, report, go_on), (Button("close", "escape", "Esc", N_("Go on")),))


def _mistake(text: str, report: str, go_on: str, look: Look, width: int) -> list[Strip]:
    rows = paragraph(look, text, width, "red", " ✗ ")
    rows += [look.line(width).strip(), *paragraph(look, go_on, width)]
    if report:
        rows += paragraph(look, look.t("A report was written to {path}", path=report), width, "mute")
    return rows
