"""Plans as data: how actions get their ids, and how a plan is counted.

Which actions a plan holds is decided by the engine with `match` and `merge`; carrying them out is `engine/apply`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from connector.model import SIDES, Action, Change

ORDER = ("company", "person", "deal")
"""What others refer to comes first."""

STAMP = "stamp"
"""The reserved field name of the counterpart's id in an action's changes."""

HUBSPOT_STAGE, HUBSPOT_STATUS, SALESFORCE_STATUS = STAGE_FIELDS = (
    "hubspot.stage",
    "hubspot.status",
    "salesforce.status",
)
"""The CRMs' own stage fields by their name in plans: people and the CRMs write them too, so that what a CRM answers of
them is compared with what was wanted (HubSpot keeps a higher stage silently, with success)."""

WITH_COLUMNS = "with the record's columns"
"""The reason of an associate action whose record is created or updated by another action of the same plan."""

ROW_KINDS = ("put", "drop")
"""The kinds of actions that write rows of custom objects instead of records."""

WAITING = "WAITING"
"""The code of a hold that ends by itself: a reference to something that is not linked yet."""


def identified(action: Action) -> Action:
    """The action with its id: a hash of everything it says, so that the same decision has the same id."""
    base = action.base
    body = (
        action.kind,
        action.object,
        action.link,
        action.side,
        action.vendor_object,
        action.record,
        action.source,
        [(each.field, each.before, each.after, each.because) for each in action.changes],
        [(each.field, each.base, each.hubspot, each.salesforce, each.decided) for each in action.conflicts],
        None if base is None else (base.hubspot, base.salesforce),
        action.code,
        action.reason,
        action.data,
    )
    digest = hashlib.blake2b(orjson.dumps(body, default=dict, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()
    return replace(action, id=digest)


def split(changes: Sequence[Change], associated: Collection[str]) -> tuple[list[Change], list[Change]]:
    """Changes of columns, and changes of associations: vendors write them by different calls."""
    columns = [change for change in changes if change.field not in associated]
    return columns, [change for change in changes if change.field in associated]


def _per_side() -> Counter[str]:
    return Counter(dict.fromkeys(SIDES, 0))


@dataclass(slots=True)
class Counts:
    """A plan in numbers: records per kind and side, and what the brakes look at."""

    create: Counter[str] = field(default_factory=_per_side)
    update: Counter[str] = field(default_factory=_per_side)
    archive: Counter[str] = field(default_factory=_per_side)
    restage: Counter[str] = field(default_factory=_per_side)
    put: Counter[str] = field(default_factory=_per_side)
    drop: Counter[str] = field(default_factory=_per_side)
    derived: Counter[str] = field(default_factory=_per_side)  # of the updates, those that only the rules want
    decide: int = 0
    effects: Counter[str] = field(default_factory=Counter)
    associate: Counter[str] = field(default_factory=_per_side)
    adopt: int = 0
    noop: int = 0
    held: int = 0
    waiting: int = 0
    conflicts: int = 0
    decided: int = 0
    drifts: int = 0
    filtered: int = 0
    blanks: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    carriers: str | None = None  # the custom objects that attribution was compared with

    def add(self, action: Action) -> None:
        """Count one action."""
        if action.kind == "hold":
            if action.code == WAITING:
                self.waiting += 1
            else:
                self.held += 1
            return
        if action.kind == "adopt":
            self.adopt += 1
            self.decided += sum(conflict.decided is not None for conflict in action.conflicts)
            self.conflicts += sum(conflict.decided is None for conflict in action.conflicts)
            return
        if action.kind == "decide":
            self.decide += 1
            self.effects.update(row[1] for row in (action.data or {}).get("effects", ()))
            return
        getattr(self, action.kind)[action.side] += 1
        self.objects[f"{action.kind}.{action.object}.{action.side}"] += 1
        for change in action.changes:
            if action.kind == "update" and change.after is None:
                self.blanks[f"{action.side}.{action.object}.{change.field}"] += 1

    def spare(self, carrier: str, side: str, rows: int) -> None:
        """Rows of a custom object are not removed after all."""
        self.drop[side] -= rows
        self.objects[f"drop.{carrier}.{side}"] -= rows

    def summary(self) -> dict[str, Any]:
        """The counts as the JSON shape of design §11, with the details beside it."""
        return {
            "create": dict(self.create),
            "update": dict(self.update),
            "archive": dict(self.archive),
            "restage": dict(self.restage),
            "put": dict(self.put),
            "drop": dict(self.drop),
            "derived": dict(self.derived),
            "decide": self.decide,
            "effects": dict(self.effects),
            "associate": dict(self.associate),
            "adopt": self.adopt,
            "noop": self.noop,
            "held": self.held,
            "waiting": self.waiting,
            "conflicts": self.conflicts,
            "decided": self.decided,
            "drifts": self.drifts,
            "filtered": self.filtered,
            "blanks": dict(self.blanks),
            "objects": dict(self.objects),
            "carriers": self.carriers,
        }
