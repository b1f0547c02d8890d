"""Who has a person in hand, now and before: owners as the rejection loop and the service clocks know them.

What follows from an owner is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.engine.derive.memory import Held
from connector.engine.derive.people import Person
from connector.engine.people import Owners
from connector.model import SIDES, Owner, Side
from connector.revops.lifecycle_claims import LONG_AGO
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
    side = _side(person)
    return (owner_key(person.owner), person.shown[side].owner_at) if side else (None, None)


def held(person: Person, as_of: datetime) -> tuple[Held, ...]:
    """Who had the person in this cycle and since when, with whoever has it now.

    The first owner we know counts from the beginning, as nothing is known of earlier ones; a queue pauses nothing
    before its stamp. A later owner counts from the CRM's stamp, or from `as_of` where no stamp tells of the change.
    """
    known = _of_cycle(person.memory.held, person.memory.journey.recycled_at if person.memory.journey else None)
    side = _side(person)
    owner = (owner_key(person.owner) or person.shown[side].owner) if side else None
    queue = side is not None and person.owner is not None and person.owner.queue
    if not known:
        since = person.shown[side].owner_at if side and queue else None
        return (Held(since, owner, queue),) if owner else ()
    last = known[-1]
    if (owner, queue) == (last.owner, last.queue):
        return known
    at = _changed_at(person, side)
    return (*known, Held(at if at and (last.at is None or at > last.at) else as_of, owner, queue))


def queued(some: Sequence[Held]) -> tuple[tuple[datetime, datetime | None], ...]:
    """From when until when a queue had the person."""
    ends = [*(each.at for each in some[1:]), None]
    return tuple((each.at or LONG_AGO, end) for each, end in zip(some, ends, strict=False) if each.queue)


def _side(person: Person) -> Side | None:
    """The CRM whose owner counts."""
    shown = person.shown
    return next((side for side in reversed(SIDES) if side in shown and shown[side].owner), None)


def _changed_at(person: Person, side: Side | None) -> datetime | None:
    """When a CRM changed the owner, by its own stamp; None where it did not, and another one's owner counts now."""
    moments = [
        now.owner_at
        for where in ([side] if side else SIDES)
        if (now := person.shown.get(where)) and (before := person.memory.shown.get(where))
        if now.owner != before.owner and now.owner_at
    ]
    return max(moments, default=None)


def _of_cycle(known: tuple[Held, ...], began: datetime | None) -> tuple[Held, ...]:
    """Without those whom somebody else had followed when the cycle began."""
    if began is None:
        return known
    followed = [number for number, each in enumerate(known) if number and each.at and each.at <= began]
    return known[max(followed, default=0) :]
