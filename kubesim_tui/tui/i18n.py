"""Texts in the player's language: gettext's form, read straight from the ``.po`` file.

English sentences stand in the source and are their own keys. `Texts` is a frozen table; a look holds one and every
panel asks it. `N_` marks a text where it is declared (a table of commands, say) without translating it there. The
``.po`` is read by forty lines here, so that no build step can be forgotten; it is an ordinary gettext file and any
translator's tool opens it. What Kubernetes says stays English.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

LANGUAGES = ("en", "zh")
NAMES = {"en": "English", "zh": "简体中文"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text for translation; it is translated where it is shown."""
    return text


@frozen
class Texts:
    """Translations into one language; call it with the English source."""

    language: str = "en"
    table: Mapping[str, str] = field(factory=dict, repr=False)

    def __call__(self, source: str, **values: object) -> str:
        """The text in the player's language, its ``{names}`` filled in."""
        text = self.table.get(source, source)
        return text.format(**values) if values else text

    def number(self, one: str, many: str, n: int) -> str:
        """The text for a number: ``number("{n} hint", "{n} hints", 3)``."""
        if self.language == "en":
            return (one if n == 1 else many).format(n=n)
        return self.table.get(one, one).format(n=n)


def locale_file(language: str) -> Path:
    """Where a language's texts lie: inside the wheel, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    tail = Path("assets", "locale", language, "LC_MESSAGES", "kubesim.po")
    inside = package / "_data" / tail
    return inside if inside.exists() else package.parent / tail


def load(language: str) -> Texts:
    """The texts of a language; English for one that is not there."""
    if language == "en":
        return Texts()
    try:
        return Texts(language, read_po(locale_file(language).read_text(encoding="utf-8")))
    except OSError:
        return Texts()


def read_po(text: str) -> dict[str, str]:
    """The translations in a .po file: msgid → msgstr (of a plural, msgstr[0]); fuzzy and empty ones are left out."""
    table: dict[str, str] = {}
    entry: dict[str, str] = {}
    fuzzy, current = False, ""
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if not line:
            if entry.get("msgid") and not fuzzy and (found := entry.get("msgstr") or entry.get("msgstr[0]")):
                table[entry["msgid"]] = found
            entry, fuzzy, current = {}, False, ""
        elif line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line.startswith('"'):
            entry[current] += ast.literal_eval(line)
        else:
            current, _, quoted = line.partition(" ")
            entry[current] = ast.literal_eval(quoted)
    return table


def preferred(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the player's locale: zh for any Chinese one, else English."""
    for name in ("KUBESIM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
