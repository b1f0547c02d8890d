"""What of all the touches read really counts: once each, not from the future, with consent, no robots, one per visit.

Which deal a touch belongs to is `attribution_path`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from connector.revops.attribution_hubspot import CLICK, PAGE_VIEW, SESSION
from connector.revops.attribution_touch import Touch, known_from

ROBOT_CLICKS, ROBOT_SECONDS = 5, 2


@dataclass(frozen=True, slots=True)
class Collected:
    """The touches that count, in order, and how many were left out and why."""

    touches: tuple[Touch, ...]
    duplicates: int = 0
    future: int = 0
    without_consent: int = 0
    robot_clicks: int = 0
    same_visit: int = 0

    @property
    def coverage(self) -> tuple[int, int]:
        """Touches collected, of all that happened: the rest had no consent."""
        return len(self.touches), len(self.touches) + self.without_consent


def collect(
    touches: Iterable[Touch | None], as_of: int, time_zone: str, may_track: Callable[[str], bool] = lambda _: True
) -> Collected:
    """The touches that count.

    Args:
        touches: of any number of persons, in any order, doubled or not.
        as_of: seconds since 1970 UTC; touches after it are left out and counted.
        time_zone: the one of the days of which no more than the day is known; they begin at its midnight.
        may_track: whether a person consented to tracking; without it only declared touches are collected.
    """
    given = [touch for touch in touches if touch is not None]
    once = {touch.key: touch for touch in sorted(given, key=_whole)}
    known = sorted((each for each in once.values() if known_from(each, time_zone) <= as_of), key=_by_person)
    allowed = [touch for touch in known if not touch.tracked or may_track(touch.person)]
    kept: list[Touch] = []
    robots = visits = 0
    for (_, event), group in groupby(sorted(allowed, key=_by_kind), key=lambda each: (each.person, each.event)):
        same = list(group)
        if event == CLICK:
            left = _without_robots(same)
            robots += len(same) - len(left)
        elif event == PAGE_VIEW:
            left = _one_per_visit(same)
            visits += len(same) - len(left)
        else:
            left = same
        kept += left
    kept.sort(key=_by_person)
    return Collected(
        tuple(kept), len(given) - len(once), len(once) - len(known), len(known) - len(allowed), robots, visits
    )


def _whole(touch: Touch) -> tuple[str, ...]:
    """An order of all touches, so that of two that claim the same key always the same one is kept."""
    return touch.key, touch.person, touch.campaign, touch.subchannel, touch.code, touch.path


def _by_person(touch: Touch) -> tuple[str, int, str]:
    return touch.person, touch.at, touch.key


def _by_kind(touch: Touch) -> tuple[str, str, int, str]:
    return touch.person, touch.event, touch.at, touch.key


def _without_robots(clicks: list[Touch]) -> list[Touch]:
    """Five clicks or more within two seconds are a mail filter's: one is kept, flagged."""
    kept: list[Touch] = []
    i = 0
    while i < len(clicks):
        end = i + 1
        while end < len(clicks) and clicks[end].at - clicks[i].at <= ROBOT_SECONDS:
            end += 1
        if end - i < ROBOT_CLICKS:
            kept.append(clicks[i])
            i += 1
            continue
        while end < len(clicks) and clicks[end].at - clicks[end - 1].at <= ROBOT_SECONDS:
            end += 1
        kept.append(replace(clicks[i], flagged=True))
        i = end
    return kept


def _one_per_visit(views: list[Touch]) -> list[Touch]:
    """The first page view of each visit; a visit ends after 30 quiet minutes."""
    return [view for i, view in enumerate(views) if i == 0 or view.at - views[i - 1].at > SESSION]
