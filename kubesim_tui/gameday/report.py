"""What a game day has shown: as a table with its explanations, as JSON, and as JUnit's XML for a pipeline."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from attrs import frozen

from kubesim_tui.explain import causes, remedies
from kubesim_tui.explain.chain import Chain, name_of
from kubesim_tui.gameday.trials import Felt, Result
from kubesim_tui.traffic import slo

MINUTE = 60
"""Seconds over which a burn rate is taken."""
MOST_CAUSES = 3
"""Of a trial that is told in full."""


@frozen
class Report:
    """All trials. `slo_pm`: what must be served; `silent`: doors at which nobody was served well even before."""

    slo_pm: int
    doors: tuple[Felt, ...]
    results: tuple[Result, ...]
    single: tuple[str, ...] = ()  # workloads that have one copy
    language: str = "en"

    @property
    def silent(self) -> tuple[Felt, ...]:
        """Doors that were not tried."""
        return tuple(felt for felt in self.doors if felt.served_pm < self.slo_pm)

    def survived(self, result: Result) -> bool:
        """Whether users of all doors were served well enough."""
        return result.worst.served_pm >= self.slo_pm

    @property
    def fallen(self) -> tuple[Result, ...]:
        """The trials that it did not survive."""
        return tuple(result for result in self.results if not self.survived(result))

    @property
    def passed(self) -> bool:
        """Whether it survived everything, and there was something to survive."""
        return bool(self.results) and not self.fallen


def percent(pm: int) -> str:
    """Per mille as a percentage."""
    return f"{pm / 10:g}%"


HEAD = ("FAULT", "TARGET", "SERVED", "LONGEST OUTAGE", "BURN", "RESULT", "CAUSE", "OBJECT")


def rows(report: Report) -> list[tuple[str, ...]]:
    """The survival table: of each trial the door that suffered most."""
    found: list[tuple[str, ...]] = []
    for result in report.results:
        worst = result.worst
        chain = worst.causes[0][1] if worst.causes else None
        verdict = "survived" if report.survived(result) else "FELL"
        if not result.struck:
            verdict = "nothing to strike"
        cause = (chain.cause, name_of(chain.object)) if chain is not None else ("", "")
        outage = f"{worst.outage}s" if worst.outage else ""
        named = (result.trial.fault, result.trial.target)
        found.append((*named, percent(worst.served_pm), outage, _burn(worst, report.slo_pm), verdict, *cause))
    return found


def _burn(felt: Felt, slo_pm: int) -> str:
    """How many times as fast as it may an error budget burned in the worst minute."""
    burn = slo.worst_milli(felt.samples, MINUTE, slo_pm)
    if burn == slo.ENDLESS:
        return "∞"
    return f"{burn // 1000}.{burn % 1000 // 100}×" if burn else ""


def details(report: Report) -> list[str]:
    """Why each trial fell, link by link, and what would have prevented it."""
    lines: list[str] = []
    for result in report.fallen:
        trial, worst = result.trial, result.worst
        lines.append(f"{trial.fault} {trial.target}".rstrip() + f": {worst.door.name} {percent(worst.served_pm)}")
        lines += [*chains(worst, report.language), ""]
    return ["", *lines[:-1]] if lines else []


def chains(felt: Felt, language: str) -> list[str]:
    """The most frequent causes of what a door's users felt."""
    return [line for count, chain in felt.causes[:MOST_CAUSES] for line in _chain(count, chain, language)]


def _chain(count: int, chain: Chain, language: str) -> list[str]:
    lines = [f"  {'  ' * bool(i)}{'← ' if i else ''}{link.text}" for i, link in enumerate(chain.links)]
    lines[0] += f" (×{count})"
    lines.append(f"  = {chain.cause} {name_of(chain.object)}: {causes.gloss(chain.cause, language)}")
    remedy = remedies.remedy(chain.cause, language)
    return [*lines, f"  → {remedy}"] if remedy else lines


def to_json(report: Report) -> dict[str, Any]:
    """The shape of `kubesim gameday --json` (docs/cli.md)."""
    return {
        "passed": report.passed,
        "slo": report.slo_pm / 10,
        "doors": [_felt_json(felt, report) for felt in report.doors],
        "trials": [
            {
                "fault": result.trial.fault,
                "target": result.trial.target,
                "survived": report.survived(result),
                "struck": list(result.struck),
                "doors": [_felt_json(felt, report) for felt in result.felt],
            }
            for result in report.results
        ],
        "single": list(report.single),
    }


def _felt_json(felt: Felt, report: Report) -> dict[str, Any]:
    burn = slo.worst_milli(felt.samples, MINUTE, report.slo_pm)
    return {
        "door": felt.door.name,
        "url": felt.door.url,
        "served": felt.served,
        "decided": felt.decided,
        "outage": felt.outage,
        "goodput": slo.goodput_milli(felt.samples) / 1000,
        "burn": burn / 1000 if burn != slo.ENDLESS else None,
        "causes": [
            {
                "failed": count,
                "cause": chain.cause,
                "object": name_of(chain.object),
                "chain": [link.text for link in chain.links],
                "prevented": remedies.remedy(chain.cause, report.language),
            }
            for count, chain in felt.causes
        ],
    }


def to_junit(report: Report) -> str:
    """One test case a trial."""
    failed = len(report.fallen)
    suite = ElementTree.Element("testsuite", name="gameday", tests=str(len(report.results)), failures=str(failed))
    for result in report.results:
        name = f"{result.trial.fault} {result.trial.target}".strip()
        case = ElementTree.SubElement(suite, "testcase", classname="gameday", name=name)
        if report.survived(result):
            continue
        worst = result.worst
        message = f"{worst.door.name}: {percent(worst.served_pm)} served, {percent(report.slo_pm)} wanted"
        failure = ElementTree.SubElement(case, "failure", message=message)
        failure.text = "\n".join(chains(worst, report.language))
    ElementTree.indent(suite, " ")
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)
