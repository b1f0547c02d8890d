"""A record as the API shows it: the requested properties, their history, its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from connector.sandbox.hubspot import associations, instants
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Row

MAX_HISTORY = 50
"""Records per page or batch when history is asked for (constant of HubSpot's client)."""
LINK_PAGE = 100


class View:
    """Which properties the answers of one request show; names that do not exist are left out."""

    def __init__(self, portal: Portal, object_type: ObjectType, names: Iterable[str]) -> None:
        self._portal = portal
        self._type = object_type
        wanted = list(names) or list(object_type.defaults)
        known = [name for name in wanted if portal.property(object_type, name)]
        self._names = sorted({*known, *object_type.stamps})
        self._url = f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{object_type.type_id}/"

    def show(self, row: Row, **more: Any) -> dict[str, Any]:
        """One record; `more` is added to the body, None values are left out."""
        created, modified = instants.shown(row.created), instants.shown(row.modified)
        own = {
            **row.props,
            self._type.created: created,
            self._type.modified: modified,
            "hs_object_id": str(row.id),
        }
        body: dict[str, Any] = {
            "id": str(row.id),
            "properties": {name: own.get(name) for name in self._names},
            "createdAt": created,
            "updatedAt": modified,
            "archived": row.archived > 0,
            "url": f"{self._url}{row.id}",
        }
        if row.archived:
            body["archivedAt"] = instants.shown(row.archived)
        body.update({name: value for name, value in more.items() if value is not None})
        return body


def history(
    portal: Portal, object_type: ObjectType, rows: Sequence[Row], names: Sequence[str]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """For each record: every value that the properties have had, the newest first.

    Raises:
        ApiError: 400 for more records than a page with history may have.
    """
    if len(rows) > MAX_HISTORY:
        raise ApiError(400, f"At most {MAX_HISTORY} records can be read with propertiesWithHistory")
    known = [name for name in names if portal.property(object_type, name)]
    told: dict[int, dict[str, list[dict[str, Any]]]] = {row.id: {name: [] for name in known} for row in rows}
    marks = ",".join("?" * len(rows))
    found = portal.store.db.execute(
        f"SELECT id, at, source, source_id, user, props FROM change WHERE object = ? AND id IN ({marks})"  # noqa: S608 - marks
        " ORDER BY rowid DESC",
        (object_type.type_id, *told),
    )
    for record_id, at, source, source_id, user, props in found:
        values = orjson.loads(props)
        for name in known:
            if name in values:
                told[record_id][name].append(_version(values[name], at, source, source_id, user))
    for row in rows:
        stamps = {object_type.created: row.created, object_type.modified: row.modified}
        for name, at in stamps.items():
            if name in told[row.id]:
                told[row.id][name] = [_version(instants.shown(at), at, "CALCULATED", None, None)]
    return told


def _version(value: str, at: int, source: str, source_id: str | None, user: int | None) -> dict[str, Any]:
    body = {
        "value": value,
        "timestamp": instants.shown(at),
        "sourceType": source,
        "sourceId": source_id,
        "updatedByUserId": user,
    }
    return {name: held for name, held in body.items() if held is not None}


def links(
    portal: Portal, object_type: ObjectType, ids: Sequence[int], wanted: Iterable[str]
) -> dict[int, dict[str, Any]]:
    """For each record: its links to the wanted types, as `associations=` gives them; empty ones are left out.

    Raises:
        ApiError: 400 for a type that does not exist.
    """
    told: dict[int, dict[str, Any]] = {record_id: {} for record_id in ids}
    for name in wanted:
        target = portal.types.find(name)
        if target is None:
            raise ApiError(400, f"Unable to infer object type from: {name}", None)
        found = associations.targets(portal, object_type.type_id, ids, target.type_id)
        for record_id, others in found.items():
            told[record_id][target.plural] = _listed(portal, object_type, target, others)
    return told


def _listed(
    portal: Portal, source: ObjectType, target: ObjectType, others: Mapping[int, list[tuple[str, int]]]
) -> dict[str, Any]:
    entries = [
        {"id": str(other_id), "type": _type_name(portal, source, target, label)}
        for other_id, labels in others.items()
        for label in labels
    ]
    body: dict[str, Any] = {"results": entries[:LINK_PAGE]}
    if len(entries) > LINK_PAGE:
        body["paging"] = {"next": {"after": entries[LINK_PAGE]["id"]}}
    return body


def _type_name(portal: Portal, source: ObjectType, target: ObjectType, label: tuple[str, int]) -> str:
    """`contact_to_company` is the primary link where there is one, the plain one then ends in `_unlabeled`."""
    plain = f"{source.name}_to_{target.name}"
    kind = portal.association_types.find(source.type_id, target.type_id, *label)
    kinds = portal.association_types.between(source.type_id, target.type_id)
    if kind is None or kind.label == "Primary":
        return plain
    if kind.label is None:
        return f"{plain}_unlabeled" if any(other.label == "Primary" for other in kinds) else plain
    return kind.label.lower().replace(" ", "_")
