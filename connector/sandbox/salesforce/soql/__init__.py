"""SOQL over the sandbox's SQLite tables: text to tree to SQL, rows to the shape of the REST API.

Which HTTP route asked, paging and limits of calls are decided outside. Known to differ from the vendor:
relative dates are in UTC with weeks from Monday, TYPEOF, GROUP BY ROLLUP, geolocation and currency
functions are refused as unexpected tokens.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from connector.sandbox.salesforce.schema import Schema
from connector.sandbox.salesforce.soql.compiler import Compiler
from connector.sandbox.salesforce.soql.errors import SoqlError
from connector.sandbox.salesforce.soql.parser import parse
from connector.sandbox.salesforce.soql.result import Result
from connector.sandbox.salesforce.soql.selection import Column
from connector.sandbox.salesforce.soql.statement import Statement, rows_of
from connector.sandbox.salesforce.soql.tree import Call, Select

__all__ = ["Column", "Result", "SoqlError", "run"]


def run(
    soql: str,
    *,
    schema: Schema,
    db: sqlite3.Connection,
    now: datetime,
    include_deleted: bool = False,
    user_id: str = "",
    version: str = "68.0",
) -> Result:
    """Answer a SOQL query from `db`; `now` (aware) is today for relative dates.

    `include_deleted` is queryAll; `user_id` is who asks, for `USING SCOPE mine`; `version` goes into the
    `attributes.url` of the records.

    Raises:
        SoqlError: the query is refused, with the vendor's error code and message.
    """
    select = parse(soql)
    base = f"/services/data/v{version}/sobjects"
    statement = Compiler(soql, schema, now, base, include_deleted, user_id).statement(select)
    if _only_counts(select):
        return Result(statement, db, count=_count(statement, db))
    return Result(statement, db)


def _only_counts(select: Select) -> bool:
    """`SELECT COUNT() FROM …`: the answer is the total size, without records."""
    what = select.selected[0].what
    return len(select.selected) == 1 and isinstance(what, Call) and what.argument is None


def _count(statement: Statement, db: sqlite3.Connection) -> int:
    statement.select = ["1"]
    sql = f"SELECT COUNT(*) FROM ({statement.sql()})"  # noqa: S608 - the statement holds names from the schema and marks
    return int(next(rows_of(db, sql, statement.parameters))[0])
