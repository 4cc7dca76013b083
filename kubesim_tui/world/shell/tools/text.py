"""Tools for text: echo, printf, cat, head, tail, grep, wc, tee, seq, yes …"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.call import WAIT_INPUT, WAIT_OUTPUT, Call, Command, Outcome
from kubesim_tui.world.shell.streams import FileOut, Pipe
from kubesim_tui.world.shell.tools.options import read

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_ESCAPE = re.compile(r"\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)


def unescape(text: str) -> str:
    """`\\n`, `\\t`, `\\033`, `\\x1b` as echo -e and printf read them."""

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code[0] in "01234567":
            return chr(int(code, 8))
        return _ESCAPES.get(code, found[0])

    return _ESCAPE.sub(one, text)


def echo(call: Call) -> Outcome:
    """echo [-n] [-e] words; dash, the sh of Debian, knows only -n and reads escapes always"""
    words = list(call.arguments)
    dash = call.system.gnu and bool(call.task.frames) and call.task.name.rpartition("/")[2] in ("sh", "dash")
    flags = "e" if dash else ""
    while words and re.fullmatch("-n" if dash else r"-[neE]+", words[0]):
        flags += words.pop(0)[1:]
    text = " ".join(words)
    if "e" in flags:
        text, stop, _ = text.partition("\\c")
        text = unescape(text)
        flags += "n" if stop else ""
    call.out(text + ("" if "n" in flags else "\n"))
    return 0


_FORMAT = re.compile(r"%([-+ 0#]*)(\d*|\*)(?:\.(\d+))?([sdiuxXocbqfeg%])")


def printf(call: Call) -> Outcome:
    """printf [-v name] format arguments: the format is used again until the arguments are used up"""
    if not call.arguments:
        return call.fail("usage: printf FORMAT [ARGUMENT]...", 2)
    name = call.arguments[1] if call.arguments[0] == "-v" and len(call.arguments) > 2 else ""
    form, *values = call.arguments[2:] if name else call.arguments
    pieces: list[str] = []
    code = 0
    while True:
        before = len(values)
        values, bad = _format_once(call, form, values, pieces)
        code = code or bad
        if not values or len(values) == before:
            break
    if name:
        parameters.assign(call.task, name, "".join(pieces))
    else:
        call.out("".join(pieces))
    return code


def _format_once(call: Call, form: str, values: list[str], pieces: list[str]) -> tuple[list[str], int]:
    rest = list(values)
    end = bad = 0
    for found in _FORMAT.finditer(form):
        pieces.append(unescape(form[end : found.start()]))
        end = found.end()
        flags, width, precision, kind = found.groups()
        if kind == "%":
            pieces.append("%")
            continue
        if width == "*":
            width = rest.pop(0) if rest else "0"
        value = rest.pop(0) if rest else ""
        text, wrong = _format_value(kind, value, precision, flags)
        if wrong:
            call.err(f"{call.task.name}: {value}: invalid number")
            bad = 1
        size = min(int(width or 0), 1_000)
        fill = "0" if "0" in flags and "-" not in flags and kind not in "sc" else " "
        pieces.append(text.ljust(size) if "-" in flags else text.rjust(size, fill) if fill == " " else text.zfill(size))
    pieces.append(unescape(form[end:]))
    return rest, bad


def _escaped(value: str) -> str:
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", value) or "''"


def _format_value(kind: str, value: str, precision: str | None, flags: str) -> tuple[str, bool]:
    if kind in "sbqc":
        form: Mapping[str, Callable[[str], str]] = {"b": unescape, "q": _escaped, "c": lambda text: text[:1]}
        text = form.get(kind, str)(value)
        return (text[: int(precision)] if precision else text), False
    match = re.fullmatch(r"\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)(\.\d*)?\s*", value)
    number = int(match[1] + match[2], 0 if match[2][:2] in ("0x", "0X") else 10) if match else 0
    wrong = bool(value) and match is None and not value.startswith(("'", '"'))
    if value.startswith(("'", '"')) and len(value) > 1:
        number = ord(value[1])
    if kind in "feg":
        digits = 6 if precision is None else int(precision)
        fraction = (match[3] or ".")[1:] if match else ""
        return f"{number}.{fraction[:digits]:0<{digits}}" if digits else str(number), wrong
    text = {"x": f"{number:x}", "X": f"{number:X}", "o": f"{number:o}"}.get(kind, str(number))
    return ("+" if "+" in flags and number >= 0 else "") + text, wrong


def cat(call: Call) -> Outcome:
    """cat [-n] [files]: passes a pipe on as it comes"""
    if not call.arguments or call.arguments == ["-"]:
        return _pass_on(call)
    texts = call.texts([word for word in call.arguments if word == "-" or not word.startswith("-")])
    if texts is None:
        return WAIT_INPUT
    whole = "".join(text for _, text in texts)
    if any(word[:1] == "-" and "n" in word for word in call.arguments):
        whole = "".join(f"{n:6}\t{line}" for n, line in enumerate(whole.splitlines(keepends=True), 1))
    call.out(whole)
    return int(bool(call.state["failed"]))


def _pass_on(call: Call) -> Outcome:
    while True:
        line = call.line()
        if line is None:
            return WAIT_INPUT
        if line == "":
            return 0
        call.out(line)


def tee(call: Call) -> Outcome:
    """tee [-a] files"""
    options = read(call.arguments)
    if "begun" not in call.state:
        call.state["begun"] = True
        for name in options.rest:
            if "a" not in options:
                call.files.write(call.path(name), "")
    while True:
        line = call.line()
        if line is None:
            return WAIT_INPUT
        if line == "":
            return 0
        call.out(line)
        for name in options.rest:
            call.tasks.steady = False
            call.files.append(call.path(name), line)


def wc(call: Call) -> Outcome:
    """wc [-lwc] [files]"""
    options = read(call.arguments)
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    for name, text in texts:
        numbers = {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode())}
        chosen = [numbers[flag] for flag in "lwc" if flag in options] or list(numbers.values())
        words = [str(number) for number in chosen] if len(chosen) == 1 else [f"{number:9}" for number in chosen]
        call.out(" ".join([*words, *([name] if name != "-" else [])]) + "\n")
    return int(bool(call.state["failed"]))


def seq(call: Call) -> Outcome:
    """seq [-w] [-s separator] [first [step]] last"""
    rest, joint, wide = list(call.arguments), "\n", False
    while rest and re.match(r"-[a-zA-Z]", rest[0]):
        word = rest.pop(0)
        wide = wide or word == "-w"
        if word.startswith("-s"):
            joint = unescape(word[2:] or (rest.pop(0) if rest else ""))
    options = rest
    if not options or not all(re.fullmatch(r"[-+]?\d+", word) for word in options):
        return call.fail("invalid number", 1)
    numbers = [int(word) for word in options]
    first, step, last = (1, 1, numbers[0]) if len(numbers) == 1 else (numbers[0], 1, numbers[1])
    if len(numbers) > 2:
        first, step, last = numbers[:3]
    found = range(first, last + (1 if step > 0 else -1), step or 1)[:100_000]
    width = max((len(str(number)) for number in found), default=0) if wide else 0
    call.out(joint.join(f"{number:0{width}}" for number in found) + ("\n" if found else ""))
    return 0


def yes(call: Call) -> Outcome:
    """yes [text]: for ever, or until nobody reads"""
    line = (" ".join(call.arguments) or "y") + "\n"
    sink = call.task.fds.get(1)
    if isinstance(sink, Pipe) and not sink.capture:
        call.out("")
        if sink.full:
            return WAIT_OUTPUT
        sink.write(line * 256)
        return WAIT_OUTPUT
    if not isinstance(sink, FileOut):
        call.out(line * 16)
    else:
        call.out(line * 4096)
    return call.sleep(1_000_000)


TOOLS: Mapping[str, Command] = {
    "echo": echo,
    "printf": printf,
    "cat": cat,
    "tee": tee,
    "wc": wc,
    "seq": seq,
    "yes": yes,
}
