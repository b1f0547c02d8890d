"""A person's rejection and hand-over under the rules in force.

What follows from them decides `revops/rejection`; this module feeds it, and turns those of its effects that write
fields (give back, reject again, reassign, stop marketing) into wanted fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from connector.core.plan import HUBSPOT_STATUS
from connector.engine.derive.handed import handover_facts
from connector.engine.derive.holders import owned, queued, sales_owners
from connector.engine.derive.memory import Memory, Shown
from connector.engine.derive.people import Person
from connector.engine.derive.stage import Staged
from connector.engine.derive.wanted import Set, Wanted
from connector.engine.people import Owners
from connector.model import SIDES, Side, Value
from connector.revops.calendars import Calendars
from connector.revops.council_memory import Handed, follow
from connector.revops.lifecycle_journey import Journey
from connector.revops.rejection import Desk, derived, desk, step
from connector.revops.rejection_case import Case, Lead, Status
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_effects import Effect, Reapply, Reassign, Revert, Suppress
from connector.revops.rejection_feedback import measured

OBJECTION = "revops_objection"
OWNER = "owner"
FIELD_EFFECTS = (Revert, Reapply, Reassign, Suppress)
"""Effects that are fields of records: they go out with the plan's updates."""


class Loop:
    """The rejection loop of one run. `began` is when the rules were first applied: what is older is left alone.

    `login` is the Salesforce user behind the credentials: a lead that nobody was given belongs to it, and is in the
    hands of nobody.
    """

    def __init__(
        self, config: RejectionConfig, calendars: Calendars, owners: Owners, began: datetime, login: str | None
    ) -> None:
        self.config = replace(config, enforcement=replace(config.enforcement, began=began))
        self.desk: Desk = desk(self.config, sales_owners(owners, login), calendars)

    def step(
        self, person: Person, memory: Memory, journey: Journey, staged: Staged | None, as_of: datetime
    ) -> tuple[Memory, list[Effect]]:
        """Decide once; a new cycle puts the old case aside, where it stays readable."""
        lead = self._lead(person, memory, journey, staged)
        case, effects = step(memory.case, lead, self.desk, as_of)
        past = memory.case if case and memory.case and case.cycle > memory.case.cycle else memory.past
        handovers = self._handovers(person, memory, case, lead, as_of)
        return replace(memory, case=case, past=past, handovers=handovers), effects

    def _handovers(
        self, person: Person, memory: Memory, case: Case | None, lead: Lead, as_of: datetime
    ) -> tuple[Handed, ...]:
        """What the reports count, brought up to date: of a new hand-over also how the person looks now."""
        if case is None or case.handover_at is None:
            taken_back = case.cycle if case and lead.mistaken else None
            return tuple(each for each in memory.handovers if each.cycle != taken_back)
        at = case.handover_at

        def facts(scored_then: bool) -> dict[str, Any]:
            return handover_facts(person, memory.scored, at, scored_then=scored_then)

        return follow(memory.handovers, case, measured(case, lead, self.desk, as_of), facts)

    def end(self, memory: Memory, as_of: datetime) -> tuple[Memory, list[Effect]]:
        """A person of whom no record is left: the timers end, and open tasks are cancelled (domain §3, edge cases)."""
        if memory.case is None:
            return memory, []
        case, effects = step(memory.case, Lead(memory.id, memory.case.cycle, gone="deleted"), self.desk, as_of)
        return replace(memory, case=case), effects

    def want(self, wanted: Wanted, memory: Memory) -> None:
        """Add the loop's own fields; until a new cycle has something to say, those of the last one stay."""
        case = memory.case
        fresh = case is not None and (case.handover_at or case.missing or case.rejected)
        shown = case if fresh or memory.past is None else memory.past
        because = partial(str, f"rejection: cycle {shown.cycle}" if shown else "rejection: nothing known")
        for name, value in derived(shown, self.desk).items():
            wanted.fields[name] = Set(value, because)

    def want_effects(self, wanted: Wanted, person: Person, effects: Iterable[Effect]) -> None:
        """Turn effects into fields where they are fields; one that somebody has overtaken is pointless."""
        for effect in effects:
            if not isinstance(effect, FIELD_EFFECTS):
                continue
            if self._wants(wanted, person, effect):
                wanted.carried_out.append(effect.key)
            else:
                wanted.pointless.append(effect.key)

    def _wants(self, wanted: Wanted, person: Person, effect: Revert | Reapply | Reassign | Suppress) -> bool:
        because = partial(str, effect.because)
        if isinstance(effect, Suppress):
            wanted.fields[OBJECTION] = Set("true", because)
            return True
        if isinstance(effect, Reassign):
            sides = [side for side in SIDES if side in person.unit.halves]
            for side in sides:
                wanted.only[side][OWNER] = Set(effect.to, because)
            return bool(sides)
        shown = person.shown.get(effect.side)
        if shown is None or effect.side != "hubspot":
            return False  # Salesforce refuses by itself: nothing is ever given back there
        if isinstance(effect, Revert) and (shown.status or "") != effect.expected:
            return False
        if isinstance(effect, Reapply) and shown.status == effect.status:
            return False
        wanted.only["hubspot"][HUBSPOT_STATUS] = Set(effect.status or None, because)
        return True

    def _lead(self, person: Person, memory: Memory, journey: Journey, staged: Staged | None) -> Lead:
        cycle_from = journey.recycled_at
        reason, reason_at = _reason(person)
        owner, owner_since = owned(person)
        return Lead(
            key=memory.id,
            cycle=journey.cycle,
            records={side: record for side in SIDES if (record := person.unit.record(side))},
            status=dict(self._statuses(person.shown, cycle_from)),
            reason=reason,
            comment=person.unit.value("revops_rejection_comment"),
            reason_at=reason_at,
            cycle_from=cycle_from,
            owner=owner,
            owner_since=owner_since,
            qualified_at=journey.qualified_at,
            handover_at=_told_handover(person) if memory.case is None and memory.journey is None else None,
            accepted_at=journey.accepted_at,
            opportunity_at=_won_over(journey, staged.converted_at if staged else None),
            pauses=queued(memory.held) if self.config.escalation.queue == "pause" else (),
            mistaken=journey.mistaken,
        )

    def _statuses(self, shown: Mapping[Side, Shown], cycle_from: datetime | None) -> Iterator[tuple[Side, Status]]:
        """Both sides' statuses; one from before this cycle, or of unknown age, rejects nobody in it."""
        for side, each in shown.items():
            if each.vendor_object == "Contact":
                continue
            old = cycle_from is not None and (each.status_at is None or each.status_at <= cycle_from)
            if old and self.config.rejected(side, each.status):
                continue
            yield side, Status(each.status, each.status_at, each.before, each.status_ours)


def _reason(person: Person) -> tuple[Value, datetime | None]:
    """The reason once the plan is applied, and since when: by the side that changed it last."""
    reason = person.unit.value("revops_rejection_reason")
    times = [each.reason_at for each in person.shown.values() if each.reason == reason and each.reason_at]
    return reason, min(times) if reason and times else None


def _won_over(journey: Journey, converted_at: datetime | None) -> datetime | None:
    """The opportunity or the conversion of this cycle, whichever came first; one of an earlier cycle is no answer."""
    since = journey.recycled_at
    converted = converted_at if converted_at and (since is None or converted_at > since) else None
    return min((at for at in (journey.opened_at, converted) if at), default=None)


def _told_handover(person: Person) -> datetime | None:
    """The hand-over as the CRM's field holds it, when our own memory is lost."""
    told = person.unit.value("revops_handover_at")
    return datetime.fromisoformat(told) if told else None


def is_open(case: Case | None) -> bool:
    """Whether sales still owes an answer, so that every run has to look."""
    return case is not None and (case.missing is not None or (case.handover_at is not None and not case.feedback_at))
