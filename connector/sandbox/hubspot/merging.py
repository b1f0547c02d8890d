"""Merging two records of one type: the result is a new record with a new id, the old ids lead to it.

HubSpot's changelog of January 2025 and the objects guide; values of the primary record win, blanks are filled
from the other one, its e-mail becomes an additional address, its primary labels are dropped.
"""

from __future__ import annotations

from connector.sandbox.hubspot import associations, records
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

MAX_MERGES = 250
"""Records that may end in one (HubSpot's error guide)."""


def merge(portal: Portal, object_type: ObjectType, primary: Row, other: Row, source: Source) -> Row:
    """The merged record.

    Raises:
        ApiError: 400 when both ids are the same record, 414 beyond the limit.
    """
    if primary.id == other.id:
        raise ApiError(400, f"Cannot merge {object_type.name} {primary.id} with itself")
    former = [*_former(primary), *_former(other)]
    if len(former) > MAX_MERGES:
        raise ApiError(414, "Cannot have more than 250 identities on a profile")
    now = portal.now()
    links = _links(portal, object_type, primary, other)
    touched: set[associations.End] = set()
    for row in (primary, other):
        touched |= associations.shelve(portal, object_type, row.id)
        records.erase(portal, object_type, row)
    merged = Row(
        portal.store.next_id(object_type.type_id, object_type.first_id), min(primary.created, other.created), now
    )
    records.insert(portal, object_type, merged, _values(object_type, primary, other, former, now), source)
    _follow(portal, object_type, merged, (primary, other))
    for target, target_id, category, type_id in links:
        kind = portal.association_types.find(object_type.type_id, target, category, type_id)
        if kind and (target, target_id) not in {(object_type.type_id, row.id) for row in (primary, other)}:
            touched |= associations.connect(portal, merged.id, target_id, [kind])
    associations.roll_up(portal, {*touched, (object_type.type_id, merged.id)}, source)
    return records.fetch(portal, object_type, [merged.id])[merged.id]


def _former(row: Row) -> list[str]:
    held = [part for part in row.props.get("hs_merged_object_ids", "").split(";") if part]
    return [*held, str(row.id)]


def _values(object_type: ObjectType, primary: Row, other: Row, former: list[str], now: int) -> dict[str, str]:
    values = {**other.props, **primary.props, "hs_merged_object_ids": ";".join(former)}
    if object_type.name == "contact":
        values["hs_calculated_merged_vids"] = ";".join(f"{row.id}:{now}" for row in (primary, other))
        addresses = [
            address
            for row in (primary, other)
            for address in (row.props.get("email", ""), *row.props.get("hs_additional_emails", "").split(";"))
            if address and address != values.get("email")
        ]
        values["hs_additional_emails"] = ";".join(dict.fromkeys(addresses))
    for name in ("associatedcompanyid", "hs_primary_associated_company"):
        values.pop(name, None)
    return values


def _links(portal: Portal, object_type: ObjectType, primary: Row, other: Row) -> list[tuple[str, int, str, int]]:
    """The links of both, those of the primary first, without the other's primary labels."""
    own = associations.ends(portal, object_type.type_id, primary.id)
    labels = [
        end
        for end in associations.ends(portal, object_type.type_id, other.id)
        if not _is_primary(portal, object_type, end)
    ]
    own.sort(key=lambda end: not _is_primary(portal, object_type, end))
    return [*own, *labels]


def _is_primary(portal: Portal, object_type: ObjectType, end: tuple[str, int, str, int]) -> bool:
    kind = portal.association_types.find(object_type.type_id, end[0], end[2], end[3])
    return bool(kind and kind.primary)


def _follow(portal: Portal, object_type: ObjectType, merged: Row, rows: tuple[Row, Row]) -> None:
    """Let old ids lead to the new one, and hand the primary record's history on."""
    db = portal.store.db
    for row in rows:
        db.execute("UPDATE alias SET new = ? WHERE object = ? AND new = ?", (merged.id, object_type.type_id, row.id))
        db.execute("INSERT INTO alias VALUES (?, ?, ?)", (object_type.type_id, row.id, merged.id))
        db.execute("DELETE FROM shelf WHERE object = ? AND id = ?", (object_type.type_id, row.id))
        db.execute(
            "UPDATE event SET record = ? WHERE object = ? AND record = ?", (merged.id, object_type.type_id, row.id)
        )
    db.execute("UPDATE change SET id = ? WHERE object = ? AND id = ?", (merged.id, object_type.type_id, rows[0].id))
