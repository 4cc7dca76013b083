"""The commands of redis that people type, and what INFO says of a primary and its replicas."""

from __future__ import annotations

from kubesim_tui.world.container import Container
from kubesim_tui.world.program import Program
from kubesim_tui.world.queues import Queue, Queueing
from kubesim_tui.world.replication import status, writes
from kubesim_tui.world.replication.node import followers
from kubesim_tui.world.template import Names

WRITES = frozenset(("SET", "DEL", "INCR", "DECR", "LPUSH", "RPUSH", "FLUSHALL", "FLUSHDB"))
READ_ONLY = "READONLY You can't write against a read only replica."


def answer(container: Container, program: Program, command: str, words: list[str], path: str) -> str:
    """What redis says to a command; `path` may bear the caller's password."""
    scope = program.scope(container, container.host.now, {})
    password = scope.get("requirepass")
    if password and f"password={password}" not in path:
        return (
            "NOAUTH Authentication required." if "password=" not in path else "WRONGPASS invalid username-password pair"
        )
    if command in WRITES and writes.refusal(container, program, "append") is not None:
        return READ_ONLY
    said = _done(container, program, command, words, scope)
    if command in WRITES:
        writes.mirror(container)
    return said


def _done(container: Container, program: Program, command: str, words: list[str], scope: Names) -> str:
    memory = program.remembered()
    values, queues = memory.values, memory.queues
    match command, words:
        case "PING", _:
            return words[0] if words else "PONG"
        case "SET", [key, value, *_]:
            values[key] = value
            return "OK"
        case "GET", [key]:
            return values.get(key, "")
        case "DEL", keys:
            return str(sum(values.pop(key, None) is not None for key in keys) + _empty(queues, keys))
        case "EXISTS", keys:
            return str(sum(key in values or key in queues for key in keys))
        case (("INCR" | "DECR"), [key]):
            number = int(values.get(key, "0")) + (1 if command == "INCR" else -1)
            values[key] = str(number)
            return str(number)
        case "KEYS", _:
            return "\n".join(sorted({*values, *(name for name, queue in queues.items() if queue.waiting.total)}))
        case "DBSIZE", _:
            return str(len(values) + sum(len(kept) for kept in memory.records.values()))
        case (("LPUSH" | "RPUSH"), [key, *items]) if key in queues:
            queues[key].publish(Queueing("publish", key), len(items), container.host.now)
            return str(queues[key].ready)
        case (("LPUSH" | "RPUSH"), [key, *items]):
            held = values.get(key, "").split("\n") if values.get(key) else []
            held = [*items[::-1], *held] if command == "LPUSH" else [*held, *items]
            values[key] = "\n".join(held)
            return str(len(held))
        case "LLEN", [key] if key in queues:
            return str(queues[key].ready)
        case "LLEN", [key]:
            return str(len(values[key].split("\n")) if values.get(key) else 0)
        case "LRANGE", [key, *_]:
            return values.get(key, "")
        case (("FLUSHALL" | "FLUSHDB"), _):
            values.clear()
            memory.records.clear()
            _empty(queues, list(queues))
            return "OK"
        case ("CONFIG", ["GET", name]):
            return f"{name}\n{scope.get(name.lower()) or ''}"
        case (("REPLICAOF" | "SLAVEOF"), [host, port]):
            writes.tell(container, program, "" if (host.lower(), port.lower()) == ("no", "one") else f"{host} {port}")
            return "OK"
        case (("SAVE" | "BGSAVE"), _):
            return "OK" if command == "SAVE" else "Background saving started"
        case "INFO", _:
            return _info(container, program, words[0].lower() if words else "default")
    if command in ("SET", "GET", "INCR", "DECR", "LPUSH", "RPUSH", "LLEN", "LRANGE"):
        return f"ERR wrong number of arguments for '{command.lower()}' command"
    return f"ERR unknown command '{command}', with args beginning with: {' '.join(repr(word) for word in words)}"


def _empty(queues: dict[str, Queue], names: list[str]) -> int:
    """Delete lists that programs work on; how many there were."""
    return sum(queues[name].purge() > 0 for name in names if name in queues)


def _info(container: Container, program: Program, section: str) -> str:
    server = f"# Server\nredis_version:{container.get('REDIS_VERSION') or '8.2.0'}"
    found = [server] if section in ("default", "all", "server") else []
    if section in ("default", "all", "replication"):
        found.append("\n".join(_replication(container, program)))
    return "\n\n".join(found)


def _replication(container: Container, program: Program) -> list[str]:
    member = program.member
    address = next(iter(member.peers), "") if member is not None else ""
    host, _, port = address.rpartition(":")
    linked = status.of(container, program).get("linked", "down")
    replica = [f"master_host:{host}", f"master_port:{port}", f"master_link_status:{linked}"] if address else []
    copies = followers(container)
    found = [f"slave{at}:ip={one.sandbox.ip},port=6379,state=online" for at, one in enumerate(copies)]
    return [
        "# Replication",
        f"role:{'slave' if address else 'master'}",
        *replica,
        f"connected_slaves:{len(copies)}",
        *found,
    ]
