"""Clients of databases of several members: zkCli.sh, zkServer.sh, etcdctl, nodetool."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from kubesim_tui.world import backup
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read

_PATIENCE_US = 10_000_000
_VALUED = ("endpoints", "data-dir", "cacert", "cert", "key", "rev", "limit", "peer-urls")
_CONNECTED = "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n"
_LOST = "org.apache.zookeeper.KeeperException$ConnectionLossException: KeeperErrorCode = ConnectionLoss"


def _zookeeper(call: Call, query: str, server: str = "localhost:2181") -> Fetched:
    call.unsteady()
    return call.system.fetch(f"tcp://{server}", "QUERY", query, _PATIENCE_US)


def zk_cli(call: Call) -> Outcome:
    """zkCli.sh [-server host:port] create|get|set|delete|ls path [data]"""
    options = read([w if w != "-server" else "-s" for w in call.arguments], "s", stop_early=True)
    server = options.values.get("s", "localhost:2181")
    words = options.rest
    call.out(f"Connecting to {server}\n")
    if not words:
        return 0
    fetched = _zookeeper(call, " ".join(words), server)
    path = words[1] if len(words) > 1 else ""
    if fetched.error:
        call.err(f'Exception in thread "main" {_LOST} for {path}')
        return 1
    call.out(_CONNECTED)
    if fetched.status >= 400:
        call.err(fetched.body)
        return 1
    call.out(fetched.body + "\n")
    return 0


def zk_server(call: Call) -> Outcome:
    """zkServer.sh status"""
    call.out("ZooKeeper JMX enabled by default\nUsing config: /usr/bin/../etc/zookeeper/zoo.cfg\n")
    if call.arguments[:1] != ["status"]:
        return call.fail("Usage: zkServer.sh status", 2)
    fetched = _zookeeper(call, "srvr")
    mode = next((line for line in fetched.body.splitlines() if line.startswith("Mode: ")), "")
    call.out((mode or "Error contacting service. It is probably not running.") + "\n")
    return 0 if mode else 1


def etcdctl(call: Call) -> Outcome:
    """etcdctl [--endpoints=host:port] put|get|del|endpoint|alarm|compact|defrag|member|snapshot save|version …"""
    words, flags = _words_and_flags(call.arguments)
    endpoint = flags.get("endpoints", "127.0.0.1:2379").partition(",")[0]
    if words[:1] == ["version"]:
        call.out("etcdctl version: 3.6.4\nAPI version: 3.6\n")
        return 0
    call.unsteady()
    server = endpoint.partition("://")[2] or endpoint
    url = f"tcp://{server}/?{urlencode({k: v for k, v in flags.items() if k != 'endpoints'})}"
    fetched = call.system.fetch(url, "QUERY", " ".join(words), _PATIENCE_US)
    if fetched.status >= 500:
        call.err(fetched.body)
        return 1
    if words[:2] == ["snapshot", "save"] and not fetched.error:
        call.files.write(call.path(words[2]), fetched.body)
        call.out(f"Snapshot saved at {words[2]}\n")
        return 0
    if fetched.error:
        call.err('{"level":"warn","msg":"retrying of unary invoker failed","error":"context deadline exceeded"}')
        call.err(
            f"{endpoint} is unhealthy" if words[:2] == ["endpoint", "health"] else "Error: context deadline exceeded"
        )
        return 1
    text = fetched.body.partition("\n")[2] if "print-value-only" in flags else fetched.body
    call.out(f"{text}\n" if text else "")
    return 0


def _words_and_flags(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """What etcdctl is told to do, and how. `-w table` is `--write-out=table`."""
    words: list[str] = []
    flags: dict[str, str] = {}
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            words.append(word)
        elif name in ("w", "write-out"):
            flags["w"] = value if equals else next(rest, "")
        elif name in _VALUED and not equals:
            flags[name] = next(rest, "")
        else:
            flags[name] = value
    return words, flags


def etcdutl(call: Call) -> Outcome:
    """etcdutl snapshot status FILE | snapshot restore FILE --data-dir DIRECTORY | version"""
    words, flags = _words_and_flags(call.arguments)
    if words[:1] == ["version"]:
        call.out("etcdutl version: 3.6.4\nAPI version: 3.6\n")
        return 0
    if words[:1] != ["snapshot"] or words[1:2] not in (["status"], ["restore"]) or len(words) != 3:
        return call.fail("snapshot status FILE | snapshot restore FILE --data-dir DIRECTORY", 2)
    try:
        told = call.files.read(call.path(words[2]))
    except FileError as wrong:
        call.err(f"Error: open {words[2]}: {wrong}")
        return 1
    if words[1] == "restore":
        return _restore(call, told, flags.get("data-dir", "default.etcd"))
    mark = told.split()[-1] if told.split() else ""
    url = f"tcp://127.0.0.1:2379/?{urlencode(flags)}"
    fetched = call.system.fetch(url, "QUERY", f"snapshot status {mark}", _PATIENCE_US)
    (call.err if fetched.status >= 500 else call.out)(fetched.body if fetched.status >= 500 else fetched.body + "\n")
    return 1 if fetched.status >= 500 else 0


def _restore(call: Call, told: str, directory: str) -> int:
    """A data directory of a snapshot: whoever starts on it has what that holds."""
    if not told.startswith("etcd snapshot "):
        call.err("Error: snapshot missing hash but --skip-hash-check=false")
        return 1
    if not call.files.is_empty(call.path(directory)):
        call.err(f'Error: data-dir "{directory}" not empty or could not be read')
        return 1
    place = call.path(f"{directory.rstrip('/')}/member/snap")
    call.files.make_directory(place, parents=True)
    call.files.write(f"{place}/db", told)
    call.err(
        f'{{"level":"info","caller":"snapshot/v3_snapshot.go:317","msg":"restored snapshot","data-dir":"{directory}"}}'
    )
    return 0


def nodetool(call: Call) -> Outcome:
    """nodetool status|drain"""
    if call.arguments[:1] != ["status"]:
        return 0
    call.unsteady()
    fetched = call.system.fetch("tcp://127.0.0.1:7199", "QUERY", "status", _PATIENCE_US)
    if fetched.error:
        why = "ConnectException: 'Connection refused (Connection refused)'."
        call.err(f"nodetool: Failed to connect to '127.0.0.1:7199' - {why}")
        return 1
    call.out(fetched.body + "\n")
    return 0


def xbstream(call: Call) -> Outcome:
    """xbstream -x -C directory: unpack a backup that comes on the standard input"""
    options = read(call.arguments, "C")
    text = call.all()
    if text is None:
        return WAIT_INPUT
    volume, inside = call.files.volume(call.path(options.values.get("C", ".")))
    if "x" not in options or not backup.unpack(text, volume, inside):
        return call.fail("wrong chunk magic at offset 0x0.")
    return 0


TOOLS: Mapping[str, Command] = {
    "zkCli.sh": zk_cli,
    "zkServer.sh": zk_server,
    "etcdctl": etcdctl,
    "etcdutl": etcdutl,
    "nodetool": nodetool,
    "xbstream": xbstream,
}
