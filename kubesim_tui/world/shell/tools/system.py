"""Tools that tell about the machine and the user: date, hostname, id, uname, which, free, expr …"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell.arith import ArithError, evaluate
from kubesim_tui.world.shell.call import Call, Command, Outcome
from kubesim_tui.world.shell.parameters import Variables
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.template import clock_text, day_number

_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:Z|\+00:?00)?)?")
_LATER = re.compile(r"([-+]?\d+) *(second|sec|minute|min|hour|day|week)s?( ago)?")


def _moment(text: str, now_us: int) -> int | None:
    """What `date -d` understands: @seconds, a day with its time, `now`, `1 hour ago`, `+2 days`, `yesterday`."""
    text = {"yesterday": "1 day ago", "tomorrow": "1 day", "": "now"}.get(text.strip(), text.strip())
    if text.startswith("@") and text[1:].lstrip("-").isdecimal():
        return int(text[1:]) * 1_000_000
    day = _DAY.fullmatch(text)
    if day is not None:
        year, month, date_, *clock = (int(part or 0) for part in day.groups())
        return (day_number(year, month, date_) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1_000_000
    later = _LATER.fullmatch(text)
    if later is not None:
        return now_us + int(later[1]) * _UNITS[later[2]] * (-1 if later[3] else 1) * 1_000_000
    return now_us if text in ("now", "today") else None


def date(call: Call) -> Outcome:
    """date [-u] [-d text] [+format]: the simulated clock"""
    call.unsteady()
    form = next((word[1:] for word in call.arguments if word.startswith("+")), "")
    form = "%Y-%m-%dT%H:%M:%S+00:00" if "-Iseconds" in call.arguments else form
    unix_us = call.system.epoch * 1_000_000 + call.now_us
    wanted = next((word for word in call.arguments if word.startswith(("-d", "--date="))), "")
    if wanted:
        given = wanted.removeprefix("--date=").removeprefix("-d")
        given = given or call.arguments[call.arguments.index(wanted) + 1]
        at = _moment(given, unix_us)
        if at is None:
            return call.fail(f"invalid date '{given}'")
        unix_us = at
    call.out(clock_text(unix_us, form or "%a %b %e %H:%M:%S %Z %Y") + "\n")
    return 0


def hostname(call: Call) -> Outcome:
    """hostname [-i] [-f] [-d] [-s]"""
    system = call.system
    options = read(call.arguments)
    if "i" in options or "I" in options:
        call.out(system.ip + "\n")
    elif "d" in options:
        call.out(f"{system.domain}\n" if system.domain else "")
    else:
        call.out(f"{system.hostname}.{system.domain}\n" if "f" in options and system.domain else f"{system.hostname}\n")
    return 0


def identity(call: Call) -> Outcome:
    """id [-u|-g|-un]"""
    user, group = call.system.user, call.system.group
    name = "root" if user == 0 else str(user)
    options = read(call.arguments)
    if "u" in options:
        call.out(f"{name if 'n' in options else user}\n")
    elif "g" in options:
        call.out(f"{group}\n")
    else:
        shown = "(root)" if user == 0 else ""
        groups = "(root)" if group == 0 else ""
        call.out(f"uid={user}{shown} gid={group}{groups} groups={group}{groups}\n")
    return 0


def whoami(call: Call) -> Outcome:
    """whoami"""
    if call.system.user:
        return call.fail(
            f"unknown uid {call.system.user}"
            if not call.system.gnu
            else f"cannot find name for user ID {call.system.user}"
        )
    call.out("root\n")
    return 0


def uname(call: Call) -> Outcome:
    """uname [-a|-r|-m|-n]"""
    parts = {"s": "Linux", "n": call.system.hostname, "r": "6.12.0", "m": "x86_64"}
    options = read(call.arguments)
    chosen = "snrm" if "a" in options else "".join(letter for letter in "snrm" if letter in options) or "s"
    call.out(" ".join(parts[letter] for letter in chosen) + "\n")
    return 0


def which(call: Call) -> Outcome:
    """which names"""
    code = 0
    for name in call.arguments:
        if call.system.has_tool(name) or call.system.has_program((name,)):
            call.out(f"/usr/bin/{name}\n")
        else:
            code = 1
    return code


def free(call: Call) -> Outcome:
    """free [-m]: the container's limit"""
    call.unsteady()
    shift = 20 if "-m" in call.arguments else 10
    total = call.system.memory_limit >> shift
    call.out("              total        used        free      shared  buff/cache   available\n")
    call.out(f"Mem: {total:14} {total // 4:11} {total - total // 4:11} {0:11} {0:11} {total - total // 4:11}\n")
    return 0


