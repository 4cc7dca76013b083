"""What links say, in Chinese. They are made in English, whoever is to read them; they are put into words for him here.

Each sentence that a rule makes is written down once more as a pattern with `{names}` for what stands in it, beside its
translation. What no pattern fits is Kubernetes' own, or an application's, and stays as it is. What stands in a sentence
may be one of ours, too (why a connection was refused, say): it is put into words in turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from kubesim_tui.explain.phrases.ingress import INGRESS
from kubesim_tui.explain.phrases.machines import MACHINES
from kubesim_tui.explain.phrases.network import NETWORK
from kubesim_tui.explain.phrases.objects import OBJECTS
from kubesim_tui.explain.phrases.parts import PARTS

PHRASES: Mapping[str, str] = {**NETWORK, **INGRESS, **OBJECTS, **MACHINES}
_HOLE = re.compile(r"\{(\w+)\}")


def told(text: str, language: str) -> str:
    """A link's sentence in a language."""
    return text if language == "en" else _translated(text)


@cache
def patterns(of: str = "sentences") -> tuple[tuple[re.Pattern[str], str], ...]:
    """Sentences (or parts of such) and their translations; those that say most come first."""
    table = PHRASES if of == "sentences" else PARTS
    order = sorted(table, key=lambda english: (-len(_HOLE.sub("", english)), english))
    return tuple((_pattern(english), table[english]) for english in order)


def _pattern(english: str) -> re.Pattern[str]:
    pieces = _HOLE.split(english)  # literal, name, literal, name …
    made = [re.escape(piece) if at % 2 == 0 else f"(?P<{piece}>.+?)" for at, piece in enumerate(pieces)]
    return re.compile("".join(made), re.DOTALL)


def _translated(text: str) -> str:
    return _by(text, "sentences") or text


def _by(text: str, of: str) -> str:
    for pattern, chinese in patterns(of):
        found = pattern.fullmatch(text)
        if found is not None:
            return chinese.format(**{name: _part(value) for name, value in found.groupdict().items()})
    return ""


def _part(text: str) -> str:
    return _by(text, "parts") or text
