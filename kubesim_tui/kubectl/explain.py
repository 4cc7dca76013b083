"""kubectl explain: what a field is for, from the published schema (descriptions with the schema's own words)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.kubectl import discovery, explain_book
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.explain_book import PLACE, Book
from kubesim_tui.kubectl.fail import Fail, error, no_match

WIDTH = 76
MOST_VALUES = 4  # of an enumeration, in a list
SCALARS = {
    "s": "string",
    "i": "integer",
    "n": "number",
    "b": "boolean",
    "q": "Quantity",
    "t": "string",
    "T": "string",
    "x": "IntOrString",
    "y": "string",
    "*": "Object",
}
NO_TYPE = (
    'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported '
    "resources."
)


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    if not flags.args:
        raise error(NO_TYPE)
    if len(flags.args) > 1:
        raise error("We accept only this format: explain RESOURCE")
    if flags.text("output") not in ("", "plaintext", "plaintext-openapiv2"):
        raise error(f"unrecognized format: {flags.text('output')}")
    resource, path = _find(env, flags.args[0])
    if resource.group:
        env.say(f"GROUP:      {resource.group}")
    env.out += [f"KIND:       {resource.kind}", f"VERSION:    {resource.version}", ""]
    book, start = explain_book.BUILT_IN, resource.definition
    if isinstance(resource, CustomResource):
        book, start = explain_book.of_custom(resource), PLACE
    code, about, values = _walk(book, start, path)
    if path:
        env.out.append(f"FIELD: {path[-1]} <{type_name(code, path[-1])}>")
        env.out += ["ENUM:", *(f"    {_quoted(v)}" for v in values), ""] if values else ["", ""]
    text = _description(book, code, about)
    env.out.append("DESCRIPTION:")
    env.out += [*(f"    {line}" for line in wrapped(text)), "    "] if text else ["    <empty>", ""]
    definition = _definition(book, code)
    if definition is not None:
        env.out.append("FIELDS:")
        depth = flags["max-depth"] or 0
        env.out += _tree(book, definition, 1, depth, ()) if flags["recursive"] else _list(book, definition)
    env.out.append("")


def _find(env: Env, text: str) -> tuple[Resource, list[str]]:
    """(the type, the path below it): a word may be `deploy`, `deployments.apps`, `deploy.spec`."""
    words = text.split(".")
    version = env.flags.text("api-version")
    for end in range(len(words), 0, -1):
        found = discovery.find(env.client, ".".join(words[:end]))
        if found is None:
            continue
        if version:
            return _in_version(env, found, version), words[end:]
        return found, words[end:]
    raise Fail(no_match(words[0]))


def _in_version(env: Env, found: Resource, version: str) -> Resource:
    for r in discovery.resources(env.client):
        if r.api_version == version and r.plural == found.plural:
            return r
    group, slash, name = version.rpartition("/")
    raise error(f'couldn\'t find resource for "{group}{slash or "/"}{name}, Resource={found.plural}"')


# -- the schema ------------------------------------------------------------------------------------------------------


def _item(code: str) -> str:
    """What a list or map is of."""
    while code.startswith(("[]", "{}")):
        code = code[2:]
    return code


def _definition(book: Book, code: str) -> str | None:
    """The definition whose fields a type has; None if it has none."""
    item = _item(code)
    return item if item not in SCALARS and book.fields(item) else None


def type_name(code: str, field: str = "") -> str:
    """`[]Container`, `map[string]string`, `PodSpec`."""
    if code.startswith(PLACE):
        return "Object"
    if field == "fieldsV1":
        return "FieldsV1"
    if code.startswith("[]"):
        return f"[]{type_name(code[2:])}"
    if code.startswith("{}"):
        return f"map[string]{type_name(code[2:])}"
    return SCALARS.get(code) or code.rsplit(".", 1)[-1]


def _walk(book: Book, code: str, path: list[str]) -> tuple[str, str, list[str]]:
    """(type, the field's own description, the values that it may have) at a path. Fail if a field does not exist."""
    about, values = "", []
    for name in path:
        holder = _definition(book, code)
        fields = book.fields(holder) if holder is not None else {}
        if holder is None or name not in fields:
            raise error(f'field "{path[-1]}" does not exist')
        code, about, values = fields[name], _about(book, holder, name), [v for v, _ in book.enum(holder, name)]
    return code, about, values


def _about(book: Book, definition: str, field: str) -> str:
    """A field's own description; its values stand at the end."""
    text = book.about(definition, field)
    if definition in book.custom:
        return text
    rows = [
        f" - `{json.dumps(value, ensure_ascii=False)}` {comment}" for value, comment in book.enum(definition, field)
    ]
    return "\n".join([text, "", "Possible enum values:", *sorted(rows)]) if rows else text


def _quoted(value: str) -> str:
    return value or '""'


def _description(book: Book, code: str, about: str) -> str:
    """The field's own description and its type's."""
    parts = [about, book.of_type(_item(code))]
    return "\n".join(dict.fromkeys(part for part in parts if part))


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Lines broken at blanks; a long word has a line of its own."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for blanks, word in re.findall(r"(\s*)(\S+)", paragraph):
            before = len(line) + len(blanks)
            if before + len(word) > width and (len(word) < width or before > 1):
                lines.append(line)
                line = word
            else:
                line += blanks + word
        lines.append(line + paragraph[len(paragraph.rstrip()) :])
    return lines


def _rows(book: Book, definition: str) -> Iterator[tuple[str, str, str]]:
    """(name, type, ` -required-`) of fields, by name."""
    required = book.required(definition)
    for name, code in sorted(book.fields(definition).items()):
        yield name, code, " -required-" if name in required else ""


def _list(book: Book, definition: str) -> list[str]:
    lines: list[str] = []
    for name, code, required in _rows(book, definition):
        text = _about(book, definition, name)
        if definition not in book.custom:  # there, a named type stands behind most fields
            text = text or book.of_type(_item(code))
        lines.append(f"  {name}\t<{type_name(code, name)}>{required}")
        lines += _enum_line(book, definition, name, 1)
        lines += [f"    {line}" for line in wrapped(text or "<no description>")]
        lines.append("")
    return lines


def _enum_line(book: Book, definition: str, field: str, level: int) -> list[str]:
    """The first values of a field."""
    values = [_quoted(value) for value, _ in book.enum(definition, field)]
    if not values:
        return []
    return [f"{'  ' * level}enum: {', '.join(values[:MOST_VALUES])}{', ....' if len(values) > MOST_VALUES else ''}"]


def _tree(book: Book, definition: str, level: int, depth: int, above: tuple[str, ...]) -> list[str]:
    """All fields below, indented; a type within itself is not opened again."""
    lines: list[str] = []
    for name, code, required in _rows(book, definition):
        lines.append(f"{'  ' * level}{name}\t<{type_name(code, name)}>{required}")
        lines += _enum_line(book, definition, name, level)
        inner = _definition(book, code)
        if inner is not None and inner not in (*above, definition) and (not depth or level < depth):
            lines += _tree(book, inner, level + 1, depth, (*above, definition))
    return lines
