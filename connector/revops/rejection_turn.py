"""One step of one person's case while it is being decided: what is known, what was decided, each effect once.

It knows how tasks, messages and escalations are made. When they are due is decided in `rejection_missing` and
`rejection_feedback`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from connector.model import Side
from connector.revops.calendars import Calendar, Calendars, Mode
from connector.revops.clocks import due, next_opening
from connector.revops.rejection_case import Case, Lead
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_effects import (
    Cause,
    CloseTask,
    Effect,
    Escalate,
    Hold,
    Notify,
    OpenTask,
    Reassign,
    Release,
    ReopenTask,
)
from connector.revops.rejection_owners import Owners, Recipient, SalesOwner
from connector.revops.rejection_texts import body, escalated, subject

REASON = "reason"
"""The slot of the task that asks the owner; the tasks of the levels have their number."""

_NOBODY = {
    "manager": "the owner has no manager who can be asked; set the manager in Salesforce, or `teams`, `queues` and "
    "`head_of_sales` in rules/rejection.yaml",
    "head_of_sales": "`head_of_sales` is not set in rules/rejection.yaml",
    "away": "`head_of_sales` in rules/rejection.yaml owns the lead, is away or has left; name somebody else there, or "
    "a deputy under `absences`",
    "reassign": "`reassign_to` is not set in rules/rejection.yaml",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step needs besides the lead: the rules, the owners, the calendars."""

    config: RejectionConfig
    owners: Owners
    calendars: Calendars


def desk(config: RejectionConfig, owners: Iterable[SalesOwner], calendars: Calendars) -> Desk:
    """Rules, owners and calendars put together once, for all steps of a run."""
    return Desk(config, Owners(config.escalation, {each.key: each for each in owners}), calendars)


