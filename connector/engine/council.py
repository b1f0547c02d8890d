"""What the state holds for the reports: every hand-over and won deal of living persons, and counts of erased ones.

Persons are read in steps; only what belongs to the wanted periods is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.engine.council_stages import Walk, keep_sqls
from connector.engine.seams import Work
from connector.revops.council_counts import counted, key_of, rows_of
from connector.revops.council_memory import Won, at_of, handed_from, row, won_data, won_from
from connector.revops.council_rows import HandOver, Period, WonDeal
from connector.state.store import Store

COUNTED = "counted"
"""The name under which the store keeps what is left of erased persons, beside the standings of persons."""

PERSON = "person"


@dataclass(slots=True)
class Found:
    """Hand-overs and won deals of some periods; `months` are all months with a hand-over, whichever was asked for."""

    rows: list[HandOver] = field(default_factory=list)
    won: dict[str, Won] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)

    @property
    def deals(self) -> list[WonDeal]:
        """The won deals, each once however many persons it has."""
        return [
            WonDeal(each.records, each.closed_at, each.hot, each.fit_score, each.engagement_score)
            for each in self.won.values()
        ]


def collect(store: Store, periods: Iterable[Period], zone: ZoneInfo, walk: Walk | None = None) -> Found:
    """Read what belongs to these periods: hand-overs by their own time, deals by when they were won.

    Args:
        store: the state.
        periods: the periods that are wanted.
        zone: where a day begins.
        walk: is shown every memory on the way, where the ways through the stages are wanted too.
    """
    wanted, found = tuple(periods), Found()

    def held(at: datetime) -> bool:
        return any(period.holds(at, zone) for period in wanted)

    def noted(at: datetime) -> bool:
        found.months.add(f"{at.astimezone(zone):%Y-%m}")
        return held(at)

    for chunk in store.standings.all(PERSON):
        for key, body in chunk:
            found.rows.extend(hand_overs(key, body, noted))
            if walk is not None:
                walk.living(body, _records(body))
            _take(found, (each for each in _won(body) if held(each.closed_at)))
    for chunk in store.standings.all(COUNTED):
        for key, body in chunk:
            rows = rows_of(key, body["counts"], body["number"], zone) if "counts" in body else iter(())
            found.rows.extend(each for each in rows if noted(each.handover_at))
            if walk is not None:
                walk.erased(body)
            _take(found, (each for each in _won(body) if held(each.closed_at)))
    return found


def hand_overs(
    key: str, body: Mapping[str, Any], wanted: Callable[[datetime], bool] = lambda _: True
) -> Iterator[HandOver]:
    """The hand-overs of one person, as remembered between two runs.

    Args:
        key: the person's key.
        body: what is remembered of the person.
        wanted: by the time of the hand-over; the others are not even put together.
    """
    remembered = [handed_from(each) for each in body.get("handovers") or () if wanted(at_of(each))]
    if not remembered:
        return
    records, ended, wins = _records(body), _ended(body), _wins(body)
    for each in remembered:
        yield row(each, key, records, ended.get(each.cycle), wins)


def keep_counts(work: Work, keys: Collection[str]) -> None:
    """Forget a person who was erased, and keep what the reports count by.

    Args:
        work: the run.
        keys: under which the person may be remembered; nothing happens where nobody is.
    """
    store, zone, now = work.store, ZoneInfo(work.project.settings.time_zone), work.seams.clock()
    with store.transaction():
        known = store.standings.get(PERSON, keys)
        for key, body in known.items():
            for each in hand_overs(key, body):
                _count(store, counted(each, zone, now))
            for won in _won(body):
                _keep_deal(store, won)
            keep_sqls(store, COUNTED, body, zone)
        store.standings.forget(PERSON, list(known))


# --- erased persons ------------------------------------------------------------------------------------------


def _count(store: Store, counts: Mapping[str, Any]) -> None:
    key = key_of(counts)
    known = store.standings.get(COUNTED, [key]).get(key)
    number = (known["number"] if known else 0) + 1
    store.standings.put(COUNTED, [(key, {"counts": counts, "number": number}, None)])


def _keep_deal(store: Store, won: Won) -> None:
    """A deal stays a deal, whoever its persons were."""
    key = f"deal:{won.deal}"
    known = store.standings.get(COUNTED, [key]).get(key)
    if known is not None:
        won = _together(won_from(known["won"][0]), won)
    store.standings.put(COUNTED, [(key, {"won": [won_data(won)]}, None)])


def _together(one: Won, other: Won) -> Won:
    """A deal of two persons: hot if either was, with the higher scores."""
    return replace(
        other,
        hot=one.hot or other.hot,
        fit_score=_higher(one.fit_score, other.fit_score),
        engagement_score=_higher(one.engagement_score, other.engagement_score),
    )


def _higher(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)


# --- living persons ------------------------------------------------------------------------------------------


def _take(found: Found, won: Iterable[Won]) -> None:
    for deal in won:
        known = found.won.get(deal.deal)
        found.won[deal.deal] = deal if known is None else _together(known, deal)


def _records(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The person's ids in the CRMs, as `--records` names them."""
    return tuple(f"{side}:{record}" for side, record in sorted(body["records"].items()))


def _won(body: Mapping[str, Any]) -> list[Won]:
    return [won_from(each) for each in body.get("won") or ()]


def _ended(body: Mapping[str, Any]) -> dict[int, datetime]:
    """Cycle -> when it ended with a recycle."""
    past = (body.get("journey") or {}).get("past") or ()
    return {cycle: datetime.fromisoformat(at) for cycle, _, at, _ in past}


def _wins(body: Mapping[str, Any]) -> list[datetime]:
    """When the person became a customer, by their deals or by the stage itself."""
    journey = body.get("journey") or {}
    stamps = [journey.get("stamps") or {}, *(stamps for _, stamps, _, _ in journey.get("past") or ())]
    customer = [each["customer"] for each in stamps if "customer" in each]
    found = [datetime.fromisoformat(at) for at, inferred, _ in customer if not inferred]
    return sorted([*found, *(each.closed_at for each in _won(body))])
