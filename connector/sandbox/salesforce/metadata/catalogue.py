"""The installed components as rows that SOQL of the Tooling API can ask: custom fields, objects, validation rules.

The rows are made for each query; an answer never reads older ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

from connector.sandbox.salesforce import tables
from connector.sandbox.salesforce.metadata import components, shown
from connector.sandbox.salesforce.metadata.components import Component
from connector.sandbox.salesforce.schema import Field, Schema, SObject
from connector.sandbox.salesforce.store import Store

_ENTITY = Field("EntityDefinitionId", "Entity Definition ID", "string", reference_to=("EntityDefinition",))
_ENTITY.relationship_name = "EntityDefinition"
_OWN = {
    components.FIELD: ("00N", ("DeveloperName", "TableEnumOrId", "NamespacePrefix", "InlineHelpText", "Description")),
    components.RULE: ("03d", ("ValidationName", "Description", "ErrorDisplayField", "ErrorMessage", "NamespacePrefix")),
    components.OBJECT: ("01I", ("DeveloperName", "NamespacePrefix", "Description")),
}
SINGLE = ("FullName", "Metadata")
"""Fields that a query may ask of one row only."""

Row = dict[str, Any]


def schema() -> Schema:
    """The objects of the Tooling API that the sandbox has."""
    objects = [
        SObject(name, name, prefix, {one.name: one for one in _fields(name, own)})
        for name, (prefix, own) in _OWN.items()
    ]
    names = ("DurableId", "QualifiedApiName", "DeveloperName", "Label", "PluralLabel", "KeyPrefix")
    entity = [Field("Id", "Id", "id"), *(Field(name, name, "string") for name in names)]
    entity.append(Field("IsCustomizable", "IsCustomizable", "boolean"))
    return Schema([*objects, SObject("EntityDefinition", "EntityDefinition", "000", {one.name: one for one in entity})])


def _fields(name: str, own: tuple[str, ...]) -> Iterator[Field]:
    yield Field("Id", "Id", "id")
    for one in (*own, *SINGLE):
        yield Field(one, one, "string")
    if name == components.RULE:
        yield Field("Active", "Active", "boolean")
    if name != components.OBJECT:
        yield _ENTITY


def filled(store: Store, catalogue: Schema) -> sqlite3.Connection:
    """A database of its own with the rows of the catalogue as the org is now; the caller closes it."""
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for sobject in catalogue:
        tables.create_table(db, sobject)
        for row in rows(store, sobject.name):
            columns = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            db.execute(f'INSERT INTO "{sobject.name}" ({columns}) VALUES ({marks})', list(row.values()))  # noqa: S608 - names of this file
    return db


def rows(store: Store, name: str) -> Iterator[Row]:
    """The rows of one object of the catalogue."""
    objects = {one.name.lower(): one.id for one in components.listed(store, components.OBJECT)}
    if name == "EntityDefinition":
        for sobject in store.schema:
            yield _entity(sobject, objects.get(sobject.name.lower(), sobject.name))
        return
    for component in components.listed(store, name):
        row = row_of(store, component)
        if row is not None:
            entity = {"EntityDefinitionId": objects.get(component.parent.lower(), component.parent)}
            if name == components.FIELD:
                entity["TableEnumOrId"] = entity["EntityDefinitionId"]
            yield {**row, **(entity if name != components.OBJECT else {})}


def row_of(store: Store, component: Component) -> Row | None:
    """The row of a component without its object; None when what it described is gone."""
    row: Row = {"Id": component.id, "FullName": component.name, "Description": component.metadata.get("description")}
    sobject = store.schema.sobject(component.parent)
    if sobject is None:
        return None
    if component.type == components.FIELD:
        field = sobject.field(component.own_name)
        if field is None:
            return None
        row["DeveloperName"], row["InlineHelpText"] = field.name.removesuffix("__c"), field.help
        row["Metadata"] = _packed(shown.field_metadata(store.schema, sobject, field, component))
    elif component.type == components.RULE:
        row["ValidationName"], row["Active"] = component.own_name, int(bool(component.metadata.get("active")))
        row["ErrorMessage"] = component.metadata.get("errorMessage")
        row["ErrorDisplayField"] = component.metadata.get("errorDisplayField")
        row["Metadata"] = _packed(shown.rule_metadata(component))
    else:
        row["DeveloperName"] = component.name.removesuffix("__c")
        row["Metadata"] = _packed({**component.metadata, "label": sobject.label, "pluralLabel": sobject.label_plural})
    return row


def _packed(metadata: shown.Metadata) -> str:
    return orjson.dumps(metadata).decode()


def _entity(sobject: SObject, number: str) -> Row:
    return {
        "Id": number,
        "DurableId": number,
        "QualifiedApiName": sobject.name,
        "DeveloperName": sobject.name.removesuffix("__c"),
        "Label": sobject.label,
        "PluralLabel": sobject.label_plural,
        "KeyPrefix": sobject.key_prefix,
        "IsCustomizable": int(sobject.custom or "OwnerId" in sobject.fields),
    }
