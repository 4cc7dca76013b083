"""Advice for text that is not YAML: what the parser expected, in plain words, and what to do."""

from __future__ import annotations

import re

_ADVICE = (
    (
        "mapping values are not allowed",
        "a second ':' on this line, or the line is indented deeper than its neighbours; quote a value with ': ' in it",
    ),
    (
        "did not find expected key",
        "this line does not line up with the keys above it: give the keys of one map the same indentation, "
        "and quote a value with a quote in its middle",
    ),
    (
        "did not find expected '-' indicator",
        "a list item was expected here: start it with '- ' below the item above, or move the line out of the list",
    ),
    ("could not find expected ':'", "a key needs a ':' and a space after it on the same line"),
    ("did not find expected ',' or", "a list or map in brackets is not closed: look for a missing ',' or bracket"),
    (
        "did not find expected node content",
        "a value was expected here; quote text that starts with one of [ ] { } , & * ! | > % @ `",
    ),
    ("found unexpected end of stream", "a quote that was opened here is never closed"),
    ("found unexpected document indicator", "a quote that was opened above is not closed before '---'"),
    ("found unknown escape character", "in double quotes '\\' starts an escape: write '\\\\', or use single quotes"),
    ("block sequence entries are not allowed", "'- ' cannot start here: put the list on its own line below the key"),
    ("mapping keys are not allowed", "a map cannot start here: put it on its own line"),
    ("found a tab character", "indentation is made of spaces: there is a tab here"),
    ("unknown anchor", "the alias names an anchor (&name) that is nowhere above it"),
    ("invalid Yaml document separator", "only a comment may follow '---' on its line: put the rest on the next line"),
    ("control characters are not allowed", "there is a character here that no editor shows: delete it"),
    ("map merge requires map", "'<<' takes a map, an alias of a map, or a list of these"),
    ("invalid map key", "a map stands where a key belongs: '{{ … }}' is a template, not a manifest; fill it in first"),
    ("unsupported map key", "a key must be text: quote it"),
    ("unsupported value", "this number has no place in JSON: write it in quotes"),
    ("unexpected EOF", "the JSON ends too early: a brace or bracket is not closed"),
    ("looking for beginning of object key", "in JSON a key in double quotes belongs here; no ',' may stand before '}'"),
    ("after object key:value pair", "in JSON a ',' or '}' is expected here"),
    ("after array element", "in JSON a ',' or ']' is expected here"),
    ("looking for beginning of value", "in JSON a value is expected here"),
)
_TAB = "indentation is made of spaces: there is a tab here"
_TOKEN = "a plain value cannot start with this character: quote it"
_TEMPLATE = "this is a template ('{{ … }}'), not a manifest: fill it in first, for example with `helm template`"


def advice(message: str, lines: list[str], line: int, column: int) -> str:
    """What to do about a fault at a place of a document (line and column from 0); empty when nothing is known."""
    here = lines[line] if 0 <= line < len(lines) else ""
    if re.search(r"\{\{.*\}\}|\{\{-", here) and "separator" not in message:
        return _TEMPLATE
    if "cannot start any token" in message:
        return _TAB if "\t" in here[: column + 1] else _TOKEN
    return next((text for words, text in _ADVICE if words in message), "")
