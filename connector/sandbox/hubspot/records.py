"""Rows of records: read, insert, change, with history, unique values and the stale view of the search index.

No request is judged here: `checks.py` has allowed the values before, `writing.py` says what a request does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from connector.sandbox.hubspot import derived
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source

COLUMNS = "id, created, modified, archived, props"


@dataclass(slots=True)
class Row:
    """One record; `archived` is the time of archiving or 0; `props` holds no empty value."""

    id: int
    created: int
    modified: int
    archived: int = 0
    props: dict[str, str] = field(default_factory=dict)


def row_of(found: Sequence[object]) -> Row:
    """A row from the columns above."""
    ident, created, modified, archived, props = found
    return Row(ident, created, modified, archived, orjson.loads(props))  # type: ignore[arg-type] # sqlite gives object


def fetch(portal: Portal, object_type: ObjectType, ids: Iterable[int]) -> dict[int, Row]:
    """The rows with these ids, archived ones too."""
    wanted = list(dict.fromkeys(ids))
    marks = ",".join("?" * len(wanted))
    found = portal.store.db.execute(
        f"SELECT {COLUMNS} FROM record WHERE object = ? AND id IN ({marks})",  # noqa: S608 - constants and marks
        (object_type.type_id, *wanted),
    )
    return {row[0]: row_of(row) for row in found}


def by_value(portal: Portal, object_type: ObjectType, name: str, value: str) -> int | None:
    """The id of the live record that holds a unique value."""
    found = portal.store.db.execute(
        "SELECT id FROM identity WHERE object = ? AND property = ? AND value = ?",
        (object_type.type_id, name, fold(value)),
    ).fetchone()
    return found[0] if found else None


def survivor(portal: Portal, object_type: ObjectType, record_id: int) -> int | None:
    """The id into which a record was merged, if it was."""
    found = portal.store.db.execute(
        "SELECT new FROM alias WHERE object = ? AND old = ?", (object_type.type_id, record_id)
    ).fetchone()
    return found[0] if found else None


def fold(value: str) -> str:
    """How unique values are compared: without outer blanks, without case."""
    return value.strip().casefold()


def insert(
    portal: Portal, object_type: ObjectType, row: Row, changes: dict[str, str], source: Source
) -> dict[str, str]:
    """Store a new record with its first values; gives what was really set."""
    changed = _settle(portal, object_type, row, changes, source)
    row.props.update(changed)
    db = portal.store.db
    _remember(portal, object_type, row, present=False)
    db.execute(
        "INSERT INTO record (object, id, created, modified, archived, props) VALUES (?, ?, ?, ?, ?, ?)",
        (object_type.type_id, row.id, row.created, row.modified, row.archived, orjson.dumps(row.props).decode()),
    )
    claim(portal, object_type, row, changed)
    _log(portal, object_type, row.id, row.modified, changed, source)
    return changed


def change(
    portal: Portal, object_type: ObjectType, row: Row, changes: dict[str, str], source: Source
) -> dict[str, str]:
    """Set values of a record (an empty one clears); gives what really changed.

    A value equal to the stored one leaves no trace: neither history nor a new stamp (not published; ours).
    """
    changed = _settle(portal, object_type, row, changes, source)
    if not changed:
        return changed
    _remember(portal, object_type, row, present=True)
    release(portal, object_type, row, changed)
    for name, value in changed.items():
        if value:
            row.props[name] = value
        else:
            row.props.pop(name, None)
    claim(portal, object_type, row, changed)
    row.modified = portal.now()
    portal.store.db.execute(
        "UPDATE record SET modified = ?, props = ? WHERE object = ? AND id = ?",
        (row.modified, orjson.dumps(row.props).decode(), object_type.type_id, row.id),
    )
    _log(portal, object_type, row.id, row.modified, changed, source)
    return changed


def mark_archived(portal: Portal, object_type: ObjectType, row: Row, at: int) -> None:
    """Archive (`at` > 0) or restore (0) the row itself, with its unique values."""
    _remember(portal, object_type, row, present=not row.archived)
    if at:
        release(portal, object_type, row, row.props)
    row.archived = at
    row.modified = portal.now()
    portal.store.db.execute(
        "UPDATE record SET archived = ?, modified = ? WHERE object = ? AND id = ?",
        (at, row.modified, object_type.type_id, row.id),
    )
    if not at:
        claim(portal, object_type, row, row.props)


def erase(portal: Portal, object_type: ObjectType, row: Row) -> None:
    """Remove a row; its history stays unless the caller removes it."""
    _remember(portal, object_type, row, present=not row.archived)
    release(portal, object_type, row, row.props)
    portal.store.db.execute("DELETE FROM record WHERE object = ? AND id = ?", (object_type.type_id, row.id))


def identities(portal: Portal, object_type: ObjectType, props: dict[str, str]) -> list[tuple[str, str]]:
    """The (property, value) pairs by which these values address a record."""
    pairs = [(name, fold(props[name])) for name in portal.unique_properties(object_type) if props.get(name)]
    if object_type.name == "contact":
        more = props.get("hs_additional_emails") or ""
        pairs += [("email", fold(address)) for address in more.split(";") if address.strip()]
    return pairs


def claim(portal: Portal, object_type: ObjectType, row: Row, changed: dict[str, str]) -> None:
    """Register the unique values among `changed` for this record."""
    pairs = identities(portal, object_type, {name: row.props.get(name, "") for name in changed})
    portal.store.db.executemany(
        "INSERT OR REPLACE INTO identity VALUES (?, ?, ?, ?)",
        [(object_type.type_id, name, value, row.id) for name, value in pairs],
    )


def release(portal: Portal, object_type: ObjectType, row: Row, changed: Iterable[str]) -> None:
    """Give up the unique values that the record holds in these properties."""
    held = identities(portal, object_type, {name: row.props.get(name, "") for name in changed})
    portal.store.db.executemany(
        "DELETE FROM identity WHERE object = ? AND property = ? AND value = ? AND id = ?",
        [(object_type.type_id, name, value, row.id) for name, value in held],
    )


def _settle(
    portal: Portal, object_type: ObjectType, row: Row, changes: dict[str, str], source: Source
) -> dict[str, str]:
    changed = {name: value for name, value in changes.items() if row.props.get(name, "") != value}
    if changed:
        derived.follow(portal, object_type, row.props, changed, by_user=source.kind == "CRM_UI")
    return changed


def _log(
    portal: Portal, object_type: ObjectType, record_id: int, at: int, changed: dict[str, str], source: Source
) -> None:
    portal.store.db.execute(
        "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            object_type.type_id,
            record_id,
            at,
            source.kind,
            source.ident,
            source.user,
            orjson.dumps(changed).decode(),
        ),
    )


def _remember(portal: Portal, object_type: ObjectType, row: Row, *, present: bool) -> None:
    """Keep what the search index goes on showing until it has caught up."""
    if portal.lag <= 0:
        return
    until = portal.now() + int(portal.lag * 1000)
    portal.store.db.execute(
        "INSERT INTO stale (object, id, until, present, created, modified, props) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            object_type.type_id,
            row.id,
            until,
            int(present),
            row.created,
            row.modified,
            orjson.dumps(row.props).decode(),
        ),
    )
