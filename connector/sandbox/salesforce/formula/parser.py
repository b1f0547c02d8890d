"""A formula's text as a tree of operators, function calls, names and literals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from connector.sandbox.salesforce.formula.tokens import END, FormulaError, Token, tokens

_LEVELS = (("||",), ("&&",), ("=", "==", "<>", "!="), ("<", ">", "<=", ">="), ("+", "-", "&"), ("*", "/"), ("^",))
"""Operators from the loosest to the tightest (Salesforce Help, «Formula Operators and Functions»)."""
_UNARY = ("-", "+", "!")
_DEEPEST, _LONGEST_CHAIN = 40, 200
"""Brackets within brackets, and operators of one level in a row: limits of this sandbox, beyond any real rule."""
LONGEST = 5000
"""Characters of a validation rule's formula (Salesforce Help, «Formula Field Limits»: 3,900 typed, 5,000 compiled)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, or one of TRUE, FALSE and NULL."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A field, a path over relationships, or a global such as `$User.Id`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function call; an operator is a call whose name is its sign."""

    name: str
    arguments: tuple[Node, ...]


Node = Literal | Name | Function
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(formula: str) -> Node:
    """The tree of a formula.

    Raises:
        FormulaError: it is empty, too long or breaks the grammar.
    """
    if len(formula) > LONGEST:
        raise FormulaError(f"Formula is too long ({len(formula)} characters). Maximum length is {LONGEST} characters.")
    parser = _Parser(tokens(formula))
    if parser.next.kind == END:
        raise FormulaError("Syntax error. Formula is empty")
    tree = parser.expression()
    if parser.next.kind != END:
        raise FormulaError(f"Syntax error. Extra '{parser.next.text}'")
    return tree


class _Parser:
    """Reads one formula by recursive descent; `next` is the word not yet read."""

    def __init__(self, words: list[Token]) -> None:
        self._words = iter(words)
        self._depth = 0
        self.next = next(self._words)

    def _read(self) -> Token:
        word = self.next
        self.next = next(self._words, word)
        return word

    def _at(self, *signs: str) -> bool:
        return self.next.kind == "sign" and self.next.text in signs

    def expression(self, level: int = 0) -> Node:
        """An expression of operators that bind at least as tightly as `level`."""
        if level == len(_LEVELS):
            return self._unary()
        left = self.expression(level + 1)
        count = 0
        while self._at(*_LEVELS[level]):
            sign = self._read().text
            right = self.expression(level + 1)
            if count and sign in ("&&", "||") and isinstance(left, Function):
                left = Function(sign, (*left.arguments, right))
            else:
                left = Function({"==": "=", "!=": "<>"}.get(sign, sign), (left, right))
            count += 1
            if count > _LONGEST_CHAIN:
                raise FormulaError("Syntax error. The formula has too many operators in a row")
        return left

    def _unary(self) -> Node:
        if self._at(*_UNARY):
            sign = self._read().text
            return Function({"-": "negative", "+": "positive", "!": "NOT"}[sign], (self._deeper(self._unary),))
        return self._primary()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError("Syntax error. The formula is nested too deeply")
        node = read()
        self._depth -= 1
        return node

    def _primary(self) -> Node:
        word = self._read()
        if word.kind == "number":
            return Literal(Decimal(word.text))
        if word.kind == "text":
            return Literal(word.text)
        if word.kind == "name":
            return self._named(word.text)
        if word.kind == "sign" and word.text == "(":
            inner = self._deeper(self.expression)
            self._close()
            return inner
        what = "Missing operand" if word.kind == END else f"Found '{word.text}'"
        raise FormulaError(f"Syntax error. {what}")

    def _named(self, name: str) -> Node:
        if self._at("("):
            self._read()
            return Function(name.upper(), self._arguments())
        if name.lower() in _WORDS:
            return Literal(_WORDS[name.lower()])
        return Name(tuple(name.split(".")))

    def _arguments(self) -> tuple[Node, ...]:
        if self._at(")"):
            self._read()
            return ()
        found = [self._deeper(self.expression)]
        while self._at(","):
            self._read()
            found.append(self._deeper(self.expression))
        self._close()
        return tuple(found)

    def _close(self) -> None:
        if not self._at(")"):
            found = f". Found '{self.next.text}'" if self.next.kind != END else ""
            raise FormulaError(f"Syntax error. Missing ')'{found}")
        self._read()
