"""Adding and removing the contacts of opportunities: OpportunityContactRole records behind a list of ids.

What is there already is read first, so that repeating a write changes nothing; Salesforce itself would take the
same contact twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.crm.salesforce.collections import Collections, Order, or_later
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.problems import DUPLICATE, GONE
from connector.crm.salesforce.soql import ROLE, ROLES, among, select
from connector.model import Done, Outcome, Refused, Write

_COLUMNS = ("Id", "OpportunityId", "ContactId", "IsPrimary")


@dataclass(slots=True)
class _Steps:
    """The role records that the writes come to, with the place of the write each belongs to."""

    writes: list[Write] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    def add(self, at: int, write: Write) -> None:
        """One record for the write at this place."""
        self.writes.append(write)
        self.owners.append(at)


def associate(org: Org, collections: Collections, writes: Sequence[Write]) -> list[Outcome]:
    """Carry out `{"OpportunityContactRoles": {"add": […], "remove": […]}}` of each opportunity."""
    outcomes: dict[int, Outcome] = {}
    wanted = {at: one for at, one in enumerate(writes) if set(one.fields) == {ROLES}}
    known = _known(org, {to18(one.id or "") for one in wanted.values()})
    removals, additions = _Steps(), _Steps()
    for at, write in enumerate(writes):
        if at not in wanted:
            outcomes[at] = Refused("UNKNOWN_ASSOCIATION", f"Salesforce keeps only {ROLES} as associations")
        else:
            outcomes[at] = Done(to18(write.id or ""))
            _plan(at, write, known.get(to18(write.id or ""), []), removals, additions)
    for kind, steps in (("delete", removals), ("insert", additions)):
        if steps.writes:
            order = Order("delete" if kind == "delete" else "insert", ROLE)
            # once roles are removed, an error may no longer be raised over it; repeating the whole is harmless
            found = or_later(partial(collections.write, order, steps.writes), len(steps.writes))
            _fold(outcomes, steps, found)
    return [outcomes[at] for at in range(len(writes))]


def _known(org: Org, opportunities: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The role records of opportunities."""
    known: dict[str, list[dict[str, Any]]] = {}
    for condition in among("OpportunityId", sorted(opportunities)):
        page = org.select(select(ROLE, _COLUMNS, where=condition))
        while True:
            for row in page["records"]:
                known.setdefault(to18(row["OpportunityId"]), []).append(row)
            if page["done"]:
                break
            page = org.more(page["nextRecordsUrl"])
    return known


def _plan(at: int, write: Write, known: list[dict[str, Any]], removals: _Steps, additions: _Steps) -> None:
    """What one opportunity needs: the first contact added becomes the primary one when none is left."""
    asked = write.fields[ROLES]
    leaving = {to18(one) for one in asked.get("remove", ())}
    staying = [row for row in known if to18(row["ContactId"]) not in leaving]
    for row in known:
        if to18(row["ContactId"]) in leaving:
            removals.add(at, Write(write.ref, to18(row["Id"]), {"OpportunityId": row["OpportunityId"]}))
    there = {to18(row["ContactId"]) for row in staying}
    primary = any(row["IsPrimary"] for row in staying)
    for contact in dict.fromkeys(to18(one) for one in asked.get("add", ())):
        if contact not in there:
            fields = {"OpportunityId": to18(write.id or ""), "ContactId": contact, "IsPrimary": not primary}
            additions.add(at, Write(write.ref, None, fields))
            primary = True


def _fold(outcomes: dict[int, Outcome], steps: _Steps, found: Sequence[Outcome]) -> None:
    """A write is done when all its records are; the first other word stands for it."""
    for at, one in zip(steps.owners, found, strict=True):
        fine = isinstance(one, Done) or (isinstance(one, Refused) and one.code in (DUPLICATE, GONE))
        if isinstance(outcomes[at], Done) and not fine:
            outcomes[at] = one
