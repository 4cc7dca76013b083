"""Which program of an image a command line means."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from kubesim_tui.world.images import ImageSpec, ProgramSpec

INITS = frozenset(("tini", "dumb-init", "catatonit"))
"""First processes that only run another one; what they are told themselves ends with `--` or the first word."""
Found = tuple[ProgramSpec, tuple[str, ...]]


@lru_cache(maxsize=1024)
def find(spec: ImageSpec, argv: tuple[str, ...]) -> Found | None:
    """The program that a command line runs, with the arguments as it sees them: entrypoint scripts are taken off first.

    `docker-entrypoint.sh -c max_connections=5` runs postgres: such a script puts the program's name before options.
    (Pure; what is kept lets replicas share one tuple of arguments.)
    """
    if not argv:
        return None
    rest = _behind(spec, argv)
    if rest is not None:
        return find(spec, rest)
    base = argv[0].rpartition("/")[2]
    if len(argv) > 1 and f"{base} {argv[1]}" in spec.programs:
        return spec.programs[f"{base} {argv[1]}"], (base, *argv[1:])
    found = spec.programs.get(base)
    return (found, (base, *argv[1:])) if found is not None else None


def unwrapped(spec: ImageSpec, argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command line without entrypoint scripts; inits of the shell's own stay."""
    while argv and argv[0].rpartition("/")[2] in spec.wrappers:
        argv = _behind(spec, argv) or ()
    return argv


def _behind(spec: ImageSpec, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """What an entrypoint script or an init runs; None if the first word is neither."""
    base, rest = argv[0].rpartition("/")[2], argv[1:]
    wrapper = spec.wrappers.get(base)
    if base in INITS and (wrapper is not None or spec.shell != "none"):
        return _told(rest)
    if wrapper is None:
        return None
    own = not rest or rest[0].startswith("-") or any(fnmatchcase(rest[0], word) for word in wrapper.subcommands)
    return (wrapper.prepends, *rest) if wrapper.prepends and own else rest


def _told(rest: tuple[str, ...]) -> tuple[str, ...]:
    """What an init was told to run: all after its own options."""
    while rest and rest[0].startswith("-"):
        if rest[0] == "--":
            return rest[1:]
        rest = rest[1:]
    return rest
