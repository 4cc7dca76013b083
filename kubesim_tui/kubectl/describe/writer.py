"""What all descriptions are written with: indented lines with tabs, and texts that recur.

Levels indent by two blanks each. Tabs are aligned at the end (`tabwriter`); `flush` ends the columns so far. All texts
are those of k8s.io/kubectl/pkg/describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.times import civil_from_days, parse_time
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import event_words, tabwriter
from kubesim_tui.kubectl.env import Env

Data = Mapping[str, Any]
NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"
LONGEST = 140
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Writer:
    """One description in the making."""

    def __init__(self, env: Env) -> None:
        self.env = env
        self.now = env.now
        self._parts: list[str] = []

    def __call__(self, level: int, text: str) -> None:
        """Write a line."""
        self._parts.append("  " * level + text + "\n")

    def part(self, level: int, text: str) -> None:
        """Write the beginning of a line, or what goes on with it."""
        self._parts.append("  " * level + text)

    def flush(self) -> None:
        """What follows has columns of its own."""
        self._parts.append("\f")

    def raw(self) -> str:
        """The text with its tabs."""
        return "".join(self._parts)

    def text(self) -> str:
        """The aligned text."""
        return tabwriter.align(self.raw())

    # -- recurring fields --------------------------------------------------------------------------------------

    def name(self, o: Data, *, namespace: bool = True) -> None:
        """Name and Namespace."""
        self(0, f"Name:\t{meta(o).get('name', '')}")
        if namespace:
            self(0, f"Namespace:\t{meta(o).get('namespace', '')}")

    def labels(self, title: str, labels: Data | None, indent: str = "") -> None:
        """Labels below each other, sorted."""
        rows = [f"{k}={v}" for k, v in sorted((labels or {}).items())]
        self.column(f"{indent}{title}:", rows, indent)

    def column(self, title: str, rows: Sequence[str], indent: str = "") -> None:
        """A title and values below each other; <none> without any."""
        for i, row in enumerate(rows or [NONE]):
            self(0, f"{indent if i else title}\t{row}")

    def annotations(self, annotations: Data | None, title: str = "Annotations") -> None:
        """Annotations below each other; long ones start on a line of their own."""
        shown = {k: v for k, v in sorted((annotations or {}).items()) if k != LAST_APPLIED}
        if not shown:
            self(0, f"{title}:\t{NONE}")
        for i, (key, found) in enumerate(shown.items()):
            start = "\t" if i else f"{title}:\t"
            value = str(found).removesuffix("\n")
            if len(value) + len(key) + 2 > LONGEST or "\n" in value:
                self(0, f"{start}{key}:")
                for line in value.split("\n"):
                    self(0, f"\t  {shorten(line, LONGEST - 2)}")
            else:
                self(0, f"{start}{key}: {value}")

    def about(self, o: Data) -> None:
        """Labels and Annotations."""
        self.labels("Labels", meta(o).get("labels"))
        self.annotations(meta(o).get("annotations"))

    def created(self, o: Data) -> None:
        """CreationTimestamp."""
        self(0, f"CreationTimestamp:\t{date(meta(o).get('creationTimestamp'))}")

    def conditions(self, o: Data) -> None:
        """Conditions of a workload: Type, Status, Reason."""
        found = (o.get("status") or {}).get("conditions")
        if found:
            self(0, "Conditions:")
            self(0, "  Type\tStatus\tReason")
            self(1, "----\t------\t------")
            for c in found:
                self(1, f"{c.get('type', '')} \t{c.get('status', '')}\t{c.get('reason', '')}")

    def since(self, time: str | None) -> str:
        """How long ago, as AGE shows it."""
        return event_words.since(time, self.now)

    # -- events ------------------------------------------------------------------------------------------------

    def events(self, o: Data, *, kind: bool = True, uids: Iterable[str] | None = None) -> None:
        """The Events about an object, oldest first."""
        if not self.env.show_events:
            return
        about = meta(o)
        wanted = [about.get("uid", "")] if uids is None else list(uids)
        found: list[Data] = []
        for uid in wanted:
            found += _events(self.env, about, str(o.get("kind", "")) if kind else "", uid)
        self.event_rows(found)

    def event_rows(self, found: Sequence[Data]) -> None:
        """A table of Events."""
        if not found:
            self(0, f"Events:\t{NONE}")
            return
        self.flush()
        self(0, "Events:")
        self(0, "  Type\tReason\tAge\tFrom\tMessage")
        self(1, "----\t------\t----\t----\t-------")
        for e in sorted(found, key=event_words.order):
            source = (e.get("source") or {}).get("component") or e.get("reportingComponent") or ""
            message = str(e.get("message", "")).strip()
            age = event_words.interval(e, self.now)
            self(1, f"{e.get('type', '')}\t{e.get('reason', '')}\t{age}\t{source}\t{message}")

    # -- other objects -----------------------------------------------------------------------------------------

    def list(self, plural: str, namespace: str = "", labels: str = "", fields: str = "") -> list[dict[str, Any]]:
        """Other objects, as JSON; ApiError if they cannot be listed."""
        return [encode_object(o) for o in self.env.list(for_plural(plural), namespace, labels, fields)]


def _events(env: Env, about: Data, kind: str, uid: str) -> list[Data]:
    namespace = about.get("namespace", "")
    terms = [f"involvedObject.name={about.get('name', '')}", f"involvedObject.namespace={namespace}"]
    terms += [f"involvedObject.kind={kind}"] * bool(kind) + [f"involvedObject.uid={uid}"] * bool(uid)
    try:
        return [encode_object(e) for e in env.list(for_plural("events"), namespace, "", ",".join(terms))]
    except ApiError:
        return []


def meta(o: Data | None) -> Data:
    """An object's metadata."""
    found: Data = (o or {}).get("metadata") or {}
    return found


def at(o: Any, *path: str) -> Any:
    """A value deep inside, or None."""
    for step in path:
        o = o.get(step) if isinstance(o, Mapping) else None
    return o


def date(time: str | None) -> str:
    """`Mon, 02 Jan 2006 15:04:05 +0000`."""
    if not time:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    seconds = parse_time(time)
    days, rest = divmod(seconds, 86400)
    year, month, day = civil_from_days(days)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{_DAYS[days % 7]}, {day:02} {_MONTHS[month - 1]} {year:04} {clock} +0000"


def shorten(text: str, most: int) -> str:
    """The beginning of a long text."""
    return text[:most] + "..." if len(text) > most else text


def flat(labels: Data | None) -> str:
    """`a=1,b=2`, or <none>."""
    return ",".join(f"{k}={v}" for k, v in sorted((labels or {}).items())) or NONE


def go_list(items: Iterable[Any] | None) -> str:
    """A list as Go prints it: `[a b]`."""
    return f"[{' '.join(map(str, items or ()))}]"


def boolean(value: Any) -> str:
    """`True`, `False`, <unset>."""
    return UNSET if value is None else str(bool(value))


def lower(value: Any) -> str:
    """`true` or `false`."""
    return str(bool(value)).lower()


def owner(o: Data) -> str:
    """`ReplicaSet/web-7d9c`, "" for an object without a controller."""
    for ref in meta(o).get("ownerReferences") or ():
        if ref.get("controller"):
            return f"{ref.get('kind', '')}/{ref.get('name', '')}"
    return ""
