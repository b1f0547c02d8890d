"""The words of a formula: literals, names, operators; comments and blanks are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = re.compile(
    r"""
    (?P<blank>\s+|/\*.*?\*/)
  | (?P<number>\d+\.?\d*|\.\d+)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<name>\$?[A-Za-z_]\w*(?::\w+)?(?:\.[A-Za-z_]\w*(?::\w+)?)*)
  | (?P<sign>&&|\|\||<>|!=|<=|>=|==|[=<>+\-*/^&!(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
END = "end"


class FormulaError(Exception):
    """A formula that cannot be taken; `message` is the vendor's text."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind (`number`, `text`, `name`, `sign`, `end`) and its text, of a literal the value."""

    kind: str
    text: str


def tokens(formula: str) -> list[Token]:
    """The words of a formula, `end` last.

    Raises:
        FormulaError: a character that no word begins with, or a text without its closing quote.
    """
    found, place = [], 0
    while place < len(formula):
        match = _WORDS.match(formula, place)
        if match is None:
            if formula[place] in "\"'":
                raise FormulaError("Syntax error. Missing closing quote")
            raise FormulaError(f"Syntax error. Found '{formula[place]}'")
        kind = str(match.lastgroup)
        if kind == "text":
            found.append(Token(kind, _unescaped(match[0][1:-1])))
        elif kind != "blank":
            found.append(Token(kind, match[0]))
        place = match.end()
    return [*found, Token(END, "")]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
