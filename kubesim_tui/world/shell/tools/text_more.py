"""More tools for text: sort, uniq, cut, tr, rev, basename, base64, sums."""

from __future__ import annotations

import base64 as base64_
import hashlib
import re
from collections.abc import Mapping
from itertools import groupby

from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.shell.tools.text import unescape


def _lines(call: Call, names: list[str]) -> list[str] | None:
    texts = call.texts(names)
    return (
        None if texts is None else [line for _, text in texts for line in text.removesuffix("\n").split("\n") if text]
    )


def _done(call: Call, lines: list[str]) -> int:
    call.out("".join(f"{line}\n" for line in lines))
    return int(bool(call.state["failed"]))


def sort(call: Call) -> Outcome:
    """sort [-nrufV] [-k n[nr]] [-t c] [-o file] [files]"""
    options = read(call.arguments, "kto")
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    key = re.match(r"(\d+)(?:\.\d+)?([bdfnrVh]*)(?:,\d+(?:\.\d+)?([bdfnrVh]*))?", options.values.get("k", ""))
    letters = "".join(text or "" for text in key.groups()[1:]) if key else ""
    letters += "".join(letter for letter in "nrVhf" if letter in options)
    column = int(key[1]) if key else 0
    keyed = [(_sort_key(line, column, options.values.get("t"), letters), line) for line in lines]
    found = [line for _, line in sorted(keyed, reverse="r" in letters)]
    found = list(dict.fromkeys(found)) if "u" in options else found
    if "o" in options.values:
        call.files.write(call.path(options.values["o"]), "".join(f"{line}\n" for line in found))
        return int(bool(call.state["failed"]))
    return _done(call, found)


def _sort_key(line: str, column: int, separator: str | None, letters: str) -> list[tuple[int, int, str]]:
    parts = line.split(separator)
    text = parts[column - 1] if 0 < column <= len(parts) else "" if column else line
    if "V" in letters:
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", text)]
    found = re.match(r"\s*(-?\d+)(?:\.(\d{1,9}))?([KMGT]?)", text) if "n" in letters or "h" in letters else None
    if "n" in letters or "h" in letters:
        whole = (
            int(found[1]) * 1024 ** ("KMGT".find(found[3]) + 1 if "h" in letters and found[3] else 0) if found else 0
        )
        return [(whole, int(f"{found[2] or 0:0<9}") if found else 0, "")]
    return [(0, 0, text.lower() if "f" in letters else text)]


def uniq(call: Call) -> Outcome:
    """uniq [-cd] [file]"""
    options = read(call.arguments)
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    groups = [(line, len(list(same))) for line, same in groupby(lines)]
    groups = [group for group in groups if group[1] > 1 or "d" not in options]
    return _done(call, [f"{count:7} {line}" if "c" in options else line for line, count in groups])


def cut(call: Call) -> Outcome:
    """cut -d, -f1,3 | cut -c1-5"""
    options = read(call.arguments, "dfcb")
    lines = _lines(call, options.rest)
    if lines is None:
        return WAIT_INPUT
    if "f" in options:
        separator = options.values.get("d", "\t")
        found = [_cut_fields(line, separator, options.values["f"], "s" in options) for line in lines]
        return _done(call, [line for line in found if line is not None])
    chosen = options.values.get("c", options.values.get("b", "1-"))
    return _done(call, ["".join(char for n, char in enumerate(line, 1) if _listed(n, chosen)) for line in lines])


def _cut_fields(line: str, separator: str, chosen: str, only: bool) -> str | None:
    if separator not in line:
        return None if only else line
    return separator.join(part for n, part in enumerate(line.split(separator), 1) if _listed(n, chosen))


def _listed(number: int, chosen: str) -> bool:
    for part in chosen.split(","):
        first, dash, last = part.partition("-")
        if number >= int(first or 1) and number <= (int(last or 1 << 30) if dash else int(first or 1)):
            return True
    return False


