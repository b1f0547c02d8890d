"""Literals of a query as values of the store, checked against the type of the field they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product

from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.soql.errors import SoqlError, pointed
from connector.sandbox.salesforce.soql.periods import period
from connector.sandbox.salesforce.soql.scope import IDS
from connector.sandbox.salesforce.soql.tokens import plain
from connector.sandbox.salesforce.soql.tree import Literal

NUMBERS = {"int", "double", "currency", "percent"}
Value = str | int | float
_KINDS = {
    "boolean": ("boolean", {"boolean"}),
    "int": ("int", {"number"}),
    "double": ("double", {"number"}),
    "currency": ("currency", {"number"}),
    "percent": ("percent", {"number"}),
    "date": ("date", {"date", "relative"}),
    "datetime": ("dateTime", {"datetime", "relative"}),
}
_MOST_VARIED = 5
_LONGEST_INTEGER = 18


@dataclass(frozen=True, slots=True)
class Reading:
    """Turns literals into stored values, for one query at one time."""

    text: str
    now: datetime

    def value(self, literal: Literal, field_type: str, field: str, at: int) -> Value:
        """The stored form of a literal that is neither null nor relative.

        Raises:
            SoqlError: INVALID_FIELD when the literal is of another type than the field, and
                INVALID_QUERY_FILTER_OPERATOR when an id is none.
        """
        self.check(literal, field_type, field, at)
        if field_type in IDS:
            return self._id(literal, at)
        if literal.kind == "boolean":
            return int(literal.written.upper() == "TRUE")
        if literal.kind == "number":
            return _number(literal.written)
        if literal.kind == "text":
            return plain(literal.written)
        return self._moment(literal)

    def check(self, literal: Literal, field_type: str, field: str, at: int) -> None:
        """Refuse a literal of another type than the field, with the vendor's words."""
        name, kinds = _KINDS.get(field_type, ("string", {"text"}))
        if literal.kind in kinds or literal.kind == "null":
            return
        quotes = "should be" if name == "string" else "should not be"
        reason = f"value of filter criterion for field '{field}' must be of type {name} and {quotes} enclosed in quotes"
        raise pointed(self.text, at, "INVALID_FIELD", reason)

    def bounds(self, literal: Literal, field_type: str) -> tuple[str, str]:
        """First instant (or day) of a relative date and the first one after it, in stored form."""
        try:
            start, end = period(literal.written, self.now.astimezone(UTC).date())
        except OverflowError as error:
            raise self._invalid(literal) from error
        form = _midnight if field_type == "datetime" else date.isoformat
        return form(start), form(end)

    def _id(self, literal: Literal, at: int) -> str:
        written = plain(literal.written)
        known = normal(written)
        if known is None:
            raise pointed(self.text, at, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {written}")
        return known

    def _moment(self, literal: Literal) -> str:
        try:
            if literal.kind == "date":
                return date.fromisoformat(literal.written).isoformat()
            moment = datetime.fromisoformat(literal.written.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self._invalid(literal) from error
        return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

    def _invalid(self, literal: Literal) -> SoqlError:
        return pointed(self.text, literal.at, "MALFORMED_QUERY", f"Invalid date: {literal.written}")


def spellings(text: str) -> list[str]:
    """The text in all capitals of its non-ASCII letters, because SQLite's NOCASE folds ASCII alone.

    Beyond a few such letters only as written, all small and all capital: that finds what people write.
    """
    letters = [(one, *{one.lower(), one.upper()} - {one}) if ord(one) > 127 else (one,) for one in text]  # noqa: PLR2004 - ASCII ends there
    if sum(len(one) > 1 for one in letters) > _MOST_VARIED:
        return list(dict.fromkeys((text, text.lower(), text.upper())))
    return ["".join(one) for one in product(*letters)]


def _number(written: str) -> Value:
    if written.lstrip("+-").isdecimal() and len(written) <= _LONGEST_INTEGER:
        return int(written)
    return float(written)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
