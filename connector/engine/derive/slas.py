"""The service clocks of a person under the rules in force (domain §2.4): what they are fed, and their fields.

When a clock runs out is decided by `revops/lifecycle_sla`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connector.engine.derive.memory import Memory
from connector.engine.derive.people import Person
from connector.engine.derive.signals import Signalled
from connector.engine.derive.stage import Staged
from connector.engine.derive.wanted import Set, Wanted
from connector.revops.calendars import Calendars
from connector.revops.lifecycle import Sla
from connector.revops.lifecycle_claims import LONG_AGO
from connector.revops.lifecycle_journey import Journey, iso
from connector.revops.lifecycle_sla import ACCEPTED, Clock, Fact, Owned, clock


class Slas:
    """The service clocks of one run (domain §2.4)."""

    def __init__(self, slas: Sequence[Sla], signalled: Signalled, calendars: Calendars, began: datetime) -> None:
        self._slas, self._signalled, self._calendars, self._began = slas, signalled, calendars, began

    def clocks(
        self, person: Person, memory: Memory, staged: Staged, temperature: str | None, as_of: datetime
    ) -> dict[str, Clock]:
        """Every clock that runs or ran in this cycle, by the id of its promise."""
        facts, journey = self._facts(person, memory, staged), staged.journey
        owners = [Owned(each.at or LONG_AGO, each.owner, each.queue) for each in memory.held]
        recycled = [journey.waited] if journey.waited else []
        found = {}
        for sla in self._slas:
            each = clock(
                sla, facts, cycle=journey.cycle, as_of=as_of, calendars=self._calendars, owners=owners,
                recycled=recycled, temperature=temperature,
                previous=None if journey.mistaken else memory.clocks.get(sla.id),
            )  # fmt: skip
            if each is not None:
                found[sla.id] = each
        return found

    def want(self, wanted: Wanted, clocks: Mapping[str, Clock]) -> None:
        """Add the two fields of every clock, and the first breach of all."""
        for sla in self._slas:
            known = clocks.get(sla.id)
            state = known.state if known and known.state != "none" else "no clock"
            because = partial(str, f"sla.{sla.id}: {state}")
            wanted.fields[f"revops_sla_{sla.id}_due_at"] = Set(iso(known.due_at) if known else None, because)
            wanted.fields[f"revops_sla_{sla.id}_breached_at"] = Set(iso(known.breached_at) if known else None, because)
        breached = [each.breached_at for each in clocks.values() if each.breached_at]
        wanted.fields["revops_sla_breached_at"] = Set(
            iso(min(breached)) if breached else None, partial(str, "sla: the first breach of this cycle")
        )

    def _facts(self, person: Person, memory: Memory, staged: Staged) -> list[Fact]:
        """What started and stopped clocks in this cycle, as both CRMs and our own rules date it."""
        journey = staged.journey
        since = max(journey.recycled_at or self._began, self._began)
        found = [*_reached(journey), *_answers(staged)]
        found += [Fact(what, at) for what, at in self._signalled.moments(person, "demo_request", "contact_form")]
        found += [Fact("first_sales_activity", at) for at in self._signalled.sales_activities(person)]
        if memory.case is not None and memory.case.cycle == journey.cycle:
            found += [Fact("handover", at) for at in (memory.case.handover_at,) if at]
            found += [Fact("rejection", each.at) for each in (memory.case.rejected,) if each]
        return [each for each in found if each.at >= since]


def _reached(journey: Journey) -> Iterator[Fact]:
    """The stages that start clocks; an SAL that a rule of ours set is none: only sales accepts."""
    for stage in ("mql", "sal", "sql"):
        stamp = journey.stamps.get(stage)
        if stamp is not None and not stamp.inferred and (stage != "sal" or stamp.source != "rule"):
            yield Fact(stage, stamp.at)


def _answers(staged: Staged) -> Iterator[Fact]:
    """What sales did with the person, whichever stages it skipped."""
    journey = staged.journey
    answers = {ACCEPTED: journey.accepted_at, "opportunity": journey.opened_at, "conversion": staged.converted_at}
    for kind, at in answers.items():
        if at is not None:
            yield Fact(kind, at)
