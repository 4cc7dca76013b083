"""Mutations of manifests: of their values, and of their text. `rng` is a random.Random (or hypothesis's)."""

import copy

from kubesim_tui.api import manifest

ODD = (
    *(None, True, False, 0, 1, -1, 65536, 2**31, 2**63 - 1, -(2**63), 1.5, -0.0, 1e300, "9" * 400, "a" * 64, "a" * 254),
    *("", "a", "A", " ", "-", ".", "..", "/", "a/b", "a/b/c", "*", "*.a", "1", "1e3", "100%", "-1%", "1Gi", "1.5m"),
    *("1e400", "0x10", "a\nb", "\x00", "\ud7ff", "é", "名", "{{ x }}", "$(A)", "$$", "10.0.0.1", "::1", "fe80::1%eth0"),
    *("10.0.0.0/33", "YQ==", "2026-01-01T00:00:00Z", "2026-99-99T00:00:00Z", "P1D", "* * * * *", "@every 1s"),
    *("TZ=Mars * * * * *", "metadata.name", "metadata.labels['a']", "ResourceName", "Never", "Always", "http"),
    *("kubernetes.io/x", "k8s.io", "system:masters", [], {}, [None], [{}], [[]], {"": ""}, {"a": None}, {"a": {}}),
    *({"$patch": "delete"}, {"key": "a", "operator": "In"}, [1, "a"]),
)
SIGNS = (
    ":",
    "-",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!",
    "|",
    ">",
    "'",
    '"',
    "#",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "\n",
    "---\n",
    "\x00",
)
SIGNS += ("<<: ", "? ", "\ufeff", "\u2028", "...\n", "!!binary ", "!!str ", "~", ", ", "0o7", "\\x", "  ")
MOST = 4


def value(rng, data, others):
    """A copy of a document with some of its values changed; `others` lend parts."""
    data = copy.deepcopy(data)
    for _ in range(min(rng.randint(1, MOST), rng.randint(1, MOST))):
        places = list(_places(data))
        if not places:
            break
        holder, key = places[rng.randint(0, len(places) - 1)]
        _CHANGES[rng.randint(0, len(_CHANGES) - 1)](rng, holder, key, others)
    return data


def _places(data):
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for key, inner in list(pairs):
        yield data, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _drop(_rng, holder, key, _others):
    del holder[key]


def _odd(rng, holder, key, _others):
    holder[key] = copy.deepcopy(ODD[rng.randint(0, len(ODD) - 1)])


def _rename(rng, holder, key, _others):
    if isinstance(holder, dict):
        holder[f"{key}{rng.randint(0, 9)}" if rng.randint(0, 1) else str(key).upper()] = holder.pop(key)


def _twice(_rng, holder, key, _others):
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    else:
        holder[key] = [copy.deepcopy(holder[key])] * 2


def _wrap(rng, holder, key, _others):
    for _ in range(rng.randint(1, 40)):
        holder[key] = [holder[key]] if rng.randint(0, 1) else {str(key): holder[key]}


def _lend(rng, holder, key, others):
    donor = others[rng.randint(0, len(others) - 1)]
    places = [(h, k) for h, k in _places(donor) if k == key] or list(_places(donor))
    from_holder, from_key = places[rng.randint(0, len(places) - 1)]
    holder[key] = copy.deepcopy(from_holder[from_key])


def _shift(rng, holder, key, _others):
    if isinstance(holder[key], int) and not isinstance(holder[key], bool):
        holder[key] += rng.randint(-3, 3)
    elif isinstance(holder[key], str):
        at = rng.randint(0, len(holder[key]))
        holder[key] = holder[key][:at] + str(ODD[rng.randint(0, len(ODD) - 1)])[:70] + holder[key][at:]


_CHANGES = (_drop, _odd, _odd, _odd, _rename, _twice, _wrap, _lend, _lend, _shift, _shift)


def text(rng, data):
    """The text of a document, with some of its characters and lines changed."""
    written = manifest.dump(data)
    for _ in range(rng.randint(1, MOST)):
        at, lines = rng.randint(0, len(written)), written.splitlines(keepends=True)
        way = rng.randint(0, 3)
        if way == 0:
            written = written[:at] + SIGNS[rng.randint(0, len(SIGNS) - 1)] + written[at:]
        elif way == 1:
            written = written[:at] + written[at + rng.randint(1, 5) :]
        elif lines and way == 2:
            number = rng.randint(0, len(lines) - 1)
            lines.insert(rng.randint(0, len(lines)), lines[number])
            written = "".join(lines)
        elif lines:
            number = rng.randint(0, len(lines) - 1)
            lines[number] = "  " * rng.randint(0, 3) + lines[number].lstrip()
            written = "".join(lines)
    return written
