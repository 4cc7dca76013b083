"""Clients of databases of several members: zkCli.sh, zkServer.sh, etcdctl, nodetool."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world import backup
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import read

_PATIENCE_US = 10_000_000
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
    """etcdctl [--endpoints=host:port] put|get|del|endpoint|version …"""
    words = [word for word in call.arguments if not word.startswith("-")]
    flags = dict(word[2:].partition("=")[::2] for word in call.arguments if word.startswith("--"))
    endpoint = flags.get("endpoints", "127.0.0.1:2379").partition(",")[0]
    if words[:1] == ["version"]:
        call.out("etcdctl version: 3.6.4\nAPI version: 3.6\n")
        return 0
    call.unsteady()
    server = endpoint.partition("://")[2] or endpoint
    fetched = call.system.fetch(f"tcp://{server}", "QUERY", " ".join(words), _PATIENCE_US)
    if fetched.error:
        call.err('{"level":"warn","msg":"retrying of unary invoker failed","error":"context deadline exceeded"}')
        call.err(
            f"{endpoint} is unhealthy" if words[:2] == ["endpoint", "health"] else "Error: context deadline exceeded"
        )
        return 1
    text = fetched.body.partition("\n")[2] if "print-value-only" in flags else fetched.body
    call.out(f"{text}\n" if text else "")
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
    "nodetool": nodetool,
    "xbstream": xbstream,
}
