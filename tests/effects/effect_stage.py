"""Effects, a real store on a file, two CRMs that keep tasks, a file for messages; every step of it can be struck.

A boundary is a call to a CRM, a delivery of a channel, or a commit of the store. A kill is a `BaseException`, and from
then on every boundary raises it again, as in `tests/sim/boundary.py`.
"""

import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.engine import Engine

from connector.engine import connect
from connector.engine.effects.carry import carry_out
from connector.engine.people import Owners
from connector.engine.seams import Interrupted, Seams, Work
from connector.errors import LaterError
from connector.model import SIDES, Base, Done, Later, Link, Owner, Refused, TaskSeen, Unknown
from connector.project import init, load
from connector.revops.rejection_effects import CloseTask, Hold, Notify, OpenTask, Release, ReopenTask
from connector.revops.rejection_stored import effect_row
from connector.revops.rejection_texts import body, subject
from connector.state.store import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANNA, BOSS = "anna@example.com", "boss@example.com"
PERSON = "person:hubspot:1"


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Boundaries:
    """Counts boundaries and strikes at a number or a name: kill, kill after, lost, undone, half, down, locked."""

    at: int | str = 0
    how: str = ""
    seen: list = field(default_factory=list)
    dead: bool = False

    def cross(self, name, effect, failed=None):
        if self.dead:
            raise Killed
        self.seen.append(name)
        struck = self.how if self.at in {len(self.seen), name} else ""
        if struck in {"kill", "kill after"}:
            if struck == "kill after":
                effect()
            self.dead = True
            raise Killed
        if struck and failed is not None:
            return failed(struck)
        return effect()


@contextmanager
def commits(boundaries):
    """Inside, every COMMIT of the store is a boundary."""

    def listen(_connection, _cursor, statement, *_rest):
        if statement == "COMMIT":
            boundaries.cross("commit", lambda: None)
        elif boundaries.dead and statement != "ROLLBACK":
            raise Killed

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


