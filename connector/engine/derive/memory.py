"""What the rules remember of a person between two runs, as an object and as plain data for the state store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from connector.model import Side, Value
from connector.revops.council_memory import Handed, Won, handed_data, handed_from, won_data, won_from
from connector.revops.lifecycle import EXCEPTIONS
from connector.revops.lifecycle_journey import Down, Journey, from_data, to_data
from connector.revops.lifecycle_sla import Clock
from connector.revops.rejection_case import Case, case_data, case_from


@dataclass(frozen=True, slots=True)
class Shown:
    """What one CRM shows of stage, lead status, owner and reason, and since when, by its own stamps.

    `…_ours`: revloop wrote the value. `before` is the last status that was no rejection: `""` where the field was
    empty, None where nobody knows. Instants are None where unknown.
    """

    vendor_object: str
    stage: str | None = None
    stage_at: datetime | None = None
    stage_ours: bool = False
    status: str | None = None
    status_at: datetime | None = None
    status_ours: bool = False
    before: str | None = None
    owner: str | None = None
    owner_at: datetime | None = None
    reason: str | None = None
    reason_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """From `at` on an owner had the person: an address, a queue's name, or the CRM's id where there is neither.

    `at` None: since before revloop looked. `owner` None: nobody any more.
    """

    at: datetime | None
    owner: str | None
    queue: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """One person.

    `id` names the person in cases, tasks and effects and never changes. `scored` are the last numbers and the highest
    ever; `wrote` the connector's own fields as last decided; `past` the case of the cycle before, which stays
    readable in the CRMs until the new cycle has something to say. `downs` are the corrections that an admin noted.
    `handovers` (of every cycle) and `won` are what the reports count: they stay when cycle and case have gone. `held`
    are the owners of this cycle, the last one is that of now; it is empty as long as nobody ever owned the person.
    """

    id: str
    journey: Journey | None = None
    downs: tuple[Down, ...] = ()
    case: Case | None = None
    past: Case | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    shown: Mapping[Side, Shown] = field(default_factory=dict)
    scored: Mapping[str, Any] = field(default_factory=dict)
    handovers: tuple[Handed, ...] = ()
    won: tuple[Won, ...] = ()
    wrote: Mapping[str, Value] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    converted_at: datetime | None = None
    due: datetime | None = None
    held: tuple[Held, ...] = ()
    converting: int | None = None  # the cycle for which somebody was asked to convert the lead

    @property
    def open_downs(self) -> list[Down]:
        """Corrections that no run has carried out yet."""
        last = self.journey.down if self.journey else None
        return [each for each in self.downs if last is None or each.at > last.at]


def to_body(memory: Memory) -> dict[str, Any]:
    """Plain data; equal memories give equal data."""
    return {
        "id": memory.id,
        "journey": to_data(memory.journey) if memory.journey else None,
        "downs": [_down(each) for each in memory.downs],
        "case": case_data(memory.case) if memory.case else None,
        "past": case_data(memory.past) if memory.past else None,
        "clocks": {name: _clock(each) for name, each in sorted(memory.clocks.items())},
        "shown": {side: _shown(each) for side, each in sorted(memory.shown.items())},
        "scored": dict(memory.scored),
        "handovers": [handed_data(each) for each in memory.handovers],
        "won": [won_data(each) for each in memory.won],
        "wrote": dict(sorted(memory.wrote.items())),
        "records": dict(sorted(memory.records.items())),
        "converted_at": _iso(memory.converted_at),
        "due": _iso(memory.due),
        "held": [[_iso(each.at), each.owner, each.queue] for each in memory.held],
        "converting": memory.converting,
    }


def from_body(body: Mapping[str, Any]) -> Memory:
    """The memory that `to_body` gave."""
    return Memory(
        body["id"],
        from_data(body["journey"]) if body["journey"] else None,
        tuple(_read_down(each) for each in body["downs"]),
        case_from(body["case"]) if body["case"] else None,
        case_from(body["past"]) if body["past"] else None,
        {name: _read_clock(name, each) for name, each in body["clocks"].items()},
        {side: _read_shown(each) for side, each in body["shown"].items()},
        body["scored"],
        tuple(handed_from(each) for each in body["handovers"]),
        tuple(won_from(each) for each in body["won"]),
        body["wrote"],
        body["records"],
        _time(body["converted_at"]),
        _time(body["due"]),
        tuple(Held(_time(at), owner, queue) for at, owner, queue in body.get("held", ())),
        body.get("converting"),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_SECOND = timedelta(seconds=1)
_INSTANTS = ("stage_at", "status_at", "owner_at", "reason_at")


def _shown(shown: Shown) -> dict[str, Any]:
    return {
        name: _iso(value) if name in _INSTANTS else value
        for name in Shown.__slots__
        if (value := getattr(shown, name)) not in (None, False)
    }


def _read_shown(body: Mapping[str, Any]) -> Shown:
    facts: dict[str, Any] = {name: _time(value) if name in _INSTANTS else value for name, value in body.items()}
    return Shown(**facts)


def _down(down: Down) -> list[Any]:
    on = down.recycle_on.isoformat() if down.recycle_on else None
    return [down.kind, _iso(down.at), down.actor, down.reason, down.to, down.side, on]


def _read_down(body: list[Any]) -> Down:
    kind, at, actor, reason, to, side, on = body
    named = next(each for each in EXCEPTIONS if each == kind)
    return Down(named, datetime.fromisoformat(at), actor, reason, to, side, date.fromisoformat(on) if on else None)


def _clock(clock: Clock) -> list[Any]:
    """A clock, its target in seconds; how long it ran is not kept, since nobody asks for it later."""
    target = clock.target // _SECOND if clock.target is not None else None
    return [
        clock.cycle, _iso(clock.started_at), _iso(clock.due_at), _iso(clock.stopped_at), _iso(clock.breached_at),
        clock.state, target, clock.mode, _iso(clock.passed),
    ]  # fmt: skip


def _read_clock(name: str, body: list[Any]) -> Clock:
    """What `_clock` gave, or an older version that did not keep what was promised."""
    cycle, started, due, stopped, breached, state, *promise = body
    target, mode, passed = promise or (None, None, None)
    return Clock(
        name, cycle, datetime.fromisoformat(started), _time(due), _time(stopped), _time(breached), state=state,
        target=None if target is None else target * _SECOND, mode=mode, passed=_time(passed),
    )  # fmt: skip
