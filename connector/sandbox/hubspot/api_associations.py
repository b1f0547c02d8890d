"""Associations v4 over HTTP: batches, single pairs, labels.

Shapes: facts §10. `toObjectId` is a JSON number on the wire although the contract says string; `from.id` is a
string. A record without links makes a batch read a 207 that is no failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.hubspot import associations, ids, records, writing
from connector.sandbox.hubspot.association_types import HUBSPOT, MAX_LABELS, AssociationType
from connector.sandbox.hubspot.call import Answer, Call, batch
from connector.sandbox.hubspot.errors import ApiError, fields_not_set, malformed, not_found
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.router import Endpoint

MAX_READ, MAX_CREATE, PAGE = 1000, 2000, 500
"""Inputs of a batch read and create (association guide); links on one page."""


def _types(call: Call, right: str) -> tuple[ObjectType, ObjectType]:
    return call.object_type("from", right), call.object_type("to", right)


def _kinds(
    call: Call, source: ObjectType, target: ObjectType, specs: Sequence[Mapping[str, Any]]
) -> list[AssociationType]:
    if not isinstance(specs, list) or not all(isinstance(spec, dict) for spec in specs):
        raise malformed("Cannot deserialize value of type AssociationSpec")
    kinds = []
    for spec in specs:
        category, type_id = str(spec.get("associationCategory", HUBSPOT)), spec.get("associationTypeId")
        kind_id = ids.number(type_id) or 0
        found = call.portal.association_types.find(source.type_id, target.type_id, category, kind_id)
        if found is None:
            text = f"{0 if type_id is None else type_id} is not a valid association type"
            extra = {"subCategory": "crm.associations.INVALID_ASSOCIATION_TYPE"}
            raise ApiError(400, f"{text} between {source.label} and {target.label}", extra=extra)
        kinds.append(found)
    if not kinds:
        raise fields_not_set(["types"])
    if len(kinds) > MAX_LABELS:
        raise ApiError(400, f"A pair of records has at most {MAX_LABELS} labels")
    return kinds


def _default(call: Call, source: ObjectType, target: ObjectType) -> AssociationType:
    kind = call.portal.association_types.default(source.type_id, target.type_id)
    if kind is None:
        text = f"No default association between {source.label} and {target.label}"
        raise ApiError(400, text, extra={"subCategory": "crm.associations.INVALID_ASSOCIATION_TYPE"})
    return kind


def _live(call: Call, object_type: ObjectType, given: str, side: str) -> int:
    record_id = ids.number(given)
    row = records.fetch(call.portal, object_type, [record_id]).get(record_id) if record_id is not None else None
    if row is None or row.archived:
        extra = {"subCategory": f"crm.associations.{side}_OBJECT_NOT_FOUND"}
        raise ApiError(404, f"No {object_type.name} with ID {given} exists", "OBJECT_NOT_FOUND", extra)
    return row.id


def _id(body: Mapping[str, Any], side: str) -> str:
    try:
        return str(body[side]["id"])
    except (KeyError, TypeError):
        raise malformed(f"Some required fields were not set: [{side}]") from None


def _pair(
    source: ObjectType, source_id: int, target: ObjectType, target_id: int, kinds: Sequence[AssociationType]
) -> dict[str, Any]:
    return {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": str(source_id),
        "toObjectTypeId": target.type_id,
        "toObjectId": str(target_id),
        "labels": [kind.label for kind in kinds if kind.label],
    }


def _written(call: Call, source_id: int, target_id: int, kind: AssociationType) -> list[dict[str, Any]]:
    """A default association as the answer shows it: both directions."""
    back = call.portal.association_types.inverse(kind)
    sides = [(kind, source_id, target_id), (back, target_id, source_id)]
    return [
        {
            "from": {"id": str(one)},
            "to": {"id": str(other)},
            "associationSpec": {"associationCategory": way.category, "associationTypeId": way.type_id},
        }
        for way, one, other in sides
    ]


def batch_read(call: Call) -> Answer:
    """The links of many records to one type."""
    source, target = _types(call, "read")
    inputs = call.inputs(MAX_READ, "id")
    given = {str(one["id"]): str(one.get("after") or "0") for one in inputs}
    numbers = {key: ids.number(key) for key in given}
    wanted = [one for one in numbers.values() if one is not None]
    found = associations.targets(call.portal, source.type_id, wanted, target.type_id)
    results, errors = [], []
    for key, after in given.items():
        links = found.get(numbers[key] or 0, {})
        if links:
            results.append({"from": {"id": key}, **_page(call, source, target, links, after, PAGE, "to")})
        else:
            errors.append(_no_links(source, target, key))
    return Answer(batch(call.portal, results, errors), 207 if errors else 200)


def _page(
    call: Call,
    source: ObjectType,
    target: ObjectType,
    links: Mapping[int, list[tuple[str, int]]],
    after: str,
    limit: int,
    name: str,
) -> dict[str, Any]:
    start = ids.number(after) or 0
    following = [target_id for target_id in links if target_id >= start]
    shown = []
    for target_id in following[:limit]:
        kinds = [
            call.portal.association_types.find(source.type_id, target.type_id, category, type_id)
            for category, type_id in links[target_id]
        ]
        types = [{"category": k.category, "typeId": k.type_id, "label": k.label} for k in kinds if k]
        shown.append({"toObjectId": target_id, "associationTypes": types})
    body: dict[str, Any] = {name: shown}
    if len(following) > limit:
        body["paging"] = {"next": {"after": str(following[limit])}}
    return body


def _no_links(source: ObjectType, target: ObjectType, key: str) -> dict[str, Any]:
    context = {"fromObjectId": [key], "fromObjectType": [source.name], "toObjectType": [target.name]}
    text = f"No {target.name} is associated with {source.name} {key}."
    extra = {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
    return ApiError(404, text, "OBJECT_NOT_FOUND", extra).in_batch(context)


def batch_create(call: Call) -> Answer:
    """Set the labels of many pairs; the labels given replace those there were."""
    source, target = _types(call, "write")
    results, errors, touched = [], [], set[associations.End]()
    for one in call.inputs(MAX_CREATE, "from", "to", "types"):
        try:
            kinds = _kinds(call, source, target, one["types"])
            pair = _live(call, source, _id(one, "from"), "FROM"), _live(call, target, _id(one, "to"), "TO")
        except ApiError as error:
            context = {"fromObjectId": [_id(one, "from")], "toObjectId": [_id(one, "to")]}
            errors.append(error.in_batch(context))
            continue
        touched |= associations.label(call.portal, *pair, kinds)
        results.append(_pair(source, pair[0], target, pair[1], kinds))
    associations.roll_up(call.portal, touched, call.source)
    return Answer(batch(call.portal, results, errors), 207 if errors else 201, writes=len(results))


def batch_default(call: Call) -> Answer:
    """Link many pairs without a label."""
    source, target = _types(call, "write")
    kind = _default(call, source, target)
    results, errors, touched, writes = [], [], set[associations.End](), 0
    for one in call.inputs(MAX_CREATE, "from", "to"):
        try:
            pair = _live(call, source, _id(one, "from"), "FROM"), _live(call, target, _id(one, "to"), "TO")
        except ApiError as error:
            errors.append(error.in_batch({}))
            continue
        touched |= associations.connect(call.portal, *pair, [kind])
        results += _written(call, *pair, kind)
        writes += 1
    associations.roll_up(call.portal, touched, call.source)
    return Answer(batch(call.portal, results, errors), 207 if errors else 200, writes=writes)


def batch_archive(call: Call) -> Answer:
    """Remove every link of many pairs."""
    source, target = _types(call, "write")
    touched, writes = set[associations.End](), 0
    for one in call.inputs(MAX_CREATE, "from", "to"):
        for to in one["to"] if isinstance(one["to"], list) else [one["to"]]:
            source_id, target_id = ids.number(_id(one, "from")), ids.number(_id({"to": to}, "to"))
            if source_id is not None and target_id is not None:
                ends = (source.type_id, source_id), (target.type_id, target_id)
                gone = associations.disconnect(call.portal, *ends)
                touched |= gone
                writes += bool(gone)
    _after_removal(call, touched)
    return _removed(call, writes)


def labels_archive(call: Call) -> Answer:
    """Remove labels of many pairs."""
    source, target = _types(call, "write")
    touched = set[associations.End]()
    inputs = call.inputs(MAX_CREATE, "from", "to", "types")
    for one in inputs:
        kinds = _kinds(call, source, target, one["types"])
        source_id, target_id = ids.number(_id(one, "from")), ids.number(_id(one, "to"))
        if source_id is not None and target_id is not None:
            touched |= associations.remove_labels(call.portal, source_id, target_id, kinds)
    _after_removal(call, touched)
    return _removed(call, len(inputs))


def _removed(call: Call, writes: int) -> Answer:
    """v4 answers 204 (its published client reads nothing), the dated contract a finished batch."""
    if call.version == "v3":
        return Answer(status=204, writes=writes)
    return Answer(batch(call.portal, []), writes=writes)


def _after_removal(call: Call, touched: set[associations.End]) -> None:
    """Bring counts up to date; a lead that has lost its primary contact and company is deleted (lead guide)."""
    portal = call.portal
    associations.roll_up(portal, touched, call.source)
    lead = portal.types.find("lead")
    assert lead is not None
    for type_id, record_id in touched:
        if type_id == lead.type_id and all(
            associations.primary_of(portal, type_id, record_id, other) is None for other in ("0-1", "0-2", "0-3")
        ):
            row = records.fetch(portal, lead, [record_id])[record_id]
            writing.archive(portal, lead, row, call.source)


def list_links(call: Call) -> Answer:
    """The links of one record to one type."""
    source, target = _types(call, "read")
    record_id = ids.number(call.params["id"])
    if record_id is None:
        raise not_found(call.params["id"])
    links = associations.targets(call.portal, source.type_id, [record_id], target.type_id).get(record_id, {})
    limit = call.number("limit", PAGE, PAGE)
    return Answer(_page(call, source, target, links, call.argument("after"), limit, "results"))


def put(call: Call) -> Answer:
    """Set the labels of one pair."""
    source, target = _types(call, "write")
    specs = call.json_list()
    kinds = _kinds(call, source, target, specs)
    pair = _live(call, source, call.params["id"], "FROM"), _live(call, target, call.params["toId"], "TO")
    touched = associations.label(call.portal, *pair, kinds)
    associations.roll_up(call.portal, touched, call.source)
    return Answer(_pair(source, pair[0], target, pair[1], kinds), 201, writes=1)


def put_default(call: Call) -> Answer:
    """Link one pair without a label."""
    source, target = _types(call, "write")
    kind = _default(call, source, target)
    pair = _live(call, source, call.params["id"], "FROM"), _live(call, target, call.params["toId"], "TO")
    touched = associations.connect(call.portal, *pair, [kind])
    associations.roll_up(call.portal, touched, call.source)
    return Answer(batch(call.portal, _written(call, *pair, kind)), writes=1)


def delete(call: Call) -> Answer:
    """Remove every link of one pair."""
    source, target = _types(call, "write")
    source_id, target_id = ids.number(call.params["id"]), ids.number(call.params["toId"])
    touched = set[associations.End]()
    if source_id is not None and target_id is not None:
        one, other = (source.type_id, source_id), (target.type_id, target_id)
        touched = associations.disconnect(call.portal, one, other)
        _after_removal(call, touched)
    return Answer(status=204, writes=bool(touched))


ENDPOINTS = [
    Endpoint("POST", "associations", "/{from}/{to}/batch/read", batch_read, kind="association"),
    Endpoint("POST", "associations", "/{from}/{to}/batch/create", batch_create, kind="association"),
    Endpoint("POST", "associations", "/{from}/{to}/batch/associate/default", batch_default, kind="association"),
    Endpoint("POST", "associations", "/{from}/{to}/batch/archive", batch_archive, kind="association"),
    Endpoint("POST", "associations", "/{from}/{to}/batch/labels/archive", labels_archive, kind="association"),
    Endpoint("GET", "pairs", "/{from}/{id}/associations/{to}", list_links),
    Endpoint("PUT", "pairs", "/{from}/{id}/associations/{to}/{toId}", put),
    Endpoint("DELETE", "pairs", "/{from}/{id}/associations/{to}/{toId}", delete),
    Endpoint("PUT", "pairs", "/{from}/{id}/associations/default/{to}/{toId}", put_default),
]
