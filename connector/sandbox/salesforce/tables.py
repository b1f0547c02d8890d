"""How an object lies in SQLite: one table named as the object, one column for each field.

Comparison of text ignores capitals as Salesforce does; ids and references keep theirs.
"""

from __future__ import annotations

import sqlite3

from connector.sandbox.salesforce.schema import Field, SObject

_EXACT = ("id", "reference", "date", "datetime")
_KINDS = {"boolean": "INTEGER", "int": "INTEGER", "double": "REAL", "currency": "REAL", "percent": "REAL"}
_NOT_SEARCHED = ("CreatedById", "LastModifiedById", "OwnerId", "MasterRecordId", "RecordTypeId", "ReportsToId")
_ALSO_SEARCHED = ("Account.Name", "Account.Website")


def create_table(db: sqlite3.Connection, sobject: SObject) -> None:
    """Create the table and indexes of an object that has none yet."""
    columns = ", ".join(_column(field) for field in sobject.fields.values())
    db.execute(f'CREATE TABLE "{sobject.name}" ({columns})')
    if sobject.field("SystemModstamp"):
        _index(db, sobject.name, "SystemModstamp", "Id")
    for field in sobject.fields.values():
        if _searched(sobject, field):
            _index(db, sobject.name, field.name)


def add_column(db: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    """Add the column of a new field to an object's table; a checkbox starts as its default in every row."""
    db.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {_column(field)}')
    if field.type == "boolean":
        db.execute(f'UPDATE "{sobject.name}" SET "{field.name}" = ?', (int(field.default == "true"),))  # noqa: S608 - names come from the schema
    index_field(db, sobject, field)


def complete_table(db: sqlite3.Connection, sobject: SObject) -> None:
    """Add the standard columns that the table of an older sandbox lacks."""
    have = {row[1] for row in db.execute(f'PRAGMA table_info("{sobject.name}")')}
    for field in sobject.fields.values():
        if field.name not in have:
            add_column(db, sobject, field)


def index_field(db: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    """Index a field that has become one to be searched by."""
    if _searched(sobject, field):
        _index(db, sobject.name, field.name)


def drop_column(db: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    """Remove the column of a field."""
    db.execute(f'DROP INDEX IF EXISTS "{_index_name(sobject.name, field.name)}"')
    db.execute(f'ALTER TABLE "{sobject.name}" DROP COLUMN "{field.name}"')


def _column(field: Field) -> str:
    if field.type == "id":
        return f'"{field.name}" TEXT PRIMARY KEY'
    kind = _KINDS.get(field.type, "TEXT")
    fold = " COLLATE NOCASE" if kind == "TEXT" and field.type not in _EXACT else ""
    return f'"{field.name}" {kind}{fold}'


def _searched(sobject: SObject, field: Field) -> bool:
    if field.type == "id":
        return False
    if field.type == "reference":
        return field.name not in _NOT_SEARCHED
    return (
        field.unique
        or field.external_id
        or field.id_lookup
        or field.type == "email"
        or f"{sobject.name}.{field.name}" in _ALSO_SEARCHED
    )


def _index(db: sqlite3.Connection, table: str, *columns: str) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    db.execute(f'CREATE INDEX IF NOT EXISTS "{_index_name(table, *columns)}" ON "{table}" ({listed})')


def _index_name(table: str, *columns: str) -> str:
    return "_".join(("ix", table, *columns))
