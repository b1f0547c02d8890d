"""The functions over texts, numbers and dates, each a row of one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from connector.sandbox.salesforce.formula.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    MULTI,
    NUMBER,
    PICKLIST,
    TEXT,
    Moment,
    Part,
    count,
    expect,
)
from connector.sandbox.salesforce.formula.operators import EvaluationError


@dataclass(frozen=True, slots=True)
class _Plain:
    """A function of values alone: blank texts come as "", another blank makes the result blank."""

    gives: str
    takes: tuple[str, ...]
    work: Callable[..., Any]
    optional: int = 0


def _len(text: str) -> Decimal:
    return Decimal(len(text))


def _value(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip().replace(",", "")) if text.strip() else None
    except InvalidOperation:
        raise EvaluationError("VALUE of a text that is no number") from None


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False


def _find(wanted: str, text: str, start: Decimal = Decimal(1)) -> Decimal:
    return Decimal(text.find(wanted, max(0, int(start) - 1)) + 1) if wanted else Decimal(0)


def _mid(text: str, start: Decimal, length: Decimal) -> str:
    first = max(0, int(start) - 1)
    return text[first : first + max(0, int(length))]


def _right(text: str, length: Decimal) -> str:
    return text[-int(length) :] if length >= 1 else ""


def _regex(text: str, pattern: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        raise EvaluationError("REGEX with a broken pattern") from None


def _rounded(number: Decimal, digits: Decimal) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


def _mod(number: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise EvaluationError("MOD by zero")
    return number - divisor * (number / divisor).to_integral_value(ROUND_FLOOR)


def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise EvaluationError("DATE that does not exist") from None


_PLAIN: dict[str, _Plain] = {
    "LEN": _Plain(NUMBER, (TEXT,), _len),
    "VALUE": _Plain(NUMBER, (TEXT,), _value),
    "ISNUMBER": _Plain(BOOLEAN, (TEXT,), _is_number),
    "CONTAINS": _Plain(BOOLEAN, (TEXT, TEXT), lambda text, part: part in text),
    "BEGINS": _Plain(BOOLEAN, (TEXT, TEXT), lambda text, part: text.startswith(part)),
    "REGEX": _Plain(BOOLEAN, (TEXT, TEXT), _regex),
    "TRIM": _Plain(TEXT, (TEXT,), str.strip),
    "UPPER": _Plain(TEXT, (TEXT,), str.upper),
    "LOWER": _Plain(TEXT, (TEXT,), str.lower),
    "LEFT": _Plain(TEXT, (TEXT, NUMBER), lambda text, length: text[: max(0, int(length))]),
    "RIGHT": _Plain(TEXT, (TEXT, NUMBER), _right),
    "MID": _Plain(TEXT, (TEXT, NUMBER, NUMBER), _mid),
    "FIND": _Plain(NUMBER, (TEXT, TEXT, NUMBER), _find, optional=1),
    "SUBSTITUTE": _Plain(TEXT, (TEXT, TEXT, TEXT), lambda text, old, new: text.replace(old, new) if old else text),
    "ABS": _Plain(NUMBER, (NUMBER,), abs),
    "CEILING": _Plain(NUMBER, (NUMBER,), lambda number: number.to_integral_value(ROUND_CEILING)),
    "FLOOR": _Plain(NUMBER, (NUMBER,), lambda number: number.to_integral_value(ROUND_FLOOR)),
    "ROUND": _Plain(NUMBER, (NUMBER, NUMBER), _rounded),
    "MOD": _Plain(NUMBER, (NUMBER, NUMBER), _mod),
    "DATE": _Plain(DATE, (NUMBER, NUMBER, NUMBER), _date),
    "YEAR": _Plain(NUMBER, (DATE,), lambda day: Decimal(day.year)),
    "MONTH": _Plain(NUMBER, (DATE,), lambda day: Decimal(day.month)),
    "DAY": _Plain(NUMBER, (DATE,), lambda day: Decimal(day.day)),
}


def _build(name: str, parts: list[Part]) -> Part:
    row = _PLAIN[name]
    count(name, len(parts), len(row.takes) - row.optional, len(row.takes))
    where = f"function '{name}()'"
    runs = [expect(where, part, kind).run for part, kind in zip(parts, row.takes, strict=False)]
    texts = [kind == TEXT for kind in row.takes]

    def run(moment: Moment) -> Any:
        values = [one(moment) or "" if is_text else one(moment) for one, is_text in zip(runs, texts, strict=False)]
        return None if None in values else row.work(*values)

    return Part(row.gives, run)


def _extreme(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 1, 10_000)
    runs = [expect(f"function '{name}()'", part, NUMBER).run for part in parts]
    work = max if name == "MAX" else min

    def run(moment: Moment) -> Decimal | None:
        values = [value for value in (one(moment) for one in runs) if value is not None]
        return work(values) if values else None

    return Part(NUMBER, run)


def _text(name: str, parts: list[Part]) -> Part:
    """Numbers without trailing zeros, dates as written in ISO, picklists by their API value."""
    count(name, len(parts), 1)
    expect(f"function '{name}()'", parts[0], NUMBER, DATE, DATETIME, PICKLIST, MULTI)
    run = parts[0].run
    return Part(TEXT, lambda moment: _shown(run(moment)))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _today(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 0)
    return Part(DATE, lambda moment: moment.now.astimezone(moment.zone).date())


def _now(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 0)
    return Part(DATETIME, lambda moment: moment.now)


def _date_value(name: str, parts: list[Part]) -> Part:
    count(name, len(parts), 1)
    run = expect(f"function '{name}()'", parts[0], TEXT, DATETIME).run

    def day(moment: Moment) -> date | None:
        value = run(moment)
        if isinstance(value, datetime):
            return value.astimezone(moment.zone).date()
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise EvaluationError("DATEVALUE of a text that is no date") from None

    return Part(DATE, day)


FUNCTIONS: dict[str, Callable[[str, list[Part]], Part]] = {
    **dict.fromkeys(_PLAIN, _build),
    "MAX": _extreme,
    "MIN": _extreme,
    "TEXT": _text,
    "TODAY": _today,
    "NOW": _now,
    "DATEVALUE": _date_value,
}
