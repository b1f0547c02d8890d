"""The doors behind the API (`/_sandbox/…`): act on records as a person in HubSpot's interface would.

How the account itself is set up is `control_setup.py`; faults, clock and latency belong to the common door.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.hubspot import associations, events, instants, load, merging, records, rendering, writing
from connector.sandbox.hubspot.control_setup import SETUP
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

USER = 70_001
INTERFACE = "interface"
"""The version under which a person's edits are judged: the account's rules are not among them here."""
_SENSELESS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What an order of the wrong shape runs into."""
_TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 200}
Order = dict[str, Any]
Handler = Callable[[Portal, Order], Any]


def control_routes(app: Starlette) -> list[Route]:
    """The routes for the door in front of `app`."""
    portal: Portal = app.state.portal
    routes = [
        Route(f"/_sandbox/{name}", _door(portal, handler), methods=["POST"])
        for name, handler in {**_ACTIONS, **SETUP}.items()
    ]

    async def load_rows(request: Request) -> Response:
        return await _load(portal, request)

    async def dump(request: Request) -> Response:
        return await _records(portal, request)

    async def load_folder(request: Request) -> Response:
        return await _load_folder(portal, request)

    routes.append(Route("/_sandbox/load", load_rows, methods=["POST"]))
    routes.append(Route("/_sandbox/load_folder", load_folder, methods=["POST"]))
    routes.append(Route("/_sandbox/records", dump, methods=["GET"]))
    return routes


