"""A touchpoint: one contact of a person with us, from whatever source, with a key that never changes.

Reading vendors' records into touches is `attribution_hubspot` and `attribution_salesforce`; which touches a deal
gets is `attribution_path`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from connector.revops.attribution_channels import channel_of
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_time import is_day, iso, noon_of, seconds, start_of_day

Precision = Literal["exact", "day"]
_LONGEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Touch:
    """One touch of one person.

    `at` is seconds since 1970 UTC; `precision` `day` means that the source knows only the day and `at` is its noon.
    `code` is the source's own word, `channel` the project's. `tracked` touches come from tracking and need consent;
    `flagged` stands for many clicks of a robot. The `code` of a `guessed` one is the best that is told now: what was
    known of this touch before is better.
    """

    key: str
    person: str
    at: int
    channel: str
    code: str
    system: str
    record: str
    event: str
    precision: Precision = "exact"
    subchannel: str = ""
    campaign: str = ""
    campaign_id: str = ""
    path: str = ""
    utm: tuple[str, ...] = ("", "", "", "", "")
    tracked: bool = False
    flagged: bool = False
    guessed: bool = False

    @property
    def occurred_at(self) -> str:
        """When, as ISO 8601 UTC."""
        return iso(self.at)


def known_from(touch: Touch, time_zone: str) -> int:
    """From when on a touch has happened, in seconds since 1970 UTC: one of a day, from the beginning of that local day.

    Its noon gives it a place among others; whoever asks in the morning knows already that it happened.
    """
    return start_of_day(touch.at, time_zone) if touch.precision == "day" else touch.at


def touch_key(portal: str, org: str, system: str, record: str, event: str, at: int) -> str:
    """The key of a touch, 32 hex digits: made of where it came from, so that it survives merges and conversions."""
    text = f"tp1|{portal}|{org}|{system}|{record}|{event}|{iso(at)}"
    return hashlib.sha256(text.encode()).hexdigest()[:_LONGEST_KEY]


@dataclass(frozen=True, slots=True)
class Desk:
    """Makes touches for one pair of accounts under one set of rules."""

    config: AttributionConfig
    portal: str
    org: str

    def touch(
        self, person: str, system: str, record: str, event: str, when: Any, code: str,
        *, shared_by: str = "", **more: Any,
    ) -> Touch | None:  # fmt: skip
        """One touch, or None where the source does not say when; a plain day becomes its local noon.

        A record of several persons is a touch of each: its keys differ by `shared_by`, the lasting id of one of them.
        """
        day = is_day(when)
        at = noon_of(when, self.config.time_zone) if day else seconds(when)
        if at is None or not record:
            return None
        source = f"{record}-{shared_by}" if shared_by else record
        return Touch(
            key=touch_key(self.portal, self.org, system, source, event, at),
            person=person,
            at=at,
            channel=channel_of(code, self.config.channels),
            code=code,
            system=system,
            record=record,
            event=event,
            precision="day" if day else "exact",
            **more,
        )
