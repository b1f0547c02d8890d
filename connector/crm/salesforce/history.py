"""What leads held before: LeadHistory, where an admin has switched the tracking of a field on.

A row tells a change; the value before the first kept change is put at the lead's creation, the earliest it can have
been there. Salesforce keeps rows for 18 to 24 months. A change of owner is two rows, one with names and one with ids;
the names are not looked at. Source: object reference, «StandardObjectNameHistory».
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from connector.crm.http import CallDeniedError
from connector.crm.port import ValueChange
from connector.crm.salesforce import moments, soql
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.lookups import Lookups
from connector.crm.salesforce.shape import Row

TRACKED = "Lead"
_COLUMNS = ("Id", "LeadId", "Field", "OldValue", "NewValue", "CreatedById", "CreatedDate", "Lead.CreatedDate")
_OWNER = re.compile(r"(?:005|00G)\w{12}(?:\w{3})?")

Histories = dict[str, dict[str, list[ValueChange]]]


def of_leads(lookups: Lookups, ids: Sequence[str], fields: Sequence[str], me: str) -> Histories:
    """Lead id -> field -> values, newest first; nothing for what is not tracked, or where the user may not look.

    Args:
        lookups: the calls.
        ids: leads.
        fields: API names.
        me: the integration user: its changes are ours.
    """
    names = {_history_name(field): field for field in fields}
    if not ids or not names:
        return {}
    of_fields = next(soql.among("Field", sorted(names)))
    conditions = (f"{of_fields} AND {of_ids}" for of_ids in soql.among("LeadId", sorted({to18(one) for one in ids})))
    try:
        rows = lookups.rows("LeadHistory", _COLUMNS, conditions, order="CreatedDate DESC, Id DESC")
    except CallDeniedError:
        return {}
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row["Field"] in names and not _is_name_of_owner(row):
            found.setdefault(to18(row["LeadId"]), {}).setdefault(names[row["Field"]], []).append(row)
    return {
        lead: {field: list(_changes(changes, me)) for field, changes in by_field.items()}
        for lead, by_field in found.items()
    }


def _changes(rows: Sequence[Row], me: str) -> Iterable[ValueChange]:
    for row in rows:
        yield ValueChange(_text(row["NewValue"]), moments.stamp(row["CreatedDate"]), to18(row["CreatedById"]) == me)
    oldest = rows[-1]
    created = (oldest.get("Lead") or {}).get("CreatedDate")
    if created:
        yield ValueChange(_text(oldest["OldValue"]), moments.stamp(created), ours=False)


def _history_name(field: str) -> str:
    """A lookup's changes are kept under its name without `Id`."""
    return field.removesuffix("Id") if field == "OwnerId" else field


def _is_name_of_owner(row: Row) -> bool:
    return row["Field"] == "Owner" and not _OWNER.fullmatch(str(row["NewValue"] or ""))


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