def _answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _door(portal: Portal, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            order = orjson.loads(raw or b"{}")
            with portal.store.transaction():
                return _answer(handler(portal, order))
        except ApiError as error:
            return _answer({"error": error.message, "status": error.status}, 400)
        except _SENSELESS as error:
            return _answer({"error": f"{type(error).__name__}: {error}"}, 400)

    return answer


def _type(portal: Portal, name: str) -> ObjectType:
    found = portal.types.find(name)
    if found is None:
        raise ValueError(f"there is no object {name!r}")
    return found


def _row(portal: Portal, object_type: ObjectType, given: Any) -> Row:
    record_id = int(given)
    record_id = records.survivor(portal, object_type, record_id) or record_id
    row = records.fetch(portal, object_type, [record_id]).get(record_id)
    if row is None:
        raise ValueError(f"there is no {object_type.name} {given}")
    return row


def _person(order: Order) -> Source:
    user = int(order.get("user") or USER)
    return Source("CRM_UI", f"userId:{user}", user)


def _shown(portal: Portal, object_type: ObjectType, row: Row) -> dict[str, Any]:
    return rendering.View(portal, object_type, portal.properties[object_type.type_id]).show(row)


def _edit(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    row = _row(portal, object_type, order["id"])
    written = writing.update(portal, object_type, row, order["properties"], _person(order), INTERFACE)
    return _shown(portal, object_type, written.row)


def _create(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    links = order.get("associations") or []
    written = writing.create(portal, object_type, order["properties"], links, _person(order), INTERFACE)
    return _shown(portal, object_type, written.row)


def _merge(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    primary, other = (_row(portal, object_type, order[name]) for name in ("primary", "other"))
    merged = merging.merge(portal, object_type, primary, other, _person(order))
    return _shown(portal, object_type, merged)


def _archive(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    writing.archive(portal, object_type, _row(portal, object_type, order["id"]), _person(order))
    return {"archived": str(order["id"])}


def _restore(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    writing.restore(portal, object_type, _row(portal, object_type, order["id"]), _person(order))
    return {"restored": str(order["id"])}


def _erase(portal: Portal, order: Order) -> Any:
    object_type = _type(portal, order["object"])
    row = _row(portal, object_type, order["id"])
    writing.erase_for_privacy(portal, object_type, row, _person(order))
    return {"erased": str(order["id"])}


def _event(portal: Portal, order: Order) -> Any:
    """`{"kind": "page" | "form" | "click" | "open", "contact": id or e-mail, "at"?, "properties"?}`.

    Properties are those of the event: `hs_url` and `hs_title` of a page, `hs_form_name` of a form.
    """
    contacts = _type(portal, "contacts")
    row = _contact(portal, contacts, order["contact"])
    at = instants.read(str(order["at"])) if order.get("at") else portal.now()
    if at is None:
        raise ValueError(f"at is no time: {order['at']!r}")
    event = events.add(portal, contacts, row, str(order["kind"]), at, order.get("properties") or {})
    return {"id": event.uid, "type": event.type, "contact": str(row.id)}


def _meeting(portal: Portal, order: Order) -> Any:
    """`{"contact": id or e-mail, "at"?, "title"?, "outcome"?, "owner"?}`: a meeting linked to the contact."""
    contact = _contact(portal, _type(portal, "contacts"), order["contact"])
    at = str(order.get("at") or instants.shown(portal.now()))
    given = {
        "hs_timestamp": at,
        "hs_meeting_start_time": at,
        "hs_meeting_title": order.get("title") or "Meeting",
        "hs_meeting_outcome": order.get("outcome") or "COMPLETED",
        **({"hubspot_owner_id": str(order["owner"])} if order.get("owner") else {}),
    }
    link = {"to": {"id": str(contact.id)}, "types": [_TO_CONTACT]}
    written = writing.create(portal, _type(portal, "meetings"), given, [link], _person(order), INTERFACE)
    return _shown(portal, _type(portal, "meetings"), written.row)


def _contact(portal: Portal, contacts: ObjectType, given: Any) -> Row:
    """The contact of an id or an e-mail address."""
    text = str(given).strip().lower()
    if "@" not in text:
        return _row(portal, contacts, text)
    found = portal.store.db.execute(
        "SELECT id FROM identity WHERE object = ? AND property = 'email' AND value = ?", (contacts.type_id, text)
    ).fetchone()
    if found is None:
        raise ValueError("no contact has this e-mail address")
    return _row(portal, contacts, found[0])


def _ends(portal: Portal, order: Order) -> tuple[associations.End, associations.End]:
    sides = []
    for side in ("from", "to"):
        object_type = _type(portal, order[side]["object"])
        sides.append((object_type.type_id, _row(portal, object_type, order[side]["id"]).id))
    return sides[0], sides[1]


def _associate(portal: Portal, order: Order) -> Any:
    one, other = _ends(portal, order)
    known = portal.association_types
    wanted = order.get("type")
    if order.get("primary"):
        kinds = [known.primary(one[0], other[0])]
    elif wanted is not None:
        kinds = [kind for kind in known.between(one[0], other[0]) if kind.type_id == int(wanted)]
    else:
        kinds = [known.default(one[0], other[0])]
    found = [kind for kind in kinds if kind]
    if not found:
        raise ValueError(f"there is no such association from {one[0]} to {other[0]}")
    associations.roll_up(portal, associations.connect(portal, one[1], other[1], found), _person(order))
    return {"associated": [str(one[1]), str(other[1])]}


def _disassociate(portal: Portal, order: Order) -> Any:
    one, other = _ends(portal, order)
    associations.roll_up(portal, associations.disconnect(portal, one, other), _person(order))
    return {"disassociated": [str(one[1]), str(other[1])]}


async def _load(portal: Portal, request: Request) -> Response:
    """`{"object", "rows"}`: records as given, ids kept."""
    try:
        order = orjson.loads(await request.body())
        total = await load.load_rows(portal, _type(portal, order["object"]), order["rows"])
    except _SENSELESS as error:
        return _answer({"error": str(error)}, 400)
    return _answer({"loaded": total})


async def _load_folder(portal: Portal, request: Request) -> Response:
    """`{"folder"}`: the CSV files of a folder on this machine, all or none."""
    try:
        folder = Path(orjson.loads(await request.body())["folder"])
        return _answer({"loaded": load.load_csv(portal, folder)})
    except (KeyError, OSError, TypeError, ValueError) as error:
        return _answer({"error": str(error)}, 400)


async def _records(portal: Portal, request: Request) -> Response:
    """Everything about the records of one object, for tests."""
    try:
        object_type = _type(portal, request.query_params.get("object", ""))
    except ValueError as error:
        return _answer({"error": str(error)}, 400)
    found = portal.store.db.execute(
        f"SELECT {records.COLUMNS} FROM record WHERE object = ? ORDER BY id",  # noqa: S608 - a constant
        (object_type.type_id,),
    )
    told = {}
    for row in map(records.row_of, found):
        body = _shown(portal, object_type, row)
        told[str(row.id)] = {
            "properties": {name: value for name, value in body["properties"].items() if value is not None},
            "archived": body["archived"],
            "associations": _linked(portal, object_type, row),
        }
    return _answer(told)


def _linked(portal: Portal, object_type: ObjectType, row: Row) -> dict[str, dict[str, list[int]]]:
    linked: dict[str, dict[str, list[int]]] = {}
    for target, target_id, _, type_id in associations.ends(portal, object_type.type_id, row.id):
        target_type = portal.types.find(target)
        name = target_type.plural if target_type else target
        linked.setdefault(name, {}).setdefault(str(target_id), []).append(type_id)
    return linked


_ACTIONS: dict[str, Handler] = {
    "edit": _edit,
    "create": _create,
    "merge": _merge,
    "archive": _archive,
    "restore": _restore,
    "erase": _erase,
    "associate": _associate,
    "disassociate": _disassociate,
    "event": _event,
    "meeting": _meeting,
}