class Turn:
    """One step; `case` and `effects` grow while it is decided."""

    def __init__(self, case: Case, lead: Lead, desk_: Desk, as_of: datetime) -> None:
        self.case, self.lead, self.desk, self.as_of = case, lead, desk_, as_of
        self.effects: list[Effect] = []
        self.today: date = desk_.calendars.default.local(as_of).date()
        self._held: set[str] = set()

    @property
    def config(self) -> RejectionConfig:
        """The rules."""
        return self.desk.config

    @property
    def calendar(self) -> Calendar:
        """The calendar of the owner's site."""
        owner = self.desk.owners.get(self.lead.owner)
        return self.desk.calendars.of(owner.email if owner else None)

    @property
    def place(self) -> str:
        """Person and cycle, as every key holds them."""
        return f"{self.case.person}:{self.case.cycle}"

    def keep(self, **changes: Any) -> None:
        """Remember something."""
        self.case = replace(self.case, **changes)

    def in_force(self, moment: datetime | None) -> bool:
        """Whether something that happened at `moment` falls under the rules.

        Once they have a beginning, what has no date does not: it is old.
        """
        rules = self.config.enforcement
        if rules.enforce_from is None and rules.began is None:
            return True
        if moment is None or (rules.began is not None and moment < rules.began):
            return False
        return rules.enforce_from is None or self.desk.calendars.default.local(moment).date() >= rules.enforce_from

    def after(self, start: datetime, target: timedelta, mode: Mode) -> datetime:
        """When a clock at the owner's site has run for `target`."""
        return due(start, target, mode, self.calendar)

    def emit(self, effect: Effect) -> bool:
        """Decide an effect, unless it has been decided before."""
        if effect.key in self.case.done:
            return False
        self.keep(done=self.case.done | {effect.key})
        self.effects.append(effect)
        return True

    # --- tasks ---------------------------------------------------------------------------------------

    def task(self, slot: str) -> str:
        """The identity of a task."""
        return f"task:{self.place}:{slot}"

    def open_task(self, slot: str, topic: str, text: str, to: str, due_at: datetime, side: Side, occasion: str) -> None:
        """Open the task of a slot; where it was closed before, open the same one again. `occasion` tells why now."""
        task, locale = self.task(slot), self.config.locale
        if task in self.case.open_tasks:
            return
        if f"open:{task}" in self.case.done:
            self.emit(ReopenTask(f"reopen:{task}:{occasion}", task, self.case.person, due_at))
        else:
            side, record = self._record(side)
            level = int(slot) if slot.isdecimal() else 0
            line = subject(topic, locale, record, level)
            self.emit(
                OpenTask(
                    key=f"open:{task}",
                    task=task,
                    person=self.case.person,
                    side=side,
                    record=record,
                    to=to,
                    subject=line,
                    body=body(text, locale, task),
                    due_at=due_at,
                    urgent=bool(level),
                )
            )
        self.keep(open_tasks=self.case.open_tasks | {task})

    def close_tasks(self, outcome: Literal["completed", "cancelled"], occasion: str, slot: str | None = None) -> None:
        """Close the task of a slot, or all that are open."""
        for task in sorted(self.case.open_tasks):
            if slot is None or task == self.task(slot):
                self.emit(CloseTask(f"close:{task}:{occasion}", task, self.case.person, outcome))
                self.keep(open_tasks=self.case.open_tasks - {task})

    def _record(self, side: Side) -> tuple[Side, str]:
        """The record a task hangs on: that of `side`, else that of the other one."""
        for each in (side, *self.lead.records):
            if each in self.lead.records:
                return each, self.lead.records[each]
        return side, self.lead.key

    # --- people --------------------------------------------------------------------------------------

    def delivery(self, to: str) -> datetime:
        """When somebody may be told: now, or when their office opens next."""
        return next_opening(self.as_of, self.desk.calendars.of(to))

    def notify(
        self, what: str, to: Recipient, topic: Literal["reason_missing", "escalation"], line: str, slot: str
    ) -> None:
        """Tell somebody of the task of a slot."""
        key, task = f"notify:{self.place}:{what}", self.task(slot)
        self.emit(Notify(key, self.case.person, to.email, topic, line, self.delivery(to.email), task))

    def escalate(self, level: int, cause: Cause, breached_at: datetime | None, side: Side) -> None:
        """Reach a level, once per person and cycle: task and message to whoever answers for it."""
        key = f"escalate:{self.place}:{level}"
        if key in self.case.done:
            return
        found = self._recipient(level)
        if found is None:
            self.hold(f"level{level}", "NO_RECIPIENT", f"nobody can be told of level {level}: {self._nobody(level)}")
            return
        topic, deliver_at = escalated(cause), self.delivery(found.email)
        rules = self.config.enforcement
        _, record = self._record(side)
        self.emit(
            Escalate(
                key,
                self.case.person,
                self.case.cycle,
                level,
                cause,
                found.email,
                found.role,
                breached_at,
                deliver_at,
            )
        )
        self.keep(level=max(self.case.level, level))
        if found.role == "reassign":
            self._reassign(found, level, record)
            return
        due_at = due(deliver_at, rules.grace, rules.clock, self.desk.calendars.of(found.email))
        self.open_task(str(level), topic, topic, found.email, due_at, side, "escalated")
        line = subject(topic, self.config.locale, record, level)
        self.notify(f"level{level}", found, "escalation", line, str(level))

    def _recipient(self, level: int) -> Recipient | None:
        if self.config.escalation.levels[level - 1] == "reassign":
            to = self.config.escalation.reassign_to
            return Recipient(to, "reassign") if to else None
        return self.desk.owners.level(self.lead.owner, level, self.today)

    def _nobody(self, level: int) -> str:
        """Why there is no recipient on a level, by its role, and what to do."""
        rules = self.config.escalation
        role = rules.levels[level - 1]
        if role == "head_of_sales" and rules.head_of_sales:
            return _NOBODY["away"]
        return _NOBODY[role]

    def _reassign(self, to: Recipient, level: int, record: str) -> None:
        if to.email == self.lead.owner:
            return
        because = f"rejection.escalation: level {level}, no feedback"
        key = f"reassign:{self.place}:{level}"
        self.emit(Reassign(key, self.case.person, self.lead.owner, to.email, because))
        line = subject("reassigned", self.config.locale, record)
        deliver_at = self.delivery(to.email)
        self.emit(
            Notify(f"notify:{self.place}:level{level}", self.case.person, to.email, "reassigned", line, deliver_at)
        )

    # --- what an admin has to settle -----------------------------------------------------------------

    def hold(
        self,
        what: str,
        code: Literal["NO_RECIPIENT", "REVERT_LOOP", "PRIOR_STATUS_UNKNOWN"],
        message: str,
        side: Side | None = None,
    ) -> None:
        """Put a matter into the inbox, of one side's record if it is about that; it stays while every step says so."""
        key = f"hold:{self.place}:{what}"
        if key not in self.case.held and key not in self._held:
            self.effects.append(Hold(key, self.case.person, code, message, side))
        self._held.add(key)

    def settle(self) -> None:
        """Take what no longer waits out of the inbox; the last word of a step."""
        for key in sorted(self.case.held - self._held):
            self.effects.append(Release(f"release:{key}", self.case.person, key))
        self.keep(held=frozenset(self._held))


def stamp(moment: datetime) -> str:
    """An instant as it stands in keys and fields: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
