"""SOQL by REST: query, queryAll and their further pages.

Source: REST API guide, «Query», «QueryAll» and the Sforce-Query-Options header.
"""

from __future__ import annotations

import re
from typing import Any

from connector.sandbox.salesforce import removal
from connector.sandbox.salesforce.cursors import Cursor
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.soql import Column, Result, SoqlError, run

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE).search
_NUMBERS = ("int", "double", "currency", "percent")
_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Double",
    "currency": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
}


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("GET", "/query", _query)
    paths.add("GET", "/queryAll", _query)
    paths.add("GET", "/query/{locator}", _more)
    paths.add("GET", "/queryAll/{locator}", _more)


def select(call: Call, soql: str, *, include_deleted: bool) -> Result:
    """The result of a query.

    Raises:
        ApiError: the query is refused.
    """
    store = call.org.store
    if include_deleted:
        removal.purge(store)
    try:
        return run(
            soql,
            schema=call.org.sight(call.user).schema,
            db=store.db,
            now=store.clock.now(),
            include_deleted=include_deleted,
            user_id=call.user,
            version=call.version,
        )
    except SoqlError as error:
        raise ApiError(error.code, error.message) from None


def _query(call: Call) -> Reply:
    soql = call.query.get("q")
    if not soql:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    result = select(call, soql, include_deleted="/queryall" in call.path.lower())
    if call.query.get("columns") == "true":
        return Reply(_columns(result))
    cursor = call.org.cursors.open(result.rows, result.total_size, _page_size(call), call.org.store.now())
    return Reply(_page(call, cursor))


def _more(call: Call) -> Reply:
    return Reply(_page(call, call.org.cursors.find(call.parts["locator"], call.org.store.now())))


def _page(call: Call, cursor: Cursor) -> dict[str, Any]:
    page: dict[str, Any] = {"totalSize": cursor.total, "done": cursor.next is None}
    if cursor.next:
        page["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{cursor.next}"
    return {**page, "records": cursor.page}


def _page_size(call: Call) -> int:
    match = _BATCH_SIZE(call.headers.get("sforce-query-options", ""))
    return max(SMALLEST_PAGE, min(int(match[1]), LARGEST_PAGE)) if match else LARGEST_PAGE


def _columns(result: Result) -> dict[str, Any]:
    """The answer to `columns=true`: what the selected columns are, without their records."""
    return {
        "columnMetadata": [_column(column) for column in result.columns],
        "entityName": result.sobject.name,
        "groupBy": result.grouped,
        "idSelected": any(column.name.lower() == "id" for column in result.columns),
        "keyPrefix": result.sobject.key_prefix,
    }


def _column(column: Column) -> dict[str, Any]:
    field = column.field
    return {
        "aggregate": column.aggregate,
        "apexType": _APEX_TYPES.get(column.type, "String"),
        "booleanType": column.type == "boolean",
        "columnName": column.name,
        "custom": bool(field and field.custom),
        "displayName": column.name,
        "foreignKeyName": None,
        "insertable": bool(field and field.createable),
        "joinColumns": [],
        "numberType": column.type in _NUMBERS,
        "textType": _APEX_TYPES.get(column.type, "String") == "String",
        "updatable": bool(field and field.updateable),
    }
