"""The SQL that people type to see whether data are there: databases, tables, rows, and MySQL's own replication.

CREATE and DROP of databases and tables, INSERT … VALUES, SELECT of columns or COUNT(*) from one table, SHOW, and of
MySQL @@server_id, CHANGE MASTER TO, START and STOP SLAVE. Tables are typed values of the database: they lie on its
volume and reach its replicas. What it does not know is left to the patterns of the image.
"""

from __future__ import annotations

import json
import re

from kubesim_tui.world.container import Container
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, status, writes
from kubesim_tui.world.template import clock_text

_NAME = r"[`\"]?([\w.]+)[`\"]?"
_VALUE = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"([^\"]*)\"|(-?[\w.]+)")
SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
READ_ONLY = "ERROR 1290 (HY000) at line 1: The MySQL server is running with the --super-read-only option"


class SqlError(Exception):
    """What the server says to a statement that it does not carry out."""


def answer(container: Container, program: Program, text: str, took_us: int) -> Fetched | None:
    """The answer to all statements of a text; None if one of them is not known here."""
    found = [(statement, _known(statement)) for statement in _statements(text)]
    if not found or any(known is None for _, known in found):
        return None
    session = _Session(container, program)
    printed: list[str] = []
    for _, known in found:
        assert known is not None
        try:
            printed += session.run(*known)
        except SqlError as error:
            return Fetched(400, "\n".join([*printed, str(error)]), took_us=took_us)
    return Fetched(200, "\n".join(printed), took_us=took_us)


def _statements(text: str) -> list[str]:
    parts = re.findall(r"(?:[^;'\"]|'(?:[^'\\]|\\.)*'|\"[^\"]*\")+", text)
    return [stripped for part in parts if (stripped := part.strip())]


FORMS = (
    ("database", rf"create (?:database|schema) (if not exists )?{_NAME}$"),
    ("drop database", rf"drop (?:database|schema) (if exists )?{_NAME}$"),
    ("table", rf"create table (if not exists )?{_NAME}\s*\((.*)\)"),
    ("drop table", rf"drop table (if exists )?{_NAME}$"),
    ("use", rf"use {_NAME}$"),
    ("insert", rf"insert into {_NAME}\s*(?:\(([^)]*)\))?\s*values\s*(.*)"),
    ("select", rf"select (.+?) from {_NAME}(?: limit (\d+))?$"),
    ("settings", r"select ((?:@@server_id|@@hostname|now\(\)|1)(?:\s*,\s*(?:@@server_id|@@hostname|now\(\)|1))*)$"),
    ("databases", r"show databases$"),
    ("tables", r"show tables$"),
    ("change", r"change (?:master|replication source) to (.*)"),
    ("start", r"start (?:slave|replica)$"),
    ("stop", r"stop (?:slave|replica)$"),
    ("status", r"show (?:slave|replica) status(?:\s*\\g)?$"),
)
"""What a statement is, by its form."""
WRITES = ("database", "drop database", "table", "drop table", "insert")

Known = tuple[str, tuple[str, ...]]


