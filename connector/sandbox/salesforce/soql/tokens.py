"""Cuts SOQL text into tokens; knows how things are spelt, not where they may stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.salesforce.soql.errors import pointed

_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<datetime>{_STAMP}(?:[Zz]|[+-]\d\d:?\d\d))
    |(?P<unzoned>{_STAMP})
    |(?P<date>\d{{4}}-\d\d-\d\d)
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<relative>[A-Za-z]\w*:\d+)
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE | re.DOTALL,
)

_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `kind` is text, datetime, date, number, relative, name, sign or end."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """The tokens of a query, closed by one of kind `end`.

    Raises:
        SoqlError: MALFORMED_QUERY for a character that starts no token, or a time without a zone.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "unzoned":
            wrong = at if match is None else match.end()
            raise _no_alternative(text, wrong)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _no_alternative(text: str, at: int) -> Exception:
    line_start = text.rfind("\n", 0, at) + 1
    row = text.count("\n", 0, at) + 1
    character = text[at] if at < len(text) else "<EOF>"
    if character == ":":
        return pointed(text, at, "MALFORMED_QUERY", "Bind variables only allowed in Apex code")
    reason = f"line {row}:{at - line_start + 1} no viable alternative at character '{character}'"
    return pointed(text, at, "MALFORMED_QUERY", reason)


def plain(written: str) -> str:
    """The value of a quoted text: quotes off, escapes resolved."""
    return _resolved(written, _resolve)


def _resolved(written: str, escape: Callable[[re.Match[str]], str]) -> str:
    body = written[1:-1]
    if "\\" not in body:
        return body
    # Two \u escapes may be the halves of one character; a lone half is no text.
    return _ESCAPE.sub(escape, body).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _resolve(match: re.Match[str]) -> str:
    escape = match.group(1)
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPED.get(escape.lower(), escape)


def pattern(written: str) -> str:
    r"""The value of a quoted text as a LIKE pattern that escapes with a backslash (`\%` and `\_` stay)."""
    return _resolved(written, _keep_wildcards)


def _keep_wildcards(match: re.Match[str]) -> str:
    escape = match.group(1)
    return "\\" + escape if escape in {"%", "_", "\\"} else _resolve(match)
