"""The object types of a portal: their names in paths, stamps, default properties, scopes and required values.

Which properties a type has is `standard.py`; custom objects are added by `schemas.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type of record; `required` lists groups of properties of which one must be set on create."""

    type_id: str
    name: str
    plural: str
    modified: str = "hs_lastmodifieddate"
    created: str = "hs_createdate"
    defaults: tuple[str, ...] = ()
    scope: str = "crm.objects.contacts"
    required: tuple[tuple[str, ...], ...] = ()
    searchable: tuple[str, ...] = ()
    first_id: int = 1
    qualified_name: str = ""

    @property
    def label(self) -> str:
        """The name HubSpot uses in its messages."""
        return self.name.upper()

    @property
    def custom(self) -> bool:
        """True for a portal's own object type."""
        return self.type_id.startswith("2-")

    @property
    def stamps(self) -> tuple[str, str, str]:
        """The three properties that every answer carries, requested or not."""
        return (self.created, "hs_object_id", self.modified)

    def names(self) -> Iterable[str]:
        """Every spelling under which a path may name this type."""
        yield from (self.type_id, self.name, self.plural)
        if self.qualified_name:
            yield self.qualified_name


# Default properties and required values: HubSpot's search and object guides; ids differ per type on purpose,
# so that a contact's id used for a company is a 404 and not somebody else's record.
STANDARD = (
    ObjectType(
        "0-1",
        "contact",
        "contacts",
        modified="lastmodifieddate",
        created="createdate",
        defaults=("email", "firstname", "lastname"),
        required=(("email", "firstname", "lastname"),),
        searchable=("firstname", "lastname", "email", "phone", "company", "hs_additional_emails"),
        first_id=101_000_000_001,
    ),
    ObjectType(
        "0-2",
        "company",
        "companies",
        created="createdate",
        defaults=("name", "domain"),
        scope="crm.objects.companies",
        required=(("name", "domain"),),
        searchable=("name", "domain", "website", "phone"),
        first_id=21_000_000_001,
    ),
    ObjectType(
        "0-3",
        "deal",
        "deals",
        created="createdate",
        defaults=("dealname", "amount", "closedate", "pipeline", "dealstage"),
        scope="crm.objects.deals",
        required=(("dealname",), ("dealstage",)),
        searchable=("dealname", "pipeline", "dealstage", "description", "dealtype"),
        first_id=31_000_000_001,
    ),
    ObjectType(
        "0-136",
        "lead",
        "leads",
        scope="crm.objects.leads",
        required=(("hs_lead_name",),),
        searchable=("hs_lead_name",),
        first_id=136_000_000_001,
    ),
    ObjectType(
        "0-27",
        "task",
        "tasks",
        required=(("hs_timestamp",),),
        searchable=("hs_task_subject", "hs_task_body"),
        first_id=41_000_000_001,
    ),
    ObjectType("0-48", "call", "calls", required=(("hs_timestamp",),), first_id=42_000_000_001),
    ObjectType("0-47", "meeting", "meetings", required=(("hs_timestamp",),), first_id=43_000_000_001),
    ObjectType("0-49", "email", "emails", required=(("hs_timestamp",),), first_id=44_000_000_001),
    ObjectType("0-46", "note", "notes", required=(("hs_timestamp",),), first_id=45_000_000_001),
)


class ObjectTypes:
    """The types of one portal, found by any of their names."""

    def __init__(self) -> None:
        self._by_name: dict[str, ObjectType] = {}
        for object_type in STANDARD:
            self.add(object_type)

    def add(self, object_type: ObjectType) -> None:
        """Make a type known under all its names."""
        for name in object_type.names():
            self._by_name[name.lower()] = object_type

    def remove(self, object_type: ObjectType) -> None:
        """Forget a custom type."""
        for name in object_type.names():
            self._by_name.pop(name.lower(), None)

    def find(self, name: str) -> ObjectType | None:
        """The type that `name` (id, singular, plural, qualified) means, if any."""
        return self._by_name.get(name.lower())

    def all(self) -> list[ObjectType]:
        """Every type once, in the order they were added."""
        return list(dict.fromkeys(self._by_name.values()))
