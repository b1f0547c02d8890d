"""A person's stage under the rules in force: what the CRMs show and the score asks for, and what is to be written.

Which stage it is decides `revops/lifecycle_decide`; this module feeds it and turns its answer into wanted fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from connector.core.plan import HUBSPOT_STAGE, HUBSPOT_STATUS, SALESFORCE_STATUS
from connector.engine.derive.memory import from_body
from connector.engine.derive.people import Person, raw_of, written
from connector.engine.derive.score import Scored
from connector.engine.derive.told import company_deals
from connector.engine.derive.wanted import Restage, Set, Wanted
from connector.model import Side
from connector.revops.attribution_time import seconds
from connector.revops.calendars import Calendars
from connector.revops.lifecycle import HUBSPOT_ORDER, Lifecycle, rank
from connector.revops.lifecycle_claims import LONG_AGO, RULE, Proposal, called
from connector.revops.lifecycle_decide import Decision, Passage, decide
from connector.revops.lifecycle_journey import Down, Journey, fields, restored
from connector.revops.lifecycle_moves import Move, hubspot_move, lead_move
from connector.revops.lifecycle_sightings import (
    Deal,
    Sighting,
    Source,
    deal_sighting,
    hubspot_sighting,
    lead_sighting,
    lost_at,
)
from connector.revops.rejection_case import Case
from connector.revops.rejection_reasons import Reasons

_FIELDS = {
    ("hubspot", "lifecyclestage"): HUBSPOT_STAGE,
    ("hubspot", "hs_lead_status"): HUBSPOT_STATUS,
    ("salesforce", "Status"): SALESFORCE_STATUS,
}


_CALLED = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


@dataclass(frozen=True, slots=True)
class Staged:
    """Where a person stands, and the evidence: `converted_at` when a lead became a contact.

    `waits_until` is when the first exception that lies ahead can be carried out.
    """

    decision: Decision
    sightings: tuple[Sighting, ...]
    deals: tuple[Deal, ...]
    converted_at: datetime | None
    waits_until: datetime | None = None

    @property
    def journey(self) -> Journey:
        """The journey after this run."""
        return self.decision.journey

    def by(self, passages: tuple[Passage, ...]) -> Staged:
        """The same with all changes of this run: it took several rounds, and the last one changes nothing."""
        return replace(self, decision=replace(self.decision, passages=passages))


class Staging:
    """The lifecycle of one run; `order` are HubSpot's stages in the portal's order, read live."""

    def __init__(self, config: Lifecycle, time_zone: str, order: Sequence[str] = HUBSPOT_ORDER) -> None:
        self.config, self._time_zone, self._order = config, time_zone, order

    def decide(self, person: Person, scored: Scored | None, as_of: datetime, downs: Sequence[Down]) -> Staged:
        """Move a person along; `downs` are the exceptions that other rules found."""
        before = journey_of(person)
        deals = company_deals(person.deals, as_of, self._time_zone)
        converted_at = _converted_at(person, as_of)
        sightings = [*self._sightings(person, converted_at), *self._deal_sightings(person, deals, before)]
        lost = lost_at(deals)
        if lost is not None:
            downs = [*downs, Down("opportunity_lost", lost, "sales", "all deals are lost")]
        downs = [*person.memory.downs, *downs]
        decision = decide(
            self.config,
            before,
            sightings,
            as_of=as_of,
            proposals=_proposals(scored, as_of),
            downs=downs,
            evidence=_evidence(person, self.config),
        )
        waits_until = min((down.at for down in downs if down.at > as_of), default=None)
        return Staged(decision, tuple(sightings), deals, converted_at, waits_until)

    def want(self, wanted: Wanted, person: Person, staged: Staged) -> None:
        """Add the connector's own fields and what the CRMs' stage fields lack."""
        rule = staged.decision.because or _standing(staged.journey)
        for name, value in fields(staged.journey).items():
            wanted.fields[name] = Set(value, partial(str, rule))
        for move in self._moves(person, staged, rule):
            _want_move(wanted, move)

    def _sightings(self, person: Person, converted_at: datetime | None) -> Iterator[Sighting]:
        hubspot, salesforce = person.shown.get("hubspot"), person.shown.get("salesforce")
        if hubspot is not None:
            yield hubspot_sighting(
                self.config,
                hubspot.stage,
                hubspot.status,
                at=hubspot.stage_at,
                status_at=hubspot.status_at,
                source="rule" if hubspot.stage_ours else "crm",
                status_ours=hubspot.status_ours,
            )
        if salesforce is not None and salesforce.vendor_object == "Lead":
            half = person.unit.halves["salesforce"]
            source: Source = "rule" if salesforce.status_ours else "crm"
            stage = half.stored.get("revops_stage")
            yield lead_sighting(self.config, salesforce.status, stage, at=salesforce.status_at, source=source)
        elif salesforce is not None and converted_at is not None:
            yield lead_sighting(self.config, None, converted_at=converted_at)

    def _deal_sightings(self, person: Person, deals: Sequence[Deal], before: Journey) -> Iterator[Sighting]:
        side: Side = "salesforce" if "salesforce" in person.unit.halves else "hubspot"
        found = deal_sighting(self.config, side, deals, since=before.down.at if before.down else None)
        if found is not None:
            yield found

    def _moves(self, person: Person, staged: Staged, rule: str) -> Iterator[Move]:
        half = person.unit.halves.get("hubspot")
        # A contact that this plan makes shows nothing yet: it is made with its stage.
        made = [Sighting("hubspot", None)] if half is not None and half.seen is None else []
        for sighting in (*staged.sightings, *made):
            if sighting.by_deal:
                continue
            because = _set_back(self.config, person, staged, sighting.side) or rule
            if sighting.side == "hubspot":
                move = hubspot_move(self.config, staged.journey, sighting, because, order=self._order)
            else:
                move = lead_move(self.config, staged.journey, sighting, because)
            if move is not None:
                yield move


def journey_of(person: Person) -> Journey:
    """Where the person stood: as remembered, or as the own fields tell when the state was lost."""
    if person.memory.journey is not None:
        return person.memory.journey
    return restored(written(person))


def recycle(case: Case | None, reasons: Reasons, calendars: Calendars, side: Side | None) -> Down | None:
    """The way down of a rejection whose reason may change (domain §2.2); None where it leads nowhere."""
    if case is None or case.rejected is None:
        return None
    rejected = case.rejected
    reason = reasons.get(rejected.reason)
    if reason is None or reason.recycle_days is None:
        return None
    on = calendars.default.local(rejected.at).date() + timedelta(days=reason.recycle_days)
    return Down("recycle", rejected.at, rejected.by, reason.code, side=side, recycle_on=on)


def _proposals(scored: Scored | None, as_of: datetime) -> list[Proposal]:
    """The stages that the score asks for."""
    if scored is None:
        return []
    score, found = scored.score, []
    if score.mql.fires:
        found.append(Proposal("mql", as_of, f"scoring.mql: {score.temperature}, score rules {score.config}"))
    if score.sql.fires:
        found.append(Proposal("sql", as_of, f"scoring.sql: {score.sql.rule}, score rules {score.config}"))
    return found


def _standing(journey: Journey) -> str:
    return f"lifecycle: stage {journey.stage or 'none'}, cycle {journey.cycle}"


def _set_back(config: Lifecycle, person: Person, staged: Staged, side: Side) -> str:
    """Why a stage is set back that somebody lowered in a CRM, and what lowers it for good; empty where nobody did."""
    stood, shows = (shown.get(side) for shown in (person.memory.shown, person.shown))
    if stood is None or shows is None or shows.stage_ours or shows.status_ours or staged.decision.passages:
        return ""
    before, now = (
        config.of_hubspot(each.stage) if side == "hubspot" else config.of_salesforce_status(each.status)
        for each in (stood, shows)
    )
    if rank(now) >= rank(before) or rank(now) >= rank(staged.journey.stage):
        return ""
    command = f"revloop correct {person.unit.record(side)} --to {now or 'STAGE'} --reason TEXT"
    return f"{RULE}{called(now)} was set by hand in {_CALLED[side]} and is set back; to lower it for good: {command}"


def _converted_at(person: Person, as_of: datetime) -> datetime | None:
    """When the lead became a contact; None for a lead, and for a contact that never was one.

    A contact that was made with the conversion is as old as it. One that is older than what we know of the lead was
    there before: its change says when, as far as that is later, else the run that sees it first.
    """
    half = person.unit.halves.get("salesforce")
    if half is None or half.seen is None or half.shape.vendor_object != "Contact":
        return None
    known = person.memory.shown.get("salesforce")
    was_lead = known is not None and known.vendor_object == "Lead"
    if person.memory.converted_at is not None:
        return person.memory.converted_at
    if not was_lead:
        return None
    since, told = _last_a_lead(person), (half.raw.get("CreatedDate"), half.seen.modified)
    found = (at for each in told if each and (at := _instant(each)) is not None and at >= since)
    return next(found, as_of)


def _last_a_lead(person: Person) -> datetime:
    """The last instant of which the last run knew, when the person was a lead still; it does not change in this run."""
    memory = from_body(person.known) if person.known else person.memory
    lead, journey, case = memory.shown["salesforce"], memory.journey, memory.case
    known = [lead.status_at, lead.owner_at, case.handover_at if case else None]
    known += [journey.recycled_at, journey.qualified_at] if journey else []
    return max((each for each in known if each is not None), default=LONG_AGO)


def _evidence(person: Person, config: Lifecycle) -> dict[str, datetime]:
    """When HubSpot itself says that stages were reached."""
    raw, found = raw_of(person, "hubspot"), {}
    for stage in config.stages:
        value = config.hubspot_value(stage)
        at = _instant(raw.get(f"hs_v2_date_entered_{value}")) if value else None
        if at is not None and config.of_hubspot(value) == stage:
            found[stage] = at
    return found


def _instant(raw: object) -> datetime | None:
    found = seconds(raw)
    return None if found is None else datetime.fromtimestamp(found, tz=UTC)


def _want_move(wanted: Wanted, move: Move) -> None:
    """A move as changes of one side; the second of two steps goes out in a request of its own."""
    first, *rest = move.steps
    because = partial(str, move.because)
    for column, value in first.fields.items():
        name = _FIELDS[move.side, column]
        wanted.only[move.side][name] = Set(value or None, because)
    for step in rest:
        for column, value in step.fields.items():
            wanted.restage.append(Restage(_FIELDS[move.side, column], value, move.because))
