"""The sandbox's own doors, `/_sandbox/…`: what a person or an administrator of the org would do.

Each takes and gives JSON; a refusal answers 400 with `{"error": …}`. Faults, clock and counters belong to the
common door in front.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.salesforce import (
    campaigns,
    customize,
    dml,
    ids,
    lifecycle,
    load,
    profiles,
    removal,
    render,
    seed,
    times,
)
from connector.sandbox.salesforce.auth import Client
from connector.sandbox.salesforce.batch import Actor, Batch
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import known

Order = dict[str, Any]
Action = Callable[[Org, Order], Any]

DUPLICATE_RULES = ("block", "alert", "off")


def control_routes(app: Starlette) -> list[Route]:
    """The routes of these doors for the app that `create_app` made."""
    org: Org = app.state.org
    posts: dict[str, Action] = {
        "create": _create,
        "edit": _edit,
        "delete": _delete,
        "restore": _restore,
        "convert": _convert,
        "merge": _merge,
        "load": _load,
        "load_folder": _load_folder,
        "quota": _quota,
        "sessions": _sessions,
        "clients": _clients,
        "users": _users,
        "profile": _profile,
        "field": _field,
        "sobject": _sobject,
        "respond": _respond,
        "rules": _rules,
        "hold": _hold,
        "reset": _reset,
    }
    routes = [Route(f"/_sandbox/{name}", _door(org, action), methods=["POST"]) for name, action in posts.items()]
    return [*routes, Route("/_sandbox/records", _door(org, _records), methods=["GET"])]


def _door(org: Org, action: Action) -> Callable[[Request], Any]:
    """An endpoint that runs an action in one transaction; `reset` and its like see the store between two calls."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            order = orjson.loads(body) if body else {}
            order = {**dict(request.query_params), **order}
            async with org.lock:
                if action is _reset:
                    answer = _reset(org, order)
                else:
                    with org.store.transaction():
                        answer = action(org, order)
        except ApiError as error:
            return _json({"error": error.message, **error.top()}, 400)
        except KeyError as error:
            return _json({"error": f"the order lacks {error.args[0]!r}"}, 400)
        except (OSError, TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json(answer, 200)

    return endpoint


def _json(value: Any, status: int) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _object(org: Org, order: Order) -> SObject:
    found = org.store.schema.sobject(str(order["sobject"]))
    if found is None:
        raise ValueError(f"no object is named {order['sobject']!r}")
    return found


def _user(org: Org, given: Any) -> str:
    """A user's id from an id, user name or e-mail address; the administrator by default."""
    if not given:
        return seed.ADMIN_ID
    found = org.store.db.execute(
        'SELECT Id FROM "User" WHERE Id = ? OR Username = ? OR Email = ?', (ids.normal(given), given, given)
    ).fetchone()
    if found is None:
        raise ValueError("no user has this id, user name or e-mail address")
    return str(found[0])


def _batch(org: Org, order: Order) -> Batch:
    """Writing as a person, who is shown duplicates and saves all the same."""
    return org.batch(Actor(_user(org, order.get("user")), allow_duplicates=True))


def _create(org: Org, order: Order) -> Any:
    return {"id": dml.create(_batch(org, order), _object(org, order), order["fields"])}


def _edit(org: Org, order: Order) -> Any:
    return {"id": dml.update(_batch(org, order), _object(org, order), order["id"], order["fields"])}


def _delete(org: Org, order: Order) -> Any:
    return {"id": removal.delete(_batch(org, order), _object(org, order), order["id"])}


def _restore(org: Org, order: Order) -> Any:
    return {"ids": removal.restore(_batch(org, order), _object(org, order), order["id"])}


def _convert(org: Org, order: Order) -> Any:
    return lifecycle.convert(
        _batch(org, order),
        order["lead"],
        account=order.get("account"),
        contact=order.get("contact"),
        opportunity=order.get("opportunity", False),
    )


def _merge(org: Org, order: Order) -> Any:
    return {"id": lifecycle.merge(_batch(org, order), order["sobject"], order["master"], order["losers"])}


def _load(org: Org, order: Order) -> Any:
    return {"loaded": load.load_rows(_batch(org, order), _object(org, order), order["rows"])}


def _load_folder(org: Org, order: Order) -> Any:
    """The CSV files of a folder on this machine, all or none."""
    return {"loaded": load.fill(org.store, Path(order["folder"]))}


def _quota(org: Org, order: Order) -> Any:
    now = org.store.now()
    if "max" in order:
        org.quota.most = int(order["max"])
    if "remaining" in order:
        org.quota.leave(int(order["remaining"]), now)
    return {"max": org.quota.most, "used": org.quota.used(now)}


def _sessions(org: Org, order: Order) -> Any:
    """`revoke` ends all sessions, `strict` decides whether made-up tokens are let in, `lifetime` is in seconds."""
    if "strict" in order:
        org.auth.set_open(not order["strict"])
    if "lifetime" in order:
        org.auth.set_lifetime(float(order["lifetime"]))
    if order.get("revoke"):
        org.auth.end_all()
    return {"strict": not org.auth.open_session}


def _clients(org: Org, order: Order) -> Any:
    user = _user(org, order["user"]) if order.get("user") else seed.INTEGRATION_ID
    known_keys = ("client_id", "secret", "public_key", "refresh_token", "approved")
    given = {name: order[name] for name in known_keys if name in order}
    org.auth.register(Client(**{**given, "client_id": order["client_id"], "user": user}))
    return {"client_id": order["client_id"], "user": user}


def _users(org: Org, order: Order) -> Any:
    """Create a user (`email`, `first`, `last`), or change the one of this e-mail address (`active`, `manager`)."""
    sobject, batch = known(org.store.schema, "User"), _batch(org, {})
    email = str(order["email"])
    found = org.store.db.execute('SELECT Id FROM "User" WHERE Email = ?', (email,)).fetchone()
    if found is None:
        row = seed.user(ids.normal(order.get("id")), order.get("first", ""), order.get("last", email), email)
        found = (batch.fresh(sobject, row)["Id"],)
        profiles.give(batch, found[0], order.get("profile", profiles.STANDARD))
    if "active" in order:
        batch.touch("User", found[0], {"IsActive": int(order["active"])})
    if "manager" in order:
        batch.touch("User", found[0], {"ManagerId": _user(org, order["manager"]) if order["manager"] else None})
    return {"id": found[0]}


def _profile(org: Org, order: Order) -> Any:
    """Put `user` under the profile of the name `profile`: what the user may set up changes with it."""
    user = _user(org, order["user"])
    profiles.give(_batch(org, {}), user, str(order["profile"]))
    return {"user": user, "profile": order["profile"]}


def _field(org: Org, order: Order) -> Any:
    """Create a custom field: `sobject`, `name`, and the keys of CustomField metadata (`type`, `length`, …)."""
    field = customize.create_field(org.store, f"{order['sobject']}.{order['name']}", order)
    return {"name": field.name, "type": field.type}


def _sobject(org: Org, order: Order) -> Any:
    """Create a custom object: `name`, `label`, `plural`, `name_field` and `fields` as in `field`."""
    label = order.get("label") or order["name"].removesuffix("__c")
    made = customize.create_object(
        org.store, order["name"], label, order.get("plural") or f"{label}s", order.get("name_field") or {}
    )
    for field in order.get("fields", ()):
        customize.create_field(org.store, f"{made.name}.{field['name']}", field)
    return {"name": made.name, "key_prefix": made.key_prefix}


def _rules(org: Org, order: Order) -> Any:
    if "duplicate_rule" in order:
        if order["duplicate_rule"] not in DUPLICATE_RULES:
            raise ValueError(f"duplicate_rule is one of {', '.join(DUPLICATE_RULES)}")
        org.settings.duplicate_rule = order["duplicate_rule"]
    if "field_security" in order:
        org.settings.field_security = bool(order["field_security"])
    if "whole_minutes" in order:
        org.settings.whole_minutes = bool(order["whole_minutes"])
    if "tracked" in order:
        org.settings.tracked = frozenset(_lead_field(org, str(name)) for name in order["tracked"])
    names = ("duplicate_rule", "field_security", "whole_minutes")
    told = {name: getattr(org.settings, name) for name in names}
    return {**told, "tracked": sorted(org.settings.tracked)}


def _lead_field(org: Org, name: str) -> str:
    field = known(org.store.schema, "Lead").field(name)
    if field is None:
        raise ValueError(f"leads have no field {name}")
    return field.name


def _respond(org: Org, order: Order) -> Any:
    """`{"campaign": name, "type"?, "person": id or e-mail, "status"?, "responded"?, "on"?}`.

    A person's answer to a campaign: both the campaign and the membership are made where they are missing; a status
    that the campaign does not have yet counts as a response unless `responded` is false; `on` is the day of it.
    """
    return campaigns.respond(_batch(org, order), order)


def _hold(org: Org, order: Order) -> Any:
    until = order["until"]
    org.settings.hold = times.stamp(times.read_datetime(until)) if until else None
    return {"until": org.settings.hold}


def _reset(org: Org, _order: Order) -> Any:
    org.jobs.clear()
    org.deployments.clear()
    org.store.reset()
    org.begin()
    return {}


def _records(org: Org, order: Order) -> Any:
    """All records of an object, with the deleted ones if `deleted` is given."""
    sobject = _object(org, order)
    wanted = str(order.get("deleted", "")).lower() in ("1", "true", "yes")
    condition = "1" if wanted or "IsDeleted" not in sobject.fields else "IsDeleted = 0"
    rows = org.store.rows(sobject, f"{condition} ORDER BY Id")
    return {"records": [{name: render.value(field, row) for name, field in sobject.fields.items()} for row in rows]}
