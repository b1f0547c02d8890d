"""The sentences of tasks and messages, in German and English. They name records by id and never a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.revops.rejection_effects import Cause, Notify
from connector.revops.rejection_reasons import Locale

_SUBJECTS = {
    "reason": {"de": "Ablehnungsgrund fehlt: {record}", "en": "Rejection reason missing: {record}"},
    "escalated_reason": {
        "de": "Ablehnungsgrund fehlt (Stufe {level}): {record}",
        "en": "Rejection reason missing (level {level}): {record}",
    },
    "escalated_feedback": {
        "de": "Rückmeldung überfällig (Stufe {level}): {record}",
        "en": "Feedback overdue (level {level}): {record}",
    },
    "escalated_owner_inactive": {
        "de": "Inhaber ausgeschieden, Lead ohne Rückmeldung (Stufe {level}): {record}",
        "en": "Owner has left, lead without feedback (level {level}): {record}",
    },
    "merge": {"de": "Dubletten zusammenführen: {record}", "en": "Merge duplicates: {record}"},
    "convert": {"de": "Lead umwandeln: {record}", "en": "Convert the lead: {record}"},
    "reassigned": {"de": "Lead neu zugewiesen: {record}", "en": "Lead reassigned to you: {record}"},
}

_BODIES = {
    "reason": {
        "de": "Bitte einen Ablehnungsgrund aus der Liste wählen. Danach wird der Lead von selbst wieder abgelehnt.",
        "en": "Please choose a rejection reason from the list. The lead is then rejected again by itself.",
    },
    "flagged": {
        "de": "Bitte einen Ablehnungsgrund aus der Liste wählen.",
        "en": "Please choose a rejection reason from the list.",
    },
    "escalated_reason": {
        "de": "Der Lead wurde ohne Grund abgelehnt, und die Frist ist um. Bitte den Grund klären.",
        "en": "The lead was rejected without a reason, and the time to give one is over. Please settle it.",
    },
    "escalated_feedback": {
        "de": "Seit der Übergabe fehlt eine Rückmeldung. Bitte annehmen, mit Grund ablehnen oder neu zuweisen lassen.",
        "en": "No feedback since the hand-over. Please have it accepted, rejected with a reason, or reassigned.",
    },
    "escalated_owner_inactive": {
        "de": "Der Inhaber ist nicht mehr aktiv. Bitte den Lead neu zuweisen.",
        "en": "The owner is no longer active. Please assign the lead to somebody else.",
    },
    "merge": {
        "de": "Der Lead wurde als Dublette abgelehnt. Bitte die Datensätze zusammenführen.",
        "en": "The lead was rejected as a duplicate. Please merge the records.",
    },
    "convert": {
        "de": "Der Lead ist vertriebsreif (SQL). Bitte in Kontakt, Account und bei Bedarf Opportunity umwandeln.",
        "en": "The lead is ready for sales (SQL). Please convert it to contact, account and, if there is one, deal.",
    },
}

_DIGEST = {
    "de": ("revloop: ein offener Punkt", "revloop: {count} offene Punkte"),
    "en": ("revloop: one open matter", "revloop: {count} open matters"),
}


def subject(topic: str, locale: Locale, record: str, level: int = 0) -> str:
    """A task's subject, also the line of a message."""
    return _SUBJECTS[topic][locale].format(record=record, level=level)


def escalated(cause: Cause) -> str:
    """The topic of an escalation."""
    return f"escalated_{cause}"


def body(topic: str, locale: Locale, task: str) -> str:
    """A task's text, with the marker by which it is found again."""
    return f"{_BODIES[topic][locale]}\n\n{marker(task)}"


MARK = "[revloop "
"""How every marker begins: by it revloop's tasks are told from those of people."""


def marker(task: str) -> str:
    """What stands in the body of a task that revloop made."""
    return f"{MARK}{task}]"


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to one person; `keys` are delivered with it, all or none."""

    to: str
    deliver_at: datetime
    subject: str
    lines: tuple[str, ...]
    keys: tuple[str, ...]


def digests(notices: Iterable[Notify], locale: Locale, as_of: datetime) -> list[Digest]:
    """Everything that may be delivered now, one message per person, in order of address."""
    by_address: dict[str, dict[str, Notify]] = {}
    for notice in notices:
        if notice.deliver_at <= as_of:
            by_address.setdefault(notice.to, {})[notice.key] = notice
    return [_digest(to, [found[key] for key in sorted(found)], locale) for to, found in sorted(by_address.items())]


def _digest(to: str, notices: Sequence[Notify], locale: Locale) -> Digest:
    one, several = _DIGEST[locale]
    title = one if len(notices) == 1 else several.format(count=len(notices))
    latest = max(each.deliver_at for each in notices)
    return Digest(to, latest, title, tuple(each.line for each in notices), tuple(each.key for each in notices))
