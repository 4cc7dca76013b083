"""What a game day has shown: as a table with its explanations, as JSON, and as JUnit's XML for a pipeline."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from attrs import frozen

from kubesim_tui.explain import causes, phrases, remedies
from kubesim_tui.explain.chain import Chain, Subject, name_of
from kubesim_tui.gameday.loads import Load
from kubesim_tui.gameday.trials import Felt, Result
from kubesim_tui.gameday.words import word
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
    unwell: tuple[tuple[Subject, Chain], ...] = ()  # those that were not well even before, and why
    guessed: tuple[str, ...] = ()  # images that nobody has described
    language: str = "en"

    @property
    def loads(self) -> tuple[str, ...]:
        """The load generators among the manifests."""
        return tuple(dict.fromkeys(load.name for result in self.results for load in result.loads))

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


def head(language: str) -> list[str]:
    """The columns of the survival table."""
    return word("head", language).split(",")


def rows(report: Report) -> list[tuple[str, ...]]:
    """The survival table: of each trial the door that suffered most."""
    found: list[tuple[str, ...]] = []
    for result in report.results:
        worst = result.worst
        chain = worst.causes[0][1] if worst.causes else None
        verdict = ("survived" if report.survived(result) else "fell") if result.struck else "nothing"
        cause = (chain.cause, name_of(chain.object)) if chain is not None else ("", "")
        outage = f"{worst.outage}s" if worst.outage else ""
        named = (result.trial.fault, result.trial.target)
        found.append(
            (
                *named,
                percent(worst.served_pm),
                outage,
                _burn(worst, report.slo_pm),
                word(verdict, report.language),
                *cause,
            )
        )
    return found


def _burn(felt: Felt, slo_pm: int) -> str:
    """How many times as fast as it may an error budget burned in the worst minute."""
    burn = slo.worst_milli(felt.samples, MINUTE, slo_pm)
    if burn == slo.ENDLESS:
        return "∞"
    return f"{burn // 1000}.{burn % 1000 // 100}×" if burn else ""


def before(report: Report) -> list[str]:
    """The doors, and what was known before anything was broken."""
    language, lines = report.language, []
    for felt in report.doors:
        mark = f"  {word('opened', language)}" if felt.door.opened else ""
        lines.append(f"{felt.door.name}  {felt.door.url}  {percent(felt.served_pm)}{mark}")
    if report.guessed:
        lines += ["", word("guessed", language, images=", ".join(report.guessed))]
    if report.loads:
        lines += ["", word("loads", language, names=", ".join(report.loads))]
    for about, chain in report.unwell:
        lines += ["", word("unwell", language, name=name_of(about)), *_chain(chain, language)]
    for felt in report.silent:
        lines += ["", word("silent", language, door=felt.door.name), *chains(felt, language)]
    return lines


def after(report: Report) -> list[str]:
    """How much was survived, and of what there is one copy only."""
    language, every, fell = report.language, len(report.results), len(report.fallen)
    lines = ["", word("sum", language, survived=every - fell, all=every, slo=percent(report.slo_pm))]
    return [*lines, word("single", language, names=", ".join(report.single))] if report.single else lines


def details(report: Report) -> list[str]:
    """Why each trial fell, link by link, and what would have prevented it."""
    lines: list[str] = []
    for result in report.fallen:
        trial, worst = result.trial, result.worst
        lines.append(f"{trial.fault} {trial.target}".rstrip() + f": {worst.door.name} {percent(worst.served_pm)}")
        lines += [*chains(worst, report.language), ""]
    return ["", *lines[:-1], *_loads(report)] if lines else _loads(report)


def _loads(report: Report) -> list[str]:
    """In which trials requests of load generators failed."""
    lines: list[str] = []
    for result in report.results:
        trial = f"{result.trial.fault} {result.trial.target}".rstrip()
        for load in result.loads:
            if load.failed:
                about = {"trial": trial, "name": load.name, "sent": load.sent, "failed": load.failed}
                lines.append(word("load", report.language, **about))
                lines += [f"  = {chain.cause} {name_of(chain.object)}" for _, chain in load.causes[:1]]
    return ["", *lines] if lines else []


def chains(felt: Felt, language: str) -> list[str]:
    """The most frequent causes of what a door's users felt."""
    return [line for count, chain in felt.causes[:MOST_CAUSES] for line in _chain(chain, language, f" (×{count})")]


def _chain(chain: Chain, language: str, often: str = "") -> list[str]:
    lines = [
        f"  {'  ' * bool(i)}{'← ' if i else ''}{phrases.told(link.text, language)}"
        for i, link in enumerate(chain.links)
    ]
    lines[0] += often
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
                "loadGenerators": [_load_json(load, report.language) for load in result.loads],
            }
            for result in report.results
        ],
        "single": list(report.single),
        "unwell": [_chain_json(chain, report.language) | {"name": name_of(about)} for about, chain in report.unwell],
        "guessed": list(report.guessed),
    }


def _load_json(load: Load, language: str) -> dict[str, Any]:
    causes = [{"failed": count, **_chain_json(chain, language)} for count, chain in load.causes]
    return {"name": load.name, "sent": load.sent, "failed": load.failed, "causes": causes}


def _chain_json(chain: Chain, language: str) -> dict[str, Any]:
    return {
        "cause": chain.cause,
        "object": name_of(chain.object),
        "chain": [phrases.told(link.text, language) for link in chain.links],
        "prevented": remedies.remedy(chain.cause, language),
    }


def _felt_json(felt: Felt, report: Report) -> dict[str, Any]:
    burn = slo.worst_milli(felt.samples, MINUTE, report.slo_pm)
    return {
        "door": felt.door.name,
        "url": felt.door.url,
        "opened": felt.door.opened,
        "served": felt.served,
        "decided": felt.decided,
        "outage": felt.outage,
        "goodput": slo.goodput_milli(felt.samples) / 1000,
        "burn": burn / 1000 if burn != slo.ENDLESS else None,
        "causes": [{"failed": count, **_chain_json(chain, report.language)} for count, chain in felt.causes],
    }


def to_junit(report: Report) -> str:
    """One test case a door that serves badly even unbroken, and one a trial."""
    suite = ElementTree.Element("testsuite", name="gameday")
    for felt in report.silent:
        case = _case(suite, felt.door.name)
        # where others could be tried it may be no page at all, and a pipeline can do nothing about that
        _tell(case, "skipped" if report.results else "failure", felt, report)
    for result in report.results:
        case = _case(suite, f"{result.trial.fault} {result.trial.target}".strip())
        if not result.struck:
            ElementTree.SubElement(case, "skipped", message=word("nothing", report.language))
        elif not report.survived(result):
            _tell(case, "failure", result.worst, report)
    suite.set("tests", str(len(suite)))
    for counted, tag in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(counted, str(len(suite.findall(f"testcase/{tag}"))))
    ElementTree.indent(suite, " ")
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _case(suite: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname="gameday", name=name)


def _tell(case: ElementTree.Element, tag: str, felt: Felt, report: Report) -> None:
    message = f"{felt.door.name}: {percent(felt.served_pm)} served, {percent(report.slo_pm)} wanted"
    ElementTree.SubElement(case, tag, message=message).text = "\n".join(chains(felt, report.language))
