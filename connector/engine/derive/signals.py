"""What activities mean to the rules: events for the score, moments that start or stop a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connector.engine.derive.people import Person, by_source, raw_of
from connector.model import Activity
from connector.revops.attribution_channels import landing
from connector.revops.scoring_engagement import Event
from connector.revops.signals import Signals, compile_signals

SALES = ("call", "meeting", "task", "event")
"""The sources that tell of sales working with a person."""


class Signalled:
    """Activities with their meaning under one project's rules."""

    def __init__(self, signals: Signals, time_zone: str) -> None:
        self._signals, self._meaning = signals, compile_signals(signals)
        self._zone = ZoneInfo(time_zone)

    def events(self, person: Person) -> list[Event]:
        """Everything that a scoring rule may give points for."""
        found = [event for each in person.activities if (event := self._event(each))]
        return [*found, *self._last_page(person)]

    def moments(self, person: Person, *means: str) -> Iterator[tuple[str, datetime]]:
        """(meaning, instant) of the activities that mean one of these."""
        for each in person.activities:
            meaning, at = self._meaning(each), self.at(each)
            if meaning in means and at is not None:
                yield str(meaning), at

    def sales_activities(self, person: Person) -> Iterator[datetime]:
        """When sales worked with the person: calls, meetings and finished tasks."""
        for each in by_source(person.activities, *SALES):
            at = self.at(each)
            if at is not None and _happened(each.fields):
                yield at

    def at(self, activity: Activity) -> datetime | None:
        """The instant of an activity; a plain day is its noon in the project's time zone."""
        try:
            if len(activity.at) == len("2026-11-25"):
                return datetime.combine(date.fromisoformat(activity.at), time(12), self._zone).astimezone(UTC)
            at = datetime.fromisoformat(activity.at)
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _event(self, activity: Activity) -> Event | None:
        meaning, at = self._meaning(activity), self.at(activity)
        if meaning is None or at is None or (meaning == "page_view" and self._signals.pages != "events"):
            return None
        id_ = f"{activity.side}:{activity.source}:{activity.id}"
        return Event(meaning, at, id_, _facts(activity.fields))

    def _last_page(self, person: Person) -> list[Event]:
        """The last page visited, for accounts without an events API (domain §1.1, tier degradation)."""
        raw = raw_of(person, "hubspot")
        url, at = raw.get("hs_analytics_last_url"), raw.get("hs_analytics_last_timestamp")
        if self._signals.pages != "last_url" or not url or not at:
            return []
        moment = datetime.fromisoformat(str(at))
        path = landing(str(url))[0]
        return [Event("page_view", moment if moment.tzinfo else moment.replace(tzinfo=UTC), None, {"path": path})]


def _facts(fields: Mapping[str, Any]) -> dict[str, str]:
    url = fields.get("hs_url") or fields.get("pageUrl")
    return {"path": landing(str(url))[0]} if url else {}


def _happened(fields: Mapping[str, Any]) -> bool:
    """Whether an activity of sales took place: a task is closed, a meeting or call was not cancelled."""
    outcome = str(fields.get("hs_meeting_outcome") or fields.get("hs_call_status") or "COMPLETED").upper()
    closed = fields.get("IsClosed")
    return outcome in ("COMPLETED", "CONNECTED") and closed not in (False, "false")
