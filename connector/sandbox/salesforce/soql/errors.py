"""The one error of SOQL, with the vendor's texts; where in the query it points, not what is asked wrongly."""

from __future__ import annotations

_BEFORE = 40
_AFTER = 40

_REFER = "Please reference your WSDL or the describe call for the appropriate names."


class SoqlError(Exception):
    """A query the CRM refuses, as its `errorCode` and `message` (facts: salesforce.md §2.10)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def pointed(text: str, at: int, code: str, reason: str) -> SoqlError:
    """An error at offset `at` of the query, with the vendor's excerpt, caret and row and column."""
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    row = text.count("\n", 0, at) + 1
    start = max(line_start, at - _BEFORE)
    if start > line_start:
        space = text.find(" ", start, at)
        start = space + 1 if space >= 0 else start
    excerpt = text[start : min(line_end, at + _AFTER)]
    caret = " " * (at - start) + "^"
    place = f"ERROR at Row:{row}:Column:{at - line_start + 1}"
    return SoqlError(code, f"\n{excerpt}\n{caret}\n{place}\n{reason}")


def unexpected(text: str, at: int, token: str) -> SoqlError:
    """The parser met a token it cannot use there; an empty token is the end of the query."""
    return pointed(text, at, "MALFORMED_QUERY", f"unexpected token: '{token or '<EOF>'}'")


def too_complicated() -> SoqlError:
    """The query asks for more than a database can take in one statement."""
    reason = "Query is either selecting too many fields or the filter conditions are too complicated."
    return SoqlError("QUERY_TOO_COMPLICATED", reason)


def no_column(text: str, at: int, field: str, entity: str) -> SoqlError:
    """The entity has no such field."""
    reason = (
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, "
        f"be sure to append the '__c' after the custom field name. {_REFER}"
    )
    return pointed(text, at, "INVALID_FIELD", reason)


def no_entity(text: str, at: int, name: str) -> SoqlError:
    """There is no such sObject."""
    reason = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
        f"be sure to append the '__c' after the entity name. {_REFER}"
    )
    return pointed(text, at, "INVALID_TYPE", reason)


def no_relationship(text: str, at: int, name: str, *, child: bool = False) -> SoqlError:
    """The field path (or the FROM of a child query) names an unknown relationship."""
    where, code = ("FROM part of query call", "INVALID_TYPE") if child else ("field path", "INVALID_FIELD")
    reason = (
        f"Didn't understand relationship '{name}' in {where}. If you are attempting to use a custom "
        f"relationship, be sure to append the '__r' after the custom relationship name. {_REFER}"
    )
    return pointed(text, at, code, reason)
