"""Turning actions into what a CRM takes: canonical values rendered, links and owners replaced by that CRM's ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connector.core.plan import STAMP
from connector.core.values import Unmapped, Unreadable, Waiting, render
from connector.engine.people import Owners
from connector.engine.shape import Shape
from connector.model import Action, Change, Field, Side, Write
from connector.state.store import Store


class Writer:
    """Renders batches of actions with one query for all the links they refer to.

    A reference whose other end could not be made is left out: its base does not move, so it is tried again.
    """

    def __init__(self, store: Store, owners: Owners, time_zone: str) -> None:
        self._store, self._owners, self._time_zone = store, owners, time_zone

    def creates(self, shape: Shape, actions: Sequence[Action]) -> list[Write]:
        """One write per action, each with the stamp that makes it repeatable."""
        resolve = self._resolver(shape, actions)
        stamp = shape.mapping.stamps[shape.side]
        return [
            Write(action.id, None, {**self._columns(shape, action.changes, resolve), stamp: action.source})
            for action in actions
        ]

    def updates(self, shape: Shape, actions: Sequence[Action]) -> list[Write]:
        """One write per action; empty `fields` where nothing can be written now."""
        resolve = self._resolver(shape, actions)
        return [Write(action.id, action.record, self._columns(shape, action.changes, resolve)) for action in actions]

    def associations(self, shape: Shape, actions: Sequence[Action]) -> list[tuple[Action, Write]]:
        """The actions whose record exists by now, reduced to the other ends that exist, each with its write."""
        links = self._store.links.get([action.link for action in actions])
        resolve = self._resolver(shape, actions)
        ready = []
        for action in actions:
            link = links.get(action.link)
            if link is None:
                continue
            possible = [each for change in action.changes if (each := _possible(shape, change, resolve))]
            fields = {}
            for change in possible:
                field = shape.by_name[change.field]
                before = _ids(field, shape.side, change.before, resolve)
                after = _ids(field, shape.side, change.after, resolve)
                add = [each for each in after if each not in before]
                remove = [each for each in before if each not in after]
                fields[shape.vendor_name(field)] = {"add": add, "remove": remove}
            if fields:
                write = Write(action.id, link.record_id(shape.side), fields)
                ready.append((replace(action, changes=tuple(possible)), write))
        return ready

    def names(self, shape: Shape, action: Action) -> list[str]:
        """The vendor's names of the fields an action writes."""
        return [self._name(shape, change) for change in action.changes]

    def _columns(self, shape: Shape, changes: Sequence[Change], resolve: _Resolver) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for change in changes:
            if change.field == STAMP:
                fields[self._name(shape, change)] = change.after
                continue
            field = shape.by_name[change.field]
            try:
                fields[shape.vendor_name(field)] = render(
                    field, shape.side, change.after, resolve, time_zone=self._time_zone
                )
            except Waiting:
                continue
            except (Unmapped, Unreadable):
                # `check` and the mapping's own rules find these before a run; a value that slips through is not written
                continue
        return fields

    @staticmethod
    def _name(shape: Shape, change: Change) -> str:
        if change.field == STAMP:
            return shape.mapping.stamps[shape.side]
        return shape.vendor_name(shape.by_name[change.field])

    def _resolver(self, shape: Shape, actions: Sequence[Action]) -> _Resolver:
        wanted = {
            link
            for action in actions
            for change in action.changes
            if change.field != STAMP and shape.by_name[change.field].object is not None
            for value in (change.before, change.after)
            if value
            for link in value.split(";")
        }
        return _Resolver(self._store, self._owners, wanted)


class _Resolver:
    """Link ids and addresses back to the ids of one CRM."""

    def __init__(self, store: Store, owners: Owners, links: set[str]) -> None:
        self._links = store.links.get(sorted(links))
        self._owners = owners

    def __call__(self, field: Field, side: Side, value: str) -> str | None:
        if field.object is None:
            return self._owners.id(side, value)
        link = self._links.get(value)
        return link.record_id(side) if link else None


def _possible(shape: Shape, change: Change, resolve: _Resolver) -> Change | None:
    """A change of references less the ends that could not be made; None when nothing of it is left to do."""
    field = shape.by_name[change.field]
    there = [link for link in (change.after or "").split(";") if link and resolve(field, shape.side, link)]
    after = ";".join(there) or None
    if after == change.before or (after is None and change.after is not None):
        return None
    return replace(change, after=after)


def _ids(field: Field, side: Side, value: str | None, resolve: _Resolver) -> list[str]:
    """The record ids a canonical reference stands for; those not linked are left out."""
    found = (resolve(field, side, link) for link in (value or "").split(";") if link)
    return [each for each in found if each is not None]
