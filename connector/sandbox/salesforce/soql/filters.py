"""WHERE and HAVING as SQL; every value is a parameter, and plain columns stay plain so that indexes serve.

SOQL knows no third truth value: `!=`, NOT IN and NOT also hold for an empty field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connector.sandbox.salesforce.soql.errors import pointed
from connector.sandbox.salesforce.soql.operands import Operand, filterable
from connector.sandbox.salesforce.soql.scope import IDS, Scope
from connector.sandbox.salesforce.soql.tokens import pattern, plain
from connector.sandbox.salesforce.soql.tree import Comparison, Condition, Literal, Not, Path, Select
from connector.sandbox.salesforce.soql.values import Reading, Value, spellings

_RANGES = {"<": "{0} < ?", ">=": "{0} >= ?", "<=": "{0} < ?", ">": "{0} >= ?"}
_FROM_END = {"<=", ">"}
_UNORDERED = {"boolean", "multipicklist"}

SemiJoin = Callable[[Scope, Operand, Path, Select], tuple[str, list[Value]]]


@dataclass(slots=True)
class Filter:
    """Builds the SQL of conditions in one scope; `parameters` grow in the order of their marks."""

    scope: Scope
    reading: Reading
    semi_join: SemiJoin
    aggregates: bool = False
    parameters: list[Value] = field(default_factory=list)

    def sql(self, condition: Condition) -> str:
        """The SQL of one condition.

        Raises:
            SoqlError: for fields, operators and values that do not fit each other.
        """
        if isinstance(condition, Not):
            return f"NOT IFNULL({self.sql(condition.condition)}, 0)"
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        return _joined(condition.word, [self.sql(part) for part in condition.parts])

    def _comparison(self, one: Comparison) -> str:
        left = filterable(self.scope, one.left, "filtered")
        if left.aggregate and not self.aggregates:
            raise self._bad_operator(one)
        if isinstance(one.right, Select):
            if not isinstance(one.left, Path):
                raise self._bad_operator(one)
            inner, parameters = self.semi_join(self.scope, left, one.left, one.right)
            self.parameters += parameters
            negated = f"({left.sql} IS NULL OR {left.sql} NOT IN ({inner}))"
            return f"{left.sql} IN ({inner})" if one.operator == "IN" else negated
        if isinstance(one.right, tuple):
            if one.operator in {"INCLUDES", "EXCLUDES"}:
                return self._multi(left, one, one.right)
            return self._any(left, one, one.right)
        if one.operator == "LIKE":
            return self._like(left, one, one.right)
        return self._single(left, one, one.right)

    def _single(self, left: Operand, one: Comparison, right: Literal) -> str:
        self.reading.check(right, left.type, left.name, one.left.at)
        if one.operator in {"=", "!="}:
            same = self._equal(left, one, (right,))
            return same if one.operator == "=" else f"NOT IFNULL({same}, 0)"
        if left.type in _UNORDERED:
            raise self._bad_operator(one)
        if right.kind == "null":
            return "0"
        if right.kind == "relative":
            start, end = self.reading.bounds(right, left.type)
            self.parameters.append(end if one.operator in _FROM_END else start)
            return _RANGES[one.operator].format(left.sql)
        self.parameters.append(self.reading.value(right, left.type, left.name, one.left.at))
        return f"{left.sql} {one.operator} ?"

    def _any(self, left: Operand, one: Comparison, right: tuple[Literal, ...]) -> str:
        same = self._equal(left, one, right)
        return same if one.operator == "IN" else f"NOT IFNULL({same}, 0)"

    def _equal(self, left: Operand, one: Comparison, right: tuple[Literal, ...]) -> str:
        """Equality with any of the values; null and '' mean empty, a relative date means its days."""
        plain_values: list[Value] = []
        parts = []
        if any(_empty(literal) for literal in right):
            parts.append(f"{left.sql} IS NULL")
        for literal in right:
            if _empty(literal):
                continue
            if literal.kind == "relative":
                self.reading.check(literal, left.type, left.name, one.left.at)
                self.parameters += self.reading.bounds(literal, left.type)
                parts.append(f"({left.sql} >= ? AND {left.sql} < ?)")
            else:
                value = self.reading.value(literal, left.type, left.name, one.left.at)
                plain_values += spellings(value) if isinstance(value, str) and left.type not in IDS else [value]
        if plain_values:
            self.parameters += plain_values
            marks = ", ".join("?" * len(plain_values))
            parts.append(f"{left.sql} = ?" if len(plain_values) == 1 else f"{left.sql} IN ({marks})")
        return _joined("OR", parts)

    def _like(self, left: Operand, one: Comparison, right: Literal) -> str:
        if left.type in IDS:
            raise self._bad_operator(one)
        self.reading.check(right, left.type, left.name, one.left.at)
        if right.kind != "text":
            raise self._bad_operator(one)
        written = pattern(right.written)
        escape = r" ESCAPE '\'" if "\\" in written else ""
        variants = spellings(written)
        self.parameters += variants
        return _joined("OR", [f"{left.sql} LIKE ?{escape}"] * len(variants))

    def _multi(self, left: Operand, one: Comparison, right: tuple[Literal, ...]) -> str:
        """INCLUDES('A;B', 'C'): A and B together, or C."""
        if left.type != "multipicklist":
            raise self._bad_operator(one)
        alternatives = []
        for literal in right:
            self.reading.check(literal, left.type, left.name, one.left.at)
            values = plain(literal.written).split(";") if literal.kind == "text" else []
            self.parameters += [f";{value.lower()};" for value in values]
            held = [f"instr(';' || lower({left.sql}) || ';', ?) > 0"] * len(values)
            alternatives.append(_joined("AND", held) if held else f"{left.sql} IS NULL")
        has_any = _joined("OR", alternatives)
        return has_any if one.operator == "INCLUDES" else f"NOT IFNULL({has_any}, 0)"

    def _bad_operator(self, one: Comparison) -> Exception:
        return pointed(self.scope.text, one.left.at, "INVALID_FIELD", f"invalid operator: {one.operator}")


def _empty(literal: Literal) -> bool:
    return literal.kind == "null" or (literal.kind == "text" and not plain(literal.written))


def _joined(word: str, parts: list[str]) -> str:
    """Parts joined in halves, because SQLite bounds the depth of an expression and a chain is deep."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(word, parts[:middle])} {word} {_joined(word, parts[middle:])})"
