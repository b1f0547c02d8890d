"""The contact roles of opportunities: reading them with child queries or as a table of their own.

`OpportunityContactRoles` stands for the list of contact ids, the primary one first; Salesforce keeps each as a
record of OpportunityContactRole. Writing them is `role_writes.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from connector.crm.salesforce.shape import Held, Row
from connector.crm.salesforce.soql import ROLES

SOME = 500
"""Ids in one look-up of the table: SQLite takes 999 parameters in its oldest form."""


def from_child(row: Row, more: Callable[[str], dict[str, Any]]) -> list[Held]:
    """The contact roles of an opportunity from its child query, further pages of it included."""
    part: dict[str, Any] | None = row.get(ROLES)
    found: list[Held] = []
    while part:
        alive = (one for one in part["records"] if not one["IsDeleted"])
        found += [Held(one["ContactId"], one["IsPrimary"], one["Role"]) for one in alive]
        part = None if part["done"] else more(part["nextRecordsUrl"])
    return found


class RoleTable:
    """All contact roles of an org in a temporary file, for reads in which Salesforce takes no child queries."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("CREATE TABLE role (opportunity TEXT, contact TEXT, main INTEGER, name TEXT)")

    def add(self, roles: Iterable[tuple[str, str, bool, str | None]]) -> None:
        """Keep roles: opportunity, contact, whether it is the primary one, the role's name."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO role VALUES (?, ?, ?, ?)", roles)
        self._db.execute("COMMIT")

    def index(self) -> None:
        """Make look-ups fast, after the last `add`."""
        self._db.execute("CREATE INDEX by_opportunity ON role (opportunity)")

    def of(self, opportunities: list[str]) -> dict[str, list[Held]]:
        """The contact roles of these opportunities; one without contacts is left out."""
        found: dict[str, list[Held]] = {}
        for at in range(0, len(opportunities), SOME):
            part = opportunities[at : at + SOME]
            marks = ",".join("?" * len(part))
            asked = f"SELECT opportunity, contact, main, name FROM role WHERE opportunity IN ({marks})"  # noqa: S608 - marks
            with closing(self._db.execute(asked, part)) as rows:
                for opportunity, contact, main, name in rows:
                    found.setdefault(opportunity, []).append(Held(contact, bool(main), name))
        return found

    def close(self) -> None:
        """Remove the file."""
        self._db.close()
