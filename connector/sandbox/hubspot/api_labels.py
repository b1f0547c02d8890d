"""Association labels over HTTP: the types of a pair of objects, and labels that users add."""

from __future__ import annotations

from dataclasses import asdict

from connector.sandbox.hubspot import ids
from connector.sandbox.hubspot.association_types import USER, AssociationType
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.router import Endpoint

FIRST_TYPE = 101
"""Types beyond HubSpot's own are numbered per account."""


def new_types(
    portal: Portal, source: str, target: str, label: str | None, inverse: str | None
) -> list[AssociationType]:
    """A new kind of link in both directions, made known and kept."""
    there = portal.store.next_id("association type", FIRST_TYPE)
    back = there if source == target and inverse is None else portal.store.next_id("association type", FIRST_TYPE)
    kinds = [AssociationType(source, target, USER, there, back, label)]
    if back != there:
        kinds.append(AssociationType(target, source, USER, back, there, inverse or label))
    portal.keep_association_types(kinds)
    return kinds


def _shown(kinds: list[AssociationType]) -> list[dict[str, object]]:
    return [{"category": kind.category, "typeId": kind.type_id, "label": kind.label} for kind in kinds]


def read(call: Call) -> Answer:
    """Every type of link between two types of objects."""
    source, target = call.object_type("from", "read"), call.object_type("to", "read")
    return Answer({"results": _shown(call.portal.association_types.between(source.type_id, target.type_id))})


def create(call: Call) -> Answer:
    """A label of the account's own, in both directions."""
    source, target = call.object_type("from", "write"), call.object_type("to", "write")
    body = call.json("label", "name")
    kinds = new_types(call.portal, source.type_id, target.type_id, str(body["label"]), body.get("inverseLabel"))
    return Answer({"results": _shown(kinds)})


def rename(call: Call) -> Answer:
    """Another text for a label of the account's own."""
    source, target = call.object_type("from", "write"), call.object_type("to", "write")
    body = call.json("label", "associationTypeId")
    kind = _own(call, source.type_id, target.type_id, str(body["associationTypeId"]))
    _replace(call.portal, kind, AssociationType(**{**asdict(kind), "label": str(body["label"])}))
    return Answer(status=204)


def delete(call: Call) -> Answer:
    """Remove a label of the account's own, with every link that carries it."""
    source, target = call.object_type("from", "write"), call.object_type("to", "write")
    kind = _own(call, source.type_id, target.type_id, call.params["typeId"])
    for one in {kind, call.portal.association_types.inverse(kind)}:
        call.portal.store.db.execute(
            "DELETE FROM association WHERE source = ? AND target = ? AND category = ? AND type_id = ?",
            (one.source, one.target, one.category, one.type_id),
        )
        _replace(call.portal, one, None)
    return Answer(status=204)


def _own(call: Call, source: str, target: str, given: str) -> AssociationType:
    kind = call.portal.association_types.find(source, target, USER, ids.number(given) or 0)
    if kind is None or kind.label is None:
        raise ApiError(400, f"{given} is not a label that can be changed")
    return kind


def _replace(portal: Portal, old: AssociationType, new: AssociationType | None) -> None:
    known = [kind for kind in portal.store.get("association types", []) if kind != asdict(old)]
    portal.association_types.remove(old)
    portal.store.put("association types", known)
    if new:
        portal.keep_association_types([new])


ENDPOINTS = [
    Endpoint("GET", "associations", "/{from}/{to}/labels", read, kind="association"),
    Endpoint("POST", "associations", "/{from}/{to}/labels", create, kind="association"),
    Endpoint("PUT", "associations", "/{from}/{to}/labels", rename, kind="association"),
    Endpoint("DELETE", "associations", "/{from}/{to}/labels/{typeId}", delete, kind="association"),
]
