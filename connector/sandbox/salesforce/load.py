"""Taking over records as they are: with their ids, their dates and their references.

Values are checked as everywhere; required fields, references and duplicates are not, since the data is taken
to come from an org that kept its rules. A folder of CSV files is loaded parents first.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import ids, rules
from connector.sandbox.salesforce.batch import Actor, Batch, Change, Layouts, Settings
from connector.sandbox.salesforce.checks import loaded
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.seed import ADMIN_ID, seed
from connector.sandbox.salesforce.store import Row, Store

_KEPT_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
_FIRST = (
    "User",
    "Group",
    "RecordType",
    "TaskStatus",
    "Campaign",
    "CampaignMemberStatus",
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
)


class LoadError(ValueError):
    """Data that cannot be taken over; says file or object, row, column and what to do."""


def load_rows(batch: Batch, sobject: SObject, rows: Iterable[Row]) -> int:
    """Take over rows by API name; a row whose Id is known replaces the fields it names. Gives their number.

    Raises:
        LoadError: a column is unknown or a value does not fit; the caller undoes what was written.
    """
    count = 0
    layout = batch.layouts.of(sobject)
    for count, raw in enumerate(rows, 1):
        try:
            values = loaded(batch, layout, raw)
            _take_over(batch, sobject, values)
        except ApiError as error:
            column = next((name for name in raw if sobject.field(name) is None and name != "attributes"), None)
            hint = f"; nearest known: {nearest(sobject, column)}" if column else ""
            raise LoadError(f"{sobject.name}, row {count}: {error.code}: {error.message}{hint}") from None
    return count


def _take_over(batch: Batch, sobject: SObject, values: Row) -> None:
    old = batch.store.row(sobject, values["Id"]) if values.get("Id") else None
    new = {**(old or batch.layouts.of(sobject).defaults), **values}
    if old is None:
        new["Id"] = values.get("Id") or batch.store.new_id(sobject.key_prefix)
        if "OwnerId" in sobject.fields and not new.get("OwnerId"):
            new["OwnerId"] = batch.actor.user
    change = Change(sobject, new, old, set(values))
    rules.before(batch, change)
    batch.sign(sobject, new, new=old is None)
    for name in _KEPT_STAMPS:
        if values.get(name) is not None:
            new[name] = values[name]
    if old is None:
        batch.store.insert(sobject, new)
    else:
        batch.store.update(sobject, change.id, {name: one for name, one in new.items() if name != "Id"})
    if sobject.name != "Opportunity":  # its primary contact roles are loaded as records of their own
        rules.after(batch, change)


def nearest(sobject: SObject, column: str) -> str:
    """The field name that a misspelt column most likely means."""
    found = difflib.get_close_matches(column, list(sobject.fields), 1, cutoff=0.0)
    return found[0] if found else "none"


def load_folder(data: Path | None, folder: Path, clock: Clock, *, bare: bool = False) -> dict[str, int]:
    """Load `folder`/<SObject>.csv into the store in the directory `data`; gives the rows of each object.

    Raises:
        LoadError: nothing to load, an unknown file, column or id, a value that does not fit; nothing is loaded.
    """
    store = Store(data, clock)
    try:
        with store.transaction():
            seed(store, bare=bare)
        with store.transaction():
            return fill(store, folder)
    finally:
        store.close()


def fill(store: Store, folder: Path) -> dict[str, int]:
    """Load a folder of CSV files inside a transaction of the caller; see `load_folder`.

    Raises:
        LoadError: see `load_folder`.
    """
    batch = Batch(store, Layouts(store), Settings(), Actor(ADMIN_ID), store.stamp(), csv=True)
    files = _files(store, folder)
    foreign = _foreign_ids(store, files)
    counts = {}
    for sobject, path in files:
        counts[sobject.name] = load_rows(batch, sobject, _own(sobject, path, foreign))
    return counts


def _files(store: Store, folder: Path) -> list[tuple[SObject, Path]]:
    """The files of a folder with their objects, parents first, every header checked."""
    found, problems = [], []
    for path in sorted(folder.glob("*.csv")):
        sobject = store.schema.sobject(path.stem)
        if sobject is None:
            names = [one.name for one in store.schema]
            near = difflib.get_close_matches(path.stem, names, 1, cutoff=0.0)
            problems.append(f"{path.name}: no object is named {path.stem}; nearest known: {near[0]}")
            continue
        found.append((sobject, path))
        problems += [
            f"{path.name}: column {column!r} is not a field of {sobject.name}; "
            f"nearest known: {nearest(sobject, column)}"
            for column in _header(path)
            if sobject.field(column) is None
        ]
    if problems:
        raise LoadError("\n".join(problems))
    if not found:
        raise LoadError(f"{folder} holds no <SObject>.csv file")
    order = {name: place for place, name in enumerate(_FIRST)}
    return sorted(found, key=lambda one: order.get(one[0].name, len(order)))


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines), [])


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _is_own(sobject: SObject, text: str) -> bool:
    return ids.normal(text) is not None and text.startswith(sobject.key_prefix)


def _foreign_ids(store: Store, files: list[tuple[SObject, Path]]) -> dict[str, str]:
    """A new id for every record whose Id is no id of its object."""
    foreign = {}
    for sobject, path in files:
        for row in _rows(path):
            text = row.get("Id") or ""
            if text and not _is_own(sobject, text):
                foreign[text] = store.new_id(sobject.key_prefix)
    return foreign


def _own(sobject: SObject, path: Path, foreign: dict[str, str]) -> Iterator[Row]:
    """The rows of a file without empty cells, foreign ids replaced.

    Raises:
        LoadError: a reference names an id that no file has.
    """
    keys = {name for name in _header(path) if _kind(sobject, name) in ("id", "reference")}
    for line, row in enumerate(_rows(path), 2):
        if None in row or None in row.values():
            raise LoadError(f"{path.name}, line {line}: another number of cells than the header")
        cells: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        for name in keys & cells.keys():
            cells[name] = foreign.get(cells[name], cells[name])
            if ids.normal(cells[name]) is None:
                raise LoadError(
                    f"{path.name}, line {line}, column {name}: {cells[name]!r} is the Id of no loaded record"
                )
        yield cells


def _kind(sobject: SObject, name: str) -> str:
    field = sobject.field(name)
    return field.type if field else ""
