"""What all forms share: whom they are about, the line that they write, and what can be wrong with a field."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.game import Game
from kubesim_tui.game.menu_texts import WRONG, label, say
from kubesim_tui.game.menus import short
from kubesim_tui.game.state import Field

Values = Mapping[str, str]


class Refused(ValueError):
    """What is wrong with the fields, in the player's language."""


@frozen
class Line:
    """A kubectl line, without its namespace, and what it reads from standard input.

    `shows`: another line that does the same, where the dry run of the first does not tell what would become of the
    object (kubectl scale prints it as it was).
    """

    command: str
    stdin: str = ""
    shows: str = ""


@frozen
class About:
    """Whom a form is about. `data`: the object as JSON ({} if it is gone); `part`: the key that it changes, if one."""

    game: Game
    ref: Ref
    data: Mapping[str, Any]
    language: str
    part: str = ""

    @property
    def name(self) -> str:
        """`deployment/web`."""
        return short(self.ref)

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its spec."""
        found: Mapping[str, Any] = self.data.get("spec", {})
        return found

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The containers of its template; one without a name if there are none."""
        return list(self.spec.get("template", {}).get("spec", {}).get("containers", ())) or [{"name": ""}]

    def container(self, values: Values) -> dict[str, Any]:
        """The one that was chosen."""
        wanted = values.get("container", "")
        return next((c for c in self.containers if c["name"] == wanted), self.containers[0])

    def field(
        self, name: str, value: object, choices: tuple[str, ...] = (), *, word: str = "", hint: str = ""
    ) -> Field:
        """A field with its name in the player's language."""
        return Field(name, word or self.called(name), str(value), choices, hint)

    def called(self, name: str) -> str:
        """A field's name in the player's language (an entry of a menu may bear it, too, with dots)."""
        return label(name, self.language).rstrip("…")

    def which(self) -> list[Field]:
        """A field for the container, where there are several."""
        names = tuple(c["name"] for c in self.containers)
        return [self.field("container", names[0], names)] if len(names) > 1 else []

    def refuse(self, key: str, field: str = "", **args: object) -> Refused:
        """Something is wrong with a field."""
        return Refused(say(WRONG, key, self.language, field=self.called(field) if field else "", **args))

    # -- what stands in a field ---------------------------------------------------------------------------------

    def whole(self, values: Values, field: str, most: int = 1 << 31) -> int:
        """A whole number."""
        text = values[field].strip()
        if not (text.isascii() and text.isdigit()):
            raise self.refuse("whole", field, value=text)
        if int(text) > most:
            raise self.refuse("many", field, most=most)
        return int(text)

    def word(self, values: Values, field: str) -> str:
        """Something without spaces."""
        text = values[field].strip()
        if not text:
            raise self.refuse("empty", field)
        if len(text.split()) > 1:
            raise self.refuse("space", field)
        return text

    def port(self, values: Values) -> int | str:
        """A port's number or name."""
        text = self.word(values, "port")
        if text.lstrip("-").isdigit():
            if not 0 < int(text) < 65536:
                raise self.refuse("port", "port")
            return int(text)
        return text

    def path(self, values: Values) -> str:
        """A path of a URL."""
        text = self.word(values, "path")
        if not text.startswith("/"):
            raise self.refuse("slash", "path")
        return text

    def one_of(self, values: Values, field: str, choices: tuple[str, ...], word: str = "") -> str:
        """One of the choices."""
        text = values[field].strip()
        if text not in choices:
            raise self.refuse("choice", word or field, choices=", ".join(choices))
        return text

    # -- lines --------------------------------------------------------------------------------------------------

    def patch(self, body: object, kind: str = "") -> Line:
        """A patch of the object."""
        text = quote(json.dumps(body, separators=(",", ":"), ensure_ascii=False))
        return Line(f"kubectl patch {self.name}{f' --type={kind}' if kind else ''} -p {text}")


def quote(text: str) -> str:
    """A word as a shell reads it; in single quotes where it must be."""
    return shlex.quote(text)
