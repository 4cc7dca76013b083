"""kubectl cp: files of the player into a container, or out of it, by the `tar` of the image.

An image without `tar` refuses, as a real one does. Both ends are done within the tick: tar is a single step of a shell.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import exec_command, files
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error
from kubesim_tui.kubectl.result import save
from kubesim_tui.kubectl.stream import Stream
from kubesim_tui.world.tar import Member, TarError, pack, unpack


@frozen
class Place:
    """`[[namespace/]pod:]path`. pod "": on the player's side."""

    namespace: str
    pod: str
    path: str

    @classmethod
    def of(cls, env: Env, text: str) -> Place:
        """Read it; Fail if it is none."""
        before, colon, path = text.partition(":")
        if not colon:
            return cls("", "", text)
        parts = before.split("/")
        if not before or len(parts) > 2:
            raise error("filespec must match the canonical format: [[namespace/]pod:]file/path")
        return cls(parts[0] if len(parts) == 2 else env.namespace, parts[-1], path)


def run(env: Env) -> None:
    """The command."""
    if len(env.flags.args) != 2:
        raise error("source and destination are required")
    source, target = (Place.of(env, text) for text in env.flags.args)
    if source.pod and target.pod:
        raise error("one of src or dest must be a local file specification")
    if not source.path or not target.path:
        raise error("filepath can not be empty")
    if source.pod:
        _from_pod(env, source, target.path)
    elif target.pod:
        _to_pod(env, source.path, target)
    else:
        raise error("one of src or dest must be a remote file specification")


# -- into a container ------------------------------------------------------------------------------------------------


def _to_pod(env: Env, source: str, target: Place) -> None:
    if not _exists(env, source):
        raise error(f"{source} doesn't exist in local filesystem")
    path = posixpath.normpath(target.path)
    if _is_folder(env, target):
        path = posixpath.join(path, posixpath.basename(posixpath.normpath(source)))
    folder, base = posixpath.split(path)
    options = ["--no-same-permissions", "--no-same-owner"] if env.flags["no-preserve"] else []
    command = ["tar", *options, "-xmf", "-", *(["-C", folder] if folder else [])]
    answer = _ended(env, target, command, pack(_members(env, source, base)))
    env.say_raw(str(answer.get("stdout") or ""))
    if answer.get("stderr"):
        env.warn(str(answer["stderr"]))
    _check(answer)


def _is_folder(env: Env, target: Place) -> bool:
    """Ask so, without being heard: what is wrong with the Pod the copy itself will say."""
    before = len(env.err)
    try:
        return not _ended(env, target, ["test", "-d", target.path]).get("exitCode")
    except (ApiError, Fail):
        return False
    finally:
        del env.err[before:]


def _exists(env: Env, path: str) -> bool:
    if files.listing(env, path) is not None:
        return True
    try:
        env.terminal.read(path)
    except OSError:
        return False
    return True


def _members(env: Env, path: str, name: str) -> Iterator[Member]:
    """A file, or all that is in a folder; an empty one as itself."""
    inside = files.listing(env, path)
    if inside is None:
        yield Member(name, env.terminal.read(path))
    elif not inside:
        yield Member(name, None)
    for one in inside or ():
        yield from _members(env, posixpath.join(path, one), posixpath.join(name, one))


# -- out of a container ----------------------------------------------------------------------------------------------


def _from_pod(env: Env, source: Place, target: str) -> None:
    command = ["tar", "cf", "-", source.path]
    if env.flags["retries"]:
        command = ["sh", "-c", f"tar cf - {source.path} | tail -c+0"]
    before = len(env.err)
    try:
        answer = _ended(env, source, command)
    finally:
        env.out += env.err[before:]  # what is said at the other end comes out here
        del env.err[before:]
    env.say_raw(str(answer.get("stderr") or ""))
    _check(answer)
    prefix = posixpath.normpath(source.path.lstrip("/")).lstrip("./") if source.path.strip("/") else ""
    try:
        members = unpack(str(answer.get("stdout") or ""))
    except TarError as broken:
        raise error(str(broken)) from None
    for member in members:
        _write(env, member, prefix, target)


def _write(env: Env, member: Member, prefix: str, target: str) -> None:
    if not member.name.startswith(prefix):
        raise error("tar contents corrupted")
    path = posixpath.normpath(posixpath.join(target, member.name[len(prefix) :].lstrip("/")))
    inside = posixpath.relpath(path, target)
    if inside.startswith("../") or inside == "..":
        env.warn(f'warning: file "{path}" is outside target destination, skipping')
    elif member.text is not None:
        try:
            save(env.terminal, path, member.text)
        except OSError as failure:
            raise error(f"open {path}: {(failure.strerror or str(failure)).lower()}") from None


# -- at the container's end ------------------------------------------------------------------------------------------


def _ended(env: Env, at: Place, command: list[str], stdin: str = "") -> dict[str, Any]:
    """What a command in the container has said, and how it ended."""
    stream = Stream("exec", at.namespace, at.pod, {"command": command, "stdin": stdin})
    stream.body["container"] = exec_command.container(env, stream)
    answer = stream.ask(env)
    if not stream.ended:
        raise error("timed out waiting for the condition")
    return answer


def _check(answer: dict[str, Any]) -> None:
    if code := int(answer.get("exitCode") or 0):
        raise Fail(f"command terminated with exit code {code}", code)
