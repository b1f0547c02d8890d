"""The doors behind the API (`/_sandbox/…`): act on records as a person in HubSpot's interface would.

What contacts do is `control_activities.py`, how the account itself is set up `control_setup.py`; faults, clock and
latency belong to the common door.
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

from connector.sandbox.hubspot import associations, load, merging, records, writing
from connector.sandbox.hubspot.control_activities import ACTIVITIES
from connector.sandbox.hubspot.control_orders import INTERFACE, Order, person_of, row_of, shown, type_of
from connector.sandbox.hubspot.control_setup import SETUP
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Row

_SENSELESS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What an order of the wrong shape runs into."""
Handler = Callable[[Portal, Order], Any]


def control_routes(app: Starlette) -> list[Route]:
    """The routes for the door in front of `app`."""
    portal: Portal = app.state.portal
    routes = [
        Route(f"/_sandbox/{name}", _door(portal, handler), methods=["POST"])
        for name, handler in {**_ACTIONS, **ACTIVITIES, **SETUP}.items()
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


def _edit(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    row = row_of(portal, object_type, order["id"])
    written = writing.update(portal, object_type, row, order["properties"], person_of(order), INTERFACE)
    return shown(portal, object_type, written.row)


def _create(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    links = order.get("associations") or []
    written = writing.create(portal, object_type, order["properties"], links, person_of(order), INTERFACE)
    return shown(portal, object_type, written.row)


def _merge(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    primary, other = (row_of(portal, object_type, order[name]) for name in ("primary", "other"))
    merged = merging.merge(portal, object_type, primary, other, person_of(order))
    return shown(portal, object_type, merged)


def _archive(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    writing.archive(portal, object_type, row_of(portal, object_type, order["id"]), person_of(order))
    return {"archived": str(order["id"])}


def _restore(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    writing.restore(portal, object_type, row_of(portal, object_type, order["id"]), person_of(order))
    return {"restored": str(order["id"])}


def _erase(portal: Portal, order: Order) -> Any:
    object_type = type_of(portal, order["object"])
    row = row_of(portal, object_type, order["id"])
    writing.erase_for_privacy(portal, object_type, row, person_of(order))
    return {"erased": str(order["id"])}


def _ends(portal: Portal, order: Order) -> tuple[associations.End, associations.End]:
    sides = []
    for side in ("from", "to"):
        object_type = type_of(portal, order[side]["object"])
        sides.append((object_type.type_id, row_of(portal, object_type, order[side]["id"]).id))
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
    associations.roll_up(portal, associations.connect(portal, one[1], other[1], found), person_of(order))
    return {"associated": [str(one[1]), str(other[1])]}


def _disassociate(portal: Portal, order: Order) -> Any:
    one, other = _ends(portal, order)
    associations.roll_up(portal, associations.disconnect(portal, one, other), person_of(order))
    return {"disassociated": [str(one[1]), str(other[1])]}


async def _load(portal: Portal, request: Request) -> Response:
    """`{"object", "rows"}`: records as given, ids kept."""
    try:
        order = orjson.loads(await request.body())
        total = await load.load_rows(portal, type_of(portal, order["object"]), order["rows"])
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
        object_type = type_of(portal, request.query_params.get("object", ""))
    except ValueError as error:
        return _answer({"error": str(error)}, 400)
    found = portal.store.db.execute(
        f"SELECT {records.COLUMNS} FROM record WHERE object = ? ORDER BY id",  # noqa: S608 - a constant
        (object_type.type_id,),
    )
    told = {}
    for row in map(records.row_of, found):
        body = shown(portal, object_type, row)
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
}