def tr(call: Call) -> Outcome:
    """tr [-ds] set1 [set2]"""
    options = read(call.arguments)
    text = call.all()
    if text is None:
        return WAIT_INPUT
    sets = [_set(word) for word in options.rest]
    first, second = [*sets, ""][:2] if sets else ("", "")
    if "d" in options:
        call.out("".join(char for char in text if (char in first) == ("c" in options)))
        return 0
    if "c" in options and second:
        text = "".join(char if char in first else second[-1] for char in text)
        first = ""
    if second:
        second = second.ljust(len(first), second[-1])
        text = text.translate({ord(a): b for a, b in zip(first, second, strict=False)})
    if "s" in options:
        squeezed = second or first
        text = re.sub(f"([{re.escape(squeezed)}])\\1+", r"\1", text) if squeezed else text
    call.out(text)
    return 0


def _set(word: str) -> str:
    classes = {
        "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "lower": "abcdefghijklmnopqrstuvwxyz",
        "digit": "0123456789",
        "space": " \t\n\r\v\f",
        "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    }
    classes["alnum"] = classes["alpha"] + classes["digit"]
    word = re.sub(r"\[:(\w+):\]", lambda found: classes.get(found[1], ""), unescape(word))
    return re.sub(r"(.)-(.)", lambda f: "".join(chr(c) for c in range(ord(f[1]), ord(f[2]) + 1)), word)


def rev(call: Call) -> Outcome:
    """rev [files]"""
    lines = _lines(call, call.arguments)
    return WAIT_INPUT if lines is None else _done(call, [line[::-1] for line in lines])


def tac(call: Call) -> Outcome:
    """tac [files]"""
    lines = _lines(call, call.arguments)
    return WAIT_INPUT if lines is None else _done(call, lines[::-1])


def nl(call: Call) -> Outcome:
    """nl [files]"""
    lines = _lines(call, read(call.arguments, "bw").rest)
    return WAIT_INPUT if lines is None else _done(call, [f"{n:6}\t{line}" for n, line in enumerate(lines, 1)])


def basename(call: Call) -> Outcome:
    """basename path [suffix]"""
    if not call.arguments:
        return call.fail("missing operand")
    name = call.arguments[0].rstrip("/").rpartition("/")[2]
    suffix = call.arguments[1] if len(call.arguments) > 1 else ""
    call.out((name.removesuffix(suffix) if suffix != name else name) + "\n")
    return 0


def dirname(call: Call) -> Outcome:
    """dirname path"""
    if not call.arguments:
        return call.fail("missing operand")
    head, slash, _ = call.arguments[0].rstrip("/").rpartition("/")
    call.out((head or ("/" if slash else ".")) + "\n")
    return 0


def base64(call: Call) -> Outcome:
    """base64 [-d] [-w n] [file]"""
    options = read(call.arguments, "w")
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    text = "".join(one for _, one in texts)
    if "d" in options or "decode" in options:
        try:
            call.out(base64_.b64decode(re.sub(r"\s", "", text), validate=True).decode("utf-8", "replace"))
        except ValueError:
            return call.fail("invalid input" if call.system.gnu else "truncated input")
        return 0
    coded = base64_.b64encode(text.encode()).decode()
    width = int(options.values.get("w", "76"))
    rows = [coded[at : at + width] for at in range(0, len(coded), width)] if width else [coded]
    call.out("\n".join(rows) + ("\n" if width else ""))
    return 0


def checksum(call: Call) -> Outcome:
    """md5sum, sha1sum, sha256sum [files]"""
    texts = call.texts(call.arguments)
    if texts is None:
        return WAIT_INPUT
    kind = call.name.removesuffix("sum")
    for name, text in texts:
        call.out(f"{hashlib.new(kind, text.encode()).hexdigest()}  {name}\n")
    return int(bool(call.state["failed"]))


TOOLS: Mapping[str, Command] = {
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "rev": rev,
    "tac": tac,
    "nl": nl,
    "basename": basename,
    "dirname": dirname,
    "base64": base64,
    "md5sum": checksum,
    "sha1sum": checksum,
    "sha256sum": checksum,
}
