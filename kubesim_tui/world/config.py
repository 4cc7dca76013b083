"""What a container is created with: the settings that a kubelet hands to the runtime. Frozen, shared by replicas."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

from kubesim_tui.world.disk import Volume
from kubesim_tui.world.netem import Netem
from kubesim_tui.world.shared import NOTHING, Shared

RESOLV, HOSTS = "/etc/resolv.conf", "/etc/hosts"
"""Files of a sandbox: whom its containers ask for names, and which names they know without asking."""
AMONG_OTHERS = 30
"""The number of a first process that is not the first of its process namespace."""


@frozen
class Limits(Shared):
    """Limits of a container; None is none. `cpu_milli` is the quota: 500 is half a core; `shares` its weight."""

    cpu_milli: int | None = None
    memory_bytes: int | None = None
    shares: int = 2


@frozen(eq=False, repr=False)
class Mount:
    """A volume (or what lies at `subpath` in it: a directory or one file) seen at an absolute path."""

    path: str
    volume: Volume
    subpath: str = ""
    read_only: bool = False


@frozen(eq=False, repr=False)
class Config:
    """All of it. `command` and `args` have Kubernetes' meaning: they replace the image's entrypoint and command."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = NOTHING
    mounts: tuple[Mount, ...] = ()
    limits: Limits = Limits()
    expected_ports: tuple[int, ...] = ()  # where an image that nobody described is expected to listen
    user: int | None = None  # None: the image's
    group: int | None = None
    read_only_root: bool = False
    working_dir: str = ""
    oom_score_adj: int = 0  # the kernel's: who has more is killed first when the machine has no memory left
    stdin: bool = False  # its standard input is held open for who attaches
    stdin_once: bool = False  # … until the first of them leaves
    tty: bool = False
    target: str = ""  # the container of its sandbox whose processes it sees as its own
    storage_limited: bool = False  # the kubelet has to look whenever it writes files or logs
    attempt: int = 0  # how many containers of this name there were before it
    privileged: bool = False  # it may do to its machine what root may


@define(eq=False, repr=False)
class Sandbox:
    """A network namespace: the containers of one Pod share its address and its localhost."""

    id: str
    name: str
    hostname: str
    ip: str
    ready: bool = True
    created: int = 0
    containers: list[str] = field(factory=list)
    labels: Mapping[str, str] = NOTHING
    files: Mapping[str, str] = NOTHING  # HOSTS, RESOLV
    netem: Netem | None = None  # what is wrong with its network
    mapped: Mapping[tuple[int, str], int] | None = None  # (port of the machine, protocol) → its own

    @property
    def domain(self) -> str:
        """The domain under which its host name is known, as `hostname -d` finds it in /etc/hosts; "" if it has none."""
        for line in self.files.get(HOSTS, "").splitlines():
            words = line.split()
            if words[:1] == [self.ip] and self.hostname in words[1:]:
                return words[1].partition(".")[2]
        return ""
