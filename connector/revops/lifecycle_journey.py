"""Where a person stands: stage, cycle, the timestamps of each cycle, and the last way down (domain §2.3).

A timestamp is written once per cycle and never altered in it. When stages change is `lifecycle_decide`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from connector.model import Side
from connector.revops.lifecycle import EXCEPTIONS, WRITTEN, Exception_, of_written

STAMPS: Mapping[str, str] = {
    "lead": "revops_lead_at",
    "mql": "revops_mql_at",
    "sal": "revops_sal_at",
    "sql": "revops_sql_at",
    "opportunity": "revops_opp_at",
    "customer": "revops_customer_at",
}
"""The timestamps that stand in both CRMs; those of the other stages are only kept here."""

OPENED = ("opportunity", "customer", "evangelist")
"""The stages in which sales has something to win."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a stage was reached; `inferred` where it was skipped and filled in later, or its time was not known."""

    at: datetime
    inferred: bool = False
    source: str = "crm"


@dataclass(frozen=True, slots=True)
class Down:
    """A named exception: the only thing that lowers a stage.

    `actor` says who in words without a name (sales, admin, rule), `side` where it was done (None: here).
    `to` is the stage of a data correction, `recycle_on` the day from which a rule may raise the person again.
    """

    kind: Exception_
    at: datetime
    actor: str
    reason: str
    to: str | None = None
    side: Side | None = None
    recycle_on: date | None = None


Shown = tuple[str, str, datetime]
"""Side, stage and that CRM's stamp."""


@dataclass(frozen=True, slots=True)
class Past:
    """A cycle that ended with a recycle."""

    cycle: int
    stamps: Mapping[str, Stamp]
    ended: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Journey:
    """Everything known of a person's way; a new one is empty."""

    stage: str | None = None
    cycle: int = 1
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    past: tuple[Past, ...] = ()
    recycled_at: datetime | None = None
    recycle_on: date | None = None
    source: str | None = None
    former: bool = False  # a customer that left
    down: Down | None = None  # the last exception that was carried out
    overruled: tuple[Shown, ...] = ()  # what a CRM still shows with a younger stamp, though `down` came after it
    taken_at: datetime | None = None  # when sales took the person on in this cycle, below a stage that a rule had set

    def stamped(self, stage: str, stamp: Stamp) -> Journey:
        """With a timestamp, if the stage has none in this cycle."""
        return self if stage in self.stamps else replace(self, stamps={**self.stamps, stage: stamp})

    @property
    def recycled(self) -> bool:
        """Whether the person was sent back and marketing did not qualify it again yet."""
        return self.recycled_at is not None and not any(stage in self.stamps for stage in ("mql", "sal", "sql"))

    @property
    def waited(self) -> tuple[datetime, datetime | None] | None:
        """From when until when the person was recycled in this cycle; no end while nobody qualified it anew."""
        if self.recycled_at is None:
            return None
        qualified = ("mql", "sal", "sql", *OPENED)
        return self.recycled_at, min(
            (each.at for stage, each in self.stamps.items() if stage in qualified), default=None
        )

    @property
    def qualified_at(self) -> datetime | None:
        """When the person became MQL or SQL in this cycle, whichever came first, as far as somebody saw it."""
        seen = (each for stage in ("mql", "sql") if (each := self.stamps.get(stage)) and not each.inferred)
        return min((each.at for each in seen), default=None)

    @property
    def accepted_at(self) -> datetime | None:
        """When sales took the person on in this cycle: the SAL, or a stage beyond it if the SAL was skipped.

        What a rule of ours set is no word of sales, nor is an SAL that was filled in below it. Sales may also have said
        so when the rule had gone further already.
        """
        ruled = {each.at for each in self.stamps.values() if each.source == "rule"}
        sal = self.stamps.get("sal")
        found = [] if sal is None or sal.source == "rule" or (sal.inferred and sal.at in ruled) else [sal.at]
        found += [self.taken_at] if self.taken_at is not None else []
        return min([*found, *self._seen("sql", *OPENED)], default=None)

    @property
    def opened_at(self) -> datetime | None:
        """When sales had something to win in this cycle: the opportunity, or what comes after it."""
        return min(self._seen(*OPENED), default=None)

    @property
    def mistaken(self) -> bool:
        """Whether a correction says that the person was neither MQL nor SQL, and became none since."""
        corrected = self.down is not None and self.down.kind == "data_correction"
        return corrected and not any(stage in self.stamps for stage in ("mql", "sal", "sql"))

    def _seen(self, *stages: str) -> Iterator[datetime]:
        """When stages were reached, if somebody saw it and it was not a rule of ours that set them."""
        for stage in stages:
            stamp = self.stamps.get(stage)
            if stamp is not None and not stamp.inferred and stamp.source != "rule":
                yield stamp.at


