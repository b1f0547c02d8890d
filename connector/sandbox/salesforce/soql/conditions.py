"""The grammar of WHERE and HAVING; what the fields and values mean is decided by the compiler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.salesforce.soql.errors import too_complicated
from connector.sandbox.salesforce.soql.periods import is_period
from connector.sandbox.salesforce.soql.reader import Reader
from connector.sandbox.salesforce.soql.tree import (
    Call,
    Comparison,
    Condition,
    Junction,
    Literal,
    Not,
    Path,
    Select,
)

_SIGNS = {"=", "!=", "<>", "<", "<=", ">", ">="}
_SETS = {"IN", "INCLUDES", "EXCLUDES"}
_VALUES = {"text", "number", "date", "datetime", "relative"}
DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reads conditions with `reader`; `operand` reads a field or function, `subquery` a SELECT in brackets."""

    reader: Reader
    operand: Callable[[], Path | Call]
    subquery: Callable[[], Select]

    def condition(self, depth: int = 0) -> Condition:
        """One condition, as far as it goes.

        AND and OR may not stand side by side without brackets: the vendor refuses that too.

        Raises:
            SoqlError: MALFORMED_QUERY; QUERY_TOO_COMPLICATED for brackets deeper than any real query has.
        """
        parts = [self._single(depth)]
        word = self.reader.word()
        if word not in {"AND", "OR"}:
            return parts[0]
        while self.reader.take_word(word):
            parts.append(self._single(depth))
        if self.reader.word() in {"AND", "OR"}:
            raise self.reader.refused()
        return Junction(word, tuple(parts))

    def _single(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise too_complicated()
        if self.reader.take_word("NOT"):
            return Not(self._single(depth + 1))
        if self.reader.take_sign("("):
            inner = self.condition(depth + 1)
            self.reader.demand_sign(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        left = self.operand()
        operator = self._operator()
        if operator in {"IN", "NOT IN"} and self._subquery_follows():
            self.reader.demand_sign("(")
            query = self.subquery()
            self.reader.demand_sign(")")
            return Comparison(left, operator, query)
        if operator.removeprefix("NOT ") in _SETS:
            return Comparison(left, operator, self._values())
        return Comparison(left, operator, self._literal())

    def _operator(self) -> str:
        token = self.reader.token
        if token.kind == "sign" and token.text in _SIGNS:
            self.reader.take()
            return "!=" if token.text == "<>" else token.text
        if self.reader.take_word("NOT"):
            return "NOT " + self.reader.demand_word("IN")
        return self.reader.demand_word("LIKE", *_SETS)

    def _subquery_follows(self) -> bool:
        return self.reader.token.text == "(" and self.reader.ahead().text.upper() == "SELECT"

    def _values(self) -> tuple[Literal, ...]:
        self.reader.demand_sign("(")
        values = [self._literal()]
        while self.reader.take_sign(","):
            values.append(self._literal())
        self.reader.demand_sign(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self.reader.token
        word = self.reader.word()
        kind = token.kind
        if word in {"TRUE", "FALSE"}:
            kind = "boolean"
        elif word == "NULL":
            kind = "null"
        elif word and is_period(word):
            kind = "relative"
        elif kind not in _VALUES or (kind == "relative" and not is_period(token.text)):
            raise self.reader.refused()
        self.reader.take()
        return Literal(kind, token.text, token.at)
