"""Property definitions, and the standard ones of a fresh portal, which stand as tables in `standard/`.

How a value is checked against its definition is `values.py`.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "standard"


@dataclass(slots=True)
class Property:
    """One property of one object type, with the flags that HubSpot shows for it."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    unique: bool = False
    calculated: bool = False
    read_only: bool = False
    hidden: bool = False
    defined_by_hubspot: bool = False
    owner: bool = False
    currency: bool = False
    free_options: bool = False
    form_field: bool = False
    order: int = -1
    archived_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def settable(self) -> bool:
        """True when a request may give this property a value."""
        return not (self.read_only or self.calculated)

    @property
    def many(self) -> bool:
        """True when the value is a list joined by semicolons."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def stored(self) -> dict[str, Any]:
        """The definition as it is kept in the store."""
        return asdict(self)

    def shown(self) -> dict[str, Any]:
        """The definition as the properties API gives it."""
        body: dict[str, Any] = {
            "updatedAt": self.updated_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self.options,
            "displayOrder": self.order,
            "calculated": self.calculated,
            "externalOptions": self.owner,
            "archived": self.archived_at is not None,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.defined_by_hubspot,
            "showCurrencySymbol": self.currency,
            "modificationMetadata": {
                "archivable": not self.defined_by_hubspot,
                "readOnlyDefinition": self.defined_by_hubspot,
                "readOnlyValue": not self.settable,
                **({"readOnlyOptions": self.defined_by_hubspot} if self.type == "enumeration" else {}),
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }
        if self.owner:
            body["referencedObjectType"] = "OWNER"
        if self.archived_at:
            body["archivedAt"] = self.archived_at
        return {name: value for name, value in {**body, **self.extra}.items() if value is not None}


def option(value: str, label: str, order: int, *, hidden: bool = False) -> dict[str, Any]:
    """One option as HubSpot shows it."""
    return {"label": label, "value": value, "displayOrder": order, "hidden": hidden}


def load(table: str, at: str, group: str = "") -> dict[str, Property]:
    """The standard properties of one table; `group` names the group of a custom object."""
    with (TABLES / f"{table}.tsv").open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["name"]: _property(row, at, group) for row in rows}


def _property(row: dict[str, str], at: str, group: str) -> Property:
    flags = row["flags"]
    return Property(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        field_type=row["fieldType"],
        group=group if row["group"] == "GROUP" else row["group"],
        options=_options(row["options"]),
        calculated="c" in flags,
        read_only="r" in flags or "c" in flags,
        hidden="h" in flags,
        defined_by_hubspot=True,
        owner="o" in flags,
        currency="$" in flags,
        free_options="x" in flags or "o" in flags,
        form_field="r" not in flags and "c" not in flags,
        created_at=at,
        updated_at=at,
        extra={"currencyPropertyName": "deal_currency_code"} if row["name"] == "amount" else {},
    )


def _options(text: str) -> list[dict[str, Any]]:
    options = []
    for order, item in enumerate(part for part in text.split(";") if part):
        value, _, label = item.partition("=")
        options.append(option(value, label or value.replace("_", " ").capitalize(), order))
    return options
