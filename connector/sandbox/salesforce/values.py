"""What value a field takes: from JSON or a CSV cell to the stored form, with the vendor's refusals.

Whether the field may be written at all is decided in `checks.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from connector.sandbox.salesforce import ids, times
from connector.sandbox.salesforce.errors import ApiError, json_problem
from connector.sandbox.salesforce.schema import Field

Stored = str | int | float | None

_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*/=?^_+`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+").fullmatch
_INT_DIGITS = 8
"""A standard integer field takes eight digits."""
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")
_JSON_KINDS = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}


def convert(field: Field, raw: Any, *, csv: bool = False) -> Stored:
    """The stored form of a raw value; `csv` says that it was a cell of text.

    Raises:
        ApiError: the value does not fit the field.
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        raw = raw.rstrip()
        if not raw:
            return None
    return _BY_TYPE[field.type](field, raw, csv)


def _wrong(field: Field, raw: Any, kind: str, csv: bool) -> ApiError:
    if csv:
        return ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", f"value not of required type: {raw}", [field.name])
    if isinstance(raw, bool):
        name = "VALUE_TRUE" if raw else "VALUE_FALSE"
    else:
        name = _JSON_KINDS.get(type(raw), "START_OBJECT" if isinstance(raw, dict) else "START_ARRAY")
    return json_problem(
        f"Cannot deserialize instance of {kind} from {name} value {raw} or request may be missing a required "
        "field at [line:1, column:1]"
    )


def _text(field: Field, raw: Any, csv: bool) -> str:
    if not isinstance(raw, str):
        raise _wrong(field, raw, "string", csv)
    if field.length and len(raw) > field.length:
        raise ApiError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {raw} (max length={field.length})",
            [field.name],
        )
    return raw


def _email(field: Field, raw: Any, csv: bool) -> str:
    text = _text(field, raw, csv)
    if not _EMAIL(text):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
    return text


def _picklist(field: Field, raw: Any, csv: bool) -> str:
    text = _text(field, raw, csv)
    known = next((one for one in field.picklist if one.value.lower() == text.lower()), None)
    if field.restricted and (known is None or not known.active):
        raise _bad_choice(field, text)
    return known.value if known else text


def _multipicklist(field: Field, raw: Any, csv: bool) -> str:
    if not isinstance(raw, str):
        raise _wrong(field, raw, "string", csv)
    order = {one.value.lower(): (place, one.value) for place, one in enumerate(field.picklist)}
    chosen: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in raw.split(";"))):
        if part.lower() not in order and field.restricted:
            raise _bad_choice(field, part)
        place, value = order.get(part.lower(), (len(order) + len(chosen), part))
        chosen[value] = place
    return ";".join(sorted(chosen, key=chosen.__getitem__))


def _bad_choice(field: Field, text: str) -> ApiError:
    return ApiError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field.label}: bad value for restricted picklist field: {text}",
        [field.name],
    )


def _boolean(field: Field, raw: Any, csv: bool) -> int:
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, str) and raw.lower() in _YES + _NO:
        return int(raw.lower() in _YES)
    raise _wrong(field, raw, "boolean", csv)


def _number(field: Field, raw: Any, kind: str, csv: bool) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise _wrong(field, raw, kind, csv)
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        raise _wrong(field, raw, kind, csv) from None
    if not number.is_finite():
        raise _wrong(field, raw, kind, csv)
    return number


def _in_range(field: Field, number: Decimal, digits: int, raw: Any) -> None:
    if abs(number) >= Decimal(10) ** digits:
        raise ApiError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {raw}",
            [field.name],
        )


def _int(field: Field, raw: Any, csv: bool) -> int:
    number = _number(field, raw, "int", csv)
    if number != number.to_integral_value():
        raise _wrong(field, raw, "int", csv)
    _in_range(field, number, field.precision or _INT_DIGITS, raw)
    return int(number)


def _double(field: Field, raw: Any, csv: bool) -> float:
    number = _number(field, raw, "double", csv)
    if field.precision:
        number = number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if _small(number) else number
        _in_range(field, number, field.precision - field.scale, raw)
    return float(number)


def _small(number: Decimal) -> bool:
    """Whether `quantize` can hold the number in its 28 digits (larger ones are out of any field's range)."""
    return not number or math.log10(abs(number)) < 20  # noqa: PLR2004 - beyond every precision a field may have


def _date(field: Field, raw: Any, csv: bool) -> str:
    if isinstance(raw, str):
        try:
            return times.read_date(raw)
        except ValueError:
            pass
    raise _wrong(field, raw, "date", csv)


def _datetime(field: Field, raw: Any, csv: bool) -> str:
    if isinstance(raw, str):
        try:
            return times.stamp(times.read_datetime(raw))
        except (ValueError, OverflowError):
            pass
    raise _wrong(field, raw, "datetime", csv)


def _reference(field: Field, raw: Any, _csv: bool) -> str:
    found = ids.normal(raw)
    if found is None:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {raw}", [field.name])
    return found


_BY_TYPE: dict[str, Callable[[Field, Any, bool], Stored]] = {
    "id": _reference,
    "reference": _reference,
    "string": _text,
    "combobox": _text,
    "textarea": _text,
    "phone": _text,
    "url": _text,
    "email": _email,
    "picklist": _picklist,
    "multipicklist": _multipicklist,
    "boolean": _boolean,
    "int": _int,
    "double": _double,
    "currency": _double,
    "percent": _double,
    "date": _date,
    "datetime": _datetime,
}
