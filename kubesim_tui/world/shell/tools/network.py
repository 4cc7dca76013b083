"""Tools for the network: wget, curl, nc, nslookup, ping, getent. All of them take the time that the network takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from kubesim_tui.world.net import NO_ROUTE, REFUSED, RESET, TIMED_OUT, UNKNOWN_HOST, UNTRUSTED, Fetched, Headers
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, read
from kubesim_tui.world.shell.tools.processes import period_us
from kubesim_tui.world.urls import split

_CURL_CODES = {UNKNOWN_HOST: 6, REFUSED: 7, NO_ROUTE: 7, TIMED_OUT: 28, RESET: 56, UNTRUSTED: 60}
_PATIENCE_US = 130_000_000
_START_US = 2_000
"""How long it takes to start a process that asks for something."""


def _fetch(call: Call, url: str, method: str, body: str, timeout_us: int, headers: Headers = ()) -> Fetched | None:
    """Ask; None until the answer has had its time to come (then it is kept in the state)."""
    call.unsteady()
    kept = call.state.get("fetched")
    if isinstance(kept, Fetched):
        return kept
    fetched = call.system.fetch(url, method, body, timeout_us, headers)
    call.state["fetched"] = fetched
    return None if fetched.took_us else fetched


def _full(url: str) -> str:
    return url if "://" in url else f"http://{url}"


def _period(text: str | None, default: int) -> int:
    found = period_us(text) if text else None
    return default if found is None or found < 0 else found


def wget(call: Call) -> Outcome:
    """wget [-q] [-O file|-] [-T seconds] [-S] [--spider] [--post-data text] url"""
    options = read(call.arguments, "OTtY")
    if not options.rest:
        return call.fail("missing URL")
    url = _full(options.rest[0])
    body = options.values.get("post-data", "")
    timeout = _period(options.values.get("T") or options.values.get("timeout"), _PATIENCE_US)
    fetched = _fetch(call, url, "POST" if "post-data" in options else "GET", body, timeout)
    if fetched is None:
        return call.sleep(_took(call))
    return _wget_result(call, options, url, fetched)


def _took(call: Call) -> int:
    fetched = call.state.get("fetched")
    return _START_US + fetched.took_us if isinstance(fetched, Fetched) else 0


def _wget_result(call: Call, options: Options, url: str, fetched: Fetched) -> int:
    address = split(url)
    port = address.port or 80
    quiet = "q" in options
    if fetched.error == UNKNOWN_HOST:
        said = f"bad address '{address.host}{f':{port}' if ':' in url.split('://')[1] else ''}'"
        return call.fail(
            said if not call.system.gnu else f"unable to resolve host address ‘{address.host}’", _wget_code(call, 4)
        )
    found = _address_of(call, address.host or "")
    if not quiet:
        call.err(f"Connecting to {address.host}{f':{port}' if port != 80 else ''} ({found}:{port})")
    if fetched.error:
        words = {
            REFUSED: "Connection refused",
            NO_ROUTE: "No route to host",
            RESET: "error getting response: Connection reset by peer",
        }
        if fetched.error == TIMED_OUT:
            return call.fail("download timed out", _wget_code(call, 4))
        return call.fail(
            f"can't connect to remote host ({found}): {words.get(fetched.error, fetched.error)}",
            _wget_code(call, 4),
        )
    if "S" in options or "server-response" in options:
        head = [f"HTTP/1.1 {_status_line(fetched.status)}", *(f"{name}: {text}" for name, text in fetched.headers)]
        call.err("".join(f"  {line}\n" for line in head).rstrip("\n"))
    if fetched.status >= 400:
        return call.fail(f"server returned error: HTTP/1.1 {_status_line(fetched.status)}", _wget_code(call, 8))
    if "spider" in options:
        if not quiet:
            call.err("remote file exists")
        return 0
    name = options.values.get("O") or address.path.rpartition("/")[2] or "index.html"
    if name == "-":
        call.out(fetched.body)
    else:
        call.files.write(call.path(name), fetched.body)
        if not quiet:
            call.err(f"saving to '{name}'\n'{name}' saved")
    return 0


def _address_of(call: Call, host: str) -> str:
    """The address of a name, or the name where it has none."""
    addresses = () if re.fullmatch(r"[\d.]+", host) else call.system.resolve(host).addresses
    return addresses[0] if addresses else host


def _wget_code(call: Call, gnu: int) -> int:
    return gnu if call.system.gnu else 1


def _status_line(status: int) -> str:
    names = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
        429: "Too Many Requests",
        500: "Internal Server Error",
        502: "Bad Gateway",
        503: "Service Unavailable",
        504: "Gateway Timeout",
        200: "OK",
        201: "Created",
        204: "No Content",
        301: "Moved Permanently",
        302: "Found",
        308: "Permanent Redirect",
    }
    return f"{status} {names.get(status, '')}".rstrip()


def curl(call: Call) -> Outcome:
    """curl [-sSfkILv] [-o file] [-w format] [-m seconds] [--connect-timeout s] [-X method] [-d data] url"""
    words = _curl_words(call.arguments)
    options = read(words, "oXdHmwuAeTb")
    if not options.rest:
        call.err("curl: try 'curl --help' for more information")
        return 2
    url = _full(str(call.state.get("url", options.rest[0])))
    data = options.values.get("d", "")
    method = options.values.get("X") or ("POST" if "d" in options else "HEAD" if "I" in options else "GET")
    limit = _period(options.values.get("m") or options.values.get("connect-timeout"), _PATIENCE_US)
    fetched = _fetch(call, url, method, data, limit, _headers(words, options))
    if fetched is None:
        return call.sleep(_took(call))
    place = dict(fetched.headers).get("Location")
    hops = int(str(call.state.get("hops", 0)))
    if "L" in options and place and 300 <= fetched.status < 400 and hops < 10:
        call.state["url"] = place if "://" in place else f"{'/'.join(url.split('/')[:3])}{place}"
        call.state["hops"] = hops + 1
        del call.state["fetched"]
        return call.sleep(1)
    return _curl_result(call, options, url, fetched)


def _headers(words: list[str], options: Options) -> Headers:
    """Those that curl sends: of -H, which may be given more than once, and of -A and -b."""
    given = [after for word, after in pairwise(words) if word == "-H"]
    given += [word[2:] for word in words if word.startswith("-H") and len(word) > 2]
    pairs = [text.partition(":") for text in given]
    found = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    return (*found, *((name, options.values[key]) for key, name in _AS_HEADERS if key in options.values))


_AS_HEADERS = (("A", "user-agent"), ("b", "cookie"))
_UNUSED = ("--retry", "--retry-delay", "--retry-max-time", "--cacert", "--cert", "--key", "--resolve", "--upload-file")
"""Options of curl with a value that changes nothing here."""


def _curl_words(arguments: list[str]) -> list[str]:
    """Long options with their value in the next word: `--max-time 5` → `-m 5`."""
    short = {
        "--max-time": "-m",
        "--output": "-o",
        "--request": "-X",
        "--data": "-d",
        "--data-raw": "-d",
        "--header": "-H",
        "--cookie": "-b",
        "--user-agent": "-A",
        "--write-out": "-w",
        "--fail": "-f",
        "--silent": "-s",
        "--show-error": "-S",
        "--head": "-I",
        "--location": "-L",
        "--insecure": "-k",
        "--user": "-u",
        "--connect-timeout": "-m",
        **dict.fromkeys(_UNUSED, "-T"),
        "--include": "-i",
        "--verbose": "-v",
        "--data-binary": "-d",
    }
    return [short.get(word, word) for word in arguments]


def _curl_result(call: Call, options: Options, url: str, fetched: Fetched) -> int:
    address = split(url)
    port = address.port or 80
    code = _CURL_CODES.get(fetched.error, 7) if fetched.error else 0
    if not fetched.error and "f" in options and fetched.status >= 400:
        code = 22
    if code and ("s" not in options or "S" in options):
        waited = f"after {fetched.took_us // 1000} ms"
        said = {
            6: f"Could not resolve host: {address.host}",
            7: f"Failed to connect to {address.host} port {port} {waited}: Could not connect to server",
            28: f"Connection timed out {waited}",
            56: "Recv failure: Connection reset by peer",
            60: f"SSL certificate problem: {fetched.body}",
            22: f"The requested URL returned error: {fetched.status}",
        }
        call.err(f"curl: ({code}) {said[code]}")
    if not code:
        head = (
            f"HTTP/1.1 {_status_line(fetched.status)}\r\n"
            + "".join(f"{n}: {v}\r\n" for n, v in fetched.headers)
            + "\r\n"
        )
        text = head if "I" in options else (head if "i" in options else "") + fetched.body
        if "o" in options:
            if options.values["o"] != "/dev/null":
                call.files.write(call.path(options.values["o"]), text)
        else:
            call.out(text)
    if "w" in options:
        seconds = f"{fetched.took_us // 1_000_000}.{fetched.took_us % 1_000_000:06}"
        form = options.values["w"].replace("%{http_code}", f"{fetched.status:03}").replace("%{time_total}", seconds)
        call.out(form.replace("\\n", "\n"))
    return code


def nc(call: Call) -> Outcome:
    """nc [-zv] [-w seconds] [--recv-only] host port: its standard input is sent, what comes back printed"""
    options = read(call.arguments, "wep")
    if "l" in options:
        return call.fail("listening is not supported")
    if len(options.rest) < 2:
        return call.fail("missing operand")
    host, port = options.rest[:2]
    fetched = _fetch(call, f"tcp://{host}:{port}", "PING", "", _period(options.values.get("w"), _PATIENCE_US))
    if fetched is None:
        return call.sleep(_took(call))
    if fetched.error == UNKNOWN_HOST:
        return call.fail(f"bad address '{host}'")
    if fetched.error:
        said = {REFUSED: "Connection refused", TIMED_OUT: "Connection timed out", NO_ROUTE: "No route to host"}
        return call.fail(f"{host} ({host}:{port}): {said.get(fetched.error, fetched.error)}")
    if "v" in options:
        call.err(f"{host} ({host}:{port}) open")
    receives = "recv-only" in options
    sent = "" if receives or "z" in options else call.all()
    if sent is None:
        return WAIT_INPUT
    if receives or sent.strip():
        call.out(call.system.fetch(f"tcp://{host}:{port}", "QUERY", sent, _PATIENCE_US).body)
    return 0


def nslookup(call: Call) -> Outcome:
    """nslookup name"""
    call.unsteady()
    names = [word for word in call.arguments if not word.startswith("-")]
    if not names:
        return call.fail("missing name")
    found = call.system.resolve(names[0])
    if not found.server:
        call.out(";; connection timed out; no servers could be reached\n\n")
        return 1
    call.out(f"Server:\t\t{found.server}\nAddress:\t{found.server}:53\n\n")
    if not found.addresses:
        call.out(f"** server can't find {found.name or names[0]}: {found.error or 'NXDOMAIN'}\n\n")
        return 1
    call.out("".join(f"Name:\t{found.name}\nAddress: {address}\n" for address in found.addresses) + "\n")
    return 0


def getent(call: Call) -> Outcome:
    """getent hosts name"""
    call.unsteady()
    if call.arguments[:1] not in (["hosts"], ["ahosts"]) or len(call.arguments) < 2:
        return 1
    found = call.system.resolve(call.arguments[1])
    call.out("".join(f"{address:<16}  {found.name}\n" for address in found.addresses))
    return 0 if found.addresses else 2


def dig(call: Call) -> Outcome:
    """dig [+short] name, host name"""
    call.unsteady()
    names = [
        word for word in call.arguments if not word.startswith(("+", "-", "@")) and word not in ("A", "SRV", "ANY")
    ]
    if not names:
        return 1
    found = call.system.resolve(names[0])
    if call.name == "host":
        if not found.addresses:
            call.out(f"Host {names[0]} not found: 3(NXDOMAIN)\n")
            return 1
        call.out("".join(f"{found.name} has address {address}\n" for address in found.addresses))
    elif "+short" in call.arguments:
        call.out("".join(f"{address}\n" for address in found.addresses))
    else:
        call.out(
            ";; ANSWER SECTION:\n" + "".join(f"{found.name}.\t30\tIN\tA\t{address}\n" for address in found.addresses)
        )
    return 0


def ping(call: Call) -> Outcome:
    """ping [-c count] host: whether the name is known (FIDELITY: nothing is sent)"""
    call.unsteady()
    options = read(call.arguments, "cwWi")
    host = options.rest[0] if options.rest else ""
    addresses = (host,) if re.fullmatch(r"[\d.]+", host) else call.system.resolve(host).addresses
    if not addresses:
        return call.fail(f"bad address '{host}'")
    sent = int(str(call.state.get("sent", 0)))
    if sent == 0:
        call.out(f"PING {host} ({addresses[0]}): 56 data bytes\n")
    count = int(options.values.get("c", "0"))
    if count and sent >= count:
        call.out(
            f"\n--- {host} ping statistics ---\n{count} packets transmitted, {count} packets received, 0% packet loss\n"
        )
        return 0
    call.out(f"64 bytes from {addresses[0]}: seq={sent} ttl=63 time=0.120 ms\n")
    call.state["sent"] = sent + 1
    return call.sleep(1_000_000)


TOOLS: Mapping[str, Command] = {
    "wget": wget,
    "curl": curl,
    "nc": nc,
    "ncat": nc,
    "netcat": nc,
    "nslookup": nslookup,
    "getent": getent,
    "dig": dig,
    "host": dig,
    "ping": ping,
}
