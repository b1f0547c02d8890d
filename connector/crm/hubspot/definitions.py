"""A portal's definitions: property groups, properties, custom objects; made, counted and taken away.

It sends and reads; what should be there is decided in `install/`. Sources: HubSpot's properties guide, schemas guide,
limits tracking API (facts §7, §11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import orjson

from connector.crm.http import Answer
from connector.crm.hubspot.client import Client, checked, listed
from connector.crm.hubspot.describing import custom_objects_room
from connector.crm.hubspot.names import Paths
from connector.crm.hubspot.refusals import masked
from connector.crm.hubspot.scopes import held
from connector.crm.hubspot.writing import BATCH
from connector.crm.port import Room
from connector.errors import LaterError, SettingsError

Json = Mapping[str, Any]
_CONFLICT, _NOT_FOUND, _ERRORS = 409, 404, 400


class Definitions:
    """The definitions of one portal.

    Every method may raise `SettingsError` (a scope is missing, HubSpot refuses the definition) and `LaterError`.
    """

    def __init__(self, client: Client, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    # --- what there is -------------------------------------------------------------------------------------------

    def properties(self, vendor_object: str) -> list[Json]:
        """Every property of an object that is not archived."""
        told = listed(self._client.get(self._paths.properties(vendor_object)), f"the properties of {vendor_object}")
        return list(told["results"])

    def groups(self, vendor_object: str) -> list[str]:
        """The names of an object's property groups."""
        told = listed(self._client.get(f"{self._paths.properties(vendor_object)}/groups"), "the property groups")
        return [str(each["name"]) for each in told["results"]]

    def schemas(self) -> list[Json]:
        """Every custom object, with its associations."""
        return list(listed(self._client.get(self._schemas()), "the custom objects")["results"])

    def custom_objects_room(self) -> Room | None:
        """How many custom objects the account may have; None where the token may not ask."""
        return custom_objects_room(self._client, self._paths)

    def properties_room(self) -> dict[str, Room]:
        """How many properties of the account's own each object may have, by object type id."""
        told = checked(self._client.get(f"/crm/limits/{self._paths.version}/custom-properties"), "its limits")
        return {
            str(each["objectTypeId"]): Room(int(each["limit"]), int(each["usage"]))
            for each in told.get("byObjectType") or ()
        }

    def scopes(self) -> frozenset[str] | None:
        """What the token may do; None where HubSpot does not tell."""
        return held(self._client)

    # --- creating ------------------------------------------------------------------------------------------------

    def create_group(self, vendor_object: str, name: str, label: str) -> None:
        """Make a property group; one that is there already is fine."""
        path = f"{self._paths.properties(vendor_object)}/groups"
        answer = self._client.post(path, {"name": name, "label": label, "displayOrder": -1}, repeat=True)
        if answer.status != _CONFLICT:
            _done(answer, f"the property group {name} of {vendor_object}")

    def create_properties(self, vendor_object: str, bodies: Sequence[Json]) -> None:
        """Make properties; of a batch all or none."""
        path = f"{self._paths.properties(vendor_object)}/batch/create"
        for start in range(0, len(bodies), BATCH):
            part = list(bodies[start : start + BATCH])
            answer = self._client.post(path, {"inputs": part}, repeat=False)
            _done(answer, f"properties of {vendor_object}")

    def set_options(self, vendor_object: str, name: str, options: Sequence[Json]) -> None:
        """Replace the whole list of a property's options."""
        path = f"{self._paths.properties(vendor_object)}/{name}"
        _done(self._send("PATCH", path, {"options": list(options)}), f"the options of {vendor_object}.{name}")

    def create_schema(self, body: Json) -> str:
        """Make a custom object with its properties and associations; gives its object type id."""
        answer = self._client.post(self._schemas(), dict(body), repeat=False)
        if answer.status == _CONFLICT:
            raise SettingsError(
                f"HubSpot keeps the name {body['name']} for a custom object that is there or archived: delete the "
                "archived one for good in HubSpot, then type `revloop install` again"
            )
        return str(_done(answer, f"the custom object {body['name']}")["objectTypeId"])

    def link_schemas(self, from_type: str, to_type: str) -> None:
        """Let the records of two object types be associated."""
        body = {"fromObjectTypeId": from_type, "toObjectTypeId": to_type}
        answer = self._client.post(f"{self._schemas(from_type)}/associations", body, repeat=False)
        _done(answer, f"the association of {from_type} with {to_type}")

    # --- counting and taking away --------------------------------------------------------------------------------

    def filled(self, vendor_object: str, name: str) -> int:
        """How many records have a value in a property, by the search index."""
        return self._total(vendor_object, [{"propertyName": name, "operator": "HAS_PROPERTY"}])

    def records(self, vendor_object: str) -> int:
        """How many records an object has, by the search index."""
        return self._total(vendor_object, [{"propertyName": "hs_object_id", "operator": "HAS_PROPERTY"}])

    def _total(self, vendor_object: str, filters: list[dict[str, Any]]) -> int:
        body = {"filterGroups": [{"filters": filters}], "limit": 1}
        answer = self._client.post(self._paths.objects(vendor_object, "/search"), body, repeat=True, search=True)
        return int(checked(answer, f"a count of {vendor_object}").get("total") or 0)

    def archive_records(self, vendor_object: str) -> int:
        """Move every record of an object to the recycle bin; gives how many."""
        gone: set[str] = set()
        while True:
            page = listed(self._client.get(self._paths.objects(vendor_object), limit=BATCH), vendor_object)
            ids = [str(each["id"]) for each in page["results"]]
            if not ids:
                return len(gone)
            if gone.issuperset(ids):
                raise LaterError(f"HubSpot still shows archived records of {vendor_object}: type the command again", 10)
            path = self._paths.objects(vendor_object, "/batch/archive")
            body = {"inputs": [{"id": each} for each in ids]}
            _done(self._client.post(path, body, repeat=True), f"records of {vendor_object}")
            gone |= set(ids)

    def archive_properties(self, vendor_object: str, names: Sequence[str]) -> None:
        """Archive properties; HubSpot keeps their values for 90 days."""
        path = f"{self._paths.properties(vendor_object)}/batch/archive"
        for start in range(0, len(names), BATCH):
            inputs = [{"name": each} for each in names[start : start + BATCH]]
            _done(self._client.post(path, {"inputs": inputs}, repeat=True), f"properties of {vendor_object}")

    def delete_group(self, vendor_object: str, name: str) -> None:
        """Delete an empty property group."""
        answer = self._send("DELETE", f"{self._paths.properties(vendor_object)}/groups/{name}")
        if answer.status != _NOT_FOUND:
            _done(answer, f"the property group {name} of {vendor_object}")

    def delete_schema(self, object_type: str) -> None:
        """Archive a custom object without records, then remove it, which frees its name."""
        for path in (self._schemas(object_type), f"{self._schemas(object_type)}?archived=true"):
            answer = self._send("DELETE", path)
            if answer.status != _NOT_FOUND:
                _done(answer, f"the custom object {object_type}")

    def _schemas(self, object_type: str = "") -> str:
        return self._paths.schema(object_type).rstrip("/")

    def _send(self, method: str, path: str, body: Any = None) -> Answer:
        """A call that may be repeated: it sets or deletes."""
        options: dict[str, Any] = {"method": method, "path": path, "repeat": True}
        if body is not None:
            options["body"] = orjson.dumps(body)
        return self._client.api_request(options)


def _done(answer: Answer, what: str) -> Any:
    """The body of an answer to a change.

    Raises:
        LaterError: somebody was quicker.
        SettingsError: HubSpot refuses it; its own words say why, they speak of definitions only.
    """
    if answer.status < _ERRORS:
        return answer.body
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == _CONFLICT:
        _taken(what)
    raise SettingsError(
        f"HubSpot refuses {what} (status {answer.status}): {masked(str(body.get('message') or ''), {})}"
    )


def _taken(what: str) -> NoReturn:
    raise LaterError(f"HubSpot has {what} already: somebody was quicker, look again with `revloop install --plan`", 1.0)
