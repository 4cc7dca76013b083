"""Every command of the interface, declared once.

Keys, footer chips, the palette and the help page are all read from this table; a test holds that they agree and that
the play screen has a method ``action_<id>`` for each. Letters follow k9s where it has one.
"""

# ruff: noqa: E501 - a table is read row by row

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen
from textual.binding import Binding, BindingType

from kubesim_tui.tui.i18n import N_

BOARD, PROMPT, ARMED, OUTPUT, SCRUB = "board", "prompt", "armed", "output", "scrub"


@frozen
class Command:
    """One command. `keys` are Textual's names; `modes` says where it works; `chip` orders the footer (0: not there)."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    modes: tuple[str, ...] = (BOARD,)
    chip: int = 0
    palette: bool = True

    @property
    def shown(self) -> str:
        """Its keys as people read them."""
        return " ".join(key_name(key) for key in self.keys)


GAME, THING, LOOKING, TYPING = N_("The game"), N_("The selected thing"), N_("Looking around"), N_("The prompt")

COMMANDS: tuple[Command, ...] = (
    Command("go", ("g",), N_("Go"), N_("Start the clock: users are judged from now on."), GAME, chip=1),
    Command("pause", ("space",), N_("Pause"), N_("Stop and start time. Looking and typing stay possible."), GAME, chip=2),
    Command("enter", ("enter",), N_("Actions"), N_("What can be done with the selected thing."), THING, chip=3, palette=False),
    Command("prompt", ("colon",), N_("kubectl"), N_("Type a command."), TYPING, (BOARD, ARMED, OUTPUT), chip=4),
    Command("why", ("w",), N_("Why"), N_("The chain of causes behind what is not well."), THING, chip=6),
    Command("hint", ("h",), N_("Hint"), N_("The next of three hints. The third costs the medals."), GAME, chip=7),
    Command("next_event", ("n",), N_("Next event"), N_("Run on until something happens."), GAME, chip=8),
    Command("briefing", ("b",), N_("Briefing"), N_("Read the story again."), GAME, chip=9),
    Command("restart", ("R",), N_("Restart"), N_("The same level from its start."), GAME),
    Command("rewind_back", ("left_square_bracket",), N_("Rewind"), N_("Back five seconds; Enter goes there, without medals."), GAME, (BOARD, SCRUB), chip=11),
    Command("rewind_on", ("right_square_bracket",), N_("Forward again"), N_("Five seconds forward while rewinding."), GAME, (BOARD, SCRUB), palette=False),
    Command("slower", ("less_than_sign", "comma"), N_("Slower"), N_("The next lower speed."), GAME),
    Command("faster", ("greater_than_sign", "full_stop"), N_("Faster"), N_("The next higher speed."), GAME),
    Command("speed", tuple("123456789"), N_("Speed 1–9×"), N_("So many simulated seconds a second."), GAME, palette=False),
    Command("follow", ("f",), N_("Follow a request"), N_("One request of the users hop by hop: what decided, how long, where it failed."), LOOKING),
    Command("machine_room", ("m",), N_("Machine room"), N_("Every component of the control plane and the nodes, and what they say to each other."), LOOKING),
    Command("course", ("F",), N_("Follow an apply"), N_("What became of your last writes: the door, etcd, controllers, scheduler, kubelet, rules, users."), LOOKING),
    Command("chaos", ("x",), N_("Break"), N_("Chaos by hand: what can be done to the selected thing, and around it."), THING),
    Command("describe", ("d",), N_("Describe"), N_("kubectl describe of the selected thing."), THING),
    Command("yaml", ("y",), N_("YAML"), N_("The selected thing as YAML."), THING),
    Command("logs", ("l",), N_("Logs"), N_("kubectl logs of the selected Pod."), THING),
    Command("edit", ("e",), N_("Edit"), N_("Open its YAML in the editor."), THING),
    Command("shell", ("s",), N_("Shell"), N_("kubectl exec into the selected Pod."), THING),
    Command("more", ("plus", "equals_sign"), N_("One more"), N_("Scale up by one; again for one more, Enter runs it."), THING),
    Command("fewer", ("minus",), N_("One fewer"), N_("Scale down by one; again for one fewer, Enter runs it."), THING),
    Command("delete", ("ctrl+d",), N_("Delete"), N_("Write its kubectl delete into the prompt."), THING),
    Command("next_tab", ("tab",), N_("Next tab"), N_("Map, Config, Storage, Nodes, Events."), LOOKING, (BOARD, ARMED), palette=False),
    Command("previous_tab", ("shift+tab",), N_("Previous tab"), N_("The same, backwards."), LOOKING, (BOARD, ARMED), palette=False),
    Command("stream", ("t",), N_("Next traffic"), N_("Draw the next stream of users."), LOOKING),
    Command("system", ("a",), N_("All namespaces"), N_("Show or hide the cluster's own Pods (kube-system)."), LOOKING),
    Command("output", ("o",), N_("Output"), N_("Show or hide the output of commands."), LOOKING, (BOARD, OUTPUT), chip=10),
    Command("help", ("question_mark", "f1"), N_("Help"), N_("All keys, on one page."), LOOKING, (BOARD, ARMED, OUTPUT), chip=5),
    Command("palette", ("ctrl+p",), N_("Palette"), N_("Find any command by its name."), LOOKING, (BOARD, PROMPT, ARMED, OUTPUT), palette=False),
    Command("theme", ("ctrl+t",), N_("Colours"), N_("Dark, light, high contrast."), LOOKING, (BOARD, PROMPT, ARMED, OUTPUT)),
    Command("language", ("ctrl+l",), N_("Language"), N_("English or Chinese, at once."), LOOKING, (BOARD, PROMPT, ARMED, OUTPUT)),
    Command("run_armed", (), N_("Run"), N_("Run the line in the prompt."), TYPING, (ARMED,), palette=False),
    Command("complete", ("tab",), N_("Complete"), N_("Complete the word; again for the next choice."), TYPING, (PROMPT,), chip=2, palette=False),
    Command("history_back", ("up",), N_("Earlier line"), N_("The line before in the history."), TYPING, (PROMPT,), chip=3, palette=False),
    Command("history_on", ("down",), N_("Later line"), N_("The line after in the history."), TYPING, (PROMPT,), palette=False),
    Command("back", ("escape",), N_("Back"), N_("Leave the prompt, the output or a rewind; drop a prepared line."), TYPING, (PROMPT, ARMED, OUTPUT, SCRUB), chip=5, palette=False),
    Command("interrupt", ("ctrl+c",), N_("Stop"), N_("End a running command; else clear the line; else ask about leaving."), TYPING, (BOARD, PROMPT, ARMED, OUTPUT, SCRUB), palette=False),
    Command("leave", ("ctrl+q", "q"), N_("Leave"), N_("Back to the level list; asks first."), GAME),
)  # fmt: skip

NAMES = {
    "colon": ":", "question_mark": "?", "plus": "+", "equals_sign": "=", "minus": "-", "less_than_sign": "<",
    "greater_than_sign": ">", "comma": ",", "full_stop": ".", "left_square_bracket": "[", "right_square_bracket": "]",
    "space": "Space", "enter": "Enter", "tab": "Tab", "shift+tab": "Shift+Tab", "escape": "Esc", "up": "↑", "down": "↓",
    "left": "←", "right": "→", "f1": "F1",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as people read it: ``ctrl+p`` → ``^P``."""
    if key.startswith("ctrl+"):
        return "^" + key[5:].upper()
    return NAMES.get(key, key)


