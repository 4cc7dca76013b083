"""A Corefile as words, grouped by server blocks and their plugins, as Caddy's parser does it (coredns/caddy).

A word ends at a space, or at its second quotation mark; `#` makes the rest of a line a comment. A block begins with the
zones that it serves; each line in it is a plugin with its arguments and perhaps lines of its own in braces. A block
whose zones stand in parentheses is a snippet: `import` puts it, or a file, where it is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha512

from attrs import evolve, field, frozen

_PLUGINS = (
    "root metadata geoip cancel tls proxyproto quic grpc_server https https3 timeouts multisocket reload nsid bufsize "
    "bind debug trace ready health pprof prometheus errors log dnstap local dns64 any chaos loadbalance tsig cache "
    "rewrite acl header dnssec autopath minimal template transfer hosts route53 azure clouddns k8s_external kubernetes "
    "file auto secondary etcd loop forward grpc erratic whoami on sign view nomad"
)
PLUGINS = frozenset(_PLUGINS.split())
"""All that are compiled into it (core/dnsserver/zdirectives.go)."""
MOST_IMPORTS = 10_000
_ENV = re.compile(r"\{\$([^{}]*)\}|\{%([^{}%]*)%\}")

Files = Callable[[str], Mapping[str, str]]
"""A path, perhaps with one `*` → the files that it means: path → text."""


class CorefileError(Exception):
    """What CoreDNS says of a Corefile that it does not take."""


@frozen
class Word:
    """One word, and where it stands. `file` is "" in the Corefile itself."""

    text: str
    line: int
    file: str = ""
    lines: int = 0  # that end within it

    def __str__(self) -> str:
        return self.text


@frozen
class Block:
    """`keys` are zones, with ports; of each plugin all its words."""

    keys: tuple[str, ...] = ()
    plugins: Mapping[str, tuple[Word, ...]] = field(factory=dict)


def words(text: str, file: str = "") -> list[Word]:
    """The words of a text."""
    return list(_words(text, file))


def _words(text: str, file: str) -> Iterator[Word]:
    line, at = 1, 0
    while at < len(text):
        letter = text[at]
        if letter == "\n":
            line += 1
        if letter.isspace():
            at += 1
        elif letter == "#":
            at = _until(text, at, "\n")
        elif letter == '"':
            end = _closing(text, at + 1)
            found = text[at + 1 : end]
            yield Word(found.replace('\\"', '"'), line, file, found.count("\n"))
            line += found.count("\n")
            at = end + 1
        else:
            end = at
            while end < len(text) and not text[end].isspace():
                end += 1
            yield Word(text[at:end].partition("#")[0], line, file)
            at = end


def _until(text: str, at: int, letter: str) -> int:
    found = text.find(letter, at)
    return len(text) if found < 0 else found


def _closing(text: str, at: int) -> int:
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def parse(path: str, text: str, env: Callable[[str], str], files: Files) -> tuple[Block, ...]:
    """The blocks of a Corefile. CorefileError if it is none."""
    return tuple(_Parser(path, text, env, files).blocks())


def checksum(blocks: tuple[Block, ...]) -> str:
    """By what the plugin `reload` knows a Corefile: SHA512 of its blocks as JSON."""
    data = [
        {
            "Keys": list(block.keys),
            "Tokens": {
                name: [{"File": word.file, "Line": word.line, "Text": word.text} for word in found]
                for name, found in sorted(block.plugins.items())
            },
        }
        for block in blocks
    ]
    text = json.dumps(data or None, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return sha512(text.encode()).hexdigest()


class _Parser:
    """A cursor over words. `at` is the word that is looked at."""

    def __init__(self, path: str, text: str, env: Callable[[str], str], files: Files) -> None:
        self.path, self.env, self.files = path, env, files
        self.all, self.at, self.imports = words(text), 0, 0
        self.snippets: dict[str, list[Word]] = {}

    def blocks(self) -> Iterator[Block]:
        while self.at < len(self.all):
            keys = self._keys()
            if len(keys) == 1 and keys[0].startswith("(") and keys[0].endswith(")"):
                self._snippet(keys[0][1:-1])
                continue
            block = Block(keys, self._contents() if self.at < len(self.all) else {})
            if keys:
                yield block

    # -- words

    def _word(self) -> str:
        return self.all[self.at].text if self.at < len(self.all) else ""

    def _begins_line(self, at: int | None = None) -> bool:
        at = self.at if at is None else at
        if at == 0:
            return True
        before, word = self.all[at - 1], self.all[at]
        return before.file != word.file or before.line + before.lines < word.line

    def _known(self, text: str) -> str:
        return _ENV.sub(lambda found: self.env(found[1] or found[2] or ""), text)

    def _place(self, at: int) -> str:
        word = self.all[min(max(at, 0), len(self.all) - 1)]
        return f"{word.file or self.path}:{word.line}"

    def _wrong(self, said: str, at: int | None = None) -> CorefileError:
        return CorefileError(f"{self._place(self.at if at is None else at)} - Error during parsing: {said}")

    def _unexpected(self, found: str, wanted: str) -> CorefileError:
        return CorefileError(f"{self._place(self.at)} - Syntax error: Unexpected token '{found}', expecting '{wanted}'")

    # -- parts of a block

    def _keys(self) -> tuple[str, ...]:
        found: list[str] = []
        more = False
        while self.at < len(self.all):
            if self._word() == "import" and self._begins_line():
                self._import()
                continue
            key = self._known(self._word())
            if key == "{":
                if more:
                    raise self._wrong("Expected another address but had '{' - check for extra comma")
                break
            if found and not more and self._begins_line():
                break
            more = key.endswith(",")
            key = key[:-1] if more else key
            found += [key] if key else []
            self.at += 1
        if more:
            raise self._wrong("Unexpected EOF")
        return tuple(found)

    def _contents(self) -> Mapping[str, tuple[Word, ...]]:
        braced = self._word() == "{"
        self.at += braced
        found: dict[str, tuple[Word, ...]] = {}
        while self.at < len(self.all):
            if self._word() == "}":
                break
            if self._word() == "import":
                self._import()
                continue
            name = self._known(self._word())
            if name not in PLUGINS:
                raise self._wrong(f"Unknown directive '{name}'")
            found[name] = (*found.get(name, ()), *self._plugin())
        if (
            braced and self.all[-1].text != "}" and self.at >= len(self.all)
        ):  # one that ends a plugin there does as well
            raise self._unexpected(self.all[-1].text, "}")
        self.at += 1
        return found

    def _plugin(self) -> list[Word]:
        found, depth = [self.all[self.at]], 0
        self.at += 1
        while self.at < len(self.all):
            text = self._word()
            if text == "{":
                depth += 1
            elif self._begins_line() and not depth:
                break
            elif text == "}":
                if not depth:
                    raise self._wrong("Unexpected '}' because no matching opening brace")
                depth -= 1
            elif text == "import" and self._begins_line():
                self._import()
                continue
            found.append(evolve(self.all[self.at], text=self._known(text)))
            self.at += 1
        if depth:
            raise self._wrong("Unexpected EOF")
        return found

    def _snippet(self, name: str) -> None:
        if name in self.snippets:
            raise self._wrong(f"redeclaration of previously declared snippet {name}")
        if self._word() != "{":
            raise self._unexpected(self._word(), "{")
        start, depth = self.at + 1, 0
        while True:
            if self.at >= len(self.all):
                raise self._unexpected(self.all[-1].text, "}")
            depth += {"{": 1, "}": -1}.get(self._word(), 0)
            self.at += 1
            if not depth:
                break
        self.snippets[name] = self.all[start : self.at - 1]

    def _import(self) -> None:
        """Put what is imported in the place of the two words that say so."""
        end = self.at + 1
        while end < len(self.all) and not self._begins_line(end):
            end += 1
        if end == self.at + 1:
            raise self._wrong("Wrong argument count or unexpected line ending after 'import'")
        name = self._known(self.all[self.at + 1].text)
        if end > self.at + 2:
            raise self._wrong("Import takes only one argument (glob pattern or file)", self.at + 2)
        self.imports += 1
        if self.imports > MOST_IMPORTS:
            raise self._wrong(f"maximum snippet import depth ({MOST_IMPORTS}) exceeded", self.at + 1)
        put = self.snippets.get(name)
        if put is None:
            found = self.files(name if name.startswith("/") else f"{self.path.rpartition('/')[0]}/{name}")
            if not found and "*" not in name:
                raise self._wrong(f"File to import not found: {name}", self.at + 1)
            put = [word for path in sorted(found) for word in words(found[path], path)]
        self.all[self.at : end] = put
