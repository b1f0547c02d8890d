"""The calls behind a read of one object: list pages, the recycle bin, searches, and what completes their records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import orjson

from connector.crm.hubspot.associations import Associations, from_list
from connector.crm.hubspot.changed_read import PAGE, Hits
from connector.crm.hubspot.client import Client, listed
from connector.crm.hubspot.full_read import Listed
from connector.crm.hubspot.names import MERGED, Paths, columns, modified_property, targets
from connector.crm.hubspot.records import BATCH, Records, asked, build, refuse_unknown, unknown_property
from connector.model import Record

LONGEST_QUERY = 12_000
LONGEST_SEARCH = 2_900
"""Characters that are safe in a URL (longer ones are answered with 414) and in a search body (3,000 at most)."""


class ObjectSource:
    """One object's calls, with the wanted fields; `known` gives the object's property names when in doubt."""

    def __init__(
        self,
        client: Client,
        paths: Paths,
        associations: Associations,
        records: Records,
        vendor_object: str,
        fields: Sequence[str],
        known: Callable[[], Collection[str]],
    ) -> None:
        self._client = client
        self._paths = paths
        self._associations = associations
        self._records = records
        self._object = vendor_object
        self._columns = columns(list(fields))
        self._asked = asked(vendor_object, fields)
        self._targets = targets(list(fields))
        self._known = known
        self._trusted = False
        self.began_at: float | None = None

    def began(self) -> datetime:
        """The vendor's time when the first call of this read set out."""
        return self._client.began(self._client.monotonic() if self.began_at is None else self.began_at)

    def page(self, after: str | None) -> Listed:
        """One list page of live records."""
        self._begin()
        wide = len(",".join(self._asked)) > LONGEST_QUERY
        answer = self._client.get(
            self._paths.objects(self._object),
            limit=BATCH,
            after=after,
            properties=[MERGED] if wide else self._asked,
            associations=self._targets,
        )
        body = listed(answer, self._object)
        raws = body["results"]
        return Listed(self._with_lists(raws, self._whole(raws) if wide else raws), _after(body))

    def archived(self, after: str | None) -> tuple[list[str], str | None]:
        """Ids of one page of the recycle bin."""
        answer = self._client.get(
            self._paths.objects(self._object), limit=BATCH, after=after, archived="true", properties=["hs_object_id"]
        )
        body = listed(answer, self._object)
        return [str(raw["id"]) for raw in body["results"]], _after(body)

    def count(self) -> int:
        """How many records the search index holds."""
        return int(self._search([], 1, ["hs_object_id"]).get("total", 0))

    def skip(self, start: str, records: int) -> str | None:
        """The id that stands so many records after `start` in the search index."""
        beyond = {"propertyName": "hs_object_id", "operator": "GTE", "value": start}
        results = self._search([beyond], 1, ["hs_object_id"], skipped=records)["results"]
        return str(results[0]["id"]) if results else None

    def changed(self, since: datetime, after: str) -> Hits:
        """One search page of changed records, ascending by id."""
        self._begin()
        filters = [
            {
                "propertyName": modified_property(self._object),
                "operator": "GTE",
                "value": str(int(since.timestamp() * 1000)),
            }
        ]
        if after:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": after})
        wanted = [modified_property(self._object)] if self._too_wide() else self._asked
        body = self._search(filters, PAGE, wanted)
        return Hits(body["results"], int(body.get("total", 0)))

    def complete(self, raws: list[dict[str, Any]]) -> list[Record]:
        """Search hits with their associations, and with their properties where the search could not carry them."""
        if self._too_wide():
            raws = self._whole(raws)
        self._trust(raws)
        ids = [str(raw["id"]) for raw in raws]
        linked = {target: self._associations.ids(self._object, target, ids) for target in self._targets}
        return [
            build(
                self._object,
                raw,
                self._columns,
                {f"associations.{target}": linked[target].get(str(raw["id"]), []) for target in self._targets},
            )
            for raw in raws
        ]

    def _search(self, filters: list[dict[str, str]], limit: int, properties: list[str], skipped: int = 0) -> Any:
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": properties,
            "limit": limit,
            "after": str(skipped),
        }
        answer = self._client.post(self._paths.objects(self._object, "/search"), body, repeat=True, search=True)
        return listed(answer, self._object)

    def _too_wide(self) -> bool:
        """Whether a search with these properties would be refused; 400 characters are for the rest of the body."""
        return len(orjson.dumps(self._asked)) > LONGEST_SEARCH - 400

    def _whole(self, raws: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same records with every property, by batch reads."""
        ids = [str(raw["id"]) for raw in raws]
        found = [
            dict(raw)
            for start in range(0, len(ids), BATCH)
            for raw in self._records.batch(self._object, ids[start : start + BATCH], self._asked)
        ]
        return sorted(found, key=lambda raw: ids.index(str(raw["id"])) if str(raw["id"]) in ids else len(ids))

    def _with_lists(self, listed: list[dict[str, Any]], raws: list[dict[str, Any]]) -> list[Record]:
        """Records of a list page, which carries associations itself; only very long ones are read again."""
        self._trust(raws)
        linked: dict[str, dict[str, list[str]]] = {str(raw["id"]): {} for raw in raws}
        for target in self._targets:
            cut_short = []
            for raw in listed:
                number = str(raw["id"])
                ids, more = from_list(raw, self._object, target)
                linked.setdefault(number, {})[f"associations.{target}"] = ids
                cut_short += [number] if more else []
            for number, ids in self._associations.ids(self._object, target, cut_short).items():
                linked[number][f"associations.{target}"] = ids
        return [build(self._object, raw, self._columns, linked[str(raw["id"])]) for raw in raws]

    def _trust(self, raws: Sequence[dict[str, Any]]) -> None:
        """Once per read: every wanted property exists."""
        if raws and not self._trusted:
            missing = unknown_property(raws[0], self._columns)
            if missing:
                refuse_unknown(self._object, missing, self._known())
            self._trusted = True

    def _begin(self) -> None:
        if self.began_at is None:
            self.began_at = self._client.monotonic()


def _after(body: Any) -> str | None:
    after = ((body.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)
