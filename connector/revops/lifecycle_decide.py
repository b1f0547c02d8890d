"""Which stage a person has now: raises in order of time, and the named exceptions that lower it (domain §2.2).

Stages only rise, whoever says so. Down leads an exception with actor, reason and time, unless the other CRM raised
the person since. What has to be written for it is `lifecycle_moves`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.revops.lifecycle import EXCEPTIONS, RANKS, Lifecycle, between, rank
from connector.revops.lifecycle_claims import LONG_AGO, Note, Proposal, Raise, called, claims, overruled, takes
from connector.revops.lifecycle_journey import Down, Journey, Past, Stamp
from connector.revops.lifecycle_sightings import Sighting


@dataclass(frozen=True, slots=True)
class Passage:
    """One change of stage that was decided; `exception` names the way down, None is a raise."""

    before: str | None
    after: str | None
    at: datetime
    because: str
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the person stands now, how it came there in this run, and what was left aside."""

    journey: Journey
    passages: tuple[Passage, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def because(self) -> str:
        """The rule of the last change; empty where nothing changed."""
        return self.passages[-1].because if self.passages else ""


def decide(
    config: Lifecycle,
    journey: Journey,
    sightings: Sequence[Sighting] = (),
    *,
    as_of: datetime,
    proposals: Sequence[Proposal] = (),
    downs: Sequence[Down] = (),
    evidence: Mapping[str, datetime] | None = None,
) -> Decision:
    """Move a person along; the same input twice moves it once, in whatever order it comes.

    Args:
        config: the agreement.
        journey: where the person stood.
        sightings: what the CRMs show, one per side and kind.
        as_of: the instant of the run; exceptions after it are left for a later one.
        proposals: stages that rules ask for.
        downs: all exceptions known, those of earlier runs included.
        evidence: when a CRM says that stages were reached (HubSpot's `hs_v2_date_entered_…`), for back-filling.
    """
    walk = _Walk(config, journey, as_of, evidence or {}, _rejected_at(sightings))
    steps, notes = claims(config, journey, as_of, sightings, proposals, downs)
    for step in steps:
        if isinstance(step, Down):
            walk.lower(step, steps)
        else:
            walk.raise_(step)
    journey = _taken(walk.journey, sightings)
    return Decision(journey, tuple(walk.passages), tuple(sorted({*notes, *walk.notes}, key=lambda note: note.text)))


@dataclass(slots=True)
class _Walk:
    """A journey while it is decided."""

    config: Lifecycle
    journey: Journey
    as_of: datetime
    evidence: Mapping[str, datetime]
    rejected_at: datetime | None
    passages: list[Passage] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, text: str) -> None:
        self.notes.append(Note(code, text))

    def raise_(self, step: Raise) -> None:
        """Go up, if it is up; a stage that is only confirmed may still lack its timestamp."""
        journey, stage = self.journey, self.config.enabled(step.stage)
        if stage is None or (step.proposal and self._held(step)):
            return
        stamp = Stamp(step.at or self.as_of, inferred=step.at is None, source=step.source)
        if rank(stage) > rank(journey.stage):
            self.passages.append(Passage(journey.stage, stage, stamp.at, step.because))
            filled = self._backfilled(journey, stage, stamp.at)
            self.journey = replace(filled.stamped(stage, stamp), stage=stage, source=step.source, former=False)
        elif stage == journey.stage and step.at is not None:
            returned = step.by_deal and journey.down is not None and step.at > journey.down.at  # won once more
            self.journey = replace(journey.stamped(stage, stamp), former=journey.former and not returned)

    def lower(self, down: Down, steps: Sequence[Raise | Down]) -> None:
        """Carry out a named exception, if it is one."""
        why = self._refused(down)
        if why:
            self.note("exception_refused", f"{down.kind} is not carried out: {why}")
            return
        journey, to = self.journey, self.config.target_of(down.kind, down.to)
        because = f"lifecycle.{down.kind}: {down.reason}"
        if journey.stage != to or down.kind in {"recycle", "customer_churned"}:
            self.passages.append(Passage(journey.stage, to, down.at, because, down.kind))
        beaten = overruled(journey, down, steps)
        self.journey = replace(self._lowered(journey, down, to), overruled=beaten)

    def _lowered(self, journey: Journey, down: Down, to: str | None) -> Journey:
        if to is None:
            return Journey(down=down)  # erased: nothing of the way is kept
        source = "rule" if down.side is None and down.kind != "data_correction" else "user"
        stamp = Stamp(down.at, source=source)
        if down.kind == "recycle":
            past = Past(journey.cycle, journey.stamps, down.at, down.reason)
            return Journey(
                to,
                journey.cycle + 1,
                {to: stamp},
                (*journey.past, past),
                recycled_at=down.at,
                recycle_on=down.recycle_on or self._day(down.at) + timedelta(days=self.config.recycle_days),
                source=source,
                down=down,
            )
        if down.kind == "data_correction":  # the stages above were a mistake, and so were their timestamps
            right = {stage: each for stage, each in journey.stamps.items() if rank(stage) <= rank(to)}
            taken_at = journey.taken_at if rank(to) >= RANKS["sal"] else None
            journey = replace(journey, stamps=right, former=False, taken_at=taken_at)
        former = journey.former or down.kind == "customer_churned"
        return replace(journey.stamped(to, stamp), stage=to, source=source, former=former, down=down)

    def _refused(self, down: Down) -> str:
        """Why an exception is none; empty if it is one."""
        journey, stage = self.journey, self.journey.stage
        if down.kind not in EXCEPTIONS:
            return f"only {', '.join(EXCEPTIONS)} lower a stage"
        if not (down.actor.strip() and down.reason.strip()):
            return "an exception needs an actor and a reason"
        if down.kind == "recycle" and stage not in {"mql", "sal", "sql"}:
            return f"only an MQL, SAL or SQL is recycled, this is {called(stage)}"
        if down.kind == "opportunity_lost" and stage != "opportunity":
            return f"only an opportunity is lost, this is {called(stage)}"
        if down.kind == "customer_churned" and stage not in {"customer", "evangelist"}:
            return f"only a customer leaves, this is {called(stage)}"
        if down.kind == "data_correction" and down.to not in self.config.stages:
            return f"a correction names one of {', '.join(self.config.stages)}"
        reached = journey.stamps.get(stage) if stage is not None else None
        if reached is not None and not reached.inferred and down.at < reached.at:
            return f"the person became {called(stage)} after it"
        return ""

    def _held(self, step: Raise) -> bool:
        """Whether a rule has to wait: until the recycle day, or because sales sent the person back."""
        journey = self.journey
        if rank(step.stage) <= rank(journey.stage):
            return True
        if journey.recycle_on is not None and self._day(step.time) < journey.recycle_on and _qualifies(step.stage):
            text = f"{called(step.stage)} waits until {journey.recycle_on.isoformat()}, when the person is recycled"
            self.note("waits_for_recycle", text)
            return True
        rejected = self.rejected_at
        if rejected is not None and (journey.recycled_at is None or rejected > journey.recycled_at):
            self.note("rejected", f"{called(step.stage)} is not set by a rule: sales rejected the person")
            return True
        return False

    def _backfilled(self, journey: Journey, stage: str, at: datetime) -> Journey:
        """With timestamps of the stages that were skipped, where the agreement wants them.

        A person that is seen for the first time skipped nothing that we know of: only evidence counts then.
        """
        if not self.config.backfill:
            return journey
        first, earlier = journey.stage is None, LONG_AGO
        known = journey.stamps.get(journey.stage) if journey.stage is not None else None
        earlier = max(known.at if known else LONG_AGO, journey.recycled_at or LONG_AGO)
        for skipped in between(self.config.stages, journey.stage, stage):
            seen = self.evidence.get(skipped)
            if seen is not None and earlier <= seen <= at:
                journey = journey.stamped(skipped, Stamp(seen, inferred=True))
                earlier = seen
            elif not first:
                journey = journey.stamped(skipped, Stamp(at, inferred=True))
        return journey

    def _day(self, moment: datetime) -> date:
        """The local date."""
        return moment.astimezone(ZoneInfo(self.config.zone)).date()


def _taken(journey: Journey, sightings: Sequence[Sighting]) -> Journey:
    """With the first word by which sales took the person on, where a rule of ours had gone further already.

    A lead status does not stay, so it is remembered, once per cycle; an SAL gets its timestamp along with it.
    """
    words = [each.taken for each in sightings if each.taken is not None and takes(journey, each)]
    if journey.taken_at is not None or not words:
        return journey
    stage, at = min(words, key=lambda each: (each[1], rank(each[0])))
    if journey.accepted_at is not None and journey.accepted_at <= at:
        return journey
    journey = replace(journey, taken_at=at)
    return journey.stamped(stage, Stamp(at)) if stage == "sal" else journey


def _rejected_at(sightings: Sequence[Sighting]) -> datetime | None:
    return max((each.rejected_at for each in sightings if each.rejected_at is not None), default=None)


def _qualifies(stage: str) -> bool:
    return rank(stage) >= rank("mql")
