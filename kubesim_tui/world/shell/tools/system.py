"""Tools that tell about the machine and the user: date, hostname, id, uname, which, free, expr …"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell.arith import ArithError, evaluate
from kubesim_tui.world.shell.call import Call, Command, Outcome
from kubesim_tui.world.shell.parameters import Variables
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.template import clock_text


def date(call: Call) -> Outcome:
    """date [-u] [+format]: the simulated clock"""
    call.unsteady()
    form = next((word[1:] for word in call.arguments if word.startswith("+")), "")
    form = "%Y-%m-%dT%H:%M:%S+00:00" if "-Iseconds" in call.arguments else form
    unix_us = call.system.epoch * 1_000_000 + call.now_us
    call.out(clock_text(unix_us, form or "%a %b %e %H:%M:%S %Z %Y") + "\n")
    return 0


def hostname(call: Call) -> Outcome:
    """hostname [-i] [-f]"""
    call.out((call.system.ip if "-i" in call.arguments or "-I" in call.arguments else call.system.hostname) + "\n")
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
    """sysctl -w name=value: says what it was told"""
    for word in call.arguments:
        name, equals, value = word.partition("=")
        if equals:
            call.out(f"{name} = {value}\n")
    return 0


def expr(call: Call) -> Outcome:
    """expr a + b, expr text : pattern, expr length text"""
    words = call.arguments
    if len(words) == 3 and words[1] == ":":
        found = re.match(re.sub(r"\\([()])", r"\1", words[2]), words[0])
        text = "" if found is None else found[1] if found.re.groups else str(len(found[0]))
        call.out(text + "\n")
        return int(text in ("", "0"))
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
