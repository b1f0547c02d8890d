"""What rows of custom objects point to, found when they are written: a person or deal may be as young as its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.engine.carriers import Carriers
from connector.engine.seams import Work
from connector.model import Action, Side, Value, Write
from connector.revops.carriers import TOUCHPOINT, Carrier
from connector.state.carried import CarriedRow
from connector.state.records import Seen

_ASSOCIATIONS: Mapping[str, str] = {"person": "associations.contacts", "deal": "associations.deals"}


@dataclass(slots=True)
class Ready:
    """A row that can be written now.

    `row` holds every field, None where one is emptied; `refs` what it will point to, in the words of the plan;
    `ends` the same as record ids; `before` what stands there.
    """

    action: Action
    row: dict[str, Value]
    before: CarriedRow | None
    refs: dict[str, str | None] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether its fields have to be written: not where only what it belongs to is new."""
        return self.before is None or not self.before.record or self.before.in_doubt or bool(self.action.changes)

    @property
    def points(self) -> bool:
        """Whether it has to point to something that it does not point to yet."""
        stands = self.before.refs if self.before else {}
        return any(stands.get(name) != self.refs[name] for name in self.ends)

    def body(self, *, pointing: bool) -> dict[str, Any]:
        """What is remembered of it, before or after it points to what it should."""
        stands = self.before.refs if self.before else {}
        return {
            "fields": {name: value for name, value in self.row.items() if value is not None},
            "refs": {**stands, **(self.refs if pointing else {})},
            "memory": (self.action.data or {})["memory"],
        }


class Targets:
    """Finds the other ends of one side's rows with a fixed number of queries for a batch."""

    def __init__(self, work: Work, carriers: Carriers, side: Side) -> None:
        self._store, self._carriers, self._side = work.store, carriers, side

    def ready(self, carrier: Carrier, actions: Sequence[Action]) -> list[Ready]:
        """The rows whose person or deal exists by now."""
        before = self._store.carried.get(self._side, carrier.name, [action.record or "" for action in actions])
        owners = self._owners({action.link for action in actions})
        keys = {ref for action in actions if (ref := _refs(action).get("touchpoint"))}
        touchpoints = self._store.carried.get(self._side, TOUCHPOINT.name, sorted(keys))
        found = []
        for action in actions:
            owner = owners.get(action.link)
            if owner is not None:
                ready = Ready(action, _row(action), before.get(action.record or ""))
                self._point(ready, owner, touchpoints)
                found.append(ready)
        return found

    def lookups(self, carrier: Carrier, ready: Ready) -> dict[str, str]:
        """Salesforce: the lookup columns of a row."""
        columns: dict[str, str] = {}
        for reference in carrier.references:
            end = ready.ends.get(reference.to)
            if end is None:
                continue
            by_object = dict(reference.salesforce)
            kind = (ready.refs[reference.to] or "").partition(" ")[0]
            column = by_object.get(kind) or next(iter(by_object.values()))
            columns[column] = end
        return columns

    def associations(self, ready: Ready) -> Write:
        """HubSpot: the associations of a row, as the port takes them; its id is set when the row has one."""
        fields = {}
        for name, end in ready.ends.items():
            column = _ASSOCIATIONS.get(name)
            if name == "touchpoint":
                column = f"associations.{self._carriers.vendor_object('hubspot', TOUCHPOINT.name)}"
            if column is not None:
                fields[column] = {"add": [end], "remove": []}
        return Write(ready.action.id, ready.before.record if ready.before else None, fields)

    def _point(self, ready: Ready, owner: Seen, touchpoints: Mapping[str, CarriedRow]) -> None:
        for name, wanted in _refs(ready.action).items():
            if name in ("person", "deal"):
                ready.refs[name], ready.ends[name] = f"{owner.vendor_object} {owner.id}", owner.id
            elif name == "touchpoint" and wanted in touchpoints:
                ready.refs[name], ready.ends[name] = wanted, touchpoints[wanted].record
            elif name == "campaign" and wanted:
                ready.refs[name], ready.ends[name] = wanted, wanted

    def _owners(self, keys: set[str]) -> dict[str, Seen]:
        """Owner key -> the record of this side."""
        links = self._store.links.get(keys)
        records = {key: link.record_id(self._side) for key, link in links.items()}
        for key in keys - set(links):
            _, side, record = (*key.split(":", 2), "", "")[:3]
            if side == self._side:
                records[key] = record
        found: dict[str, Seen] = {}
        for object_, some in _by_object(records):
            seen = self._store.mirror.many(self._side, list(some.values()), object_)
            found.update({key: seen[record] for key, record in some.items() if record in seen})
        return found


def _by_object(records: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for object_ in sorted({key.partition(":")[0] for key in records}):
        yield object_, {key: record for key, record in records.items() if key.startswith(f"{object_}:")}


def _refs(action: Action) -> Mapping[str, Any]:
    refs: Mapping[str, Any] = (action.data or {})["refs"]
    return refs


def _row(action: Action) -> dict[str, Value]:
    return {**(action.data or {})["rest"], **{change.field: change.after for change in action.changes}}
