"""What a person calls a record: a name out of the mirror, and the ids on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.core.plan import STAMP
from connector.engine.shape import Shapes
from connector.model import SIDES, Action, Field, Side, Value, opposite
from connector.project import Project
from connector.report.screen import shown
from connector.state.records import Seen
from connector.state.store import Store

Ids = dict[Side, str | None]


@dataclass(frozen=True, slots=True)
class Named:
    """A record with its ids; a side where it does not exist yet has none."""

    name: str
    ids: Ids

    def __str__(self) -> str:
        """Name and ids, on lines of their own."""
        return "\n".join(part for part in (self.name, self.where) if part)

    @property
    def where(self) -> str:
        """The ids alone."""
        return " · ".join(f"{_SHORT[side]} {id_}" for side in SIDES if (id_ := self.ids[side]))


_SHORT: dict[Side, str] = {"hubspot": "HS", "salesforce": "SF"}


class Names:
    """Looks names up in the store; asks no CRM."""

    def __init__(self, project: Project, store: Store) -> None:
        self._store = store
        self._shapes = Shapes(project.mappings, project.settings.time_zone)
        self._types = {(mapping.object, each.name): each for mapping in project.mappings for each in mapping.fields}
        self._met: dict[str, Ids] = {}

    def meet(self, actions: Sequence[Action]) -> None:
        """Learn the ids of the pairs that actions are about, those included that a plan is only about to link."""
        for action in actions:
            if action.kind == "adopt" and action.source and action.record:
                self._met[action.link] = {"hubspot": action.source, "salesforce": action.record}
        missing = {action.link for action in actions if action.link} - set(self._met)
        links = self._store.links.get(missing, closed=True)
        for link in links.values():
            self._met[link.id] = {side: link.record_id(side) for side in SIDES}

    def of_action(self, action: Action) -> Named:
        """The record that an action is about."""
        ids: Ids = dict(self._met.get(action.link) or _begun(action.link))
        if action.record:
            ids[action.side] = action.record
        if action.kind == "create":
            ids = {action.side: None, opposite(action.side): action.source}
        return self.named(action.object, ids)

    def of_link(self, link_id: str) -> Named:
        """The record of a link, open, closed or not made yet."""
        link = self._store.links.get([link_id], closed=True).get(link_id)
        ids: Ids = {side: link.record_id(side) for side in SIDES} if link else _begun(link_id)
        return self.named(link_id.partition(":")[0], ids)

    def named(self, object_: str, ids: Ids) -> Named:
        """The name that the first side with a record gives it."""
        for side in SIDES:
            id_ = ids.get(side)
            seen = self._store.mirror.get(side, id_, object_) if id_ else None
            if seen is not None:
                return Named(self._title(seen), ids)
        return Named("", ids)

    def value(self, object_: str, field: str, value: Value) -> str:
        """A canonical value as it may stand in a table: a link is shown by the name of its record."""
        known = self._types.get((object_, field))
        if known is None or known.object is None or not value:
            return shown(value)
        return shown(", ".join(self._linked(each) for each in value.split(";")))

    def _linked(self, link: str) -> str:
        return self.of_link(link).name or link

    def _title(self, seen: Seen) -> str:
        values = self._shapes.of(seen.object, seen.side, seen.vendor_object).canonical(seen.fields, _unresolved)[0]
        person = " ".join(part for part in (values.get("first_name"), values.get("last_name")) if part)
        return shown(values.get("name") or person or values.get("email") or "", 40).removeprefix("-")


def is_stamp(field: str) -> bool:
    """Whether a change only writes the counterpart's id."""
    return field == STAMP


def _begun(link: str) -> Ids:
    """The id that a link's own id names: `person:hubspot:101`."""
    ids: Ids = {"hubspot": None, "salesforce": None}
    for side in SIDES:
        _, found, record = link.partition(f":{side}:")
        if found:
            ids[side] = record
    return ids


def _unresolved(_field: Field, _side: Side, _id: str) -> str | None:
    """A title holds no references."""
    return None
