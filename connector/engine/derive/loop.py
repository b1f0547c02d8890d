"""A person's rejection and hand-over under the rules in force, and the service clocks that run for sales.

What follows from them decides `revops/rejection`; this module feeds it, and turns those of its effects that write
fields (give back, reject again, reassign, stop marketing) into wanted fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connector.core.plan import HUBSPOT_STATUS
from connector.engine.derive.handed import handover_facts
from connector.engine.derive.memory import Memory, Shown
from connector.engine.derive.people import Person
from connector.engine.derive.signals import Signalled
from connector.engine.derive.stage import Staged
from connector.engine.derive.wanted import Set, Wanted
from connector.engine.people import Owners
from connector.model import SIDES, Owner, Side, Value
from connector.revops.calendars import Calendars
from connector.revops.council_memory import Handed, follow
from connector.revops.lifecycle import Sla
from connector.revops.lifecycle_journey import Journey, iso
from connector.revops.lifecycle_sla import Clock, Fact, Owned, clock
from connector.revops.rejection import Desk, derived, desk, step
from connector.revops.rejection_case import Case, Lead, Status
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_effects import Effect, Reapply, Reassign, Revert, Suppress
from connector.revops.rejection_feedback import measured
from connector.revops.rejection_owners import SalesOwner

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
            return memory.handovers
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
        stamps = {stage: each.at for stage, each in journey.stamps.items() if not each.inferred}
        reason, reason_at = _reason(person)
        owner, owner_since = _owned(person)
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
            qualified_at=min((at for stage in ("mql", "sql") if (at := stamps.get(stage))), default=None),
            handover_at=_told_handover(person) if memory.case is None and memory.journey is None else None,
            accepted_at=_accepted_at(journey),
            opportunity_at=stamps.get("opportunity") or (staged.converted_at if staged else None),
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


class Slas:
    """The service clocks of one run (domain §2.4)."""

    def __init__(self, slas: Sequence[Sla], signalled: Signalled, calendars: Calendars, began: datetime) -> None:
        self._slas, self._signalled, self._calendars, self._began = slas, signalled, calendars, began

    def clocks(
        self, person: Person, memory: Memory, journey: Journey, temperature: str | None, as_of: datetime
    ) -> dict[str, Clock]:
        """Every clock that runs or ran in this cycle, by the id of its promise."""
        facts, owners = self._facts(person, memory, journey), list(_owners(person))
        found = {}
        for sla in self._slas:
            each = clock(
                sla, facts, cycle=journey.cycle, as_of=as_of, calendars=self._calendars, owners=owners,
                temperature=temperature, previous=memory.clocks.get(sla.id),
            )  # fmt: skip
            if each is not None:
                found[sla.id] = each
        return found

    def want(self, wanted: Wanted, clocks: Mapping[str, Clock]) -> None:
        """Add the two fields of every clock, and the first breach of all."""
        for sla in self._slas:
            known = clocks.get(sla.id)
            because = partial(str, f"sla.{sla.id}: {known.state if known else 'no clock'}")
            wanted.fields[f"revops_sla_{sla.id}_due_at"] = Set(iso(known.due_at) if known else None, because)
            wanted.fields[f"revops_sla_{sla.id}_breached_at"] = Set(iso(known.breached_at) if known else None, because)
        breached = [each.breached_at for each in clocks.values() if each.breached_at]
        wanted.fields["revops_sla_breached_at"] = Set(
            iso(min(breached)) if breached else None, partial(str, "sla: the first breach of this cycle")
        )

    def _facts(self, person: Person, memory: Memory, journey: Journey) -> list[Fact]:
        since = max(journey.recycled_at or self._began, self._began)
        found = [
            Fact(stage, each.at)
            for stage, each in journey.stamps.items()
            if stage in ("mql", "sal", "sql", "opportunity") and not each.inferred
        ]
        found += [Fact(what, at) for what, at in self._signalled.moments(person, "demo_request", "contact_form")]
        found += [Fact("first_sales_activity", at) for at in self._signalled.sales_activities(person)]
        if memory.case is not None and memory.case.cycle == journey.cycle:
            found += [Fact("handover", at) for at in (memory.case.handover_at,) if at]
            found += [Fact("rejection", each.at) for each in (memory.case.rejected,) if each]
        return [each for each in found if each.at >= since]


def sales_owners(owners: Owners, login: str | None = None) -> list[SalesOwner]:
    """Users and queues of both CRMs as the loop knows them: one per address, with manager and team.

    Whoever has the address of our own Salesforce `login` sells nothing.
    """
    found: dict[str, SalesOwner] = {}
    for side in reversed(SIDES):
        known = owners.all(side)
        for each in known.values():
            key = owner_key(each)
            if key is None:
                continue
            manager = owner_key(known.get(each.manager)) if each.manager else None
            before = found.get(key)
            found[key] = SalesOwner(
                key,
                each.email,
                active=each.active or (before is not None and before.active),
                queue=each.queue,
                sales=each.id != login and (before is None or before.sales),
                manager=(before.manager if before else None) or manager,
                team=(before.team if before else None) or each.team,
            )
    return list(found.values())


def owner_key(owner: Owner | None) -> str | None:
    """How leads name an owner: by address, a queue by its name."""
    if owner is None:
        return None
    return owner.email or (owner.name if owner.queue else None)


def _owned(person: Person) -> tuple[str | None, datetime | None]:
    """Who has the person, and since when: in Salesforce, where sales works, if there is a record."""
    for side in reversed(SIDES):
        shown = person.shown.get(side)
        if shown is not None and shown.owner:
            return owner_key(person.owner), shown.owner_at
    return None, None


def _owners(person: Person) -> Iterator[Owned]:
    """The owner of now, from when that is known; nothing is known of earlier ones."""
    owner, since = _owned(person)
    if person.owner is not None and person.owner.queue:
        yield Owned(since or datetime.min.replace(tzinfo=UTC), owner, queue=True)


def _reason(person: Person) -> tuple[Value, datetime | None]:
    """The reason once the plan is applied, and since when: by the side that changed it last."""
    reason = person.unit.value("revops_rejection_reason")
    times = [each.reason_at for each in person.shown.values() if each.reason == reason and each.reason_at]
    return reason, min(times) if reason and times else None


def _accepted_at(journey: Journey) -> datetime | None:
    """When sales took the person on: the SAL, or an SQL that no rule set."""
    sal, sql = journey.stamps.get("sal"), journey.stamps.get("sql")
    if sal is not None:
        return sal.at
    return sql.at if sql is not None and sql.source != "rule" and not sql.inferred else None


def _told_handover(person: Person) -> datetime | None:
    """The hand-over as the CRM's field holds it, when our own memory is lost."""
    told = person.unit.value("revops_handover_at")
    return datetime.fromisoformat(told) if told else None


def is_open(case: Case | None) -> bool:
    """Whether sales still owes an answer, so that every run has to look."""
    return case is not None and (case.missing is not None or (case.handover_at is not None and not case.feedback_at))
