"""The installed components of the org: their ids and their metadata as it was given.

What a component does is kept elsewhere: fields in the schema, permission sets in their records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from connector.sandbox.salesforce.store import Store

FIELD, OBJECT, RULE, PERMISSION = "CustomField", "CustomObject", "ValidationRule", "CustomPermission"
_PREFIXES = {FIELD: "00N", OBJECT: "01I", RULE: "03d"}

Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Component:
    """One installed component; a field is named `Object.Field__c`, a validation rule `Object.Rule`."""

    type: str
    name: str
    id: str
    metadata: Metadata

    @property
    def parent(self) -> str:
        """The object a field or rule belongs to."""
        return self.name.partition(".")[0]

    @property
    def own_name(self) -> str:
        """The name without the object."""
        return self.name.rpartition(".")[2]


def find(store: Store, kind: str, name: str) -> Component | None:
    """The component of this type and full name, in any capitals."""
    row = store.db.execute("SELECT type, name, id, body FROM _component WHERE type = ? AND name = ?", (kind, name))
    found = row.fetchone()
    return _component(found) if found else None


def listed(store: Store, kind: str) -> list[Component]:
    """All components of a type, oldest first; a field or object that was not deployed gets its id here."""
    if kind in (FIELD, OBJECT):
        _register(store, kind)
    rows = store.db.execute("SELECT type, name, id, body FROM _component WHERE type = ? ORDER BY id", (kind,))
    return [_component(row) for row in rows.fetchall()]


def keep(store: Store, kind: str, name: str, metadata: Metadata) -> str:
    """Write a component's metadata; gives its id, which stays the same for the life of the component."""
    known = find(store, kind, name)
    number = known.id if known else store.new_id(_PREFIXES[kind])
    store.db.execute(
        "INSERT OR REPLACE INTO _component VALUES (?, ?, ?, ?)", (kind, name, number, orjson.dumps(metadata))
    )
    return number


def forget(store: Store, kind: str, name: str) -> None:
    """Remove a component, of an object also its fields and rules."""
    store.db.execute("DELETE FROM _component WHERE type = ? AND name = ?", (kind, name))
    if kind == OBJECT:
        store.db.execute("DELETE FROM _component WHERE name LIKE ?", (f"{name}.%",))


def _register(store: Store, kind: str) -> None:
    have = {name for (name,) in store.db.execute("SELECT name FROM _component WHERE type = ?", (kind,))}
    for sobject in store.schema:
        names = [sobject.name] if sobject.custom else []
        if kind == FIELD:
            names = [f"{sobject.name}.{field.name}" for field in sobject.fields.values() if field.custom]
        for name in names:
            if name not in have:
                keep(store, kind, name, {})


def _component(row: tuple[str, str, str, bytes]) -> Component:
    return Component(row[0], row[1], row[2], orjson.loads(row[3]))
