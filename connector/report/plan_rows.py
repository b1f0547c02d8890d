"""The rows of custom objects in a plan: how many of which, and the first of them by person or deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from connector.core.plan import ROW_KINDS
from connector.model import SIDES, Action, Plan, Side
from connector.report.names import Names
from connector.report.screen import Screen, shown
from connector.revops.attribution_rows import SILENT
from connector.revops.carriers import CARRIERS
from connector.state.store import Store

_SIDE_NAMES: Mapping[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_TOLD = {"put": "written", "drop": "removed"}
_FIELDS = 4
"""Changed fields of a row that stand in its line."""


def print_rows(screen: Screen, store: Store, plan: Plan, names: Names, limit: int) -> None:
    """Two tables, empty where attribution writes nothing."""
    counts = plan.counts.get("objects", {})
    sums = []
    for carrier in reversed(CARRIERS):
        for kind in ROW_KINDS:
            numbers = [counts.get(f"{kind}.{carrier.name}.{side}", 0) for side in SIDES]
            if any(numbers):
                sums.append((f"{carrier.name}s {_TOLD[kind]}", *(f"{number:,}" for number in numbers)))
    some = list(islice(_actions(store, plan), limit))
    rows, before = [], ("", "")
    for action in some:
        owner = (action.link, action.side)
        named = "" if owner == before else str(names.of_link(action.link))
        before = owner
        rows.append((named, _SIDE_NAMES[action.side], _row(action), _change(action), shown(action.reason, 80)))
    total = sum(sum(plan.counts.get(kind, {}).values()) for kind in ROW_KINDS)
    screen.table(
        "Rows of attribution", ("record", "side", "row", "what", "because"), rows, more=total - len(rows)
    )  # fmt: skip
    screen.table("Attribution", ("rows", *(_SIDE_NAMES[side] for side in SIDES)), sums)


def _actions(store: Store, plan: Plan) -> Iterator[Action]:
    """Credits before touchpoints: they are what a person looks for."""
    for carrier in reversed(CARRIERS):
        for kind in ROW_KINDS:
            for chunk in store.plans.actions(plan.id, kind=kind, object=carrier.name, states=None, chunk=200):
                yield from chunk


def _row(action: Action) -> str:
    """Which row it is: a credit by model and channel, a touchpoint by its time and channel."""
    rest: Mapping[str, Any] = (action.data or {}).get("rest", {})
    fields = {**rest, **{each.field: each.after or each.before for each in action.changes}}
    first = fields.get("model") or str(fields.get("occurred_at", ""))[:10]
    return shown(f"{first} {fields.get('channel', '')}".strip())


def _change(action: Action) -> str:
    if action.kind == "drop":
        return "removed"
    speaking = [each for each in action.changes if each.field not in SILENT]
    if not speaking:
        return "what it belongs to"
    if all(each.before is None for each in speaking):
        amount = next((each.after for each in speaking if each.field == "amount"), None)
        return f"new, {amount}" if amount else "new"
    told = [f"{each.field} {shown(each.before)} → {shown(each.after)}" for each in speaking[:_FIELDS]]
    return ", ".join(told) + (f", … {len(speaking) - _FIELDS} more" if len(speaking) > _FIELDS else "")
