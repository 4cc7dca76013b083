"""Package managers: apk, apt-get, yum, dnf, pip. What they install is there afterwards, if the shell knows it.

An installed tool is a file in /usr/bin; nothing is fetched, only time passes. Root alone may install.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell.call import Call, Command, Outcome, Wait
from kubesim_tui.world.shell.tools import PLACE
from kubesim_tui.world.units import SECOND_US

TOOLS_OF: Mapping[str, tuple[str, ...]] = {
    "bind-tools": ("dig", "nslookup", "host"),
    "bind-utils": ("dig", "nslookup", "host"),
    "bind9-dnsutils": ("dig", "nslookup", "host"),
    "dnsutils": ("dig", "nslookup", "host"),
    "netcat": ("nc",),
    "netcat-openbsd": ("nc",),
    "netcat-traditional": ("nc",),
    "nmap-ncat": ("nc", "ncat"),
    "iputils": ("ping",),
    "iputils-ping": ("ping",),
    "postgresql": ("psql", "pg_isready"),
    "postgresql-client": ("psql", "pg_isready"),
    "mysql-client": ("mysql", "mysqladmin"),
    "default-mysql-client": ("mysql", "mysqladmin"),
    "mariadb-client": ("mysql", "mysqladmin", "mariadb", "mariadb-admin"),
    "mysql": ("mysql", "mysqladmin"),
    "redis": ("redis-cli",),
    "redis-tools": ("redis-cli",),
    "gettext": ("envsubst",),
    "gettext-base": ("envsubst",),
    "python3": ("python3",),
}
_REFUSED = {
    "apk": ("ERROR: Unable to lock database: Permission denied", 99),
    "apt": ("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)", 100),
    "apt-get": ("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)", 100),
}
_VERBS = ("add", "install", "update", "upgrade", "del", "remove", "purge", "clean", "autoremove", "makecache")


def manage(call: Call) -> Outcome:
    """apk add, apt-get update and install, yum install …"""
    words = [word for word in call.arguments if not word.startswith("-")]
    if not words or words[0] not in _VERBS:
        return call.fail("no such command", 1)
    verb, names = words[0], words[1:]
    if call.system.user != 0 and call.name in _REFUSED:
        text, code = _REFUSED[call.name]
        call.err(text)
        return code
    if call.system.user != 0:
        return call.fail("This command has to be run with superuser privileges (under the root user on most systems).")
    return _passing(call, names if verb in ("add", "install") else [])


def _passing(call: Call, names: list[str]) -> Outcome:
    """A second or two, and one more for each package."""
    if "begun" not in call.state:
        call.state["begun"] = True
        return Wait("sleep", call.now_us + (2 + len(names)) * SECOND_US)
    try:
        for name in names:
            for tool in TOOLS_OF.get(name.partition("=")[0], (name.partition("=")[0],)):
                call.files.make_directory(PLACE.rstrip("/"), parents=True)
                call.files.write(PLACE + tool, "\x7fELF\n")
    except FileError as error:
        return call.fail(f"{PLACE}: {error}")
    call.unsteady()
    _tell(call, names)
    return 0


def _tell(call: Call, names: list[str]) -> None:
    if any(word.startswith(("-q", "--quiet")) for word in call.arguments):
        return
    if call.name == "apk":
        for at, name in enumerate(names, 1):
            call.out(f"({at}/{len(names)}) Installing {name}\n")
        call.out("OK\n")
    elif call.name in ("apt", "apt-get"):
        call.out("Reading package lists...\n")
        for name in names:
            call.out(f"Setting up {name} ...\n")
    else:
        call.out("Complete!\n" if names else "")


def pip(call: Call) -> Outcome:
    """pip install names: time passes"""
    words = [word for word in call.arguments if not word.startswith("-")]
    if words[:1] != ["install"]:
        return 0
    if "begun" not in call.state:
        call.state["begun"] = True
        return Wait("sleep", call.now_us + (2 + len(words)) * SECOND_US)
    if words[1:] and "-r" not in call.arguments:
        call.out(f"Successfully installed {' '.join(words[1:])}\n")
    return 0


TOOLS: Mapping[str, Command] = {
    **dict.fromkeys(("apk", "apt", "apt-get", "yum", "dnf", "microdnf"), manage),
    **dict.fromkeys(("pip", "pip3"), pip),
}
