"""Single records over HTTP: list, read, create, change, archive, search, merge, privacy delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.hubspot import filters, ids, merging, records, rendering, search, writing
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError, malformed, not_found
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.records import Row
from connector.sandbox.hubspot.rendering import View
from connector.sandbox.hubspot.router import Endpoint

MAX_PAGE = 100
"""Records of one list page (HubSpot's objects guide); 10 when nothing is asked for."""


def find(call: Call, object_type: ObjectType, given: str, *, archived: bool = False) -> Row:
    """The record that an id, a unique value (`idProperty`) or the id of a merged record means.

    Raises:
        ApiError: 404 when there is none, 400 when `idProperty` is not unique.
    """
    portal = call.portal
    name = call.argument("idProperty")
    if name and name != "hs_object_id":
        must_be_unique(call, object_type, name)
        record_id = records.by_value(portal, object_type, name, given)
    else:
        record_id = ids.number(given)
    if record_id is not None:
        record_id = records.survivor(portal, object_type, record_id) or record_id
        row = records.fetch(portal, object_type, [record_id]).get(record_id)
        if row and (row.archived > 0) == archived:
            return row
    raise not_found(given)


def must_be_unique(call: Call, object_type: ObjectType, name: str) -> None:
    """Refuse an `idProperty` that does not address one record."""
    if name not in call.portal.unique_properties(object_type):
        text = f"Property {name} is not a unique property of {object_type.name}"
        raise ApiError(400, text, extra={"context": {"propertyName": [name]}})


def given_properties(body: Mapping[str, Any]) -> dict[str, Any]:
    """The `properties` of a write."""
    given = body.get("properties")
    if not isinstance(given, dict):
        raise malformed("Cannot deserialize value of type `java.util.LinkedHashMap` from properties")
    return given


def given_links(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `associations` of a create."""
    given = body.get("associations") or []
    try:
        for link in given:
            _ = str(link["to"]["id"])
            _ = [(kind["associationCategory"], int(kind["associationTypeId"])) for kind in link["types"]]
    except (TypeError, KeyError, ValueError):
        raise malformed("Cannot deserialize value of type PublicAssociationsForObject") from None
    return list(given)


def _shown(call: Call, object_type: ObjectType, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Records with everything that `properties`, `propertiesWithHistory` and `associations` ask for."""
    with_history = call.names("propertiesWithHistory")
    view = View(call.portal, object_type, [*call.names("properties"), *with_history])
    told = rendering.history(call.portal, object_type, rows, with_history) if with_history else {}
    wanted = call.names("associations")
    linked = rendering.links(call.portal, object_type, [row.id for row in rows], wanted) if wanted else {}
    return [
        view.show(row, propertiesWithHistory=told.get(row.id), associations=linked.get(row.id) or None) for row in rows
    ]


def list_page(call: Call) -> Answer:
    """One page of records, ordered by id; `after` is the id of the next one."""
    object_type = call.object_type(right="read")
    limit = call.number("limit", 10, MAX_PAGE)
    after = call.argument("after") or "0"
    start = ids.number(after)
    if start is None:
        raise ApiError(400, f"after must be the value of an earlier answer, not {after}")
    kept = "archived > 0" if call.flag("archived") else "archived = 0"
    found = call.portal.store.db.execute(
        f"SELECT {records.COLUMNS} FROM record WHERE object = ? AND id >= ? AND {kept} ORDER BY id LIMIT ?",  # noqa: S608 - constants
        (object_type.type_id, start, limit + 1),
    )
    rows = [records.row_of(row) for row in found]
    body: dict[str, Any] = {"results": _shown(call, object_type, rows[:limit])}
    if len(rows) > limit:
        following = str(rows[limit].id)
        link = f"https://api.hubapi.com/crm/v3/objects/{object_type.plural}?limit={limit}&after={following}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return Answer(body)


def read(call: Call) -> Answer:
    """One record."""
    object_type = call.object_type(right="read")
    row = find(call, object_type, call.params["id"], archived=call.flag("archived"))
    return Answer(_shown(call, object_type, [row])[0])


def create(call: Call) -> Answer:
    """A new record: 201 with its place."""
    object_type = call.object_type(right="write")
    body = call.json()
    written = writing.create(
        call.portal, object_type, given_properties(body), given_links(body), call.source, call.version
    )
    shown = View(call.portal, object_type, written.names).show(written.row, warnings=written.warnings or None)
    place = f"https://api.hubapi.com/crm/v3/objects/{object_type.type_id}/{written.row.id}"
    return Answer(shown, 201, {"Location": place}, writes=1)


def change(call: Call) -> Answer:
    """Set values of one record; an old id of a merged record reaches the merged one."""
    object_type = call.object_type(right="write")
    given = given_properties(call.json())
    row = find(call, object_type, call.params["id"])
    written = writing.update(call.portal, object_type, row, given, call.source, call.version)
    shown = View(call.portal, object_type, written.names).show(written.row, warnings=written.warnings or None)
    return Answer(shown, writes=1)


def archive(call: Call) -> Answer:
    """Put one record into the recycle bin; a record that is there already is no error."""
    object_type = call.object_type(right="write")
    record_id = ids.number(call.params["id"]) or 0
    row = records.fetch(call.portal, object_type, [record_id]).get(record_id)
    if row is None or row.archived:
        return Answer(status=204)
    writing.archive(call.portal, object_type, row, call.source)
    return Answer(status=204, writes=1)


def find_many(call: Call) -> Answer:
    """A search."""
    object_type = call.object_type(right="read")
    if len(call.raw.decode("utf-8", "replace")) > search.MAX_BODY:
        raise filters.problem(f"the body of a search has at most {search.MAX_BODY} characters")
    asked = call.json() if call.raw.strip() else {}
    _search_shape(asked)
    total, rows, following = search.search(call.portal, object_type, asked)
    view = View(call.portal, object_type, call.text_list(asked, "properties"))
    body: dict[str, Any] = {"total": total, "results": [view.show(row) for row in rows]}
    if following is not None:
        body["paging"] = {"next": {"after": str(following)}}
    return Answer(body)


def _search_shape(asked: Mapping[str, Any]) -> None:
    groups, sorts = asked.get("filterGroups") or [], asked.get("sorts") or []
    flat = isinstance(groups, list) and all(
        isinstance(group, dict) and all(isinstance(one, dict) for one in group.get("filters") or []) for group in groups
    )
    if not flat or not isinstance(sorts, list) or not all(isinstance(one, str | dict) for one in sorts):
        raise malformed("Cannot deserialize value of type PublicObjectSearchRequest")


def merge(call: Call) -> Answer:
    """Merge two records into a new one."""
    object_type = call.object_type(right="write")
    body = call.json("primaryObjectId", "objectIdToMerge")
    wanted = [str(body[name]) for name in ("primaryObjectId", "objectIdToMerge")]
    primary, other = (find(call, object_type, given) for given in wanted)
    merged = merging.merge(call.portal, object_type, primary, other, call.source)
    return Answer(View(call.portal, object_type, ["hs_merged_object_ids"]).show(merged), writes=1)


def erase(call: Call) -> Answer:
    """Remove a contact for good; an unknown e-mail is refused from now on."""
    object_type = call.object_type(right="write")
    if object_type.name != "contact":
        raise not_found("gdpr-delete")
    body = call.json("objectId")
    given, portal = str(body["objectId"]), call.portal
    if body.get("idProperty") == "email":
        record_id = records.by_value(portal, object_type, "email", given)
        if record_id is None:
            portal.store.db.execute("INSERT OR IGNORE INTO blocklist VALUES (?)", (records.fold(given),))
    else:
        record_id = ids.number(given)
    row = records.fetch(portal, object_type, [record_id]).get(record_id) if record_id is not None else None
    if row is None:
        return Answer(status=204)
    writing.erase_for_privacy(portal, object_type, row, call.source)
    return Answer(status=204, writes=1)


ENDPOINTS = [
    Endpoint("GET", "objects", "/{type}", list_page),
    Endpoint("POST", "objects", "/{type}", create),
    Endpoint("GET", "objects", "/{type}/{id}", read),
    Endpoint("PATCH", "objects", "/{type}/{id}", change),
    Endpoint("DELETE", "objects", "/{type}/{id}", archive),
    Endpoint("POST", "objects", "/{type}/search", find_many, kind="search"),
    Endpoint("POST", "objects", "/{type}/merge", merge),
    Endpoint("POST", "objects", "/{type}/gdpr-delete", erase),
]
