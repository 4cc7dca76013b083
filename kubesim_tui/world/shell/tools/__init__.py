"""The usual small tools, each a function of a `Call`. They need no shell: `kubectl exec POD -- cat /etc/hostname`."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.shell.call import Command
from kubesim_tui.world.shell.tools import (
    clients,
    ends,
    filesystem,
    grep,
    network,
    processes,
    python_script,
    sed,
    system,
    text,
    text_more,
)

STANDARD: Mapping[str, Command] = {
    **filesystem.TOOLS,
    **processes.TOOLS,
    **system.TOOLS,
    **text.TOOLS,
    **ends.TOOLS,
    **grep.TOOLS,
    **text_more.TOOLS,
    **sed.TOOLS,
}
"""What every image with a shell has."""

BUSYBOX: Mapping[str, Command] = {name: network.TOOLS[name] for name in ("wget", "nc", "nslookup", "ping")}
"""What busybox has besides."""

TOOLS: Mapping[str, Command] = {**STANDARD, **network.TOOLS, **clients.TOOLS, **python_script.TOOLS}
"""All that is known; an image names what it has (`tools`)."""
