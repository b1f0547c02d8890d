"""Records by id or unique property: batch reads, histories, and what became of an id.

Limits: 100 records per batch read, 50 when histories are asked for (HubSpot's object API guide and its client).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connector.crm.hubspot.client import Client, checked, listed
from connector.crm.hubspot.names import MERGED, Paths, columns, modified_property, stamp
from connector.errors import LaterError, SettingsError
from connector.model import Gone, Record

BATCH = 100
HISTORY_BATCH = 50
NOT_FOUND = 404


def build(vendor_object: str, raw: Mapping[str, Any], fields: Iterable[str], linked: Mapping[str, Any]) -> Record:
    """A record from HubSpot's JSON; `linked` are its association fields."""
    stored = raw.get("properties") or {}
    chosen: dict[str, Any] = {name: stored.get(name) for name in fields}
    if stored.get(MERGED):
        chosen[MERGED] = stored[MERGED]
    chosen.update(linked)
    modified = stamp(stored.get(modified_property(vendor_object)) or raw.get("updatedAt"))
    return Record("hubspot", vendor_object, str(raw["id"]), chosen, modified)


def asked(vendor_object: str, fields: Sequence[str]) -> list[str]:
    """The properties to ask for: the wanted ones, the stamp, and the trace of merges."""
    return list(dict.fromkeys([*columns(list(fields)), modified_property(vendor_object), MERGED]))


class Records:
    """Batch reads of one portal; every method does one call after the other."""

    def __init__(self, client: Client, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def batch(
        self,
        vendor_object: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        by: str = "",
        archived: bool = False,
    ) -> list[Mapping[str, Any]]:
        """At most 100 records as JSON, found by id or by the unique property `by`; missing ones are left out."""
        body: dict[str, Any] = {
            "inputs": [{"id": number} for number in ids],
            "properties": list(properties),
            "propertiesWithHistory": [],
        }
        if by:
            body["idProperty"] = by
        return self._results(vendor_object, body, archived=archived)

    def histories(self, vendor_object: str, ids: Sequence[str], properties: Sequence[str]) -> list[Mapping[str, Any]]:
        """At most 50 records as JSON with every past value of `properties`."""
        body = {
            "inputs": [{"id": number} for number in ids],
            "properties": [],
            "propertiesWithHistory": list(properties),
        }
        return self._results(vendor_object, body, archived=False)

    def _results(self, vendor_object: str, body: Mapping[str, Any], *, archived: bool) -> list[Mapping[str, Any]]:
        path = self._paths.objects(vendor_object, "/batch/read" + ("?archived=true" if archived else ""))
        answer = self._client.post(path, body, repeat=True)
        if answer.status == NOT_FOUND and (answer.body or {}).get("category") == "OBJECT_NOT_FOUND":
            return []
        told = listed(answer, vendor_object)
        if any(error.get("category") != "OBJECT_NOT_FOUND" for error in told.get("errors") or []):
            # A record that could not be read must not pass for one that is not there.
            raise LaterError(f"HubSpot could not read all records of {vendor_object}: run again", 60.0)
        results: list[Mapping[str, Any]] = told["results"]
        return results

    def where_gone(self, vendor_object: str, number: str) -> Gone | None:
        """What became of an id that neither the records nor the recycle bin hold; None when it is there after all.

        An old id of a merged record answers with the survivor. What is unknown altogether was erased or has left
        the recycle bin.
        """
        answer = self._client.get(self._paths.objects(vendor_object, f"/{quote(number, safe='')}"), properties=MERGED)
        # Only in HubSpot's own words, which carry no category for an id that is a number (captured answers): what
        # stands between us and HubSpot must not make a record gone.
        if answer.status == NOT_FOUND and isinstance(answer.body, dict) and answer.body.get("status") == "error":
            return Gone("hubspot", vendor_object, number, "erased")
        survivor = str(checked(answer, vendor_object)["id"])
        return None if survivor == number else Gone("hubspot", vendor_object, number, "merged", survivor)


def unknown_property(raw: Mapping[str, Any], wanted: Iterable[str]) -> set[str]:
    """Properties that HubSpot did not answer: a set one has its value and an unset one null, a missing one no key."""
    return set(wanted) - (raw.get("properties") or {}).keys()


def refuse_unknown(vendor_object: str, missing: Collection[str], known: Collection[str]) -> None:
    """Stop when a wanted property does not exist, since every record would look as if it were empty.

    Raises:
        SettingsError: it names the properties.
    """
    unknown = sorted(set(missing) - set(known))
    if unknown:
        raise SettingsError(
            f"HubSpot has no property {', '.join(unknown)} on {vendor_object}: correct the mapping, or create it "
            "there; `revloop check` shows every such line"
        )
