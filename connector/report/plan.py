"""A plan as a person reads it, field by field, and as JSON. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import chain, islice
from typing import Any

from connector.core.plan import WAITING
from connector.engine.seams import Result
from connector.model import SIDES, Action, Change, Plan, Side, Usage
from connector.project import Project
from connector.report.derived import DerivedReport, sums
from connector.report.names import Names, is_stamp
from connector.report.run import counted, object_of
from connector.report.screen import Screen, shown
from connector.state.store import Store

SIDE_NAMES: Mapping[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_MAIN = 4
"""Fields of a record that is to be created that stand in its line."""

KINDS = ("create", "update", "restage", "associate", "archive", "adopt", "decide", "put", "drop", "hold")

Usages = Mapping[Side, Usage]


class PlanReport:
    """Prints one stored plan; `limit` is the number of rows of each kind."""

    def __init__(self, project: Project, store: Store, plan: Plan, limit: int) -> None:
        self._store, self._plan, self._limit = store, plan, limit
        self._names = Names(project, store)
        self._derived = DerivedReport(project, store, plan, self._names, limit)

    def print(self, screen: Screen, usage: Usages) -> None:
        """Every table that has rows, then the sums."""
        self._creates(screen)
        self._changes(screen)
        self._derived.print(screen)
        self._conflicts(screen)
        self._holds(screen)
        self._archives(screen)
        self._sums(screen, usage)

    def data(self, result: Result, usage: Usages) -> dict[str, Any]:
        """The plan for a program: the sums, and as many actions of each kind as the limit says."""
        return {
            **object_of(result.summary),
            "id": self._plan.id,
            "reasons": list(result.reasons),
            "needed": self._plan.counts.get("calls", {}),
            "left": {side: each.left for side, each in usage.items()},
            "actions": {
                kind: [_plain(each) for each in self._first(kind)]
                for kind in (
                    "create",
                    "update",
                    "restage",
                    "associate",
                    "archive",
                    "adopt",
                    "decide",
                    "put",
                    "drop",
                    "hold",
                )
            },
        }

    def _actions(self, kind: str) -> Iterator[Action]:
        return chain.from_iterable(self._store.plans.actions(self._plan.id, kind=kind, states=None, chunk=200))

    def _first(self, kind: str) -> list[Action]:
        return list(islice(self._actions(kind), self._limit))

    def _creates(self, screen: Screen) -> None:
        some = self._first("create")
        self._names.meet(some)
        rows = [
            (
                f"{each.object} → {SIDE_NAMES[each.side]} {each.vendor_object}",
                self._names.of_action(each).where,
                ", ".join(
                    f"{c.field}: {self._names.value(each.object, c.field, c.after)}"
                    for c in each.changes[:_MAIN]
                    if not self._derived.is_derived(each, c)
                ),
            )
            for each in some
        ]
        more = sum(self._plan.counts["create"].values()) - len(some)
        screen.table("Will be created", ("object", "made from", "main fields"), rows, more=more)

    def _changes(self, screen: Screen) -> None:
        """One line per field; the stamps of new pairs are many and all alike, so that they are only counted."""
        some = list(islice(self._changed(), self._limit + 1))
        shown_, more = some[: self._limit], len(some) > self._limit
        self._names.meet([action for action, _ in shown_])
        rows, before = [], ""
        for action, change in shown_:
            named = str(self._names.of_action(action))
            record = "" if action.id + action.side == before else named
            before = action.id + action.side
            rows.append(
                (action.object if record else "", record, change.field, *self._both(action, change), change.because)
            )
        columns = ("object", "record", "field", "HubSpot", "", "Salesforce", "because")
        screen.table("Will be changed", columns, rows, more=self._more_changes() if more else 0)
        stamps = sum(1 for each in self._actions("update") if any(is_stamp(c.field) for c in each.changes))
        if stamps:
            screen.say(f"{counted(stamps, 'record')} marked with the id of the counterpart (the stamp).\n", "dim")

    def _changed(self) -> Iterator[tuple[Action, Change]]:
        for action in chain(self._actions("update"), self._actions("associate")):
            if action.kind == "associate" and action.record is None:
                continue  # it belongs to a record that is created, and stands there
            for change in action.changes:
                if not is_stamp(change.field) and not self._derived.is_derived(action, change):
                    yield action, change

    def _more_changes(self) -> int:
        return sum(1 for _ in self._changed()) - self._limit

    def _both(self, action: Action, change: Change) -> tuple[str, str, str]:
        """HubSpot's value, the way it goes, Salesforce's value."""
        before = self._names.value(action.object, change.field, change.before)
        after = self._names.value(action.object, change.field, change.after)
        return (after, "→", before) if action.side == "salesforce" else (before, "←", after)

    def _conflicts(self, screen: Screen) -> None:
        counts = self._plan.counts
        total = counts["conflicts"] + counts.get("decided", 0)
        if not total:
            return
        found = ((action, each) for action in self._actions("adopt") for each in action.conflicts)
        some = list(islice(found, self._limit))
        self._names.meet([action for action, _ in some])
        rows = [
            (
                action.object,
                str(self._names.of_action(action)),
                each.field,
                self._names.value(action.object, each.field, each.hubspot),
                self._names.value(action.object, each.field, each.salesforce),
                SIDE_NAMES[each.decided] if each.decided else "a person decides",
                each.because,
            )
            for action, each in some
        ]
        columns = ("object", "record", "field", "HubSpot", "Salesforce", "winner", "because")
        screen.table("Both sides differ", columns, rows, more=total - len(some))

    def _holds(self, screen: Screen) -> None:
        held = (each for each in self._actions("hold") if each.code != WAITING)
        some = list(islice(held, self._limit))
        rows = [
            (each.object, SIDE_NAMES[each.side], each.record or "", each.code, shown(each.reason, 200)) for each in some
        ]
        more = self._plan.counts["held"] - len(some)
        screen.table("Held: a person has to look", ("object", "side", "record", "code", "why"), rows, more=more)

    def _archives(self, screen: Screen) -> None:
        some = self._first("archive")
        self._names.meet(some)
        rows = [(each.object, SIDE_NAMES[each.side], str(self._names.of_action(each)), each.reason) for each in some]
        more = sum(self._plan.counts["archive"].values()) - len(some)
        screen.table("Will be archived", ("object", "side", "record", "because"), rows, more=more)

    def _sums(self, screen: Screen, usage: Usages) -> None:
        counts = self._plan.counts
        rows = []
        for side in SIDES:
            kinds = [f"{counts[kind][side]:,}" for kind in ("create", "update", "associate", "archive")]
            rows.append((SIDE_NAMES[side], *kinds, f"{counts.get('calls', {}).get(side, 0):,}", _left(usage.get(side))))
        columns = ("side", "create", "update", "associate", "archive", "calls needed", "calls left today")
        screen.table(f"Plan {self._plan.id}", columns, rows)
        screen.say(
            f"{counted(counts['adopt'], 'pair')} linked or agreed without a write, {counts['noop']:,} unchanged, "
            f"{counts['held']:,} held, {counted(counts['conflicts'], 'conflict')}, "
            f"{counts.get('waiting', 0):,} waiting for another record, "
            f"{counts.get('filtered', 0):,} left out by the mapping."
        )
        if told := sums(self._plan):
            screen.say(told)


def _left(usage: Usage | None) -> str:
    if usage is None or usage.left is None:
        return "not told"
    return f"{usage.left:,} of {usage.limit:,}" if usage.limit else f"{usage.left:,}"


def _plain(action: Action) -> dict[str, Any]:
    return {name: value for name, value in asdict(action).items() if value not in (None, "", ())}
