"""One search filter as SQL over the `record` table (alias `r`).

Operators, case rules and formats: HubSpot's search guide (facts §5). NEQ, NOT_IN and NOT_CONTAINS_TOKEN do not
match records without a value; the guide does not say, integrators report it so.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import ids, instants, values
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.standard import Property

COMPARE = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
OPERATORS = {
    *COMPARE,
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
}
Clause = tuple[str, list[Any]]


def register(db: sqlite3.Connection) -> None:
    """Give SQLite the comparisons that it does not have."""
    db.create_function("folded", 1, lambda text: text.casefold() if isinstance(text, str) else text, deterministic=True)
    db.create_function("has_tokens", 2, has_tokens, deterministic=True)


def has_tokens(text: str | None, wanted: str) -> bool:
    """Whether every word of `wanted` is among the words of `text`; `*` stands for anything in a word."""
    if not text:
        return False
    words = re.findall(r"[^\W_]+", text.casefold())
    for token in wanted.casefold().split():
        parts = [re.escape(part) for part in token.split("*")]
        if "*" in token:
            whole = re.compile(".*".join(parts))
            if not (whole.fullmatch(text.casefold()) or any(whole.fullmatch(word) for word in words)):
                return False
        elif not set(re.findall(r"[^\W_]+", token)) <= set(words):
            return False
    return True


def clause(portal: Portal, object_type: ObjectType, given: Mapping[str, Any], *, indexed: bool) -> Clause:
    """The SQL of one filter; `indexed` False avoids the live table of unique values.

    Raises:
        ApiError: 400 for an unknown property or operator, or a value the property's type cannot have.
    """
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if operator not in OPERATORS:
        raise problem(f"operator {operator!r} is not one of {', '.join(sorted(OPERATORS))}")
    if name.startswith("associations."):
        return _associated(portal, object_type, name.removeprefix("associations."), operator, given)
    prop = portal.property(object_type, name)
    if prop is None:
        raise problem(f'Property "{name}" does not exist')
    if indexed and operator in ("EQ", "IN") and name in portal.unique_properties(object_type):
        return _identity(object_type, name, _operands(prop, operator, given))
    return _compare(prop, expression(object_type, prop), operator, _operands(prop, operator, given))


def expression(object_type: ObjectType, prop: Property) -> str:
    """The SQL value of a property, comparable with `operand`."""
    columns = {"hs_object_id": "r.id", object_type.created: "r.created", object_type.modified: "r.modified"}
    if prop.name in columns:
        return columns[prop.name]
    stored = f"""json_extract(r.props, '$."{prop.name}"')"""
    if prop.type == "number":
        return f"CAST({stored} AS REAL)"
    if prop.type in ("date", "datetime"):
        return f"CAST(round((julianday({stored}) - 2440587.5) * 86400000.0) AS INTEGER)"
    return stored if prop.type in ("enumeration", "bool") else f"folded({stored})"


def problem(text: str) -> ApiError:
    """400 of a search; HubSpot's own text is not published beyond its category."""
    return ApiError(400, f"There was a problem with the request. {text}")


def _operands(prop: Property, operator: str, given: Mapping[str, Any]) -> list[Any]:
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return []
    if operator in ("IN", "NOT_IN"):
        listed = given.get("values")
        if not isinstance(listed, list) or not listed:
            raise problem(f"operator {operator} requires values")
        return [_operand(prop, value, keep_case=True) for value in listed]
    raw = [given.get("value")]
    if operator == "BETWEEN":
        raw.append(given.get("highValue"))
    if any(value is None for value in raw):
        raise problem(f"operator {operator} requires a value")
    return [_operand(prop, value, keep_case=operator.endswith("TOKEN")) for value in raw]


def _operand(prop: Property, value: Any, *, keep_case: bool) -> Any:
    text = str(values.text_of(value) if not isinstance(value, list | dict) else value)
    if prop.name == "hs_object_id":
        value = ids.number(text)
        return -1 if value is None else value
    if prop.type == "number":
        try:
            return float(values.number(text))
        except values.InvalidValueError as error:
            raise problem(error.message) from None
    if prop.type in ("date", "datetime"):
        ms = instants.read(text)
        if ms is None:
            raise problem(f"{text} was not a valid long.")
        return ms
    # String values of IN must be in lower case to match anything; enumerations keep their case.
    return text if keep_case or prop.type in ("enumeration", "bool") else text.casefold()


def _compare(prop: Property, stored: str, operator: str, operands: list[Any]) -> Clause:
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return f"{stored} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        if operator == "CONTAINS_TOKEN":
            return f"has_tokens({stored}, ?)", operands
        return f"({stored} IS NOT NULL AND NOT has_tokens({stored}, ?))", operands
    if prop.many and operator in ("EQ", "NEQ", "IN", "NOT_IN"):
        any_of = " OR ".join(["instr(';' || " + stored + " || ';', ';' || ? || ';') > 0"] * len(operands))
        return (f"({any_of})" if operator in ("EQ", "IN") else f"({stored} IS NOT NULL AND NOT ({any_of}))"), operands
    if operator == "BETWEEN":
        return f"{stored} BETWEEN ? AND ?", operands
    if operator in ("IN", "NOT_IN"):
        marks = ",".join("?" * len(operands))
        return f"{stored} {'NOT ' if operator == 'NOT_IN' else ''}IN ({marks})", operands
    return f"{stored} {COMPARE[operator]} ?", operands


def _identity(object_type: ObjectType, name: str, operands: list[Any]) -> Clause:
    marks = ",".join("?" * len(operands))
    return (
        f"r.id IN (SELECT id FROM identity WHERE object = ? AND property = ? AND value IN ({marks}))",  # noqa: S608 - marks
        [object_type.type_id, name, *operands],
    )


def _associated(
    portal: Portal, object_type: ObjectType, target_name: str, operator: str, given: Mapping[str, Any]
) -> Clause:
    target = portal.types.find(target_name)
    if target is None or target.custom:
        raise problem(f'Property "associations.{target_name}" does not exist')
    if operator not in ("EQ", "IN"):
        raise problem("associations can be searched with EQ and IN")
    wanted = given.get("values") if operator == "IN" else [given.get("value")]
    listed = wanted if isinstance(wanted, list) else []
    found = [one for one in map(ids.number, listed) if one is not None]
    marks = ",".join("?" * len(found))
    text = "r.id IN (SELECT target_id FROM association WHERE source = ? AND target = ?"
    return f"{text} AND source_id IN ({marks}))", [target.type_id, object_type.type_id, *found]
