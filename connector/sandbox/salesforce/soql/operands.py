"""Fields and functions as SQL expressions with a type: what can be selected, compared, grouped, sorted."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.salesforce.soql.errors import pointed
from connector.sandbox.salesforce.soql.parser import AGGREGATES
from connector.sandbox.salesforce.soql.scope import Found, Scope
from connector.sandbox.salesforce.soql.tree import Call, Path
from connector.sandbox.salesforce.soql.values import NUMBERS

_LONG_TEXT = 255
_AGGREGATES = {
    "COUNT": "COUNT({})",
    "COUNT_DISTINCT": "COUNT(DISTINCT {})",
    "SUM": "SUM({})",
    "AVG": "AVG({})",
    "MIN": "MIN({})",
    "MAX": "MAX({})",
}
_DATE_PARTS = {
    "CALENDAR_YEAR": ("CAST(strftime('%Y', {}) AS INTEGER)", "int"),
    "CALENDAR_QUARTER": ("((CAST(strftime('%m', {}) AS INTEGER) + 2) / 3)", "int"),
    "CALENDAR_MONTH": ("CAST(strftime('%m', {}) AS INTEGER)", "int"),
    "DAY_IN_MONTH": ("CAST(strftime('%d', {}) AS INTEGER)", "int"),
    "HOUR_IN_DAY": ("CAST(strftime('%H', {}) AS INTEGER)", "int"),
    "DAY_ONLY": ("substr({}, 1, 10)", "date"),
}
_COUNTS = {"COUNT", "COUNT_DISTINCT"}


@dataclass(frozen=True, slots=True)
class Operand:
    """An SQL expression, its describe type, and the field behind it (none behind COUNT())."""

    sql: str
    type: str
    name: str
    found: Found | None
    aggregate: bool = False


def operand(scope: Scope, what: Path | Call) -> Operand:
    """The expression of a field or function.

    Raises:
        SoqlError: INVALID_FIELD, or MALFORMED_QUERY for a function that does not fit the field.
    """
    if isinstance(what, Path):
        found = scope.resolve(what)
        return Operand(found.sql, found.field.type, found.field.name, found)
    if what.argument is None:
        return Operand("COUNT(*)", "int", "COUNT", None, aggregate=True)
    found = scope.resolve(what.argument)
    kind = found.field.type
    if what.function in AGGREGATES:
        return Operand(
            _AGGREGATES[what.function].format(found.sql),
            _aggregate_type(scope, what, kind, found.field.name),
            found.field.name,
            found,
            aggregate=True,
        )
    if kind not in {"date", "datetime"}:
        raise pointed(
            scope.text, what.at, "MALFORMED_QUERY", f"field {found.field.name} does not support {what.function}"
        )
    template, result = _DATE_PARTS[what.function]
    return Operand(template.format(found.sql), result, found.field.name, found)


def filterable(scope: Scope, what: Path | Call, action: str) -> Operand:
    """The expression of an operand that is filtered, sorted or grouped by; `action` names which.

    Raises:
        SoqlError: INVALID_FIELD for long texts and compound fields, which the vendor keeps out of that.
    """
    result = operand(scope, what)
    found = result.found
    if found and (
        found.field.type == "address" or (found.field.type == "textarea" and found.field.length > _LONG_TEXT)
    ):
        path = what if isinstance(what, Path) else what.argument
        assert path is not None
        raise scope.unfilterable(found, path, action)
    return result


def _aggregate_type(scope: Scope, call: Call, kind: str, field: str) -> str:
    if call.function in _COUNTS:
        return "int"
    fits = kind in NUMBERS or (call.function in {"MIN", "MAX"} and kind not in {"boolean", "address"})
    if not fits:
        reason = f"field {field} does not support aggregate operator {call.function}"
        raise pointed(scope.text, call.at, "MALFORMED_QUERY", reason)
    return "double" if call.function == "AVG" else kind
