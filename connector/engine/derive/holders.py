"""Who has a person in hand: users and queues of both CRMs as the rejection loop and the service clocks know them."""

from __future__ import annotations

from datetime import datetime

from connector.engine.derive.people import Person
from connector.engine.people import Owners
from connector.model import SIDES, Owner
from connector.revops.rejection_owners import SalesOwner


def sales_owners(owners: Owners, login: str | None = None) -> list[SalesOwner]:
    """Users and queues of both CRMs as the loop knows them: one per address, with manager and team.

    Whoever has the address of our own Salesforce `login` sells nothing.
    """
    found: dict[str, SalesOwner] = {}
    for side in reversed(SIDES):
        known = owners.all(side)
        for each in known.values():
            key = owner_key(each)
            if key is None:
                continue
            manager = owner_key(known.get(each.manager)) if each.manager else None
            before = found.get(key)
            found[key] = SalesOwner(
                key,
                each.email,
                active=each.active or (before is not None and before.active),
                queue=each.queue,
                sales=each.id != login and (before is None or before.sales),
                manager=(before.manager if before else None) or manager,
                team=(before.team if before else None) or each.team,
            )
    return list(found.values())


def owner_key(owner: Owner | None) -> str | None:
    """How leads name an owner: by address, a queue by its name."""
    if owner is None:
        return None
    return owner.email or (owner.name if owner.queue else None)


def owned(person: Person) -> tuple[str | None, datetime | None]:
    """Who has the person, and since when: in Salesforce, where sales works, if there is a record."""
    for side in reversed(SIDES):
        shown = person.shown.get(side)
        if shown is not None and shown.owner:
            return owner_key(person.owner), shown.owner_at
    return None, None
