"""How kubectl words a failure, and ends (k8s.io/kubectl/pkg/cmd/util/helpers.go, checkErr).

A command raises `Fail` with the text that goes to standard error; errors of the API go through `describe`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubesim_tui.apiserver.client import Throttled
from kubesim_tui.apiserver.errors import ApiError, StatusError, Unreachable

SERVER = "127.0.0.1:6443"


class Fail(Exception):
    """A command gives up: what it prints on standard error ("" nothing more), and its exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.text, self.code = text, code


def error(message: str) -> Fail:
    """A plain failure: `error: message`."""
    return Fail(message if message.startswith("error: ") else f"error: {message}")


def usage(message: str, path: str) -> Fail:
    """A wrong use: the message and where help is."""
    return error(f"{message}\nSee 'kubectl {path} -h' for help and examples")


def describe(failure: ApiError) -> str:
    """The text of one failed request; it ends with a newline only where upstream's does."""
    if isinstance(failure, StatusError) and failure.reason == "Invalid":
        return _invalid(failure)
    return message(failure)


def message(failure: ApiError) -> str:
    """A failure as one line, as it also stands in a list of several."""
    if isinstance(failure, StatusError):
        if failure.reason == "Unauthorized":
            return f"error: You must be logged in to the server ({failure.message})"
        reason = f" ({failure.reason})" if failure.reason else ""
        return f"Error from server{reason}: {failure.message}"
    if isinstance(failure, Unreachable) and str(failure).startswith("tls: "):
        return f"Unable to connect to the server: {failure}"
    if isinstance(failure, Unreachable):
        return f"The connection to the server {SERVER} was refused - did you specify the right host or port?"
    if isinstance(failure, Throttled):
        return f"error: {failure}"
    return f"error: {failure}"


def plain(failure: ApiError) -> str:
    """A failure's own message, without what kubectl puts before it."""
    return failure.message if isinstance(failure, StatusError) else message(failure).removeprefix("error: ")


def several(failures: Sequence[ApiError | Fail]) -> Fail:
    """The failures of several objects: one as it is, more as a list of lines."""
    if len(failures) == 1:
        only = failures[0]
        return only if isinstance(only, Fail) else Fail(describe(only))
    return Fail("\n".join(f.text.removeprefix("error: ") if isinstance(f, Fail) else message(f) for f in failures))


def _invalid(failure: StatusError) -> str:
    about = failure.details
    text = f'The {about.kind} "{about.name}" is invalid' if about.kind or about.name else "The request is invalid"
    if about.causes:
        return multiline(f"{text}: ", (f"{c.field}: {c.message}" for c in about.causes))
    if not about.kind and not about.name and failure.message:
        return f"{text}: {failure.message}"
    return text


def multiline(prefix: str, messages: Iterable[str]) -> str:
    """One message behind its prefix, or a list of bullets; repeated ones once."""
    found = list(dict.fromkeys(messages))
    if len(found) == 1:
        return f"{prefix}{found[0]}\n"
    return f"{prefix}\n" + "".join(f"* {m}\n" for m in found)


def no_match(resource: str, group: str = "", version: str = "") -> str:
    """What is said of a type that the server does not serve."""
    text = f'the server doesn\'t have a resource type "{resource}"'
    if group:
        text += f' in group "{group}"'
    if version:
        text += f' and version "{version}"' if group else f' in version "{version}"'
    return text
