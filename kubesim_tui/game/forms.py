"""Forms: a few fields, and what they amount to: a kubectl line, and the difference that it makes.

Whatever can be known is offered as a choice (Services, ports, the paths that users ask for, addresses of systems
outside), so that a form can be filled in without typing. The difference comes from a dry run through the door: what
the API server refuses is said before anything happens.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import encode_object
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import form_config, form_data, form_network, form_template
from kubesim_tui.game.form import About, Line, Refused
from kubesim_tui.game.game import Game
from kubesim_tui.game.inspection import Quiet, plain
from kubesim_tui.game.menu_texts import WRONG, label, say
from kubesim_tui.game.menus import find, short, where
from kubesim_tui.game.state import Action, Field, Form, Proposal
from kubesim_tui.kubectl import run as kubectl

Fields = Callable[[About], list[Field]]
Write = Callable[[About, Mapping[str, str]], Line]

FORMS: Mapping[str, tuple[Fields, Write]] = {
    "scale": (form_template.scale, form_template.write_scale),
    "image": (form_template.image, form_template.write_image),
    "probe": (form_template.probe, form_template.write_probe),
    "env": (form_config.env, form_config.write_env),
    "resources": (form_template.resources, form_template.write_resources),
    "config-key": (form_config.key, form_config.write_key),
    "new-key": (form_config.new_key, form_config.write_new_key),
    "route": (form_network.route, form_network.write_route),
    "selector": (form_network.selector, form_network.write_selector),
    "claim": (form_data.claim, form_data.write_claim),
    "stateful": (form_data.claim, form_data.write_stateful),
}
"""Form → (its fields, the line that they amount to)."""


def form(game: Game, ref: Ref, action: Action, language: str) -> Form:
    """The form of an action, with what stands there now."""
    about, name = _about(game, ref, action, language), action.form.partition(":")[0]
    return Form(action, f"{action.label.rstrip('…')} — {short(ref)}", tuple(FORMS[name][0](about)))


def propose(game: Game, ref: Ref, action: Action, values: Mapping[str, str], language: str) -> Proposal:
    """What a filled-in form amounts to; a field that is missing keeps what stands there now."""
    if find(game, ref) is None:
        return Proposal("", "", (), say(WRONG, "gone", language, name=short(ref)))
    about = _about(game, ref, action, language)
    fields, write = FORMS[action.form.partition(":")[0]]
    try:
        line = write(about, {**{f.name: f.value for f in fields(about)}, **values})
    except Refused as wrong:
        return Proposal("", "", (), str(wrong))
    command, shows = (f"{text}{where(game, ref)}" for text in (line.command, line.shows or line.command))
    diff, error = dry_run(game, shows, line.stdin, language)
    return Proposal(command, line.stdin, diff, error)


def dry_run(game: Game, line: str, stdin: str, language: str) -> tuple[tuple[str, ...], str]:
    """The difference that a line would make to the objects that it touches; or what refuses it."""
    now = game.cluster.etcd.clock.now
    reply = kubectl(f"{line} --dry-run=server -o yaml", game.client, Quiet(stdin), now, game.config)
    if reply.code:
        return (), "\n".join(reply.err)
    diff: list[str] = []
    written = list(_objects(stdin))
    for after in _objects("\n".join(reply.out)):
        diff += _difference(game, after, written, language)
    return tuple(diff), ""


def _about(game: Game, ref: Ref, action: Action, language: str) -> About:
    obj = find(game, ref)
    return About(game, ref, encode_object(obj) if obj is not None else {}, language, action.form.partition(":")[2])


def _objects(text: str) -> Iterable[dict[str, Any]]:
    """The objects of an output, those of a List one by one."""
    for document in manifest.read(text, "proposal"):
        data = document.data
        yield from data.get("items", ()) if data.get("kind") == "List" else [data] if data else ()


def _ref(data: Mapping[str, Any]) -> Ref:
    meta = data.get("metadata", {})
    return Ref(data.get("kind", ""), meta.get("namespace", ""), meta.get("name", ""))


def _difference(game: Game, after: dict[str, Any], written: list[dict[str, Any]], language: str) -> Iterable[str]:
    """Of one object; a new one as it was written, without all that defaulting adds."""
    ref = _ref(after)
    obj = find(game, ref)
    if obj is None:
        after = next((data for data in written if _ref(data) == ref), after)
    before = manifest.dump(plain(encode_object(obj))).splitlines() if obj is not None else []
    now, then = (f"{short(ref)} ({label(part, language)})" for part in ("now", "then"))
    return difflib.unified_diff(before, manifest.dump(plain(after)).splitlines(), now, then, n=2, lineterm="")
