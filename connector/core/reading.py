"""Raw values of one CRM to canonical text: one reader per field, chosen once.

Equal meaning is equal text on both sides, empty is None. Two forms need a decision of their own:

- A checkbox is always `true` or `false`: Salesforce has no empty one, and an empty HubSpot one means false. Only where
  the no of an own field is an answer (`judged`) it may be empty.
- A reference or owner whose counterpart is not known raises `Waiting`: unknown is not empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from connector.core import choices, country, moment, phone, plain
from connector.core.unread import Unreadable, Waiting
from connector.model import Field, FieldType, Side, Value

Resolve = Callable[[Field, Side, str], Value]
"""A field's vendor record id -> link id, or its owner id -> owner e-mail; None: not linked, not known."""

PlainReader = Callable[[Any], Value]
LinkReader = Callable[[Any, Resolve], Value]

LINKED: frozenset[FieldType] = frozenset({"owner", "reference", "references"})
"""The types whose values are links or people, found through `Resolve`."""

_SIMPLE: dict[FieldType, PlainReader] = {
    "text": plain.text,
    "email": plain.email,
    "domain": plain.domain,
    "url": plain.url,
}


def plain_reader(field: Field, side: Side, time_zone: str) -> PlainReader:
    """How to read one side's values of a field that is no link.

    `time_zone` is the account's: it decides on which day an instant falls that is mapped to a date.
    """
    simple = _SIMPLE.get(field.type)
    if simple is not None:
        return simple
    match field.type:
        case "phone":
            return _phone_reader(field)
        case "enum":
            return _option_reader(field, side)
        case "multi":
            return _options_reader(field, side)
    return _named(field, _strict(field, time_zone))


def _strict(field: Field, time_zone: str) -> PlainReader:
    match field.type:
        case "bool":
            return plain.judged if field.judged else plain.boolean
        case "number" | "money":
            return partial(plain.number, decimals=field.decimals)
        case "country":
            return _of_text(country.country)
        case "date":
            return _of_text(partial(moment.day, time_zone=time_zone))
        case "datetime":
            return _of_text(moment.instant)
    raise AssertionError(field.type)


def _named(field: Field, read: PlainReader) -> PlainReader:
    """`read`, whose complaints name the field and its line."""
    where = f" ({field.where})" if field.where else ""

    def reader(raw: Any) -> Value:
        try:
            return read(raw)
        except Unreadable as error:
            raise Unreadable(
                f"{field.name}: {error}; correct it in the CRM, or the type in the mapping{where}"
            ) from None

    return reader


def _of_text(read: Callable[[str], Value]) -> PlainReader:
    def reader(raw: Any) -> Value:
        value = plain.text(raw)
        return None if value is None else read(value)

    return reader


def _phone_reader(field: Field) -> PlainReader:
    region, read = field.region, phone.phone

    def reader(raw: Any) -> Value:
        return read(raw if isinstance(raw, str) else plain.as_text(raw), region) if raw is not None else None

    return reader


def _option_reader(field: Field, side: Side) -> PlainReader:
    options = choices.reading(field, side)
    if options is None:
        return plain.text

    def reader(raw: Any) -> Value:
        option = plain.text(raw)
        return None if option is None else choices.look_up(options, option, field, side)

    return reader


def _options_reader(field: Field, side: Side) -> PlainReader:
    options = choices.reading(field, side)

    def reader(raw: Any) -> Value:
        found = {option for part in (plain.text(raw) or "").split(";") if (option := part.strip())}
        if options is not None:
            found = {choices.look_up(options, option, field, side) for option in found}
        return ";".join(sorted(found)) or None

    return reader


def link_reader(field: Field, side: Side) -> LinkReader:
    """How to read one side's references or owner."""
    several = field.type == "references"

    def reader(raw: Any, resolve: Resolve) -> Value:
        ids = _ids(raw)
        if not several:
            ids = ids[:1]
        found = [resolve(field, side, each) for each in ids]
        if field.type == "owner" and found and found[0]:
            return plain.email(found[0])
        value = ";".join(sorted({each for each in found if each})) or None
        if None in found:
            words = f"{field.name}: it points to a record or user that is not known on the other side yet"
            raise Waiting(words, value if several else None)
        return value

    return reader


def _ids(raw: Any) -> Sequence[str]:
    """A lookup's id or an association's ids, as text."""
    if raw is None or raw == "":
        return ()
    if isinstance(raw, str):
        return (raw,)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return (str(raw),)
    if isinstance(raw, list | tuple):
        return [str(each) for each in raw]
    raise Unreadable("the CRM sent something that is no record id")
