"""The operators: comparison, arithmetic, dates, joining of texts."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from connector.sandbox.salesforce.formula.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    NULL,
    NUMBER,
    TEXT,
    Moment,
    Part,
    Run,
    expect,
    plain,
)
from connector.sandbox.salesforce.formula.tokens import FormulaError

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_DAY = Decimal(86_400)


class EvaluationError(Exception):
    """A formula that compiles but has no value for this record, such as a division by zero."""


def operation(sign: str, left: Part, right: Part) -> Part:
    """The compiled form of `left sign right`.

    Raises:
        FormulaError: the operands do not fit the operator.
    """
    where = f"operator '{sign}'"
    if sign in ("=", "<>"):
        return equality(where, left, right, negated=sign == "<>")
    if sign in _ORDER:
        _alike(where, expect(where, left, NUMBER, DATE, DATETIME, TEXT), plain(right))
        return Part(BOOLEAN, _ordered(_ORDER[sign], left.run, right.run))
    if sign == "&":
        return _joined(expect(where, left, TEXT), expect(where, right, TEXT))
    if sign == "+" and TEXT in (left.kind, right.kind):
        return _joined(expect(where, left, TEXT), expect(where, right, TEXT))
    if sign in ("+", "-") and {left.kind, right.kind} & {DATE, DATETIME}:
        return _dates(where, sign, plain(left), plain(right))
    return _arithmetic(sign, expect(where, left, NUMBER), expect(where, right, NUMBER))


def equality(where: str, left: Part, right: Part, *, negated: bool = False) -> Part:
    """Whether two parts are equal; a blank text is equal to the empty one, other blanks to nothing but NULL."""
    _alike(where, plain(left), plain(right))
    first, second = left.run, right.run
    texts = TEXT in (left.kind, right.kind)
    nulls = NULL in (left.kind, right.kind)

    def run(moment: Moment) -> bool | None:
        one, other = first(moment), second(moment)
        if texts:
            return ((one or "") == (other or "")) is not negated
        if (one is None or other is None) and not nulls:
            return None
        return (one == other) is not negated

    return Part(BOOLEAN, run)


def negative(part: Part) -> Part:
    """The number with its sign turned."""
    run = expect("operator '-'", part, NUMBER).run

    def turned(moment: Moment) -> Decimal | None:
        value = run(moment)
        return None if value is None else -value

    return Part(NUMBER, turned)


def _alike(where: str, left: Part, right: Part) -> None:
    if NULL not in (left.kind, right.kind) and left.kind != right.kind:
        raise FormulaError(f"Incorrect parameter type for {where}. Expected {left.kind}, received {right.kind}")


def _ordered(compare: Callable[[Any, Any], bool], first: Run, second: Run) -> Run:
    def run(moment: Moment) -> bool | None:
        one, other = first(moment), second(moment)
        return None if one is None or other is None else compare(one, other)

    return run


def _joined(left: Part, right: Part) -> Part:
    first, second = left.run, right.run
    return Part(TEXT, lambda moment: (first(moment) or "") + (second(moment) or ""))


def _arithmetic(sign: str, left: Part, right: Part) -> Part:
    first, second = left.run, right.run
    work: Callable[[Any, Any], Any] = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "^": operator.pow,
    }[sign]

    def run(moment: Moment) -> Decimal | None:
        one, other = first(moment), second(moment)
        if one is None or other is None:
            return None
        try:
            return Decimal(work(one, other))
        except (ArithmeticError, DivisionByZero, InvalidOperation):
            raise EvaluationError(f"{sign} has no result") from None

    return Part(NUMBER, run)


def _dates(where: str, sign: str, left: Part, right: Part) -> Part:
    first, second = left.run, right.run
    if {left.kind, right.kind} <= {DATE, DATETIME} and sign == "-":
        _alike(where, left, right)
        return Part(NUMBER, lambda moment: _days(first(moment), second(moment)))
    if sign == "+" and left.kind == NUMBER:
        left, right, first, second = right, left, second, first
    expect(where, right, NUMBER)
    turn = 1 if sign == "+" else -1
    return Part(left.kind, lambda moment: _moved(first(moment), second(moment), turn))


def _days(later: date | None, earlier: date | None) -> Decimal | None:
    if later is None or earlier is None:
        return None
    return Decimal(str((later - earlier).total_seconds())) / _DAY


def _moved(day: date | None, days: Decimal | None, turn: int) -> date | None:
    if day is None or days is None:
        return None
    try:
        if isinstance(day, datetime):
            return day + timedelta(seconds=float(turn * days * _DAY))
        return day + timedelta(days=turn * int(days))
    except OverflowError:
        raise EvaluationError("the date is out of range") from None
