"""Ages in kubectl's tables."""

from kubesim_tui.api import duration
from tests.upstream.adapters import answers


@answers("duration", "human")
def human(given):
    given.know("seconds")  # the same, as a floating-point number
    return {"text": duration.human(given["nanoseconds"])}


@answers("duration", "short")
def short(given):
    given.know("seconds")
    return {"text": duration.short_human(given["nanoseconds"])}
