"""Commands between `|`: kubectl first, then tools that turn lines into lines (`pipe_tools`), or kubectl once more.

kubectl reads the lines as its standard input (`… | kubectl apply -f -`), behind `xargs` as arguments. The state of a
pipe behind a job is its words and the lines so far.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import Factory, define, evolve

from kubesim_tui.apiserver.client import Client
from kubesim_tui.kubectl import xargs
from kubesim_tui.kubectl.fail import Fail
from kubesim_tui.kubectl.pipe_tools import TOOLS, Lines, Words
from kubesim_tui.kubectl.result import Job, Poll, Reply

NAMES = ("kubectl", "k")


def split(line: str) -> list[str]:
    """The commands between unquoted `|`. Fail for what only a shell can do."""
    parts, quote = [""], ""
    for at, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == "|" and line[at - 1 : at] != "\\":
            parts.append("")
            continue
        elif c in ";&" and line[at - 1 : at] in ("", " ") and line[at + 1 : at + 2] in ("", " ", c):
            raise Fail(f"error: {c} needs a shell, and this prompt is none: run one command at a time")
        parts[-1] += c
    return parts


def apply(stages: Sequence[Words], lines: Lines) -> tuple[Lines, int]:
    """(the lines behind all stages, the last one's exit code). Fail for a tool that is not here."""
    code = 0
    for words in stages:
        tool = TOOLS.get(words[0]) if words else None
        if tool is None:
            name = words[0] if words else ""
            raise Fail(f"error: {name}: command not found; behind | there are {', '.join(sorted(TOOLS))}", 127)
        lines, code = tool(words[1:], lines)
    return lines, code


def linewise(stages: Sequence[Words]) -> bool:
    """Whether each line can go through the pipe as it comes."""
    return all(words[0] in ("grep", "cat", "less", "more") and "-c" not in words for words in stages)


def through(reply: Reply, stages: Sequence[list[str]], again: Callable[[list[str], str], Reply]) -> Reply:
    """A reply behind all stages; `again` runs kubectl with words and a standard input."""
    at = next((i for i, words in enumerate(stages) if words and words[0] in (*NAMES, "xargs")), None)
    if at is None:
        return _behind_tools(reply, list(stages)) if stages else reply
    if reply.job is not None:
        raise Fail("error: a command that goes on cannot be piped into kubectl here")
    lines, _ = apply(stages[:at], list(reply.out))
    if stages[at][0] == "xargs":
        following = _one_after_the_other(xargs.commands(stages[at], lines, NAMES), again)
    else:
        following = again(stages[at], "".join(f"{line}\n" for line in lines))
    return through(evolve(following, err=(*reply.err, *following.err)), stages[at + 1 :], again)


def _one_after_the_other(commands: Sequence[list[str]], again: Callable[[list[str], str], Reply]) -> Reply:
    """What the commands of `xargs` answer together; its code is 123 if one of them failed."""
    if len(commands) == 1:
        reply = again(commands[0], "")
        return evolve(reply, code=xargs.FAILED if reply.code else 0)
    replies = [again(words, "") for words in commands]
    if any(reply.job is not None for reply in replies):
        raise Fail("error: a command that goes on can be run only once behind xargs")
    out = tuple(line for reply in replies for line in reply.out)
    err = tuple(line for reply in replies for line in reply.err)
    return Reply(out, err, xargs.FAILED if any(reply.code for reply in replies) else 0)


def _behind_tools(reply: Reply, stages: list[list[str]]) -> Reply:
    """A reply behind tools. Its columns are lost, as they would be."""
    job = None
    if reply.job is not None:
        apply(stages, [])  # tools that are not there are an error now
        job = Piped(reply.job, stages, [])
        if not linewise(stages):
            return Reply((), reply.err, reply.code, evolve(job, held=list(reply.out)), reply.config)
    out, code = apply(stages, list(reply.out))
    return Reply(tuple(out), reply.err, code, job, reply.config)


@define
class Piped:
    """A job with a pipe behind it: line by line where every stage allows that, else when the job has ended."""

    job: Job
    stages: list[list[str]]
    held: Lines = Factory(list)

    def poll(self, client: Client, now: int) -> Poll:
        """Ask the job, and put its lines through the pipe."""
        poll = self.job.poll(client, now)
        if linewise(self.stages):
            return self._through(poll, list(poll.out))
        self.held = [*self.held, *poll.out]
        if not poll.done:
            return Poll((), poll.err)
        return self._through(poll, self.held)

    def _through(self, poll: Poll, lines: Lines) -> Poll:
        """The lines behind all stages. A tool that cannot go on breaks the pipe, and so ends the job."""
        try:
            out, code = apply(self.stages, lines)
        except Fail as failure:
            return Poll((), (*poll.err, *failure.text.splitlines()), True, failure.code)
        return Poll(tuple(out), poll.err, poll.done, code if poll.done else 0)

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        return self.job.interrupt()