def by_id(command: str) -> Command:
    """The command of that name; KeyError if there is none."""
    return {c.id: c for c in COMMANDS}[command]


def in_mode(mode: str) -> list[Command]:
    """Commands that work in a mode, in their order."""
    return [c for c in COMMANDS if mode in c.modes]


def chips(mode: str) -> list[Command]:
    """Commands of a mode's footer, the most useful first."""
    return sorted((c for c in in_mode(mode) if c.chip), key=lambda c: c.chip)


def bindings(modes: Iterable[str], namespace: str = "") -> list[BindingType]:
    """Textual's key bindings for modes; `namespace` (``screen.``) for a widget that leaves them to its screen."""
    wanted = set(modes)
    return [
        Binding(key, f"{namespace}{_action(c, key)}", c.label, show=False, priority=c.id in ("interrupt", "palette"))
        for c in COMMANDS
        for key in c.keys
        if wanted & set(c.modes)
    ]


def _action(command: Command, key: str) -> str:
    """A command's action; the digits carry their speed."""
    return f"speed({key})" if command.id == "speed" else command.id


def groups() -> list[tuple[str, list[Command]]]:
    """All commands that have a key, by heading, for the help page."""
    order = (GAME, THING, LOOKING, TYPING)
    return [(group, [c for c in COMMANDS if c.group == group and c.keys]) for group in order]