def _known(statement: str) -> Known | None:
    for kind, form in FORMS:
        found = re.match(form, statement, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return kind, tuple(group or "" for group in found.groups())
    return None


class _Session:
    """One connection: it has a database in use."""

    def __init__(self, container: Container, program: Program) -> None:
        self.container, self.program = container, program
        self.used = ""

    @property
    def values(self) -> dict[str, str]:
        return copying.values(self.container, self.program)

    def run(self, kind: str, words: tuple[str, ...]) -> list[str]:
        """Carry one statement out; what it prints."""
        if kind in WRITES:
            if writes.refusal(self.container, self.program, "append") is not None:
                raise SqlError(f"{READ_ONLY} so it cannot execute this statement")
            return self._write(kind, words)
        match kind:
            case "use":
                self._database(words[0])
                self.used = words[0]
            case "select":
                return self._select(*words)
            case "settings":
                names = [name.strip() for name in words[0].split(",")]
                return ["\t".join(names), "\t".join(map(self._setting, names))]
            case "databases":
                own = [key.partition(":")[2] for key in self.values if key.startswith("database:")]
                return ["Database", *sorted([*SYSTEM, *own])]
            case "tables":
                prefix = f"table:{self.used}."
                return [
                    f"Tables_in_{self.used}",
                    *sorted(k[len(prefix) :] for k in self.values if k.startswith(prefix)),
                ]
            case _:
                return self._replication(kind, words)
        return []

    def _write(self, kind: str, words: tuple[str, ...]) -> list[str]:
        values = self.values
        if kind == "database":
            if f"database:{words[1]}" in values and not words[0]:
                raise SqlError(f"ERROR 1007 (HY000) at line 1: Can't create database '{words[1]}'; database exists")
            self._change({f"database:{words[1]}": "{}"})
        elif kind == "drop database":
            self._database(words[1], unless=bool(words[0]))
            inside = [key for key in values if key.startswith(f"table:{words[1]}.")]
            self._change(dict.fromkeys([*inside, f"database:{words[1]}"]))
        elif kind == "table":
            key = self._table(words[1])
            if key in values and not words[0]:
                raise SqlError(f"ERROR 1050 (42S01) at line 1: Table '{words[1].rpartition('.')[2]}' already exists")
            columns = [part.split()[0].strip('`"') for part in re.split(r",(?![^(]*\))", words[2]) if part.strip()]
            self._change({key: json.dumps({"columns": columns, "rows": []})} if key not in values else {})
        elif kind == "drop table":
            self._change({self._table(words[1], there=not words[0]): None})
        else:
            self._insert(*words)
        return []

    def _insert(self, name: str, columns: str, rows: str) -> None:
        key = self._table(name, there=True)
        table = json.loads(self.values[key])
        named = [column.strip(' `"') for column in columns.split(",")] if columns else table["columns"]
        for row in re.findall(r"\(((?:[^()']|'(?:[^'\\]|\\.|'')*')*)\)", rows):
            cells = [a or b or c for a, b, c in _VALUE.findall(row)]
            if len(cells) != len(named):
                raise SqlError("ERROR 1136 (21S01) at line 1: Column count doesn't match value count at row 1")
            given = dict(zip(named, cells, strict=True))
            table["rows"].append([given.get(column, "NULL") for column in table["columns"]])
        self._change({key: json.dumps(table)})

    def _select(self, what: str, name: str, limit: str) -> list[str]:
        table = json.loads(self.values[self._table(name, there=True)])
        rows = table["rows"][: int(limit)] if limit else table["rows"]
        if re.fullmatch(r"count\(.*\)", what, re.IGNORECASE):
            return [what, str(len(table["rows"]))]
        wanted = table["columns"] if what == "*" else [column.strip(' `"') for column in what.split(",")]
        unknown = next((column for column in wanted if column not in table["columns"]), "")
        if unknown:
            raise SqlError(f"ERROR 1054 (42S22) at line 1: Unknown column '{unknown}' in 'field list'")
        places = [table["columns"].index(column) for column in wanted]
        return ["\t".join(wanted), *("\t".join(row[at] for at in places) for row in rows)] if rows else []

    def _setting(self, name: str) -> str:
        match name.lower():
            case "@@server_id":
                scope = self.program.scope(self.container, self.container.host.now, {})
                return scope.get("server-id") or "1"
            case "@@hostname":
                return self.container.sandbox.hostname
            case "now()":
                host = self.container.host
                return clock_text((host.epoch + host.now) * 1_000_000, "%Y-%m-%d %H:%M:%S")
        return name

    def _replication(self, kind: str, words: tuple[str, ...]) -> list[str]:
        container, program = self.container, self.program
        journal = copying.journal(container, program)
        if kind == "change":
            told = re.search(r"(?:master|source)_host\s*=\s*'([^']*)'", words[0], re.IGNORECASE)
            journal.primary = None
            journal.source = told[1] if told is not None else journal.source
        elif kind == "start":
            if not journal.source:
                raise SqlError(
                    "ERROR 1200 (HY000) at line 1: The server is not configured as slave; fix in config file"
                )
            writes.tell(container, program, journal.source)
        elif kind == "stop":
            writes.tell(container, program, "")
        elif journal.source:
            runs = {"up": "Yes", "down": "Connecting"}[status.of(container, program)["linked"]]
            runs = runs if journal.primary else "No"
            return [f"Master_Host: {journal.source}", f"Slave_IO_Running: {runs}", "Slave_SQL_Running: Yes"]
        return []

    def _database(self, name: str, *, unless: bool = False) -> None:
        if f"database:{name}" not in self.values and name not in SYSTEM and not unless:
            raise SqlError(f"ERROR 1049 (42000) at line 1: Unknown database '{name}'")

    def _table(self, name: str, *, there: bool = False) -> str:
        database, dot, table = name.rpartition(".")
        database = database if dot else self.used or self.program.remembered().values.get("database", "")
        if not database:
            raise SqlError("ERROR 1046 (3D000) at line 1: No database selected")
        if f"database:{database}" not in self.values and self.program.remembered().values.get("database") != database:
            raise SqlError(f"ERROR 1049 (42000) at line 1: Unknown database '{database}'")
        if there and f"table:{database}.{table}" not in self.values:
            raise SqlError(f"ERROR 1146 (42S02) at line 1: Table '{database}.{table}' doesn't exist")
        return f"table:{database}.{table}"

    def _change(self, changes: dict[str, str | None]) -> None:
        writes.change(self.container, self.program, changes)
