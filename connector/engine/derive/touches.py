"""The touches of persons: from what they did, from the traffic sources of their contact, and from what was known.

A CRM tells only the newest of some things (the latest source, the recent conversion), and activities are kept for a
time only. What was written as a touchpoint is therefore remembered: it happened, even if nothing tells of it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connector.engine.derive.owners import owner_keys
from connector.engine.derive.people import Person, Touched, raw_of
from connector.engine.seams import Work
from connector.model import Activity
from connector.revops.agreement import Agreement
from connector.revops.attribution_collect import collect
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_hubspot import (
    SESSION,
    activity_touch,
    contact_touches,
    email_touch,
    form_touch,
    lasting_id,
    page_touch,
)
from connector.revops.attribution_rows import plain_touch, touch_from
from connector.revops.attribution_salesforce import campaign_touch, event_touch, task_touch
from connector.revops.attribution_time import seconds
from connector.revops.attribution_touch import Desk, Touch, known_from
from connector.revops.carriers import TOUCHPOINT
from connector.revops.fields import PREFIX
from connector.revops.scoring_values import agreed
from connector.state.carried import CarriedRow

NEWEST_ONLY = frozenset({"latest_source", "conversion"})
"""Events of which a contact's properties tell only the newest one."""

CONSENT = "tracking_consent"
"""The field that says yes to tracking, where the scoring rules do not name another one."""


class Touches:
    """Reads the touches of a chunk of persons, with one query for what is remembered."""

    def __init__(self, work: Work, config: AttributionConfig, as_of: datetime) -> None:
        agreement = work.project.agreement
        self._store, self._as_of = work.store, as_of
        self._desk = Desk(config, work.store.get("account.hubspot") or "", work.store.get("account.salesforce") or "")
        self._consent = consent_field(agreement)
        self._pages = agreement.signals.pages
        self._horizon = seconds(as_of - timedelta(days=agreement.signals.keep_days)) or 0

    def of(self, persons: Sequence[Person]) -> dict[str, Touched]:
        """Person key -> touches."""
        remembered = self._remembered(persons)
        return {person.key: self._one(person, remembered.get(person.key, ())) for person in persons}

    def _one(self, person: Person, remembered: Iterable[CarriedRow]) -> Touched:
        fresh = [plain_touch(touch) for touch in self._fresh(person) if touch is not None]
        told = {(touch.event, touch.at) for touch in fresh if not touch.guessed}
        known = [touch for row in remembered if (touch := self._known(person, row, told)) is not None]
        better = {(touch.event, touch.at) for touch in known}
        sure = [touch for touch in fresh if not touch.guessed or (touch.event, touch.at) not in better]
        touches = list(_once([*sure, *known]))
        now, zone = seconds(self._as_of) or 0, self._desk.config.time_zone
        ahead = min((at for touch in touches if (at := known_from(touch, zone)) > now), default=None)
        may_track = self._may_track(person)
        return Touched(
            collect(touches, now, zone, lambda _person: may_track),
            None if ahead is None else self._as_of + timedelta(seconds=ahead - now),
        )

    # --- what is told now ----------------------------------------------------------------------------

    def _fresh(self, person: Person) -> Iterator[Touch | None]:
        raw = raw_of(person, "hubspot")
        contact = {**raw, "hs_object_id": person.unit.record("hubspot")}
        lasting = lasting_id(contact)
        for each in person.activities:
            yield self._of_activity(person.key, each, lasting)
        if raw:
            yield from contact_touches(self._desk, person.key, contact)

    def _of_activity(self, person: str, activity: Activity, contact: str) -> Touch | None:
        desk, fields = self._desk, activity.fields
        match activity.source:
            case "form":
                return form_touch(desk, person, {"conversionId": activity.id, "submittedAt": activity.at, **fields})
            case "email_click" | "email_open":
                return email_touch(desk, person, {"id": activity.id, "created": activity.at, **fields})
            case "page_view":
                told = {"id": activity.id, "occurredAt": activity.at, **fields}
                return page_touch(desk, person, told) if self._pages == "events" else None
            case "meeting" | "call":
                return activity_touch(desk, person, activity.source, {"hs_object_id": activity.id, **fields}, contact)
            case "campaign_member":
                return campaign_touch(desk, person, {"Id": activity.id, **fields}, _campaign(fields))
            case "task":
                return task_touch(desk, person, {"Id": activity.id, **fields})
            case "event":
                return event_touch(desk, person, {"Id": activity.id, **fields})

    # --- what was known ------------------------------------------------------------------------------

    def _remembered(self, persons: Sequence[Person]) -> dict[str, list[CarriedRow]]:
        """Person key -> the touchpoints that were written for it, on either side, also under an earlier key."""
        owners = owner_keys(self._store, [person.unit for person in persons])
        found: dict[str, dict[str, CarriedRow]] = {}
        for row in self._store.carried.of(TOUCHPOINT.name, list(owners)):
            found.setdefault(owners[row.belongs_to], {})[row.key] = row
        return {person: list(rows.values()) for person, rows in found.items()}

    def _known(self, person: Person, row: CarriedRow, told: set[tuple[str, int]]) -> Touch | None:
        """The touch of a row that nothing can tell of for sure any more; None where something could."""
        touch = touch_from(row.fields, row.body["memory"], person.key, self._desk.config)
        if touch is None or (touch.event not in NEWEST_ONLY and touch.at >= self._horizon):
            return None
        return None if (touch.event, touch.at) in told else touch

    def _may_track(self, person: Person) -> bool:
        if self._consent is None:
            return True
        for unit in (person.unit, person.company):
            answer = unit and (unit.value(self._consent) or unit.value(PREFIX + self._consent))
            if answer:
                return agreed(answer)
        return False


def consent_field(agreement: Agreement) -> str | None:
    """The field that must say yes before tracked touches count; None where the scoring rules track without asking."""
    scoring = agreement.scoring
    if scoring is None:
        return CONSENT
    return scoring.field_name(CONSENT) if scoring.tracked_events else None


def _once(touches: Sequence[Touch]) -> Iterator[Touch]:
    """Without the conversions that a form submission tells of as well: they are the same, and it tells more."""
    forms = [touch.at for touch in touches if touch.event == "form"]
    for touch in touches:
        if touch.event != "conversion" or not any(abs(touch.at - at) <= SESSION for at in forms):
            yield touch


def _campaign(fields: Mapping[str, object]) -> Mapping[str, object]:
    """The campaign of a member: a record of its own, or its fields with a dot in their names."""
    nested = fields.get("Campaign")
    if isinstance(nested, Mapping):
        return nested
    return {name: fields.get(f"Campaign.{name}") for name in ("Id", "Name", "Type")}
