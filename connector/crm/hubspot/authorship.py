"""Which entries of a property history this connector wrote; it reads and decides nothing else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from connector.crm.hubspot.names import stamp
from connector.crm.port import ValueChange


class Authorship:
    """Tells our entries from everybody else's.

    HubSpot names the app of an API write by `sourceId`. Ours is configured, or learnt: the entry with exactly the
    value that we wrote, made by an integration in the seconds of our own call.
    """

    KEPT = 500
    SLACK = timedelta(seconds=2)
    OURS = frozenset({"INTEGRATION", "API"})

    def __init__(self, source_ids: Collection[str]) -> None:
        self.source_ids = set(source_ids)
        self._lock = Lock()
        self._written: OrderedDict[tuple[str, str], tuple[Mapping[str, Any], datetime, datetime]] = OrderedDict()

    def wrote(
        self, vendor_object: str, number: str, stored: Mapping[str, Any], since: datetime, until: datetime
    ) -> None:
        """Remember a write of this run, as long as the source id is unknown."""
        if self.source_ids:
            return
        with self._lock:
            self._written[vendor_object, number] = stored, since - self.SLACK, until + self.SLACK
            while len(self._written) > self.KEPT:
                self._written.popitem(last=False)

    def learn(self, vendor_object: str, number: str, name: str, entries: Sequence[Mapping[str, Any]]) -> None:
        """Find our source id in the history of something we wrote."""
        with self._lock:
            known = self._written.get((vendor_object, number))
        if self.source_ids or known is None or name not in known[0]:
            return
        stored, since, until = known
        for entry in entries:
            ours = entry.get("sourceType") in self.OURS and (entry.get("value") or "") == (stored[name] or "")
            if ours and entry.get("sourceId") and since <= _time(str(entry.get("timestamp"))) <= until:
                self.source_ids.add(str(entry["sourceId"]))
                return

    def changes(self, entries: Sequence[Mapping[str, Any]]) -> list[ValueChange]:
        """A property's history in our words, newest first."""
        newest_first = sorted(entries, key=lambda entry: _time(str(entry.get("timestamp"))), reverse=True)
        return [self._change(entry) for entry in newest_first]

    def _change(self, entry: Mapping[str, Any]) -> ValueChange:
        ours = entry.get("sourceType") in self.OURS and str(entry.get("sourceId")) in self.source_ids
        return ValueChange(entry.get("value"), stamp(str(entry.get("timestamp") or "")), ours)


def _time(text: str) -> datetime:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return datetime.min.replace(tzinfo=UTC)
