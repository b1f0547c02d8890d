"""Which records a person means by an id, an e-mail address, a domain or a name. It asks the store only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connector.core.values import Unreadable, Waiting, canonical
from connector.crm.salesforce.ids import to18
from connector.errors import SettingsError
from connector.model import SIDES, Field, Link, ObjectMapping, Side
from connector.project import Project
from connector.state.store import Store

_SALESFORCE_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_MOST = 20
"""Records that are explained at once: a company name may be that of many deals."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One pair, or one record without a counterpart; `link` may be closed."""

    object: str
    ids: dict[Side, str | None]
    link: Link | None
    closed: str | None = None


def find(project: Project, store: Store, text: str) -> list[Subject]:
    """The records that `text` may mean.

    Raises:
        SettingsError: it means none.
    """
    found: dict[tuple[str, str | None, str | None], Subject] = {}
    for subject in _all(project, store, text.strip()):
        found.setdefault((subject.object, subject.ids["hubspot"], subject.ids["salesforce"]), subject)
    if not found:
        raise SettingsError(
            "no record is known by this: give a HubSpot id, a Salesforce id, an e-mail address, a domain or a name as "
            "revloop last read it (`revloop sync` reads)"
        )
    return list(found.values())[:_MOST]


def _all(project: Project, store: Store, text: str) -> Iterator[Subject]:
    link = store.links.get([text], closed=True).get(text)
    if link is not None:
        yield _of_link(store, link)
        return
    prefix, colon, rest = text.partition(":")
    mappings = [mapping for mapping in project.mappings if mapping.object == prefix] if colon else []
    wanted = rest.strip() if mappings else text
    for mapping in mappings or project.mappings:
        for side, id_ in _ids(wanted):
            yield from _by_id(store, mapping, side, id_)
        yield from _by_key(project, store, mapping, wanted)


def _ids(text: str) -> Iterator[tuple[Side, str]]:
    if text.isdecimal():
        yield "hubspot", text
    if _SALESFORCE_ID.fullmatch(text):
        yield "salesforce", to18(text)


def _by_id(store: Store, mapping: ObjectMapping, side: Side, id_: str) -> Iterator[Subject]:
    """The pair of a record, under the id it has now, or had in a link that is closed."""
    now = store.links.resolve(side, id_, mapping.object)
    open_ = store.links.of_records(side, [now], mapping.object).get(now)
    if open_ is not None:
        yield _of_link(store, store.links.get([open_])[open_])
        return
    closed = store.links.get([f"{mapping.object}:{side}:{id_}"], closed=True)
    for link in closed.values():
        yield _of_link(store, link)
    known = store.mirror.get(side, now, mapping.object) or store.mirror.why_gone(side, now, mapping.object)
    if known and not closed:
        ids: dict[Side, str | None] = {"hubspot": None, "salesforce": None}
        ids[side] = now
        yield Subject(mapping.object, ids, None)


def _by_key(project: Project, store: Store, mapping: ObjectMapping, text: str) -> Iterator[Subject]:
    fields = {field.name: field for field in mapping.fields if field.name in mapping.keys}
    for name in mapping.keys:
        for side in SIDES:
            if "@" in text and fields[name].type != "email":
                continue  # an address is no domain and no name, although both could be read out of it
            value = _canonical(fields[name], side, text, project.settings.time_zone)
            found = store.mirror.candidates(mapping.object, side, name, {value}) if value else {}
            for group in found.values():
                for id_, _, _ in group:
                    yield from _by_id(store, mapping, side, id_)


def _canonical(field: Field, side: Side, text: str, time_zone: str) -> str | None:
    try:
        return canonical(field, side, text, lambda _field, _side, _id: None, time_zone=time_zone)
    except (Unreadable, Waiting):
        return None


def _of_link(store: Store, link: Link) -> Subject:
    ids: dict[Side, str | None] = {side: link.record_id(side) for side in SIDES}
    return Subject(link.object, ids, link, store.links.closed(link.id))
