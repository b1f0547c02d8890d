"""What a parsed SOQL query is: frozen values with their place in the text, nothing about what they mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Path:
    """A field as written: `("Account", "Owner", "Name")`; `at` is its offset in the query."""

    names: tuple[str, ...]
    at: int

    @property
    def written(self) -> str:
        """The path as one dotted text."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function in upper case over a field; `COUNT()` has none."""

    function: str
    argument: Path | None
    at: int


@dataclass(frozen=True, slots=True)
class FieldSet:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written; kind is text, number, boolean, null, date, datetime or relative."""

    kind: str
    written: str
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One predicate; several values for IN, NOT IN, INCLUDES and EXCLUDES, a query for a semi-join."""

    left: Path | Call
    operator: str
    right: Literal | tuple[Literal, ...] | Select


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of one condition."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by one word, AND or OR."""

    word: str
    parts: tuple[Condition, ...]


Condition = Comparison | Not | Junction


@dataclass(frozen=True, slots=True)
class Selected:
    """One entry of the field list."""

    what: Path | Call | FieldSet | Select
    alias: str | None


@dataclass(frozen=True, slots=True)
class Ordering:
    """One entry of ORDER BY; `nulls` is FIRST, LAST or, unsaid, None."""

    by: Path | Call
    descending: bool
    nulls: str | None


@dataclass(frozen=True, slots=True)
class Select:
    """A whole query or subquery; `aliases` maps a lower-case table alias to the path it stands for."""

    selected: tuple[Selected, ...]
    source: Path
    aliases: dict[str, tuple[str, ...]]
    at: int
    scope: str | None = None
    where: Condition | None = None
    group: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
