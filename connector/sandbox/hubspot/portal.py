"""One HubSpot account: its store, clock, definitions and settings, held in memory and written through.

What may be done with records is decided elsewhere; this is what every room asks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import instants, pipelines, standard
from connector.sandbox.hubspot.association_types import AssociationType, AssociationTypes
from connector.sandbox.hubspot.limits import Limits
from connector.sandbox.hubspot.objecttypes import ObjectType, ObjectTypes
from connector.sandbox.hubspot.standard import Property
from connector.sandbox.hubspot.store import Store
from connector.sandbox.hubspot.tokens import Tokens

PORTAL_ID = 145_002_601
COMPANY_CURRENCY = "EUR"
APP_ID = 2_600_001
STAMP = "revloop_salesforce_id"
MOST_TYPES = 20
"""Custom objects of a developer test account, as observed; other numbers are not published."""
MOST_PROPERTIES = 1000
"""Properties of the account's own per object type (not published per tier)."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote a value, as the property history names it."""

    kind: str
    ident: str | None
    user: int | None = None


class Portal:
    """Everything one account knows, apart from the HTTP it is asked through."""

    def __init__(self, data: Path | None, *, clock: Clock, bare: bool, limits: Limits, **settings: Any) -> None:
        self.portal_id = PORTAL_ID
        self.clock = clock
        self.bare = bare
        self.limits = limits
        self.store = Store(data / "hubspot.sqlite" if data else None)
        self._given = settings
        self.open()

    def open(self) -> None:
        """Read the definitions from the store, and write the standard ones into a fresh one."""
        self.types = ObjectTypes()
        self.association_types = AssociationTypes()
        self.tokens = Tokens(self.store, self.clock, APP_ID, self._given.get("tokens"))
        self.tier = self.store.get("tier", self._given.get("tier", "enterprise"))
        self.limits.follow_tier(self.tier)
        self.lag = float(self.store.get("lag", 0))
        self.rules: dict[str, Any] = self.store.get("rules", {})
        self.owners: list[dict[str, Any]] = self.store.get("owners", _owners())
        self.schemas: dict[str, dict[str, Any]] = self.store.get("schemas", {})
        self.archived_schemas: dict[str, dict[str, Any]] = self.store.get("archived schemas", {})
        self.most_types = int(self.store.get("most types", MOST_TYPES))
        self.most_properties = int(self.store.get("most properties", MOST_PROPERTIES))
        self.currency: str = self.store.get("currency", COMPANY_CURRENCY)
        self.rates: list[dict[str, Any]] = self.store.get("rates", [])
        self.properties: dict[str, dict[str, Property]] = {}
        self.groups: dict[str, dict[str, dict[str, Any]]] = {}
        self.pipelines: dict[str, list[dict[str, Any]]] = {}
        self._unique: dict[str, list[str]] = {}
        for schema in self.schemas.values():
            self.types.add(ObjectType(**schema["type"]))
        for kind in self.store.get("association types", []):
            self.association_types.add(AssociationType(**kind))
        for object_type in self.types.all():
            self._open_type(object_type)

    def _open_type(self, object_type: ObjectType) -> None:
        key = object_type.type_id
        kept = self.store.get(f"properties {key}")
        if kept is None:
            self.fresh_type(object_type)
            return
        self.properties[key] = {name: Property(**body) for name, body in kept.items()}
        self.groups[key] = self.store.get(f"groups {key}")
        self.pipelines[key] = self.store.get(f"pipelines {key}", [])

    def fresh_type(self, object_type: ObjectType) -> None:
        """Give a type its standard properties, groups and pipelines, and keep them."""
        key = object_type.type_id
        at = instants.shown(self.now())
        table = "custom" if object_type.custom else object_type.plural
        self.properties[key] = standard.load(table, at, f"{object_type.name}_information")
        names = dict.fromkeys(prop.group for prop in self.properties[key].values())
        self.groups[key] = {
            name: {"name": name, "label": name.replace("_", " ").capitalize(), "displayOrder": order}
            for order, name in enumerate(names)
        }
        if not self.bare and key in ("0-1", "0-2", "0-3"):
            self.groups[key]["revloop"] = {"name": "revloop", "label": "revloop", "displayOrder": -1}
            self.properties[key][STAMP] = Property(
                STAMP, "Salesforce ID", "string", "text", "revloop", unique=True, created_at=at, updated_at=at
            )
        self.pipelines[key] = pipelines.fresh(key, at)
        self.keep_definitions(key)

    def keep_definitions(self, key: str) -> None:
        """Write the properties, groups and pipelines of one type."""
        self._unique.pop(key, None)
        bodies = {name: prop.stored() for name, prop in self.properties[key].items()}
        self.store.put(f"properties {key}", bodies)
        self.store.put(f"groups {key}", self.groups[key])
        self.store.put(f"pipelines {key}", self.pipelines[key])

    def keep_association_types(self, added: Iterable[AssociationType]) -> None:
        """Make types known that a user or a custom object brought, and keep them."""
        known = self.store.get("association types", [])
        for kind in added:
            self.association_types.add(kind)
            known.append(asdict(kind))
        self.store.put("association types", known)

    def now(self) -> int:
        """The sandbox's present in milliseconds."""
        return instants.to_ms(self.clock.now())

    def exchange_rate(self, currency: str) -> Decimal | None:
        """How much one unit of a currency is in the company's currency, if that is known."""
        if currency == self.currency:
            return Decimal(1)
        rates = [rate for rate in self.rates if rate["fromCurrencyCode"] == currency]
        return Decimal(str(rates[-1]["conversionRate"])) if rates else None

    def property(self, object_type: ObjectType, name: str) -> Property | None:
        """One property that is not archived."""
        prop = self.properties[object_type.type_id].get(name)
        return prop if prop and prop.archived_at is None else None

    def unique_properties(self, object_type: ObjectType) -> list[str]:
        """The names whose values address one record: unique properties, and a contact's e-mail."""
        key = object_type.type_id
        if key not in self._unique:
            names = [prop.name for prop in self.properties[key].values() if prop.unique]
            self._unique[key] = ["email", *names] if object_type.name == "contact" else names
        return self._unique[key]

    def owner(self, owner_id: str) -> dict[str, Any] | None:
        """One owner by id."""
        return next((owner for owner in self.owners if owner["id"] == owner_id), None)

    def allows(self, object_type: ObjectType) -> bool:
        """Whether the account's tier has this type: custom objects and leads cost more (facts §9, §11)."""
        if object_type.custom:
            return bool(self.tier == "enterprise")
        return object_type.name != "lead" or self.tier in ("professional", "enterprise")

    def reset(self) -> None:
        """Back to a fresh account, inside the caller's transaction."""
        self.store.clear()
        self.limits.reset()
        self.open()


def _owners() -> list[dict[str, Any]]:
    at = "2026-01-05T08:00:00Z"
    people = (("Olivia", "Sample"), ("Oskar", "Sample"), ("Ona", "Sample"))
    return [
        {
            "id": str(90_000_001 + number),
            "userId": 70_001 + number,
            "email": f"{first}.{last}@example.com".lower(),
            "firstName": first,
            "lastName": last,
            "archived": False,
            "createdAt": at,
            "updatedAt": at,
        }
        for number, (first, last) in enumerate(people)
    ]
