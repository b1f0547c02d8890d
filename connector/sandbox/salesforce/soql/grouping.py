"""The field list, GROUP BY and HAVING of a query with aggregates."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.salesforce.soql.errors import pointed, unexpected
from connector.sandbox.salesforce.soql.operands import Operand, filterable, operand
from connector.sandbox.salesforce.soql.parser import AGGREGATES
from connector.sandbox.salesforce.soql.scope import Scope
from connector.sandbox.salesforce.soql.selection import Column
from connector.sandbox.salesforce.soql.shape import AggregateShape, rest_converter
from connector.sandbox.salesforce.soql.tree import Call, FieldSet, Path, Select, Selected


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a grouped query selects: SQL, answer shape, columns, its GROUP BY, and SQL by lower-case alias."""

    sql: list[str]
    shape: AggregateShape
    columns: list[Column]
    group: str
    aliases: dict[str, str]


def is_grouped(select: Select) -> bool:
    """Whether the answer consists of AggregateResults."""
    calls = (one.what for one in select.selected if isinstance(one.what, Call))
    return bool(select.group) or select.having is not None or any(call.function in AGGREGATES for call in calls)


def grouping(scope: Scope, select: Select) -> Grouping:
    """Read the field list against GROUP BY.

    Raises:
        SoqlError: MALFORMED_QUERY for a field that is neither grouped nor aggregated, or a doubled alias.
    """
    groups = [filterable(scope, one, "grouped").sql for one in select.group]
    result = Grouping([], AggregateShape([]), [], ", ".join(groups), {})
    unnamed = 0
    for one in select.selected:
        value = _value(scope, one, groups, alone=len(select.selected) == 1)
        key = one.alias or value.name
        if isinstance(one.what, Call) and not one.alias:
            key = f"expr{unnamed}"
            unnamed += 1
        if key.lower() in result.aliases:
            raise pointed(scope.text, _at(one), "MALFORMED_QUERY", f"duplicate alias: {key}")
        _add(result, key, value)
    return result


def _value(scope: Scope, one: Selected, groups: list[str], *, alone: bool) -> Operand:
    if isinstance(one.what, Select | FieldSet):
        raise pointed(scope.text, one.what.at, "MALFORMED_QUERY", "Grouped queries select fields and functions only")
    if isinstance(one.what, Call) and one.what.argument is None and not alone:
        raise unexpected(scope.text, one.what.at, "COUNT")
    value = operand(scope, one.what)
    if not value.aggregate and value.sql not in groups:
        written = one.what.written if isinstance(one.what, Path) else value.name
        raise pointed(scope.text, _at(one), "MALFORMED_QUERY", f"Field must be grouped or aggregated: {written}")
    return value


def _add(result: Grouping, key: str, value: Operand) -> None:
    index = len(result.sql)
    result.sql.append(value.sql)
    result.aliases[key.lower()] = value.sql
    result.shape.entries.append((key, index, rest_converter(value.type)))
    field = value.found.field if value.found else None
    result.columns.append(Column(key, (key,), value.type, index, field, aggregate=True))


def _at(one: Selected) -> int:
    return one.what.at
