"""What a channel is and what goes through it. Both kinds of channels and those of the tests answer exactly this."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.revops.rejection_reasons import Locale

MOST_LINES = 100
"""A longer message says how many lines it leaves out: services refuse long texts, and every line has its task."""

_FOR = {"de": "Für {to}:", "en": "For {to}:"}
_MORE = {"de": "… und {count} weitere, siehe die Aufgaben im CRM", "en": "… and {count} more, see the tasks in the CRM"}
_TEST = {
    "de": ("revloop: Testnachricht", "Dieser Kanal funktioniert. Es ist nichts zu tun."),
    "en": ("revloop: test message", "This channel works. There is nothing to do."),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person; they name records by id and nobody else.

    `id` stands in the text: who gets a message twice, because its answer was lost, sees that it is the same one.
    """

    id: str
    to: str
    subject: str
    lines: tuple[str, ...]
    at: datetime
    locale: Locale = "de"

    def text(self, *, addressed: bool) -> str:
        """The body; `addressed` says whom it is for, where others read it too."""
        shown = [f"- {line}" for line in self.lines[:MOST_LINES]]
        left_out = len(self.lines) - len(shown)
        head = [_FOR[self.locale].format(to=self.to)] if addressed else []
        more = [_MORE[self.locale].format(count=left_out)] if left_out else []
        return "\n".join([*head, *shown, *more, "", f"[revloop message {self.id}]"])


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """What the settings call it; it stands in the state and the log."""

    def takes(self, address: str) -> bool:
        """Whether messages to this address go through here."""

    def deliver(self, message: Message, *, again: bool) -> str | None:
        """Deliver a message; `again` when it may have been delivered before.

        Returns:
            None when it was certainly taken, else why not, in words without a secret or an address.
        """

    def look(self) -> tuple[str | None, Sequence[str]]:
        """Without delivering anything: why it cannot work, if so, and what is doubtful about it."""

    def test(self, locale: Locale, at: datetime) -> str | None:
        """Deliver a message that says that it is a test; the answer is that of `deliver`."""


def message_id(to: str, keys: Sequence[str]) -> str:
    """The same matters for the same person are the same message."""
    return hashlib.sha256("\n".join([to, *sorted(keys)]).encode()).hexdigest()[:12]


def test_message(to: str, locale: Locale, at: datetime) -> Message:
    """A message about nothing."""
    subject, line = _TEST[locale]
    return Message(message_id(to, [at.isoformat()]), to, subject, (line,), at, locale)
