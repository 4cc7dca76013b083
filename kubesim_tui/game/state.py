"""What a front end sees of a game: the board, the objectives, the verdict. Frozen, like the view it holds."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.cluster.view import Mark, ObjectiveView, Ref, View


@frozen
class Link:
    """One link of a chain of causes, from the symptom towards the cause."""

    text: str  # one line, in Kubernetes' words: `Service web has no ready endpoint`
    component: str = ""
    tick: int | None = None
    object: Ref | None = None
    event: str = ""


@frozen
class Why:
    """Why an objective was missed or a thing is not well; ``cause`` is a code of docs/CAUSES.md."""

    subject: str  # the objective's id, or the object asked about
    cause: str
    object: Ref | None
    chain: tuple[Link, ...]
    gloss: str = ""  # what the cause means, in the player's language
    remedy: str = ""  # what would have prevented it, in the player's language; "" until a level is over


@frozen
class Action:
    """One entry of a menu: what it is called, and the kubectl line that it writes into the prompt."""

    id: str
    label: str  # in the player's language
    command: str  # "kubectl delete pod web-1 -n shop"; "" for a form
    form: str = ""  # a name of game.forms, with what it is about ("config-key:db_url"); "edit"; "" runs `command`
    danger: bool = False
    key: str = ""  # a single letter on the board, as k9s has it


@frozen
class Strike:
    """A fault that can be meant, as the line of the prompt that does it."""

    name: str  # "node-crash"
    line: str  # "chaos node-crash:node-b"
    about: str  # in the player's language
    whole: bool = True  # nothing is left to fill in


@frozen
class Field:
    """One field of a form: what may be written in it, and what stands in it now."""

    name: str
    label: str
    value: str
    choices: tuple[str, ...] = ()
    hint: str = ""


@frozen
class Form:
    """A form for an action: its fields, then the YAML difference and the kubectl line that they amount to."""

    action: Action
    title: str
    fields: tuple[Field, ...]


@frozen
class Proposal:
    """What a filled-in form amounts to: a unified diff of the object's YAML, and the line that makes it so."""

    command: str
    stdin: str
    diff: tuple[str, ...]
    error: str = ""


@frozen
class Coach:
    """The line of the coach: what to do next, and the object that it points at."""

    text: str = ""
    select: Ref | None = None


@frozen
class Score:
    """The three medals' measures; lower is better. `cost_milli`: node- and replica-hours × 1000."""

    sent: int = 0
    served: int = 0
    failed: int = 0
    cost_milli: int = 0
    changes: int = 0


@frozen
class Verdict:
    """How a level ended."""

    won: bool
    stars: int  # 0–3
    medals: tuple[str, ...]  # of "served", "cost", "changes"
    whys: tuple[Why, ...]  # for each objective missed
    seeds_held: tuple[int, int] = (0, 0)  # a drill's replays: held, tried


@frozen
class Tap:
    """Ports of the player's own machine that lead into a Pod (`kubectl port-forward`), and what went through them."""

    ports: str  # "8080→80, 9090→9090"
    pod: Ref
    requests: int
    last: int  # the status of the last answer, 0 if there was none


@frozen
class GameState:
    """Everything that the play screen shows, besides what the player has typed."""

    level: str  # "0-1"
    title: str
    goal: str
    mode: str  # "drill" or "incident"
    view: View
    objectives: tuple[ObjectiveView, ...]
    coach: Coach
    budget_pm: int  # error budget left of the tightest `served` objective, per mille; may be below 0
    score: Score
    marks: tuple[Mark, ...]
    running: bool  # Go was pressed and the level has not ended
    verdict: Verdict | None
    pause_because: str = ""  # why the game has just paused by itself ("" if it has not)
    hints_shown: int = 0
    jobs: tuple[str, ...] = ()  # commands that are streams beside the game
    taps: tuple[Tap, ...] = ()  # forwarded ports
    judging: int = -1  # per mille of the verdict that is being found (the game is over); -1: none is
