"""What a request does to one record: create, change, archive, restore, erase; checked first, then written.

Each function works inside the caller's transaction and either does everything or raises before it writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot import associations, checks, ids, records
from connector.sandbox.hubspot.association_types import AssociationType
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.pipelines import PIPELINED
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

COMPANY = "associatedcompanyid"
LEAD_PRIMARY = 578


@dataclass(slots=True)
class Written:
    """A record after a write, the names the answer shows, and the warnings of 2026-09."""

    row: Row
    names: set[str]
    warnings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """A link that a new record asks for."""

    target_id: int
    kinds: tuple[AssociationType, ...]


def create(
    portal: Portal,
    object_type: ObjectType,
    given: Mapping[str, Any],
    links: Sequence[Mapping[str, Any]],
    source: Source,
    version: str,
) -> Written:
    """A new record.

    Raises:
        ApiError: 400 for bad values, missing values or bad links; 409 for a contact's e-mail that exists.
    """
    checked = checks.check(portal, object_type, given, {}, version)
    values = {name: value for name, value in checked.changes.items() if value}
    _defaults(portal, object_type, values)
    checks.required(portal, object_type, values)
    if version == checks.STRICT:
        checks.account_rules(portal, object_type, values, given, create=True)
    wishes = [_wish(portal, object_type, link) for link in links]
    wishes += _company_wish(portal, object_type, values)
    if object_type.name == "lead" and all(kind.type_id != LEAD_PRIMARY for w in wishes for kind in w.kinds):
        # The text is ours: the lead guide only says that the association must be there.
        raise ApiError(400, "A lead must be associated with a primary contact (association type 578).")
    checks.unique(portal, object_type, values, None)
    now = portal.now()
    row = Row(portal.store.next_id(object_type.type_id, object_type.first_id), now, now)
    traces = {"hs_object_source": source.kind, "hs_object_source_id": source.ident or ""}
    changed = records.insert(portal, object_type, row, {**traces, **values}, source)
    touched: set[associations.End] = set()
    for wish in wishes:
        touched |= associations.connect(portal, row.id, wish.target_id, wish.kinds)
    associations.roll_up(portal, touched, source)
    fresh = records.fetch(portal, object_type, [row.id])[row.id] if touched else row
    return Written(fresh, {*given, *changed}, checked.warnings)


def update(
    portal: Portal, object_type: ObjectType, row: Row, given: Mapping[str, Any], source: Source, version: str
) -> Written:
    """Change a record's values.

    Raises:
        ApiError: 400 for bad values, 409 for a contact's e-mail that another contact has.
    """
    checked = checks.check(portal, object_type, given, row.props, version)
    changes = {name: value for name, value in checked.changes.items() if row.props.get(name, "") != value}
    if version == checks.STRICT:
        after = {**row.props, **changes}
        checks.account_rules(portal, object_type, after, checked.changes, create=False)
    cleared = changes.get(COMPANY) == "" and object_type.name == "contact"
    wishes = _company_wish(portal, object_type, changes)
    checks.unique(portal, object_type, changes, row.id)
    changed = records.change(portal, object_type, row, changes, source)
    touched: set[associations.End] = set()
    for wish in wishes:
        touched |= associations.connect(portal, row.id, wish.target_id, wish.kinds)
    if cleared and row.props.get(COMPANY):
        company = (object_type.type_id, row.id), ("0-2", int(row.props[COMPANY]))
        touched |= associations.disconnect(portal, *company)
    associations.roll_up(portal, touched, source)
    fresh = records.fetch(portal, object_type, [row.id])[row.id] if touched else row
    return Written(fresh, {*given, *changed}, checked.warnings)


def archive(portal: Portal, object_type: ObjectType, row: Row, source: Source) -> None:
    """Put a record into the recycle bin; its links are put aside with it."""
    if row.archived:
        return
    touched = associations.shelve(portal, object_type, row.id)
    row = records.fetch(portal, object_type, [row.id])[row.id]
    records.mark_archived(portal, object_type, row, portal.now())
    associations.roll_up(portal, touched, source)


def restore(portal: Portal, object_type: ObjectType, row: Row, source: Source) -> None:
    """Take a record out of the recycle bin (only the interface can).

    Raises:
        ApiError: 409 when its e-mail or another unique value belongs to a live record by now.
    """
    if not row.archived:
        return
    checks.unique(portal, object_type, row.props, row.id)
    records.mark_archived(portal, object_type, row, 0)
    touched = associations.unshelve(portal, object_type, row.id)
    associations.roll_up(portal, touched, source)


def erase_for_privacy(portal: Portal, object_type: ObjectType, row: Row, source: Source) -> None:
    """Remove a contact for good, history included, and refuse its addresses from now on."""
    addresses = [value for name, value in records.identities(portal, object_type, row.props) if name == "email"]
    touched = associations.shelve(portal, object_type, row.id)
    row = records.fetch(portal, object_type, [row.id])[row.id]
    records.erase(portal, object_type, row)
    db = portal.store.db
    for table, key in (("shelf", "id"), ("change", "id"), ("stale", "id"), ("event", "record"), ("alias", "new")):
        statement = f"DELETE FROM {table} WHERE object = ? AND {key} = ?"  # noqa: S608 - the names stand above
        db.execute(statement, (object_type.type_id, row.id))
    db.executemany("INSERT OR IGNORE INTO blocklist VALUES (?)", [(address,) for address in addresses])
    associations.roll_up(portal, touched, source)


def _defaults(portal: Portal, object_type: ObjectType, values: dict[str, str]) -> None:
    if object_type.name == "deal" and values.get("amount"):
        values.setdefault("deal_currency_code", portal.currency)
    if object_type.name == "lead":
        pipeline_name, stage_name = PIPELINED[object_type.type_id]
        pipeline = portal.pipelines[object_type.type_id][0]
        values.setdefault(pipeline_name, pipeline["id"])
        if values[pipeline_name] == pipeline["id"]:
            values.setdefault(stage_name, pipeline["stages"][0]["id"])


def _wish(portal: Portal, object_type: ObjectType, link: Mapping[str, Any]) -> Wish:
    target_id, kinds = str(link["to"]["id"]), []
    for given in link["types"]:
        category, type_id = given["associationCategory"], given["associationTypeId"]
        found = [
            kind
            for other in portal.types.all()
            if (kind := portal.association_types.find(object_type.type_id, other.type_id, category, type_id))
        ]
        if not found:
            raise _wrong_direction(portal, object_type, category, type_id)
        kinds.append(found[0])
    target = portal.types.find(kinds[0].target) if kinds else None
    row = None
    number = ids.number(target_id)
    if target and number is not None and all(kind.target == target.type_id for kind in kinds):
        row = records.fetch(portal, target, [number]).get(number)
    if row is None or row.archived:
        raise _invalid_link(target_id)
    return Wish(row.id, tuple(kinds))


def _company_wish(portal: Portal, object_type: ObjectType, values: dict[str, str]) -> list[Wish]:
    """A contact's `associatedcompanyid` is written as its primary association, which sets the property."""
    if object_type.name != "contact" or COMPANY not in values:
        return []
    company_id = values.pop(COMPANY)
    if not company_id:
        return []
    company_type = portal.types.find("company")
    primary = portal.association_types.primary("0-1", "0-2")
    assert company_type is not None
    assert primary is not None
    number = ids.number(company_id) or 0
    row = records.fetch(portal, company_type, [number]).get(number)
    if row is None or row.archived:
        raise _invalid_link(company_id)
    return [Wish(row.id, (primary,))]


def _invalid_link(target_id: str) -> ApiError:
    extra = {"context": {"INVALID_OBJECT_IDS": [target_id]}}
    return ApiError(400, "One or more associations are invalid", extra=extra)


def _wrong_direction(portal: Portal, object_type: ObjectType, category: str, type_id: int) -> ApiError:
    for source in portal.types.all():
        for target in portal.types.all():
            if portal.association_types.find(source.type_id, target.type_id, category, type_id):
                text = f"invalid from object type {object_type.type_id} for associations to be created."
                return ApiError(400, f"{text} expected: {source.type_id}")
    text = f"{type_id} is not a valid association type for {object_type.label}"
    return ApiError(400, text, extra={"subCategory": "crm.associations.INVALID_ASSOCIATION_TYPE"})
