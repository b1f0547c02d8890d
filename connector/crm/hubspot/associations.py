"""Reading and writing associations in batches; which ones should exist is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.crm.http import Answer
from connector.crm.hubspot.association_types import Spec, Types, primary
from connector.crm.hubspot.client import Client, listed
from connector.crm.hubspot.names import Paths, plural, singular
from connector.errors import LaterError

READ_BATCH = 1000
SMALL_BATCH = 100
"""Some portals still refuse more than 100 ids per association read: a refused batch is cut down to this."""
WRITE_BATCH = 2000
_NONE_THERE = frozenset({"NO_ASSOCIATIONS_FOUND", "FROM_OBJECT_NOT_FOUND", "OBJECT_NOT_FOUND"})

Linked = dict[str, set[Spec]]
"""Id of an associated record -> its association types."""


def in_order(linked: Linked, first: Spec | None) -> list[str]:
    """The ids, the primary one first, the others as HubSpot gave them."""
    return sorted(linked, key=lambda number: first not in linked[number]) if first else list(linked)


def from_list(record: Mapping[str, Any], source: str, target: str) -> tuple[list[str], bool]:
    """The ids a list page gives for one record, primary first, and whether there are more than it shows.

    Such pages name types by words: `contact_to_company` is the primary one, with `_unlabeled` the default.
    """
    found = record.get("associations") or {}
    part: Mapping[str, Any] = next(
        (found[name] for name in found if plural(name.partition(":")[2] or name) == plural(target)), {}
    )
    words: dict[str, set[str]] = {}
    for entry in part.get("results", []):
        words.setdefault(str(entry["id"]), set()).add(entry.get("type", ""))
    top = f"{singular(source)}_to_{singular(target)}" if primary(source, target) else ""
    return sorted(words, key=lambda number: top not in words[number]), bool(part.get("paging"))


class Associations:
    """The associations of one portal."""

    def __init__(self, client: Client, paths: Paths) -> None:
        self._client = client
        self._paths = paths
        self.types = Types(client, paths)

    def ids(self, source: str, target: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """Record id -> associated ids, primary first; records without any are left out."""
        first = primary(source, target)
        return {number: in_order(linked, first) for number, linked in self.read(source, target, ids).items()}

    def read(self, source: str, target: str, ids: Sequence[str]) -> dict[str, Linked]:
        """Record id -> associated ids with their types.

        Raises:
            SettingsError: the pair of objects is refused.
            LaterError: HubSpot did not answer for every record.
        """
        found: dict[str, Linked] = {}
        for start in range(0, len(ids), READ_BATCH):
            self._read(source, target, [{"id": number} for number in ids[start : start + READ_BATCH]], found)
        return found

    def _read(self, source: str, target: str, inputs: list[dict[str, str]], found: dict[str, Linked]) -> None:
        path = self._paths.associations(source, target, "/batch/read")
        while inputs:
            answer = self._client.post(path, {"inputs": inputs}, repeat=True)
            if answer.status == 400 and len(inputs) > SMALL_BATCH:  # noqa: PLR2004 - too many ids for this portal
                for start in range(0, len(inputs), SMALL_BATCH):
                    self._read(source, target, inputs[start : start + SMALL_BATCH], found)
                return
            body = listed(answer, f"associations from {source} to {target}")
            _no_failures(body, source, target)
            inputs = []
            for result in body["results"]:
                number = str(result["from"]["id"])
                linked = found.setdefault(number, {})
                for entry in result.get("to", []):
                    types = linked.setdefault(str(entry["toObjectId"]), set())
                    types.update((kind["category"], kind["typeId"]) for kind in entry.get("associationTypes", []))
                after = ((result.get("paging") or {}).get("next") or {}).get("after")
                inputs += [{"id": number, "after": str(after)}] if after else []

    def add(self, source: str, target: str, wanted: Sequence[Pair]) -> list[Answer]:
        """Create associations; every type of a pair is sent, since HubSpot replaces the types it is not told."""
        inputs = [
            {
                "from": {"id": pair.source},
                "to": {"id": pair.target},
                "types": [
                    {"associationCategory": category, "associationTypeId": number}
                    for category, number in sorted(pair.types)
                ],
            }
            for pair in wanted
        ]
        return self._send(self._paths.associations(source, target, "/batch/create"), inputs)

    def remove(self, source: str, target: str, pairs: Mapping[str, Iterable[str]]) -> list[Answer]:
        """Remove every association between each record and the given others."""
        inputs = [
            {"from": {"id": number}, "to": [{"id": other} for other in others]} for number, others in pairs.items()
        ]
        return self._send(self._paths.associations(source, target, "/batch/archive"), inputs)

    def _send(self, path: str, inputs: list[dict[str, Any]]) -> list[Answer]:
        return [
            # Associating twice, or removing what is gone, changes nothing.
            self._client.post(path, {"inputs": inputs[start : start + WRITE_BATCH]}, repeat=True)
            for start in range(0, len(inputs), WRITE_BATCH)
        ]


@dataclass(frozen=True, slots=True)
class Pair:
    """One association to make."""

    source: str
    target: str
    types: frozenset[Spec] = field(default_factory=frozenset)


def _no_failures(body: Mapping[str, Any], source: str, target: str) -> None:
    """A record without associations is reported like an error; any other one must not pass for "none"."""
    for error in body.get("errors") or []:
        words = {str(error.get("subCategory")).rpartition(".")[2], str(error.get("category"))}
        if not words & _NONE_THERE:
            raise LaterError(f"HubSpot could not read all associations from {source} to {target}: run again", 60.0)
