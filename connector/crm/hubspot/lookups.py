"""Records by id, by unique property and by e-mail address, several calls at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

from connector.crm.fan import in_batches, spread
from connector.crm.hubspot.associations import READ_BATCH, Associations
from connector.crm.hubspot.names import columns, targets
from connector.crm.hubspot.records import BATCH, HISTORY_BATCH, Records, asked, build
from connector.model import Gone, Record

IDS = ("id", "hs_object_id")
LONGEST_EMAIL = 254
Result = TypeVar("Result")


class Lookups:
    """The reads of one portal that begin with known ids or values; none of them asks the search index."""

    def __init__(self, associations: Associations, records: Records, pool: Executor, width: int) -> None:
        self._associations = associations
        self._records = records
        self._pool = pool
        self._width = width

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """The records as they are now."""
        raws = self.raw(vendor_object, ids, asked(vendor_object, fields))
        return self._completed(vendor_object, raws, fields)

    def raw(self, vendor_object: str, ids: Sequence[str], properties: Sequence[str]) -> list[Mapping[str, Any]]:
        """The records as JSON, without their associations."""
        found = self._side_by_side(lambda part: self._records.batch(vendor_object, part, properties), ids, BATCH)
        return [raw for part in found for raw in part]

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique property, read from the records themselves and not from the search index."""
        if field in IDS:
            return self.read(vendor_object, list(values), fields)
        properties = [*asked(vendor_object, fields), field]

        def batch(part: Sequence[str]) -> list[Mapping[str, Any]]:
            return list(self._records.batch(vendor_object, part, properties, by=field))

        found = self._side_by_side(batch, list(values), BATCH)
        return self._completed(vendor_object, [raw for part in found for raw in part], [*fields, field])

    def contacts(self, addresses: Collection[str]) -> dict[str, str]:
        """E-mail address in lower case -> id of the contact that has it, as first or additional address."""
        properties = ["email", "hs_additional_emails"]
        wanted = [address for address in map(_folded, addresses) if _is_address(address)]

        def batch(part: Sequence[str]) -> list[Mapping[str, Any]]:
            return self._records.batch("contacts", part, properties, by="email")

        found: dict[str, str] = {}
        for raw in [raw for part in self._side_by_side(batch, wanted, BATCH) for raw in part]:
            held = raw.get("properties") or {}
            for address in f"{held.get('email') or ''};{held.get('hs_additional_emails') or ''}".split(";"):
                if address.strip():
                    found[_folded(address)] = str(raw["id"])
        return found

    def linked(self, vendor_object: str, target: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """Record id -> the ids of its associated records of one kind."""
        parts = self._side_by_side(lambda part: self._associations.ids(vendor_object, target, part), ids, READ_BATCH)
        return {number: others for part in parts for number, others in part.items()}

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin, merged into another record, or erased."""
        missing = self._missing(vendor_object, ids, archived=False)
        lost = self._missing(vendor_object, missing, archived=True)
        binned = [number for number in missing if number not in set(lost)]
        found = [Gone("hubspot", vendor_object, number, "deleted") for number in binned]
        others = spread(self._pool, lambda one: self._records.where_gone(vendor_object, one), lost, self._width)
        return found + [gone for gone in others if gone]

    def histories(self, vendor_object: str, ids: Sequence[str], names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Record id -> property -> its past values as HubSpot tells them."""
        found = self._side_by_side(lambda part: self._records.histories(vendor_object, part, names), ids, HISTORY_BATCH)
        return {str(raw["id"]): raw.get("propertiesWithHistory") or {} for part in found for raw in part}

    def _completed(self, vendor_object: str, raws: Sequence[Any], fields: Sequence[str]) -> list[Record]:
        ids = [str(raw["id"]) for raw in raws]
        linked = {target: self.linked(vendor_object, target, ids) if ids else {} for target in targets(list(fields))}
        names = list(dict.fromkeys(columns(list(fields))))
        return [
            build(
                vendor_object,
                raw,
                names,
                {f"associations.{target}": found.get(str(raw["id"]), []) for target, found in linked.items()},
            )
            for raw in raws
        ]

    def _missing(self, vendor_object: str, ids: Sequence[str], *, archived: bool) -> list[str]:
        def batch(part: Sequence[str]) -> set[str]:
            raws = self._records.batch(vendor_object, part, ["hs_object_id"], archived=archived)
            return {str(raw["id"]) for raw in raws}

        there = set().union(*self._side_by_side(batch, ids, BATCH))
        return [number for number in dict.fromkeys(ids) if number not in there]

    def _side_by_side(self, work: Callable[[Sequence[str]], Result], ids: Sequence[str], size: int) -> Iterator[Result]:
        return in_batches(self._pool, work, ids, size, self._width)


def _folded(address: str) -> str:
    return address.strip().lower()


def _is_address(text: str) -> bool:
    """Whether HubSpot may be asked for it: one that is none would fail the whole batch."""
    return "@" in text and len(text) <= LONGEST_EMAIL and not any(letter.isspace() for letter in text)
