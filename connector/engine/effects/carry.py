"""Carrying out everything that is due, one thing after the other; no bad one stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from connector.engine.effects.carried import Carried
from connector.engine.effects.messages import MESSAGES, Messages
from connector.engine.effects.notes import NOTES, note
from connector.engine.effects.settling import Settling
from connector.engine.effects.tasks import Tasks
from connector.engine.effects.trouble import TASKS
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.notify.channel import Channel
from connector.revops.rejection_reasons import Locale

KINDS = NOTES | TASKS | MESSAGES
"""What is carried out here; the other effects are writes of fields and part of a plan's actions."""


def carry_out(
    work: Work, owners: Owners, channels: Sequence[Channel], as_of: datetime, locale: Locale = "de"
) -> Carried:
    """Carry out what was decided and is due, what a killed run has left open included.

    Args:
        work: the run.
        owners: who is who on both sides.
        channels: where messages go.
        as_of: the instant of the run; what is not due by then waits.
        locale: the language of messages.

    Returns:
        What was done and what is left.

    Raises:
        LaterError: a CRM cannot serve us now; everything that did not need it was carried out, the rest waits.
        Interrupted: a stop was asked for; everything is resumable.
        StateError: the store cannot be written.
    """
    as_of = as_of.astimezone(UTC)
    settling = Settling(work, as_of, Carried())
    note(work, settling)
    tasks = Tasks(work, owners, settling)
    tasks.carry()
    Messages(work, channels, settling, locale).carry()
    for error in tasks.later.values():
        raise error
    settling.carried.waiting = work.store.effects.waiting(KINDS)
    return settling.carried
