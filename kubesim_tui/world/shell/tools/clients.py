"""Clients of the databases and servers that images bring along: redis-cli, psql, mysqladmin, mongosh, nginx -s …

They ask over the network like any other program. What a server says to a query is in its image's data (`queries`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.net import TIMED_OUT, UNKNOWN_HOST, Fetched
from kubesim_tui.world.shell.call import Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, read
from kubesim_tui.world.urls import split

_PATIENCE_US = 10_000_000
_PSQL_REMOTE = "on that host and accepting TCP/IP connections"
_PSQL_LOCAL = "locally and accepting connections on that socket"


def _ask(call: Call, scheme: str, host: str, port: str, method: str, body: str, login: str = "") -> Fetched:
    call.unsteady()
    return call.system.fetch(f"{scheme}://{login}{host}:{port}", method, body, _PATIENCE_US)


def redis_cli(call: Call) -> Outcome:
    """redis-cli [-h host] [-p port] [-a password] command"""
    options = read(call.arguments, "hpanu", stop_early=True)
    host, port = options.values.get("h", "127.0.0.1"), options.values.get("p", "6379")
    words = options.rest
    if not words:
        return 0
    login = f":{options.values['a']}@" if "a" in options else ""
    fetched = _ask(call, "redis", host, port, words[0].upper(), "\n".join(words[1:]), login)
    if fetched.error == UNKNOWN_HOST:
        call.err(f"Could not connect to Redis at {host}:{port}: Name or service not known")
        return 1
    if fetched.error:
        said = "Operation timed out" if fetched.error == TIMED_OUT else "Connection refused"
        call.err(f"Could not connect to Redis at {host}:{port}: {said}")
        return 1
    call.out(fetched.body + "\n")
    return 0


def pg_isready(call: Call) -> Outcome:
    """pg_isready [-h host] [-p port] [-U user]"""
    options = read(call.arguments, "hpUdt")
    host, port = options.values.get("h", ""), options.values.get("p", "5432")
    shown = f"{host or '/var/run/postgresql'}:{port}"
    fetched = _ask(call, "postgres", host or "127.0.0.1", port, "PING", "")
    if fetched.error:
        call.out(f"{shown} - no response\n")
        return 2
    call.out(f"{shown} - accepting connections\n")
    return 0


def psql(call: Call) -> Outcome:
    """psql [-h host] [-U user] [-d database] [-tA] -c query"""
    options = read(call.arguments, "hpUdcfvW")
    user = options.values.get("U", call.env().get("PGUSER", "root" if call.system.user == 0 else "postgres"))
    host, port = options.values.get("h", call.env().get("PGHOST", "")), options.values.get("p", "5432")
    query = options.values.get("c") or (call.all() or "")
    login = f"{user}:{call.env().get('PGPASSWORD', '')}@" if host else ""
    fetched = _ask(call, "postgres", host or "127.0.0.1", port, "QUERY", query, login)
    where = (
        f'connection to server at "{host}", port {port} failed'
        if host
        else f'connection to server on socket "/var/run/postgresql/.s.PGSQL.{port}" failed'
    )
    if fetched.error == UNKNOWN_HOST:
        call.err(f'psql: error: could not translate host name "{host}" to address: Name or service not known')
        return 2
    if fetched.error:
        why = "Connection refused" if host else "No such file or directory"
        call.err(f"psql: error: {where}: {why}\n\tIs the server running {_PSQL_REMOTE if host else _PSQL_LOCAL}?")
        return 2
    if fetched.status == 401:
        call.err(f"psql: error: {where}: FATAL:  {fetched.body}")
        return 2
    return _shown(call, options, fetched)


def _shown(call: Call, options: Options, fetched: Fetched) -> int:
    if fetched.status >= 400:
        call.err(fetched.body)
        return 1
    lines = fetched.body.split("\n")
    if "t" in options and len(lines) > 3:
        lines = [line.strip() if "A" in options else line for line in lines[2:-2]]
    text = "\n".join(lines).rstrip("\n")
    call.out(f"{text}\n" if text else "")
    return 0


def mysqladmin(call: Call) -> Outcome:
    """mysqladmin [-h host] [-u user] [-ppassword] ping"""
    options = read(call.arguments, "huP")
    host = options.values.get("h") or options.values.get("host", "localhost")
    fetched = _ask(call, "mysql", host, options.values.get("P", "3306"), "PING", "")
    if fetched.error:
        call.err(f"{call.name}: connect to server at '{host}' failed")
        call.err(f"error: '{_mysql_error(host, fetched)}'")
        return 1
    call.out("mysqld is alive\n")
    return 0


def _mysql_error(host: str, fetched: Fetched) -> str:
    if fetched.error == UNKNOWN_HOST:
        return f"Unknown MySQL server host '{host}' (-2)"
    if host == "localhost":
        return "Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)"
    return f"Can't connect to MySQL server on '{host}:3306' (111)"


def mysql(call: Call) -> Outcome:
    """mysql [-h host] [-u user] [-ppassword] -e query"""
    options = read(call.arguments, "hueDP", stop_early=False)
    host = options.values.get("h", "localhost")
    user = options.values.get("u", "root")
    password = next((word[2:] for word in call.arguments if re.match(r"-p.", word)), call.env().get("MYSQL_PWD", ""))
    query = options.values.get("e") or (call.all() or "")
    local = host in ("localhost", "127.0.0.1") and not password
    login = "" if local else f"{user}:{password}@"
    fetched = _ask(call, "mysql", host, options.values.get("P", "3306"), "QUERY", query, login)
    if fetched.error:
        call.err(f"ERROR 2003 (HY000): {_mysql_error(host, fetched)}")
        return 1
    if fetched.status == 401:
        call.err(
            f"ERROR 1045 (28000): Access denied for user '{user}'@'{host}' "
            f"(using password: {'YES' if password else 'NO'})"
        )
        return 1
    return _shown(call, options, fetched)


def mongosh(call: Call) -> Outcome:
    """mongosh [--quiet] [--host host | mongodb://host:port/…] --eval expression"""
    words = [word for word in call.arguments if word != "--quiet"]
    named = words[words.index("--host") + 1] if "--host" in words[:-1] else next((w for w in words if "://" in w), "")
    address = split(named) if named else None
    host, port = (address.host, str(address.port or 27017)) if address is not None else ("127.0.0.1", "27017")
    at = words.index("--eval") + 1 if "--eval" in words else len(words)
    query = words[at] if at < len(words) else (call.all() or "")
    fetched = _ask(call, "mongodb", host, port, "QUERY", query)
    if fetched.error == UNKNOWN_HOST:
        call.err(f"MongoNetworkError: getaddrinfo ENOTFOUND {host}")
        return 1
    if fetched.error:
        call.err(f"MongoNetworkError: connect ECONNREFUSED {host}:{port}")
        return 1
    return _shown(call, read([]), fetched)


def nginx_signal(call: Call) -> Outcome:
    """nginx -s quit|stop|reload"""
    call.unsteady()
    signal = {"quit": "QUIT", "stop": "TERM", "reload": "HUP"}.get(call.argv[-1])
    if signal is None:
        call.err(f'nginx: invalid option: "-s {call.argv[-1]}"')
        return 1
    if not call.system.signal_program("nginx", signal):
        call.err('nginx: [error] open() "/run/nginx.pid" failed (2: No such file or directory)')
        return 1
    return 0


def podcli(call: Call) -> Outcome:
    """podcli check http host:port/path"""
    if call.arguments[:2] != ["check", "http"] or len(call.arguments) < 3:
        return call.fail("unknown command", 1)
    url = call.arguments[2]
    call.unsteady()
    fetched = call.system.fetch(url if "://" in url else f"http://{url}", "GET", "", _PATIENCE_US)
    if fetched.ok:
        call.out(f"INFO  check/http  response {fetched.status}\n")
        return 0
    call.err(f"ERROR check/http  {fetched.error or f'response {fetched.status}'}")
    return 1


def pi(call: Call) -> Outcome:
    """perl -Mbignum=bpi -wle 'print bpi(2000)': digits of π, after the time that it takes to compute them"""
    program = " ".join(call.arguments)
    found = re.search(r"print bpi\((\d+)\)", program)
    if found is None:
        return _script(call, program)
    digits = min(int(found[1]), 5_000)
    if "done" not in call.state:
        call.state["done"] = True
        return call.sleep(digits * digits)
    text = str(_pi(digits))
    call.out(f"{text[0]}.{text[1:digits]}\n")
    return 0


def _pi(digits: int) -> int:
    """π · 10^(digits + 9), by Machin's formula in integers."""
    unit = int(10 ** (digits + 9))

    def arctan(inverse: int) -> int:
        term = total = unit // inverse
        number, sign = 3, -1
        while term:
            term //= inverse * inverse
            total += sign * (term // number)
            number, sign = number + 2, -sign
        return total

    return 4 * (4 * arctan(5) - arctan(239))


_PRINT = re.compile(r"""(?:print|say)\s*\(?\s*(["'])(.*?)\1\s*\)?""")
_EXIT = re.compile(r"(?:sys\.)?exit\s*\(?\s*(\d+)\s*\)?")
_SLEEP = re.compile(r"sleep\s*\(?\s*(\d+(?:\.\d+)?)\s*\)?")


def _script(call: Call, program: str) -> Outcome:
    """The statements of a one-liner that can be understood: print a text, sleep, exit. Others do nothing."""
    statements = call.state.setdefault("rest", re.split(r"[;\n]", program))
    while isinstance(statements, list) and statements:
        statement = str(statements.pop(0))
        if found := _PRINT.search(statement):
            call.out(found[2].replace("\\n", "\n").removesuffix("\n") + "\n")
        elif found := _EXIT.search(statement):
            return int(found[1]) & 255
        elif found := _SLEEP.search(statement):
            whole, _, fraction = found[1].partition(".")
            return call.sleep(int(whole) * 1_000_000 + int(fraction[:6].ljust(6, "0") or 0))
    return 0


TOOLS: Mapping[str, Command] = {
    "redis-cli": redis_cli,
    "pg_isready": pg_isready,
    "psql": psql,
    "mysqladmin": mysqladmin,
    "mariadb-admin": mysqladmin,
    "mysql": mysql,
    "mariadb": mysql,
    "mongosh": mongosh,
    "mongo": mongosh,
    "nginx": nginx_signal,
    "podcli": podcli,
    "perl": pi,
}
