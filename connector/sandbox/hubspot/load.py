"""Filling a sandbox: rows and CSV files become records, without limits, history source `IMPORT`.

Rows may carry `hs_object_id`, the stamps and read-only values; a name that the portal does not have is an error.
"""

from __future__ import annotations

import asyncio
import csv
import difflib
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from connector.sandbox.hubspot import associations, checks, ids, instants, records, values
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.pipelines import PIPELINED
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

IMPORT = Source("IMPORT", None)
SLICE = 500
# A column that names a linked record: (object, column) -> the type that the id belongs to.
REFERENCES = {
    ("contact", "associatedcompanyid"): "0-2",
    ("deal", "hs_primary_associated_company"): "0-2",
    ("deal", "associatedcompanyid"): "0-2",
    ("deal", "associatedcontactids"): "0-1",
    ("lead", "hs_primary_contact_id"): "0-1",
    ("lead", "hs_primary_company_id"): "0-2",
}


class LoadError(ValueError):
    """A row that cannot be loaded; the message says where and what to do."""


def load_csv(target: Starlette | Portal, path: Path) -> dict[str, int]:
    """Load `contacts.csv`, `companies.csv` … from a folder (or its `hubspot` folder); gives the rows per object.

    Companies come before contacts, contacts before deals and leads, so that references find their records.

    Raises:
        LoadError: a file, column or value that the portal does not know.
    """
    portal: Portal = target if isinstance(target, Portal) else target.state.portal
    folder = path / "hubspot" if (path / "hubspot").is_dir() else path
    order = ("0-2", "0-1", "0-3")
    known = sorted(portal.types.all(), key=lambda one: order.index(one.type_id) if one.type_id in order else 9)
    unknown = {file.name for file in folder.glob("*.csv")} - {f"{one.plural}.csv" for one in known}
    if unknown:
        names = ", ".join(f"{one.plural}.csv" for one in known)
        raise LoadError(f"{folder}: {', '.join(sorted(unknown))} is not one of {names}")
    counts = {}
    with portal.store.transaction():
        for object_type in known:
            file = folder / f"{object_type.plural}.csv"
            if file.exists():
                counts[object_type.plural] = _load_file(portal, object_type, file)
    return counts


def _load_file(portal: Portal, object_type: ObjectType, file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        check_names(portal, object_type, reader.fieldnames or (), str(file))
        total = 0
        for line, row in enumerate(reader, start=2):
            load_row(portal, object_type, row, f"{file} line {line}")
            total += 1
    return total


def check_names(portal: Portal, object_type: ObjectType, names: Iterable[str], where: str) -> None:
    """Refuse columns that are no properties, with the nearest known name.

    Raises:
        LoadError: for the first such column.
    """
    known = portal.properties[object_type.type_id]
    for name in names:
        if name not in known and (object_type.name, name) not in REFERENCES:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise LoadError(f"{where}: {object_type.plural} have no property {name!r}{hint}")


async def load_rows(portal: Portal, object_type: ObjectType, rows: Iterable[Mapping[str, Any]]) -> int:
    """Load rows in slices, letting other calls through between them; gives the number of rows.

    Raises:
        LoadError: for a row that cannot be loaded; earlier slices stay.
    """
    total = 0
    source = iter(rows)
    while part := list(islice(source, SLICE)):
        with portal.store.transaction():
            for row in part:
                total += 1
                where = f"row {total}"
                check_names(portal, object_type, row, where)
                load_row(portal, object_type, row, where)
        await asyncio.sleep(0)
    return total


def load_row(portal: Portal, object_type: ObjectType, row: Mapping[str, Any], where: str) -> Row:
    """One record from its property values.

    Raises:
        LoadError: for a bad value, an id or unique value that is taken, a reference to nothing.
    """
    given, references = _split(object_type, row)
    record_id = _id(portal, object_type, given.pop("hs_object_id", ""), where)
    stamps = [_stamp(given.pop(name, ""), where) for name in (object_type.created, object_type.modified)]
    props = {name: _value(portal, object_type, name, text, where) for name, text in given.items()}
    _pipeline(portal, object_type, props)
    try:
        checks.unique(portal, object_type, props, None)
    except ApiError as error:
        raise LoadError(f"{where}: {error.message}") from None
    created = stamps[0] if stamps[0] is not None else portal.now()
    fresh = Row(record_id, created, stamps[1] if stamps[1] is not None else created)
    records.insert(portal, object_type, fresh, props, IMPORT)
    touched: set[associations.End] = set()
    for target_id, target in references:
        touched |= _link(portal, object_type, fresh, target, target_id, where)
    if touched:
        associations.roll_up(portal, touched, IMPORT)
        _keep_stamp(portal, object_type, fresh)
    return fresh


def _split(object_type: ObjectType, row: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    given: dict[str, str] = {}
    references: list[tuple[str, str]] = []
    for name, value in row.items():
        text = values.text_of(value)
        if not text:
            continue
        target = REFERENCES.get((object_type.name, name))
        if target:
            references += [(part.strip(), target) for part in text.split(";") if part.strip()]
        else:
            given[name] = text
    return given, references


def _id(portal: Portal, object_type: ObjectType, text: str, where: str) -> int:
    if not text:
        return portal.store.next_id(object_type.type_id, object_type.first_id)
    record_id = ids.number(text)
    if record_id is None:
        raise LoadError(f"{where}: hs_object_id must be a number, not {text!r}")
    if records.fetch(portal, object_type, [record_id]):
        raise LoadError(f"{where}: {object_type.name} {text} exists already")
    portal.store.reserve(object_type.type_id, record_id)
    return record_id


def _stamp(text: str, where: str) -> int | None:
    if not text:
        return None
    ms = instants.read(text)
    if ms is None:
        raise LoadError(f"{where}: {text!r} is no time; write it as 2026-01-31T08:00:00Z")
    return ms


def _value(portal: Portal, object_type: ObjectType, name: str, text: str, where: str) -> str:
    prop = portal.properties[object_type.type_id][name]
    try:
        value = str(values.normalise(prop, text, "", lenient=True))
    except values.InvalidValueError as error:
        raise LoadError(f"{where}, column {name}: {error.message.splitlines()[0]}") from None
    if prop.owner and portal.owner(value) is None:
        raise LoadError(f"{where}, column {name}: there is no owner {value}; load the owners first")
    return value


def _pipeline(portal: Portal, object_type: ObjectType, props: dict[str, str]) -> None:
    names = PIPELINED.get(object_type.type_id)
    if names and props.get(names[1]):
        props.setdefault(names[0], portal.pipelines[object_type.type_id][0]["id"])
    if object_type.name == "deal" and props.get("amount"):
        props.setdefault("deal_currency_code", portal.currency)


def _link(
    portal: Portal, object_type: ObjectType, row: Row, target: str, target_id: str, where: str
) -> set[associations.End]:
    target_type = portal.types.find(target)
    other = ids.number(target_id)
    if target_type is None or other is None or not records.fetch(portal, target_type, [other]):
        raise LoadError(f"{where}: there is no record {target_id} of type {target}; load it first")
    known = portal.association_types
    kind = known.primary(object_type.type_id, target) or known.default(object_type.type_id, target)
    assert kind is not None
    return associations.connect(portal, row.id, other, [kind])


def _keep_stamp(portal: Portal, object_type: ObjectType, row: Row) -> None:
    """The record keeps the time it was loaded with, although its links came a moment later."""
    portal.store.db.execute(
        "UPDATE record SET modified = ? WHERE object = ? AND id = ?",
        (row.modified, object_type.type_id, row.id),
    )
