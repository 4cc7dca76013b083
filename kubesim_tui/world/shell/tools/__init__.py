"""The usual small tools, each a function of a `Call`. They need no shell: `kubectl exec POD -- cat /etc/hostname`.

Which module has which tool stands here; a module is loaded when one of its tools is first used.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_MODULES: Mapping[str, str] = {
    "archive": "tar",
    "awk": "awk gawk mawk",
    "ends": "head tail",
    "filesystem": (
        "dd fallocate truncate ls touch mkdir rm rmdir cp mv ln chmod chown chgrp stat df du mktemp readlink realpath"
    ),
    "finding": "find",
    "gettext": "envsubst",
    "grep": "grep egrep fgrep",
    "packages": "apk apt apt-get yum dnf microdnf pip pip3",
    "processes": (
        "sleep timeout kill killall pkill pgrep pidof ps env printenv nohup nice tini dumb-init setsid "
        "time catatonit su-exec gosu xargs busybox"
    ),
    "sed": "sed",
    "system": "date hostname id whoami uname which free nproc sysctl expr uptime sync stty clear",
    "text_columns": "paste fold comm cmp diff",
    "text": "echo printf cat tee wc seq yes",
    "text_more": "sort uniq cut tr rev tac nl basename dirname base64 md5sum sha1sum sha256sum",
    "network": "wget curl nc ncat netcat nslookup getent dig host ping",
    "clients": ("redis-cli pg_isready psql mysqladmin mariadb-admin mysql mariadb mongosh mongo nginx podcli perl"),
    "ensembles": "zkCli.sh zkServer.sh etcdctl etcdutl nodetool xbstream",
    "python_script": "python python3",
}
_STANDARD = (
    *("archive", "awk", "ends", "filesystem", "finding", "grep", "processes"),
    *("sed", "system", "text", "text_columns", "text_more"),
)
TOOLS: Mapping[str, str] = {name: module for module, names in _MODULES.items() for name in names.split()}
"""All that is known, with their modules; an image names what it has besides the standard ones (`tools`)."""

STANDARD = frozenset(name for name, module in TOOLS.items() if module in _STANDARD)
"""What every image with a shell has."""

BUSYBOX = frozenset(("wget", "nc", "nslookup", "ping"))
"""What busybox has besides."""

GNU = frozenset(("apt", "apt-get", "yum", "dnf", "microdnf"))
"""What an image with GNU's tools has besides: which distribution it is of is not known."""

PLACE = "/usr/bin/"
"""Where package managers put what they install."""
INSTALLED = frozenset(TOOLS) - STANDARD
"""What may be installed."""

SHELLS = ("sh", "bash", "ash", "dash")


def find_tool(name: str) -> Any:
    """The function of a tool: a `Command` of world/shell/call.py."""
    return import_module(f"{__name__}.{TOOLS[name]}").TOOLS[name]
