"""Running one case: plan it in a store of its own, and compare what the records will hold and what the plan says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from connector.core.plan import ROW_KINDS
from connector.engine.cases.crm import CaseCrm
from connector.engine.derive.rules import BEGAN
from connector.engine.derive.units import Units
from connector.engine.people import Owners
from connector.engine.run import plan
from connector.engine.seams import Seams, Work
from connector.engine.shape import Shapes
from connector.model import SIDES, Action, Side
from connector.project import Project
from connector.project.case_file import Case
from connector.revops.carriers import CARRIERS
from connector.state.store import Store

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""The rules are taken to be in force for long, so that nothing of a case is too old for them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that came out otherwise: where it is expected, what was expected, what came."""

    where: str
    what: str
    expected: str
    found: str


def run_case(project: Project, case: Case) -> list[Failure]:
    """Plan a case and compare.

    Raises:
        ConnectorError: the project's mappings or rules cannot be used at all.
    """
    with (
        tempfile.TemporaryDirectory(prefix="revloop-case-") as folder,
        Store.open(Path(folder) / "case.sqlite") as store,
    ):
        store.put(BEGAN, LONG_AGO.isoformat())
        shapes = Shapes(project.mappings, project.settings.time_zone)
        crms = {side: CaseCrm(side, case.line, shapes, _custom_objects(project, side)) for side in SIDES}
        seams = _seams(case.line.as_of)
        result = plan(project, store, dict(crms), seams)
        work = Work(project, store, dict(crms), seams, "")
        units = Units(work, shapes, Owners(dict(crms)), result.plan or "")
        return [*_values(units, case, project), *_lines(store, result.plan or "", case)]


def _custom_objects(project: Project, side: Side) -> list[str]:
    """What the objects of attribution are called, as if they were installed."""
    prefixes = project.settings.own_fields
    if side == "hubspot":
        return [each.hubspot(prefixes.hubspot) for each in CARRIERS]
    return [each.salesforce(prefixes.salesforce) for each in CARRIERS]


def _seams(as_of: datetime) -> Seams:
    numbers = count(1)
    at = as_of.astimezone(UTC)
    return Seams(clock=lambda: at, new_id=lambda kind: f"{kind}-{next(numbers)}", pause=lambda _seconds: None)


def _values(units: Units, case: Case, project: Project) -> Iterator[Failure]:
    """What records hold once the plan is applied."""
    for name, expected in case.line.expect.items():
        word, _, record = name.partition(" ")
        side: Side = "hubspot" if word == "hubspot" else "salesforce"
        found = [unit for mapping in project.mappings for unit in units.of_records(mapping.object, side, [record])]
        if not found:
            yield Failure(case.where, f"{case.line.name}: {name}", "a record of the case", "there is none")
            continue
        half = found[0].halves[side]
        for field, value in expected.items():
            came = half.values.get(field)
            if (came or None) != (value or None):
                told = f"{case.line.name}: {name} {field}"
                yield Failure(case.lines[name, field], told, value or "empty", came or "empty")


def _lines(store: Store, plan_id: str, case: Case) -> Iterator[Failure]:
    """What the plan says: every expected line must be the beginning of one of the plan's."""
    if not case.line.plan:
        return
    said = [line for chunk in store.plans.actions(plan_id, states=None) for each in chunk for line in told(each)]
    for expected in case.line.plan:
        if not any(line.startswith(expected) for line in said):
            found = "; ".join(said) or "an empty plan"
            yield Failure(case.lines["plan", expected], f"{case.line.name}: plan", expected, found)


def told(action: Action) -> Iterator[str]:
    """An action as lines of text: `update hubspot contacts 1`, `task: …`, `hold TWINS hubspot contacts 1`.

    A row of attribution says what it is: `put salesforce credit linear webinar 500`.
    """
    record = action.record or (f"from {action.source}" if action.source else "")
    if action.kind == "decide":
        for _key, kind, _person, body, _at in (action.data or {}).get("effects", ()):
            words = [str(body[name]) for name in ("side", "level", "status", "to", "code", "outcome") if body.get(name)]
            yield " ".join([kind, *words])
    elif action.kind == "hold":
        yield f"hold {action.code} {action.side} {action.vendor_object} {record}"
    elif action.kind in ROW_KINDS:
        fields = {each.field: each.after or each.before for each in action.changes}
        words = [str(fields[name]) for name in ("model", "channel", "amount") if fields.get(name)]
        yield " ".join([action.kind, action.side, action.object, *words])
    elif action.kind != "adopt":
        yield f"{action.kind} {action.side} {action.vendor_object} {record}".rstrip()
