"""What is done by and with the persons of one simulated CRM: their activities, and the tasks about them.

Both vendors tell activities by when they came or changed, whatever the activity's own time is; tasks stand on a record
and follow it through merges and conversions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from rows import Rows
from world import Author, Row, World

from connector.crm.port import Known, nothing_known
from connector.model import (
    Activity,
    ActivityPage,
    ActivitySource,
    Done,
    Later,
    Outcome,
    Refused,
    Remains,
    TaskChange,
    TaskDraft,
    TaskSeen,
)


@dataclass
class Told:
    """An activity, and when the vendor last touched it."""

    activity: Activity
    touched: datetime


@dataclass
class Task:
    """A task as the CRM keeps it; `seq` is the instant it was made, `ref` what the connector called it."""

    id: str
    vendor_object: str
    record: str
    owner: str | None
    subject: str
    body: str
    due_at: datetime
    urgent: bool
    by: Author
    seq: int
    ref: str = ""
    state: str = "open"
    gone: bool = False


@dataclass
class ActivityPages:
    """A read of activities in progress; mark and reasons are only given after the last page."""

    pages: Iterator[ActivityPage]
    end: str
    reasons: Mapping[ActivitySource, str]
    over: bool = False

    def __iter__(self) -> Iterator[ActivityPage]:
        yield from self.pages
        self.over = True

    @property
    def mark(self) -> str:
        """Where the next read begins."""
        assert self.over, "the mark was asked for before the last page"
        return self.end

    @property
    def without(self) -> Mapping[ActivitySource, str]:
        """Sources that are not offered."""
        assert self.over, "the missing sources were asked for before the last page"
        return self.reasons


@dataclass
class Kept:
    """Where activities and tasks are kept."""

    told: dict[tuple[str, str], Told] = field(default_factory=dict)
    untold: dict[tuple[ActivitySource, str], datetime] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)


class Deeds(Rows):
    """Activities and tasks behind the port."""

    overlap: timedelta
    per_page = 3
    no_such_record = "INVALID_CROSS_REFERENCE_KEY"

    def __init__(self, world: World, skew: float) -> None:
        super().__init__(world, skew)
        self.kept = Kept()
        self.not_offered: dict[ActivitySource, str] = {}

    # --- behind the port ----------------------------------------------------------------------------------

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityPages:
        """What came or changed since the mark less the overlap; everything since `since` without one.

        Salesforce tells what was deleted since; HubSpot only says of known ones, in a full read, that they are gone.
        """
        begin = None if mark is None or full else datetime.fromisoformat(mark) - self.overlap
        found = [
            told.activity
            for told in self.kept.told.values()
            if (begin is None or told.touched >= begin)
            and told.activity.source not in self.not_offered
            and _moment(told.activity.at) >= since
        ]
        cuts = range(0, len(found), self.per_page)
        pages = [ActivityPage(found[start : start + self.per_page]) for start in cuts]
        gone = [
            Remains(*key)
            for key, at in self.kept.untold.items()
            if (
                any(each.partition("-")[0] == key[1] for each in known(key[0]))
                if full
                else self.side == "salesforce" and (begin is None or at >= begin)
            )
        ]
        if gone:
            pages.append(ActivityPage([], gone))
        return ActivityPages(iter(pages), self.now().isoformat(), dict(self.not_offered))

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
        """The tasks of these records that hold the marker."""
        return [
            TaskSeen(task.id, task.record, task.body, task.state == "open")
            for task in self.kept.tasks.values()
            if not task.gone
            and task.vendor_object == vendor_object
            and task.record in set(records)
            and marker in task.body
        ]

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        """Make tasks; twice the same makes two, as in real life."""
        return [self._open(draft) for draft in drafts]

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        """Complete, cancel or reopen."""
        return [self._change_task(change) for change in changes]

    def _open(self, draft: TaskDraft) -> Outcome:
        row = self.rows.get(draft.record)
        if row is None or row.gone is not None or row.vendor_object != draft.vendor_object:
            return Refused(self.no_such_record, "the record is not there")
        if row.fields.get("IsConverted"):
            return Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        task = self.add_task(draft, "us")
        return Done(task.id, {}, created=True)

    def _change_task(self, change: TaskChange) -> Outcome:
        task = self.kept.tasks.get(change.id)
        if task is None or task.gone:
            return Refused("GONE", "the task is not there any more")
        if self.locked():
            return Later("UNABLE_TO_LOCK_ROW", 2.0)
        task.state = change.state
        task.due_at = change.due_at or task.due_at
        self.changed += 1
        return Done(task.id)

    def locked(self) -> bool:
        """Whether this write meets somebody else's lock."""
        raise NotImplementedError

    # --- people only --------------------------------------------------------------------------------------

    def tell(self, activity: Activity) -> Activity:
        """An activity came, or another version of a known one."""
        self.kept.told[activity.source, activity.id] = Told(activity, self.now())
        self.changed += 1
        return activity

    def untell(self, activity: Activity) -> None:
        """A person deletes an activity: a meeting of several persons is several, which go together."""
        record = activity.id.partition("-")[0]
        for key in [key for key in self.kept.told if key[0] == activity.source and key[1].partition("-")[0] == record]:
            del self.kept.told[key]
        self.kept.untold[activity.source, record] = self.now()
        self.changed += 1

    def add_task(self, draft: TaskDraft, by: Author) -> Task:
        """A new task."""
        task = Task(
            self.new_id("Task"),
            draft.vendor_object,
            draft.record,
            draft.owner,
            draft.subject,
            draft.body,
            draft.due_at,
            draft.urgent,
            by,
            self.world.next_seq(),
            draft.ref,
        )
        self.kept.tasks[task.id] = task
        self.changed += 1
        return task

    def hand_over(self, old: set[str], new: Row, *, again: bool) -> None:
        """What belonged to these records is the new one's; `again` tells its activities once more."""
        for told in self.kept.told.values():
            if told.activity.record in old:
                told.activity = replace(told.activity, record=new.id, vendor_object=new.vendor_object)
                told.touched = self.now() if again else told.touched
        for task in self.kept.tasks.values():
            if task.record in old:
                task.record, task.vendor_object = new.id, new.vendor_object


def _moment(at: str) -> datetime:
    """An instant, or the end of a plain day."""
    read = datetime.fromisoformat(at)
    return read if read.tzinfo else read.replace(hour=23, minute=59, tzinfo=UTC)
