"""Meetings and calls as activities: records of the CRM that are associated with contacts.

They are read by their modification stamp like other records, so that an outcome that is set later comes again. A
meeting with several contacts is one activity of each: its id is the meeting's and the contact's. A contact that a
meeting has no more loses that activity.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from connector.crm.hubspot.activities import Removed, activity, instant, record_of
from connector.crm.hubspot.changed_read import ChangedRead
from connector.crm.hubspot.source import ObjectSource
from connector.model import Activity, ActivityPage, ActivitySource, Gone, Record, Remains

CONTACTS = "associations.contacts"
_ALWAYS = ("hs_object_id", "hs_timestamp", "hs_activity_type", "hubspot_owner_id")
PROPERTIES = {
    "meetings": (
        *_ALWAYS,
        "hs_meeting_start_time",
        "hs_meeting_end_time",
        "hs_meeting_title",
        "hs_meeting_outcome",
    ),
    "calls": (
        *_ALWAYS,
        "hs_call_title",
        "hs_call_status",
        "hs_call_direction",
        "hs_call_disposition",
        "hs_call_duration",
    ),
}
"""What is kept; notes, numbers and places are not asked for."""


class Engagements:
    """Meetings or calls.

    `source` makes the calls of one object with the given fields, `gone` tells which ids of an object are no more, `lag`
    is the index's.
    """

    def __init__(
        self,
        name: Literal["meeting", "call"],
        source: Callable[[str, tuple[str, ...]], ObjectSource],
        gone: Callable[[str, Sequence[str]], list[Gone]],
        lag: timedelta,
    ) -> None:
        self.name: ActivitySource = name
        self.removed: Removed | None = self._removed
        self.lag = lag
        self.advice = f"{name}s are not read: let the token read contacts and their activities"
        self._vendor_object = f"{name}s"
        self._source = source
        self._gone = gone

    def read(self, since: datetime) -> Iterator[ActivityPage]:
        """Those that changed since an instant and belong to a contact."""
        fields = (*PROPERTIES[self._vendor_object], CONTACTS)
        changed = ChangedRead(self._source(self._vendor_object, fields), since)
        for page in changed:
            yield ActivityPage(
                [each for record in page.records for each in self._activities(record)],
                [Remains(self.name, record.id, self._ids(record)) for record in page.records],
            )

    def _activities(self, record: Record) -> Iterator[Activity]:
        fields = {name: record.fields.get(name) for name in PROPERTIES[self._vendor_object]}
        at = instant(fields.get("hs_meeting_start_time")) or instant(fields["hs_timestamp"])
        if at is not None:
            for contact in record.fields[CONTACTS]:
                yield activity(self.name, _id(record, contact), contact, at, fields)

    def _ids(self, record: Record) -> frozenset[str]:
        return frozenset(_id(record, contact) for contact in record.fields[CONTACTS])

    def _removed(self, ids: Collection[str]) -> list[Remains]:
        records = sorted({record_of(each) for each in ids})
        return [Remains(self.name, each.id) for each in self._gone(self._vendor_object, records) if not each.into]


def _id(record: Record, contact: str) -> str:
    return f"{record.id}-{contact}"
