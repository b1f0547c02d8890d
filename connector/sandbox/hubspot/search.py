"""A search request: its limits, its SQL, and the index that lags behind.

Limits: facts §5 (5 groups, 6 filters each, 18 in all, 200 per page, 10,000 hits, 3,000 characters).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import filters, ids
from connector.sandbox.hubspot.filters import Clause, problem
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import COLUMNS, Row, row_of

MAX_GROUPS, MAX_IN_GROUP, MAX_FILTERS = 5, 6, 18
MAX_PAGE, MAX_HITS, MAX_BODY = 200, 10_000, 3_000
DENSE = 2_000
"""From this many hits on, walking the ids in order beats sorting the hits."""


def search(portal: Portal, object_type: ObjectType, asked: Mapping[str, Any]) -> tuple[int, list[Row], int | None]:
    """The number of hits, one page of rows, and the offset of the next page.

    Raises:
        ApiError: 400 for anything beyond the limits, or a filter that makes no sense.
    """
    limit, offset = _page(asked)
    _expire(portal)
    table, table_values, indexed = _index(portal, object_type)
    where, where_values = _where(portal, object_type, asked, indexed=indexed)
    if indexed and "r.id IN" in where and ") OR (" not in where:
        # Left alone, SQLite walks the whole index of stamps instead of looking the few ids up.
        table = "record r INDEXED BY record_id"
    db = portal.store.db
    counted = db.execute(
        f"SELECT count(*) FROM {table} WHERE {where}",  # noqa: S608 - built from constants, values are bound
        (*table_values, *where_values),
    )
    total = int(counted.fetchone()[0])
    order = _order(portal, object_type, asked)
    if indexed and total > DENSE and order.startswith("r.id"):
        where = where.replace("r.modified", "+r.modified")
    columns = ", ".join(f"r.{name}" for name in COLUMNS.split(", "))
    found = db.execute(
        f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608 - as above
        (*table_values, *where_values, limit, offset),
    )
    rows = [row_of(row) for row in found]
    following = offset + limit
    return total, rows, following if following < total else None


def _page(asked: Mapping[str, Any]) -> tuple[int, int]:
    limit = asked.get("limit", 10)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= MAX_PAGE:
        raise problem(f"limit must be between 0 and {MAX_PAGE}")
    after = asked.get("after")
    text = str(after) if after not in (None, "") else "0"
    offset = ids.number(text)
    if offset is None:
        raise problem(f"after must be a number, not {text!r}")
    if offset + limit > MAX_HITS:
        raise problem(f"a query gives at most {MAX_HITS} results")
    return limit, offset


def _where(
    portal: Portal, object_type: ObjectType, asked: Mapping[str, Any], *, indexed: bool
) -> tuple[str, list[Any]]:
    groups = [group.get("filters") or [] for group in asked.get("filterGroups") or []]
    if len(groups) > MAX_GROUPS:
        raise problem(f"at most {MAX_GROUPS} filterGroups are allowed, not {len(groups)}")
    if any(len(group) > MAX_IN_GROUP for group in groups) or sum(map(len, groups)) > MAX_FILTERS:
        raise problem(f"at most {MAX_IN_GROUP} filters per group and {MAX_FILTERS} in all are allowed")
    clauses: list[Clause] = [("r.object = ? AND r.archived = 0", [object_type.type_id])]
    alternatives = [
        _all_of([filters.clause(portal, object_type, one, indexed=indexed) for one in group])
        for group in groups
        if group
    ]
    if len(alternatives) == 1:
        clauses.append(alternatives[0])
    elif alternatives:
        text = " OR ".join(f"({clause})" for clause, _ in alternatives)
        clauses.append((f"({text})", [value for _, bound in alternatives for value in bound]))
    if asked.get("query"):
        clauses.append(_free_text(object_type, str(asked["query"])))
    return _all_of(clauses)


def _all_of(clauses: list[Clause]) -> Clause:
    return " AND ".join(text for text, _ in clauses), [value for _, bound in clauses for value in bound]


def _free_text(object_type: ObjectType, query: str) -> Clause:
    """Every word begins a word of one of the type's searchable properties."""
    words = [f"{word}*" for word in query.split()]
    joined = " || ' ' || ".join(
        f"""coalesce(json_extract(r.props, '$."{name}"'), '')""" for name in object_type.searchable
    )
    if not joined:
        return "0", []
    return " AND ".join([f"has_tokens({joined}, ?)"] * len(words)) or "1", words


def _order(portal: Portal, object_type: ObjectType, asked: Mapping[str, Any]) -> str:
    sorts = asked.get("sorts") or []
    if len(sorts) > 1:
        raise problem("only one sort is allowed")
    if not sorts:
        return "r.id"
    one = sorts[0]
    if isinstance(one, str):
        name, descending = one.lstrip("-"), one.startswith("-")
    else:
        name, descending = str(one.get("propertyName", "")), one.get("direction") == "DESCENDING"
    prop = portal.property(object_type, name)
    if prop is None:
        raise problem(f'Property "{name}" does not exist')
    direction = "DESC" if descending else "ASC"
    stored = filters.expression(object_type, prop)
    return f"r.id {direction}" if stored == "r.id" else f"{stored} {direction}, r.id {direction}"


def _expire(portal: Portal) -> None:
    """Let the index catch up with everything older than the lag."""
    portal.store.db.execute("DELETE FROM stale WHERE until <= ?", (portal.now(),))


def _index(portal: Portal, object_type: ObjectType) -> tuple[str, list[Any], bool]:
    """What the search sees: the records, or the former state of those that changed a moment ago."""
    stale = portal.store.db.execute("SELECT 1 FROM stale WHERE object = ? LIMIT 1", (object_type.type_id,)).fetchone()
    if not stale:
        return "record r", [], True
    table = """(SELECT object, id, created, modified, archived, props FROM record
      WHERE object = ? AND id NOT IN (SELECT id FROM stale WHERE object = ?)
      UNION ALL
      SELECT object, id, created, modified, 0, props FROM stale
      WHERE present = 1 AND seq IN (SELECT min(seq) FROM stale WHERE object = ? GROUP BY id)) r"""
    return table, [object_type.type_id] * 3, False
