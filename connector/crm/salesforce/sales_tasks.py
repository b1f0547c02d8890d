"""Which tasks are work of sales, and what of them may be kept.

A task that revloop opened is none: when it is done, nobody has called or written to anybody. It is told by who made
it and, since that user may be a person's too, by the marker in its description, which is asked for of no other task.
A subject is kept where it is one of the org's own choices (`Call`, `Email`); others are texts that people wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connector.crm.salesforce import soql
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.lookups import Lookups
from connector.crm.salesforce.shape import Row
from connector.crm.salesforce.tasks import MARK
from connector.model import FieldInfo


class SalesTasks:
    """Looks through pages of task rows; `user` is the integration user's id."""

    def __init__(
        self, lookups: Lookups, describe: Callable[[str], dict[str, FieldInfo]], user: Callable[[], str]
    ) -> None:
        self._lookups = lookups
        self._describe = describe
        self._user = user

    def of(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that count, without their texts."""
        if not rows:
            return []
        subject = self._describe("Task").get("Subject")
        choices = set(subject.options or ()) if subject else set()
        ours = self._ours(rows)
        return [
            {**row, "Subject": row["Subject"] if row["Subject"] in choices else None}
            for row in rows
            if to18(row["Id"]) not in ours
        ]

    def _ours(self, rows: Sequence[Row]) -> set[str]:
        user = self._user()
        ids = sorted(to18(row["Id"]) for row in rows if to18(row["CreatedById"] or "") == user)
        found = self._lookups.rows("Task", ("Id", "Description"), soql.among("Id", ids), deleted=True)
        return {to18(row["Id"]) for row in found if MARK in (row["Description"] or "")}
