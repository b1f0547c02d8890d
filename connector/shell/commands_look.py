"""The commands that look at the state: how it stands, what waits, what happened to a record. No CRM is asked."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from connector.core.plan import WAITING
from connector.engine.derive.rules import BEGAN
from connector.errors import SettingsError
from connector.project import Project
from connector.project.mistakes import nearest
from connector.report.council_told import council_due
from connector.report.explained import print_explanation
from connector.report.explanation import Explainer
from connector.report.find import find
from connector.report.names import Names
from connector.report.run import data_of, print_runs
from connector.report.status import standing
from connector.report.waiting import conflict_data, inbox_data, print_conflict, print_conflicts, print_inbox
from connector.shell import status as status_file
from connector.shell.asked import instant, stored
from connector.shell.presence import present
from connector.shell.typed import Ask, SideName
from connector.state.store import Store


def status(ask: Ask) -> int:
    """How the project stands."""
    with stored(ask) as (project, store):
        objects = tuple(mapping.object for mapping in project.mappings)
        today = instant(project, None).astimezone(ZoneInfo(project.settings.time_zone)).date()
        due = council_due(store, project.agreement.rejection, store.get(BEGAN), today)
        found = standing(store, objects, status_file.read(ask.folder), _living(project, store), due)
    found.print(ask.screen)
    ask.screen.data(found.data())
    return 0


def runs(ask: Ask, *, limit: int) -> int:
    """The newest runs."""
    with stored(ask) as (project, store):
        found, holder = store.runs.list(limit), _living(project, store)
    print_runs(ask.screen, found, holder)
    ask.screen.data({"runs": [data_of(each, holder) for each in found]})
    return 0


def _living(project: Project, store: Store) -> str | None:
    """The run that holds the lease, unless its process is gone: a killed run leaves its lease behind."""
    holder = store.holder()
    with present(project.state()) as alive:
        return holder if holder is not None and alive(holder) else None


def errors(ask: Ask, *, everything: bool) -> int:
    """The inbox."""
    with stored(ask) as (_project, store):
        every = store.inbox.list()
    held = [each for each in every if everything or each.code != WAITING]
    print_inbox(ask.screen, held, len(every) - len(held))
    ask.screen.data({"held": inbox_data(held), "waiting": sum(each.code == WAITING for each in every)})
    return 0


def conflicts_list(ask: Ask) -> int:
    """The open conflicts."""
    with stored(ask) as (project, store):
        rows, names = store.conflicts.list("open"), Names(project, store)
        print_conflicts(ask.screen, rows, names)
        ask.screen.data({"conflicts": [conflict_data(row, names) for row in rows]})
    return 0


def conflicts_show(ask: Ask, number: int) -> int:
    """One conflict."""
    with stored(ask) as (project, store):
        row, names = store.conflicts.get(number), Names(project, store)
        if row is None:
            raise SettingsError(f"there is no conflict {number}; `revloop conflicts list` shows them")
        print_conflict(ask.screen, row, names)
        ask.screen.data(conflict_data(row, names))
    return 0


def conflicts_resolve(ask: Ask, number: int, take: SideName) -> int:
    """Answer a conflict."""
    with stored(ask) as (project, store):
        store.conflicts.resolve(number, "hubspot" if take is SideName.hubspot else "salesforce")
        row = store.conflicts.get(number)
        assert row is not None
        ask.screen.say(f"Conflict {number} on {row.field}: {take.value} is right. The next run writes it: revloop sync")
        ask.screen.data(conflict_data(row, Names(project, store)))
    return 0


def explain(ask: Ask, record: str, *, field: str | None) -> int:
    """Everything known of a record."""
    with stored(ask) as (project, store):
        subjects, explainer, names = find(project, store, record), Explainer(project, store), Names(project, store)
        if field is not None:
            known = sorted({each.name for mapping in project.mappings for each in mapping.fields})
            if field not in known:
                raise SettingsError(f"no mapping has a field {field}{nearest(field, known)}")
        told = [explainer.explain(subject, field) for subject in subjects]
        for each in told:
            print_explanation(ask.screen, each, names, whole=field is not None)
        ask.screen.data({"records": [each.data() for each in told]})
    return 0
