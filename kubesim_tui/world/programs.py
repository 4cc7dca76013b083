"""Which program of an image a command line means."""

from __future__ import annotations

from functools import lru_cache

from kubesim_tui.world.images import ImageSpec, ProgramSpec

Found = tuple[ProgramSpec, tuple[str, ...]]


@lru_cache(maxsize=1024)
def find(spec: ImageSpec, argv: tuple[str, ...]) -> Found | None:
    """The program that a command line runs, with the arguments as it sees them: entrypoint scripts are taken off first.

    `docker-entrypoint.sh -c max_connections=5` runs postgres: such a script puts the program's name before options.
    (Pure; what is kept lets replicas share one tuple of arguments.)
    """
    if not argv:
        return None
    base = argv[0].rpartition("/")[2]
    wrapper = spec.wrappers.get(base)
    if wrapper is not None:
        rest = argv[1:]
        if wrapper.prepends and (not rest or rest[0].startswith("-")):
            rest = (wrapper.prepends, *rest)
        return find(spec, rest)
    if len(argv) > 1 and f"{base} {argv[1]}" in spec.programs:
        return spec.programs[f"{base} {argv[1]}"], (base, *argv[1:])
    found = spec.programs.get(base)
    return (found, (base, *argv[1:])) if found is not None else None


def unwrapped(spec: ImageSpec, argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command line without entrypoint scripts."""
    while argv and argv[0].rpartition("/")[2] in spec.wrappers:
        argv = argv[1:]
    return argv
