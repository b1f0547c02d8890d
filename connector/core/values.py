"""What a raw value means: canonical text per field type, and back to what a vendor's API takes.

Reading back what was written gives the same text, so that a value never returns as a change. This module decides
nothing about who wins, and does not know links: they are asked for through `resolve`. The forms themselves are in
`reading` and `writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connector.core.reading import LINKED, LinkReader, PlainReader, Resolve, link_reader, plain_reader
from connector.core.unread import Unmapped, Unreadable, Waiting
from connector.core.writing import ResolveBack, render
from connector.model import Field, ObjectMapping, Raw, Side, Value

__all__ = [
    "Reader",
    "Resolve",
    "ResolveBack",
    "Unmapped",
    "Unreadable",
    "Waiting",
    "canonical",
    "compile_record",
    "render",
]

Problem = tuple[str, str]
"""A field's name and why its value cannot be read."""

Read = tuple[dict[str, str], list[Problem], list[str]]
"""Canonical values without the empty ones, problems, and the fields that wait for a counterpart."""

Reader = Callable[[Raw, Resolve], Read]
"""What `compile_record` makes."""


def canonical(field: Field, side: Side, raw: Any, resolve: Resolve, *, time_zone: str = "UTC") -> Value:
    """The canonical value of one raw value of `side`.

    `time_zone` is the account's: it decides on which day an instant falls that is mapped to a date.

    Raises:
        Unmapped: an option without an entry in `values`.
        Unreadable: it is not of the field's type.
        Waiting: a reference or owner that `resolve` does not know.
    """
    if field.type in LINKED:
        return link_reader(field, side)(raw, resolve)
    return plain_reader(field, side, time_zone)(raw)


def compile_record(mapping: ObjectMapping, side: Side, vendor_object: str, *, time_zone: str = "UTC") -> Reader:
    """One function that reads all mapped fields of a vendor object.

    A field with a problem or waiting for a counterpart has no value: it is unknown, not empty. Of several
    references those that are linked stand: the others cannot exist on the other side yet.
    """
    plain_fields: list[tuple[str, str, PlainReader, bool]] = []
    links: list[tuple[str, str, LinkReader]] = []
    for field in mapping.fields:
        column = field.vendor_name(side, vendor_object)
        if column is not None and field.type in LINKED:
            links.append((field.name, column, link_reader(field, side)))
        elif column is not None:
            plain_fields.append((field.name, column, plain_reader(field, side, time_zone), field.type == "bool"))

    def read(raw: Raw, resolve: Resolve) -> Read:
        values: dict[str, str] = {}
        problems: list[Problem] = []
        get = raw.get
        for name, column, reader, empty_means_false in plain_fields:
            given = get(column)
            if (given is None or given == "") and not empty_means_false:
                continue
            try:
                value = reader(given)
            except Unreadable as error:
                problems.append((name, str(error)))
                continue
            if value is not None:
                values[name] = value
        waiting = _read_links(links, raw, resolve, values, problems) if links else []
        return values, problems, waiting

    return read


def _read_links(
    links: Sequence[tuple[str, str, LinkReader]],
    raw: Raw,
    resolve: Resolve,
    values: dict[str, str],
    problems: list[Problem],
) -> list[str]:
    """Add references and owners to `values` and `problems`; gives the fields that wait."""
    waiting: list[str] = []
    for name, column, reader in links:
        given = raw.get(column)
        if not given:
            continue
        try:
            value = reader(given, resolve)
        except Waiting as error:
            waiting.append(name)
            if error.partial is not None:
                values[name] = error.partial
        except Unreadable as error:
            problems.append((name, str(error)))
        else:
            if value is not None:
                values[name] = value
    return waiting