def nproc(call: Call) -> Outcome:
    """nproc"""
    call.out(f"{max(1, call.system.cpu_milli // 1000)}\n")
    return 0


def sysctl(call: Call) -> Outcome:
    """sysctl [-n] name …, sysctl -w name=value …: a setting that the kernel does not have here says what it was told"""
    code = 0
    for word in [word for word in call.arguments if not word.startswith("-")]:
        name, equals, value = word.partition("=")
        name, now = name.replace("/", "."), call.system.sysctl(name.replace("/", "."))
        if now is not None and equals and not (value.isdecimal() and call.system.set_sysctl(name, int(value))):
            code = call.fail(f"error setting key '{name}': Read-only file system")
        elif now is not None or equals:
            call.out(f"{value or now}\n" if "-n" in call.arguments else f"{name} = {value or now}\n")
    return code


def expr(call: Call) -> Outcome:
    """expr a + b, expr text : pattern, expr length text, substr text n m, index text letters"""
    words = call.arguments
    if len(words) == 3 and words[1] == ":":
        found = re.match(re.sub(r"\\([()])", r"\1", words[2]), words[0])
        text = "" if found is None else found[1] if found.re.groups else str(len(found[0]))
        call.out(text + "\n")
        return int(text in ("", "0"))
    if len(words) == 4 and words[0] == "substr" and words[2].isdecimal() and words[3].isdecimal():
        first = int(words[2])
        text = words[1][first - 1 : first - 1 + int(words[3])] if first else ""
        call.out(text + "\n")
        return int(not text)
    if len(words) == 3 and words[0] == "index":
        at = min((place + 1 for place in map(words[1].find, words[2]) if place >= 0), default=0)
        call.out(f"{at}\n")
        return int(not at)
    if len(words) == 2 and words[0] == "length":
        call.out(f"{len(words[1])}\n")
        return int(not words[1])
    joined = ["==" if word == "=" else word for word in words]
    try:
        number = evaluate(" ".join(joined), Variables(call.tasks, call.task, call.system))
    except ArithError:
        same = len(words) == 3 and words[1] in ("=", "!=") and (words[0] == words[2]) == (words[1] == "=")
        if len(words) == 3 and words[1] in ("=", "!="):
            call.out(f"{int(same)}\n")
            return int(not same)
        return call.fail("syntax error", 2)
    call.out(f"{number}\n")
    return int(number == 0)


def uptime(call: Call) -> Outcome:
    """uptime"""
    call.unsteady()
    unix_us = call.system.epoch * 1_000_000 + call.now_us
    call.out(f" {clock_text(unix_us, '%T')} up {call.now_us // 60_000_000} min,  load average: 0.00, 0.00, 0.00\n")
    return 0


def nothing(_call: Call) -> Outcome:
    """sync, stty, clear: nothing that shows"""
    return 0


TOOLS: Mapping[str, Command] = {
    "date": date,
    "hostname": hostname,
    "id": identity,
    "whoami": whoami,
    "uname": uname,
    "which": which,
    "free": free,
    "nproc": nproc,
    "sysctl": sysctl,
    "expr": expr,
    "uptime": uptime,
    "sync": nothing,
    "stty": nothing,
    "clear": nothing,
}