def fields(journey: Journey) -> dict[str, str | None]:
    """The connector's own fields on both sides, canonical; None where a field is empty."""
    stamps = {name: _stamp(journey.stamps.get(stage)) for stage, name in STAMPS.items()}
    return {
        "revops_stage": None if journey.stage is None else WRITTEN[journey.stage],
        **stamps,
        "revops_cycle": str(journey.cycle),
        "revops_recycled_at": iso(journey.recycled_at),
        "revops_stage_source": journey.source,
        "revops_customer_status": "former" if journey.former else None,
    }


def restored(values: Mapping[str, str | None]) -> Journey:
    """What the connector's own fields still tell when the state store is lost; earlier cycles are not in them.

    Who set a stage is known of the present one only.
    """
    reached, source = of_written(values.get("revops_stage")), values.get("revops_stage_source")
    stamps = {
        stage: Stamp(_read(text), source=source if source and stage == reached else "crm")
        for stage, name in STAMPS.items()
        if (text := values.get(name))
    }
    recycled_at = values.get("revops_recycled_at")
    at = _read(recycled_at) if recycled_at else None
    return Journey(
        stage=reached,
        cycle=int(values.get("revops_cycle") or 1),
        stamps=stamps,
        recycled_at=at,
        recycle_on=date.fromisoformat(on) if (on := values.get("revops_recycle_on")) else None,
        source=source,
        former=values.get("revops_customer_status") == "former",
        down=Down("recycle", at, "unknown", "restored") if at else None,
    )


def to_data(journey: Journey) -> dict[str, Any]:
    """A journey as plain data for the state store."""
    return {
        "stage": journey.stage,
        "cycle": journey.cycle,
        "stamps": _stamps(journey.stamps),
        "past": [[each.cycle, _stamps(each.stamps), _exact(each.ended), each.reason] for each in journey.past],
        "recycled_at": _exact(journey.recycled_at),
        "recycle_on": journey.recycle_on.isoformat() if journey.recycle_on else None,
        "source": journey.source,
        "former": journey.former,
        "down": _down(journey.down),
        "overruled": [[side, stage, _exact(at)] for side, stage, at in journey.overruled],
        "taken_at": _exact(journey.taken_at),
    }


def from_data(data: Mapping[str, Any]) -> Journey:
    """The journey that `to_data` gave."""
    return Journey(
        stage=data["stage"],
        cycle=data["cycle"],
        stamps=_read_stamps(data["stamps"]),
        past=tuple(Past(cycle, _read_stamps(stamps), _read(at), why) for cycle, stamps, at, why in data["past"]),
        recycled_at=_read(data["recycled_at"]) if data["recycled_at"] else None,
        recycle_on=date.fromisoformat(data["recycle_on"]) if data["recycle_on"] else None,
        source=data["source"],
        former=data["former"],
        down=_read_down(data["down"]),
        overruled=tuple((side, stage, _read(at)) for side, stage, at in data["overruled"]),
        taken_at=_read(at) if (at := data.get("taken_at")) else None,
    )


def cycles(data: Mapping[str, Any]) -> Iterator[Mapping[str, Stamp]]:
    """The timestamps of every cycle in what `to_data` gave, the one at hand last; the rest is not even read."""
    for _, stamps, _, _ in data["past"]:
        yield _read_stamps(stamps)
    yield _read_stamps(data["stamps"])


def iso(moment: datetime | None) -> str | None:
    """An instant as it is written into a CRM: UTC, whole seconds."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _exact(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _stamp(stamp: Stamp | None) -> str | None:
    return None if stamp is None else iso(stamp.at)


def _stamps(stamps: Mapping[str, Stamp]) -> dict[str, list[Any]]:
    return {stage: [_exact(each.at), each.inferred, each.source] for stage, each in stamps.items()}


def _read_stamps(data: Mapping[str, Any]) -> dict[str, Stamp]:
    return {stage: Stamp(_read(at), inferred, source) for stage, (at, inferred, source) in data.items()}


def _down(down: Down | None) -> dict[str, Any] | None:
    if down is None:
        return None
    on = down.recycle_on.isoformat() if down.recycle_on else None
    return {
        "kind": down.kind,
        "at": _exact(down.at),
        "actor": down.actor,
        "reason": down.reason,
        "to": down.to,
        "side": down.side,
        "recycle_on": on,
    }


def _read_down(data: Mapping[str, Any] | None) -> Down | None:
    if data is None:
        return None
    on = date.fromisoformat(data["recycle_on"]) if data["recycle_on"] else None
    kind = next(each for each in EXCEPTIONS if each == data["kind"])
    return Down(kind, _read(data["at"]), data["actor"], data["reason"], data["to"], data["side"], on)
