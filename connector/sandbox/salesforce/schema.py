"""What objects and fields the sandbox org has: the shape behind describe, DML checks and SOQL.

The standard objects are read from `objects/<SObject>.tsv`; custom fields and objects are added at run time.
What a value may be is decided in `values.py`, how it is stored in `tables.py`.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OBJECTS = Path(__file__).parent / "objects"
_CHILDREN = "_children.tsv"


@dataclass(slots=True)
class PicklistValue:
    """One entry of a picklist."""

    value: str
    label: str = ""
    active: bool = True
    default: bool = False


@dataclass(slots=True)
class Field:
    """One field as describe names it; `type` is the describe type name."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    custom: bool = False
    unique: bool = False
    external_id: bool = False
    calculated: bool = False
    id_lookup: bool = False
    restricted: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    default: str | None = None
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    compound: str | None = None
    name_field: bool = False
    auto_number: bool = False
    defaulted: bool = False
    secured: bool = False
    """Seen only by users to whom a permission set grants it: so are fields that came by a deploy."""
    help: str | None = None
    cascade: bool = False
    """A master-detail: the record is deleted along with the one it names."""


@dataclass(slots=True)
class SObject:
    """One object; `child_relationships` maps relationship name -> (child sObject, its reference field)."""

    name: str
    label: str
    key_prefix: str
    fields: dict[str, Field]
    custom: bool = False
    child_relationships: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    label_plural: str = ""
    secured: bool = False
    """As `Field.secured`, for the object itself."""
    _lower: dict[str, Field] = dataclasses.field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._lower = {name.lower(): field for name, field in self.fields.items()}

    def field(self, name: str) -> Field | None:
        """The field of this API name in any capitals, or None."""
        return self._lower.get(name.lower())

    def add(self, field: Field) -> None:
        """Add a field or replace the one of the same name."""
        self.fields[field.name] = field
        self._lower[field.name.lower()] = field

    def remove(self, field: Field) -> None:
        """Take a field away."""
        del self.fields[field.name]
        del self._lower[field.name.lower()]


class Schema:
    """All objects of the org."""

    def __init__(self, sobjects: list[SObject] | None = None) -> None:
        self._by_name: dict[str, SObject] = {}
        self.secured = False
        """Whether anything in it is `secured`, so that users see different things."""
        self.version = 0
        """Grows with every change, so that whoever keeps something derived from the schema notices."""
        for sobject in sobjects or []:
            self.add(sobject)

    def sobject(self, name: str) -> SObject | None:
        """The object of this API name in any capitals, or None."""
        return self._by_name.get(name.lower())

    def by_prefix(self, prefix: str) -> SObject | None:
        """The object whose ids begin with this three-character key prefix, or None."""
        return next((one for one in self._by_name.values() if one.key_prefix == prefix), None)

    def add(self, sobject: SObject) -> None:
        """Add an object."""
        self._by_name[sobject.name.lower()] = sobject
        self.secured = self.secured or sobject.secured or any(one.secured for one in sobject.fields.values())
        self.version += 1

    def add_field(self, sobject: SObject, field: Field, child_relationship: str | None = None) -> None:
        """Add a field to an object; a lookup also becomes a child relationship of its target."""
        sobject.add(field)
        self.secured = self.secured or field.secured
        for target in field.reference_to if child_relationship else ():
            parent = self.sobject(target)
            if parent and child_relationship:
                parent.child_relationships[child_relationship] = (sobject.name, field.name)
        self.version += 1

    def __iter__(self) -> Iterator[SObject]:
        return iter(sorted(self._by_name.values(), key=lambda one: one.name))


def standard_schema() -> Schema:
    """The standard objects of a fresh org."""
    schema = Schema([_read(path) for path in sorted(OBJECTS.glob("[A-Z]*.tsv"))])
    with (OBJECTS / _CHILDREN).open(encoding="utf-8", newline="") as lines:
        for parent, relationship, child, field in csv.reader(lines, delimiter="\t"):
            sobject = schema.sobject(parent)
            assert sobject is not None, f"{_CHILDREN} names the unknown object {parent}"
            sobject.child_relationships[relationship] = (child, field)
    return schema


def _read(path: Path) -> SObject:
    """One object file: a line `label, plural, prefix`, a line of column names, then one line for each field."""
    with path.open(encoding="utf-8", newline="") as lines:
        label, plural, prefix = next(lines).rstrip("\n").split("\t")
        fields = [_field(row) for row in csv.DictReader(lines, delimiter="\t")]
    return SObject(path.stem, label, prefix, {one.name: one for one in fields}, label_plural=plural)


def _field(row: dict[str, str]) -> Field:
    """One line of an object file.

    Flags: C createable, U updateable, N nillable, D defaulted on create, I id lookup, R restricted picklist,
    Q unique, X external id, F calculated, M name field, A auto number.
    """
    flags = row["flags"]
    return Field(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        length=int(row["length"] or 0),
        precision=int(row["precision"] or 0),
        scale=int(row["scale"] or 0),
        nillable="N" in flags,
        createable="C" in flags,
        updateable="U" in flags,
        unique="Q" in flags,
        external_id="X" in flags,
        calculated="F" in flags,
        id_lookup="I" in flags,
        restricted="R" in flags,
        picklist=_picklist(row["picklist"], row["default"]),
        default=row["default"] or None,
        reference_to=tuple(row["reference_to"].split("/")) if row["reference_to"] else (),
        relationship_name=row["relationship"] or None,
        compound=row["compound"] or None,
        name_field="M" in flags,
        auto_number="A" in flags,
        defaulted="D" in flags,
    )


def _picklist(text: str, default: str) -> tuple[PicklistValue, ...]:
    """Entries are divided by `|`; an entry whose label differs from its value is `value=label`."""
    entries = []
    for entry in text.split("|") if text else ():
        value, _, label = entry.partition("=")
        entries.append(PicklistValue(value, label or value, default=value == default))
    return tuple(entries)
