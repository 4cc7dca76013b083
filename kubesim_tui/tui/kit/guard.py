"""A mistake in one widget or screen never takes the session with it.

Textual ends the app on any exception in a message handler. `Guarded` pumps hand the exception to the app's `report`
instead, which writes a report, shows a panel and goes on; where the app has no `report` (a test of one widget) the
exception goes its usual way.
"""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump


class Guarded(MessagePump):
    """Mixed in before a Textual class."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # whatever it is, the cluster goes on
            self.report(error)

    def report(self, error: Exception) -> None:
        """Hand an exception to the app; raise it where the app cannot take it."""
        take = getattr(self.app, "take_error", None)
        if take is None:
            raise error
        take(error, type(self).__name__)
