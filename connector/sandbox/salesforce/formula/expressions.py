"""What a compiled part of a formula is: its data type, how it is worked out, and what it was made of.

Blank values are None. A part whose result hangs on a blank number, date or truth value is blank itself; a rule
fires on TRUE alone. How the vendor treats a blank inside NOT is not published.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Protocol

from connector.sandbox.salesforce.formula.tokens import FormulaError

BOOLEAN, TEXT, NUMBER, DATE, DATETIME = "Boolean", "Text", "Number", "Date", "DateTime"
PICKLIST, MULTI, NULL = "Picklist", "Multipicklist", "Null"
PICKLISTS = {PICKLIST: "picklist", MULTI: "multipicklist"}

Value = bool | str | Decimal | date | datetime | None


class Moment(Protocol):
    """One record being saved, as its formulas see it."""

    @property
    def new(self) -> dict[str, Any]:
        """The row as it would be stored."""

    @property
    def old(self) -> dict[str, Any] | None:
        """The row as it is stored, None when the record is new."""

    @property
    def now(self) -> datetime:
        """Sandbox time."""

    @property
    def zone(self) -> tzinfo:
        """The time zone of the user who saves."""

    def parent(self, sobject: str, record: str | None) -> dict[str, Any] | None:
        """The row of a referenced record."""

    def user(self) -> dict[str, Any]:
        """The row of the user who saves."""

    def permitted(self, permission: str) -> bool:
        """Whether that user holds a custom permission."""


Run = Callable[[Moment], Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled part of a formula.

    `before` works the same part out for the stored record and is there only for fields of the record itself;
    `label` is the field's name, `literal` says that the part is a literal.
    """

    kind: str
    run: Run
    label: str | None = None
    before: Run | None = None
    literal: bool = False


class Names(Protocol):
    """What names a formula may use."""

    def part(self, path: tuple[str, ...]) -> Part:
        """The compiled form of a name.

        Raises:
            FormulaError: there is no such field.
        """


def plain(part: Part) -> Part:
    """The part, unless it is a picklist where only a plain value may stand.

    Raises:
        FormulaError: it is a picklist.
    """
    if part.kind in PICKLISTS:
        word = PICKLISTS[part.kind]
        raise FormulaError(
            f"Field {part.label} is a {word} field. {word.capitalize()} fields are only supported in certain functions."
        )
    return part


def expect(function: str, part: Part, *kinds: str) -> Part:
    """The part, if it is of one of these data types (NULL is of every one).

    Raises:
        FormulaError: it is not.
    """
    if part.kind in kinds or part.kind == NULL:
        return part
    plain(part)
    raise FormulaError(f"Incorrect parameter type for {function}. Expected {', '.join(kinds)}, received {part.kind}")


def count(name: str, given: int, least: int, most: int | None = None) -> None:
    """Raise FormulaError unless the function got a fitting number of parameters."""
    most = least if most is None else most
    if not least <= given <= most:
        wanted = str(least) if least == most or given < least else str(most)
        raise FormulaError(
            f"Incorrect number of parameters for function '{name}()'. Expected {wanted}, received {given}"
        )
