"""What the rules want, as a person reads it in a plan: fields by rule, stages, tasks and messages, custom objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from connector.core.plan import STAGE_FIELDS
from connector.model import Action, Change, Plan, Side
from connector.project import Project
from connector.report.names import Names
from connector.report.plan_rows import print_rows
from connector.report.run import counted
from connector.report.screen import Screen, shown
from connector.revops.fields import PREFIX
from connector.revops.rejection_stored import effect_from
from connector.revops.rejection_told import told
from connector.state.store import Store

_SIDE_NAMES: Mapping[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_FIELDS = 6
"""Fields of one rule that stand in its line; the file of `plan --out` holds all."""


class DerivedReport:
    """Prints the derived part of one stored plan; `limit` is the number of records."""

    def __init__(self, project: Project, store: Store, plan: Plan, names: Names, limit: int) -> None:
        self._store, self._plan, self._names, self._limit = store, plan, names, limit
        self._locale, self._zone = project.agreement.locale, ZoneInfo(project.settings.time_zone)
        self._derived = {
            (mapping.object, each.name) for mapping in project.mappings for each in mapping.fields if each.derived
        }

    def is_derived(self, action: Action, change: Change) -> bool:
        """Whether the rules want a change, and not the merge."""
        return (action.object, change.field) in self._derived

    def print(self, screen: Screen) -> None:
        """Every table that has rows."""
        self._fields(screen)
        self._effects(screen)
        print_rows(screen, self._store, self._plan, self._names, self._limit)

    # --- fields --------------------------------------------------------------------------------------

    def _fields(self, screen: Screen) -> None:
        """One line per record and rule."""
        some = list(islice(self._records(), self._limit + 1))
        listed = some[: self._limit]
        self._names.meet(listed)
        rows = []
        for action in listed:
            named, changes = str(self._names.of_action(action)), self._by_rule(action)
            for because, fields in changes.items():
                rows.append((named, _SIDE_NAMES[action.side], self._told(action, fields), shown(because, 120)))
                named = ""
        more = self._count() - len(listed) if len(some) > self._limit else 0
        screen.table("The rules will write", ("record", "side", "fields", "because"), rows, more=more)

    def _records(self) -> Iterator[Action]:
        """Updates and creates with derived changes, the stages first: they are what a person looks for."""
        for action in self._actions("restage", "update", "create"):
            if any(self.is_derived(action, each) for each in action.changes):
                yield action

    def _count(self) -> int:
        return sum(1 for _ in self._records())

    def _by_rule(self, action: Action) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = {}
        for change in action.changes:
            if self.is_derived(action, change):
                found.setdefault(change.because, []).append(change)
        return dict(sorted(found.items(), key=lambda each: each[1][0].field not in STAGE_FIELDS))

    def _told(self, action: Action, changes: list[Change]) -> str:
        parts = []
        for change in changes[:_FIELDS]:
            after = self._names.value(action.object, change.field, change.after)
            before = f"{self._names.value(action.object, change.field, change.before)} → " if change.before else ""
            parts.append(f"{change.field.removeprefix(PREFIX)} {before}{after}")
        more = f", … {len(changes) - _FIELDS} more" if len(changes) > _FIELDS else ""
        return ", ".join(parts) + more

    # --- what is done besides ------------------------------------------------------------------------

    def _effects(self, screen: Screen) -> None:
        """Tasks, messages and escalations, by the record they are about."""
        found = list(islice(self._decided(), self._limit + 1))
        self._names.meet([action for action, _ in found])
        rows = [(str(self._names.of_action(action)), self._words(row)) for action, row in found[: self._limit]]
        total = sum(self._plan.counts.get("effects", {}).values())
        screen.table("Will be done besides", ("record", "what"), rows, more=total - len(rows))

    def _decided(self) -> Iterator[tuple[Action, list[Any]]]:
        for action in self._actions("decide"):
            for row in (action.data or {}).get("effects", ()):
                yield action, row

    def _words(self, row: list[Any]) -> str:
        _, kind, _, body, *_ = row
        return shown(told(effect_from(kind, body), self._locale, self._zone), 200)

    def _actions(self, *kinds: str) -> Iterator[Action]:
        for kind in kinds:
            for chunk in self._store.plans.actions(self._plan.id, kind=kind, states=None, chunk=200):
                yield from chunk


def sums(plan: Plan) -> str:
    """One sentence about what only the rules want; empty where that is nothing."""
    counts = plan.counts
    records = sum(counts.get("derived", {}).values())
    effects = sum(counts.get("effects", {}).values())
    if not (records or effects or counts.get("decide")):
        return ""
    decided, written = counted(counts.get("decide", 0), "record"), counted(records, "record")
    return (
        f"The rules decided about {decided}, write {written} that nothing else changes, "
        f"and ask for {counted(effects, 'further step')}."
    )
