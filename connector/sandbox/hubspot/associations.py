"""Links between records: stored in both directions, with labels, one primary where HubSpot knows one.

The first company of a contact or deal becomes its primary one (as the interface does). Removing the primary
company leaves none: what HubSpot does then is not published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.sandbox.hubspot import records
from connector.sandbox.hubspot.association_types import AssociationType
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source

AUTOMATIC_PRIMARY = {("0-1", "0-2"), ("0-3", "0-2")}
End = tuple[str, int]

_INSERT = "INSERT OR IGNORE INTO association VALUES (?, ?, ?, ?, ?, ?)"
_DELETE = """DELETE FROM association WHERE source = ? AND source_id = ? AND target = ? AND target_id = ?
 AND category = ? AND type_id = ?"""
_DELETE_PAIR = "DELETE FROM association WHERE source = ? AND source_id = ? AND target = ? AND target_id = ?"


def label(portal: Portal, source_id: int, target_id: int, kinds: Sequence[AssociationType]) -> set[End]:
    """Link two records with exactly these labels (and the unlabelled type); gives the records concerned."""
    source, target = kinds[0].source, kinds[0].target
    disconnect(portal, (source, source_id), (target, target_id))
    return connect(portal, source_id, target_id, kinds)


def connect(portal: Portal, source_id: int, target_id: int, kinds: Sequence[AssociationType]) -> set[End]:
    """Add labels to a pair of records; gives the records concerned."""
    source, target = kinds[0].source, kinds[0].target
    touched = {(source, source_id), (target, target_id)}
    known = portal.association_types
    default = known.default(source, target)
    for kind in dict.fromkeys([*([default] if default else []), *kinds]):
        touched |= _make_room(portal, kind, source_id, target_id)
        _store(portal, kind, source_id, target_id)
    touched |= _first_is_primary(portal, (source, source_id), (target, target_id))
    touched |= _first_is_primary(portal, (target, target_id), (source, source_id))
    return touched


def disconnect(portal: Portal, one: End, other: End) -> set[End]:
    """Remove every link of a pair of records; gives the records concerned, none if there was no link."""
    gone = portal.store.db.execute(_DELETE_PAIR, (*one, *other)).rowcount
    portal.store.db.execute(_DELETE_PAIR, (*other, *one))
    return {one, other} if gone else set()


def remove_labels(portal: Portal, source_id: int, target_id: int, kinds: Iterable[AssociationType]) -> set[End]:
    """Remove labels; without the unlabelled type the pair loses all of them (HubSpot's association guide)."""
    touched: set[End] = set()
    for kind in kinds:
        one, other = (kind.source, source_id), (kind.target, target_id)
        touched |= {one, other}
        if kind.label is None:
            disconnect(portal, one, other)
        else:
            _erase(portal, kind, source_id, target_id)
    return touched


def targets(
    portal: Portal, source: str, ids: Sequence[int], target: str
) -> dict[int, dict[int, list[tuple[str, int]]]]:
    """For each id: its linked records of a type, each with the (category, type id) of its labels."""
    marks = ",".join("?" * len(ids))
    found = portal.store.db.execute(
        f"SELECT source_id, target_id, category, type_id FROM association WHERE source = ? AND target = ?"  # noqa: S608 - marks
        f" AND source_id IN ({marks}) ORDER BY source_id, target_id, type_id",
        (source, target, *ids),
    )
    answer: dict[int, dict[int, list[tuple[str, int]]]] = {}
    for source_id, target_id, category, type_id in found:
        answer.setdefault(source_id, {}).setdefault(target_id, []).append((category, type_id))
    return answer


def ends(portal: Portal, source: str, source_id: int) -> list[tuple[str, int, str, int]]:
    """Every link of a record: target type, target id, category, type id."""
    return portal.store.db.execute(
        "SELECT target, target_id, category, type_id FROM association WHERE source = ? AND source_id = ?",
        (source, source_id),
    ).fetchall()


def primary_of(portal: Portal, source: str, source_id: int, target: str) -> int | None:
    """The primary record of a type."""
    kind = portal.association_types.primary(source, target)
    if kind is None:
        return None
    found = portal.store.db.execute(
        "SELECT target_id FROM association WHERE source = ? AND source_id = ? AND target = ? AND type_id = ?",
        (source, source_id, target, kind.type_id),
    ).fetchone()
    return found[0] if found else None


def shelve(portal: Portal, object_type: ObjectType, record_id: int) -> set[End]:
    """Put the links of a record aside while it is archived; gives the records that lose one."""
    touched: set[End] = set()
    for target, target_id, category, type_id in ends(portal, object_type.type_id, record_id):
        portal.store.db.execute(
            "INSERT INTO shelf VALUES (?, ?, ?, ?, ?, ?)",
            (object_type.type_id, record_id, target, target_id, category, type_id),
        )
        touched |= disconnect(portal, (object_type.type_id, record_id), (target, target_id))
    touched.discard((object_type.type_id, record_id))
    return touched


def unshelve(portal: Portal, object_type: ObjectType, record_id: int) -> set[End]:
    """Bring back the links of a restored record whose other end is live."""
    db = portal.store.db
    put_aside = db.execute(
        "SELECT target, target_id, category, type_id FROM shelf WHERE object = ? AND id = ?",
        (object_type.type_id, record_id),
    ).fetchall()
    db.execute("DELETE FROM shelf WHERE object = ? AND id = ?", (object_type.type_id, record_id))
    touched: set[End] = set()
    for target, target_id, category, type_id in put_aside:
        target_type = portal.types.find(target)
        row = records.fetch(portal, target_type, [target_id]).get(target_id) if target_type else None
        kind = portal.association_types.find(object_type.type_id, target, category, type_id)
        if row and not row.archived and kind:
            touched |= connect(portal, record_id, target_id, [kind])
    return touched


def roll_up(portal: Portal, touched: Iterable[End], source: Source) -> None:
    """Bring the properties that count or name linked records up to date, which moves their stamps."""
    for type_id, record_id in sorted(touched):
        object_type = portal.types.find(type_id)
        rule = _ROLL_UPS.get(type_id)
        if object_type is None or rule is None:
            continue
        row = records.fetch(portal, object_type, [record_id]).get(record_id)
        if row is None or row.archived:
            continue
        wanted = rule(portal, record_id)
        changes = {name: value for name, value in wanted.items() if value != "0" or name in row.props}
        records.change(portal, object_type, row, changes, source)


def _count(portal: Portal, source: str, source_id: int, target: str) -> str:
    found = portal.store.db.execute(
        "SELECT count(DISTINCT target_id) FROM association WHERE source = ? AND source_id = ? AND target = ?",
        (source, source_id, target),
    ).fetchone()
    return str(found[0])


def _named(record_id: int | None) -> str:
    return str(record_id) if record_id is not None else ""


def _contact(portal: Portal, record_id: int) -> dict[str, str]:
    company = primary_of(portal, "0-1", record_id, "0-2")
    return {
        "associatedcompanyid": _named(company),
        "num_associated_deals": _count(portal, "0-1", record_id, "0-3"),
    }


def _company(portal: Portal, record_id: int) -> dict[str, str]:
    return {
        "num_associated_contacts": _count(portal, "0-2", record_id, "0-1"),
        "num_associated_deals": _count(portal, "0-2", record_id, "0-3"),
    }


def _deal(portal: Portal, record_id: int) -> dict[str, str]:
    company = primary_of(portal, "0-3", record_id, "0-2")
    return {
        "hs_primary_associated_company": _named(company),
        "num_associated_contacts": _count(portal, "0-3", record_id, "0-1"),
    }


def _lead(portal: Portal, record_id: int) -> dict[str, str]:
    return {
        "hs_primary_contact_id": _named(primary_of(portal, "0-136", record_id, "0-1")),
        "hs_primary_company_id": _named(primary_of(portal, "0-136", record_id, "0-2")),
    }


_ROLL_UPS = {"0-1": _contact, "0-2": _company, "0-3": _deal, "0-136": _lead}


def _store(portal: Portal, kind: AssociationType, source_id: int, target_id: int) -> None:
    back = portal.association_types.inverse(kind)
    rows = [
        (kind.source, source_id, kind.target, target_id, kind.category, kind.type_id),
        (back.source, target_id, back.target, source_id, back.category, back.type_id),
    ]
    portal.store.db.executemany(_INSERT, rows)


def _erase(portal: Portal, kind: AssociationType, source_id: int, target_id: int) -> None:
    back = portal.association_types.inverse(kind)
    rows = [
        (kind.source, source_id, kind.target, target_id, kind.category, kind.type_id),
        (back.source, target_id, back.target, source_id, back.category, back.type_id),
    ]
    portal.store.db.executemany(_DELETE, rows)


def _make_room(portal: Portal, kind: AssociationType, source_id: int, target_id: int) -> set[End]:
    """Take the primary label off the record that has had it."""
    back = portal.association_types.inverse(kind)
    if kind.primary:
        owner_kind, owner_id = kind, source_id
    elif back.primary:
        owner_kind, owner_id = back, target_id
    else:
        return set()
    former = primary_of(portal, owner_kind.source, owner_id, owner_kind.target)
    if former is None:
        return set()
    _erase(portal, owner_kind, owner_id, former)
    return {(owner_kind.target, former)}


def _first_is_primary(portal: Portal, owner: End, other: End) -> set[End]:
    if (owner[0], other[0]) not in AUTOMATIC_PRIMARY or primary_of(portal, *owner, other[0]) is not None:
        return set()
    kind = portal.association_types.primary(owner[0], other[0])
    if kind:
        _store(portal, kind, owner[1], other[1])
    return {owner, other}
