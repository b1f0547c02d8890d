"""Asking for a lead to be converted: Salesforce has no REST call for it, so that somebody gets a task (domain §2.1).

One task for each cycle, to the owner, once the lead is an SQL; it is completed when the lead has become a contact.
Leads that were SQL before the rules were first applied are left alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connector.engine.derive.holders import owner_key
from connector.engine.derive.memory import Memory
from connector.engine.derive.people import Person
from connector.engine.derive.stage import Staged
from connector.revops.agreement import Agreement
from connector.revops.clocks import due
from connector.revops.lifecycle_moves import wants_conversion
from connector.revops.rejection_effects import CloseTask, Effect, OpenTask
from connector.revops.rejection_texts import body, subject

TOPIC = "convert"


WITHIN = timedelta(hours=48)
"""Working time that the task gives; the feedback clock of the brief, for want of another word."""


def ask(
    agreement: Agreement, person: Person, memory: Memory, staged: Staged, began: datetime, as_of: datetime
) -> tuple[Memory, list[Effect]]:
    """What has to be done about the conversion of a lead, and the memory of it."""
    config, cycle = agreement.lifecycle, staged.journey.cycle
    assert config is not None
    task = f"task:{memory.id}:{memory.converting or cycle}:{TOPIC}"
    lead = next((each for each in staged.sightings if each.record_object == "Lead" and not each.by_deal), None)
    open_lead = lead is not None and not lead.converted
    if memory.converting is not None and not (open_lead and memory.converting == cycle):
        closing = CloseTask(f"close:{task}", task, memory.id, "cancelled" if open_lead else "completed")
        return replace(memory, converting=None), [closing]
    record, to = person.unit.record("salesforce"), owner_key(person.owner)
    reached = staged.journey.stamps.get("sql")
    fresh = reached is not None and not reached.inferred and reached.at >= began
    if memory.converting is not None or lead is None or record is None or not (fresh and to and "@" in to):
        return memory, []
    if not wants_conversion(config, staged.journey, lead):
        return memory, []
    locale, calendar = agreement.locale, agreement.calendars.of(to)
    opening = OpenTask(
        key=f"open:{task}",
        task=task,
        person=memory.id,
        side="salesforce",
        record=record,
        to=to,
        subject=subject(TOPIC, locale, record),
        body=body(TOPIC, locale, task),
        due_at=due(as_of, WITHIN, "working_days", calendar),
    )
    return replace(memory, converting=cycle), [opening]
