"""What a plan says of the effects it will have, one line each, in German and English.

The lines name colleagues by their address, since a plan is read on a screen; they are not for the log. Of the person
they are about they say nothing but what the decision is made of: neither the comment of a rejection nor a name.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, tzinfo

from connector.revops.rejection_effects import CloseTask, Effect, Escalate, Release, ReopenTask
from connector.revops.rejection_reasons import Locale

_LINES = {
    "OpenTask": {
        "de": "Aufgabe für {to}: {subject}, fällig {due_at}",
        "en": "task for {to}: {subject}, due {due_at}",
    },
    "ReopenTask": {
        "de": "Aufgabe wieder öffnen ({slot}), fällig {due_at}",
        "en": "open the task again ({slot}), due {due_at}",
    },
    "completed": {"de": "Aufgabe abschließen ({slot})", "en": "complete the task ({slot})"},
    "cancelled": {"de": "Aufgabe abbrechen ({slot})", "en": "cancel the task ({slot})"},
    "Notify": {
        "de": "Nachricht an {to}, nicht vor {deliver_at}: {line}",
        "en": "message to {to}, not before {deliver_at}: {line}",
    },
    "Escalate": {"de": "Eskalation Stufe {level} an {to} ({role})", "en": "escalation level {level} to {to} ({role})"},
    "Revert": {
        "de": "Lead-Status in {side} zurück von {expected} auf {status}",
        "en": "lead status in {side} back from {expected} to {status}",
    },
    "Reapply": {
        "de": "in {side} wieder ablehnen: {status}, Grund {reason}",
        "en": "reject again in {side}: {status}, reason {reason}",
    },
    "Reassign": {"de": "neu zuweisen an {to}", "en": "reassign to {to}"},
    "Suppress": {"de": "von der Werbung ausnehmen ({because})", "en": "leave out of marketing ({because})"},
    "Hold": {"de": "für einen Admin, {code}: {message}", "en": "for an admin, {code}: {message}"},
    "Release": {"de": "erledigt, aus dem Posteingang: {slot}", "en": "settled, leaves the inbox: {slot}"},
}

_SLOTS = {
    "reason": {"de": "Ablehnungsgrund", "en": "rejection reason"},
    "merge": {"de": "Dubletten", "en": "duplicates"},
}
_ROLES = {
    "deputy": {"de": "Vertretung", "en": "deputy"},
    "head_of_sales": {"de": "Vertriebsleitung", "en": "head of sales"},
    "manager": {"de": "Führungskraft", "en": "manager"},
    "queue_manager": {"de": "Leitung der Queue", "en": "queue manager"},
    "reassign": {"de": "neu zugewiesen", "en": "reassigned"},
    "team_lead": {"de": "Teamleitung", "en": "team lead"},
}
_LEVEL = {"de": "Stufe {level}", "en": "level {level}"}
_SIDES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_EMPTY = {"de": "leer", "en": "empty"}


def told(effect: Effect, locale: Locale, zone: tzinfo) -> str:
    """The line of one effect; times are told in `zone`."""
    kind = effect.outcome if isinstance(effect, CloseTask) else type(effect).__name__
    facts = {each.name: _shown(getattr(effect, each.name), locale, zone) for each in fields(effect)}
    if isinstance(effect, Escalate) and effect.role in _ROLES:
        facts["role"] = _ROLES[effect.role][locale]
    return _LINES[kind][locale].format(slot=_slot(effect, locale), **facts)


def _shown(value: object, locale: Locale, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    text = "" if value is None else str(value)
    return _SIDES.get(text, text) or _EMPTY[locale]


def _slot(effect: Effect, locale: Locale) -> str:
    """What a task or a held matter is about, by the end of its identity: `task:person:hubspot:1:2:reason`."""
    identity = effect.hold if isinstance(effect, Release) else ""
    if isinstance(effect, ReopenTask | CloseTask):
        identity = effect.task
    slot = identity.rpartition(":")[2]
    if slot in _SLOTS:
        return _SLOTS[slot][locale]
    number = slot.removeprefix("level")
    return _LEVEL[locale].format(level=number) if number.isdecimal() else slot.replace("_", " ")