class TaskCrm:
    """A CRM that keeps owners and tasks; `refuse` answers every write of a task."""

    def __init__(self, side):
        self.side = side
        self.kept = {}  # id -> dict
        self.refuse = None
        self.boundaries = Boundaries()
        self.broken = None  # an error for every call
        self.people = [Owner("7", ANNA, active=True), Owner("8", BOSS, active=True)]

    def owners(self):
        return self.people

    def _call(self, name, effect, failed=None):
        if self.broken is not None:
            raise self.broken
        return self.boundaries.cross(f"{self.side} {name}", effect, failed or self._down)

    def _down(self, how):
        if how == "down":
            raise LaterError(f"{self.side} is down", 5.0)

    def tasks(self, vendor_object, records, marker):
        def look():
            return [
                TaskSeen(id_, task["record"], task["body"], task["open"])
                for id_, task in self.kept.items()
                if task["record"] in records and task["object"] == vendor_object and marker in task["body"]
            ]

        return self._call("tasks", look, lambda how: self._down("down") if how == "down" else look())

    def open_tasks(self, drafts):
        def make(some):
            return [self._made(draft) for draft in some]

        return self._write("open_tasks", drafts, make)

    def change_tasks(self, changes):
        def alter(some):
            return [self._altered(change) for change in some]

        return self._write("change_tasks", changes, alter)

    def _write(self, name, writes, effect):
        def failed(how):
            if how == "lost":
                effect(writes)
            elif how == "half":
                effect(writes[: (len(writes) + 1) // 2])
            elif how == "locked":
                return [Later("locked", 30.0) for _ in writes]
            elif how == "down":
                self._down(how)
            return [Unknown("the answer was lost") for _ in writes]

        if self.refuse is not None:
            return self._call(name, lambda: [self.refuse for _ in writes])
        return self._call(name, lambda: effect(writes), failed)

    def _made(self, draft):
        id_ = f"T{len(self.kept) + 1}"
        self.kept[id_] = {
            "record": draft.record, "object": draft.vendor_object, "owner": draft.owner, "subject": draft.subject,
            "body": draft.body, "due": draft.due_at, "urgent": draft.urgent, "open": True, "state": "open",
        }  # fmt: skip
        return Done(id_, created=True)

    def _altered(self, change):
        task = self.kept.get(change.id)
        if task is None:
            return Refused("NOT_FOUND", "no such task")
        task["open"], task["state"] = change.state == "open", change.state
        task["due"] = change.due_at or task["due"]
        return Done(change.id)


class Watched:
    """A channel, each of whose deliveries is a boundary."""

    def __init__(self, channel, boundaries):
        self._channel, self._boundaries = channel, boundaries
        self.name = channel.name

    def takes(self, address):
        return self._channel.takes(address)

    def deliver(self, message, *, again):
        return self._boundaries.cross(
            f"deliver {self.name}", lambda: self._channel.deliver(message, again=again), lambda _how: "it was struck"
        )


class Failing:
    """A channel that notes what it was given and takes nothing while `trouble` is set."""

    def __init__(self, name="failing", trouble="the service refused it with 500", only=()):
        self.name, self.trouble, self.only = name, trouble, only
        self.tried, self.took = [], []

    def takes(self, address):
        return not self.only or address in self.only

    def deliver(self, message, *, again):
        self.tried.append((message, again))
        if self.trouble is None:
            self.took.append(message)
        return self.trouble


SETTINGS = """
notify:
  to:
    - {name: file, file: out/messages.jsonl}
"""


def a_project(folder, settings=SETTINGS):
    """A default project with these channels."""
    init(folder)
    path = folder / "connector.yaml"
    text = path.read_text().replace("YOUR-DOMAIN", "example")
    path.write_text(re.sub(r"(?m)^notify:.*\n(?:[ #].*\n)*", "", text) + settings)
    return load(folder)


def template_of(folder):
    """A project, and a new store with two people: one linked, one that only Salesforce knows."""
    store = Store.open(folder / "store.sqlite")
    rows = [
        ("hubspot", "contacts", "1", {}, b"", "", ()),
        ("salesforce", "Lead", "00Q1", {}, b"", "", ()),
        ("salesforce", "Lead", "00Q2", {}, b"", "", ()),
    ]
    store.mirror.see("person", rows, dirty=False)
    store.links.add(Link(PERSON, "person", "1", "00Q1", "Lead", Base({}, {})), "run-0")
    store.close()
    return a_project(folder / "project"), folder / "store.sqlite"


class Stage:
    """A project, its store and its CRMs, for any number of runs; each is a quarter of an hour after the one before."""

    def __init__(self, folder, template):
        project, store = template
        self.project = replace(project, folder=folder)
        self.path = folder / "store.sqlite"
        shutil.copy(store, self.path)
        self.crms = {side: TaskCrm(side) for side in SIDES}
        self.now, self.runs = NOW, 0
        self.channels = None  # None: those of the project
        self.stop_at = None  # the number of a breath at which somebody wants the run to end
        self._store = None

    @property
    def store(self):
        if self._store is None:
            self._store = Store.open(self.path)
        return self._store

    def close(self):
        if self._store is not None:
            self._store.close()
            self._store = None

    def decide(self, *effects, at=None):
        """Remember effects, as a plan's apply does."""
        self.store.effects.decide("run-0", [effect_row(each, at or self.now) for each in effects])

    def run(self, at=0, how="", locale="en"):
        """Carry out what is due; None when the run was killed."""
        self.runs += 1
        self.now += timedelta(minutes=15)
        boundaries = Boundaries(at, how)
        for crm in self.crms.values():
            crm.boundaries = boundaries
        breaths = iter(range(1, 10_000))
        seams = Seams(
            clock=lambda: self.now,
            new_id=lambda prefix: prefix,
            pause=lambda _seconds: None,
            stop=lambda: next(breaths) == self.stop_at,
        )
        run = f"run-{self.runs}"
        self.store.release(self.store.holder() or "")
        self.store.acquire(run, self.now, 600.0)
        work = Work(self.project, self.store, self.crms, seams, run)
        channels = [Watched(each, boundaries) for each in connect.channels(self.project)]
        given = channels if self.channels is None else self.channels
        self.boundaries = boundaries
        try:
            with commits(boundaries):
                return carry_out(work, Owners(self.crms), given, self.now, locale)
        except Killed:
            self.close()
        except (LaterError, Interrupted) as error:
            return error
        return None

    # --- what there is -------------------------------------------------------------------------------

    def tasks(self, side="hubspot"):
        return list(self.crms[side].kept.values())

    def messages(self):
        path = self.project.folder / "out" / "messages.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def states(self):
        """Key -> state of every effect of the two people."""
        persons = (PERSON, "person:salesforce:00Q2")
        return {each.key: each.state for person in persons for each in self.store.effects.of_person(person)}

    def inbox(self):
        return [(each.side, each.record, each.code, each.message) for each in self.store.inbox.list()]


# --- effects ------------------------------------------------------------------------------------------------


def task_of(slot, person=PERSON):
    return f"task:{person}:1:{slot}"


def open_task(slot="reason", person=PERSON, side="hubspot", record="1", to=ANNA, due=NOW + timedelta(hours=4)):
    task = task_of(slot, person)
    line = subject("reason", "en", record)
    return OpenTask(f"open:{task}", task, person, side, record, to, line, body("reason", "en", task), due)


def close_task(slot="reason", outcome="completed", occasion="o1", person=PERSON):
    task = task_of(slot, person)
    return CloseTask(f"close:{task}:{occasion}", task, person, outcome)


def reopen_task(slot="reason", occasion="o2", person=PERSON, due=NOW + timedelta(days=2)):
    task = task_of(slot, person)
    return ReopenTask(f"reopen:{task}:{occasion}", task, person, due)


def notice(what="reason:o1", to=ANNA, person=PERSON, deliver_at=NOW, record="1"):
    line = subject("reason", "en", record)
    task = task_of(what.split(":")[0].removeprefix("level"), person)
    return Notify(f"notify:{person}:1:{what}", person, to, "reason_missing", line, deliver_at, task)


def hold(what="reason", code="NO_RECIPIENT", person=PERSON):
    return Hold(f"hold:{person}:1:{what}", person, code, f"somebody has to settle {what}")


def release(what="reason", person=PERSON):
    key = f"hold:{person}:1:{what}"
    return Release(f"release:{key}", person, key)
