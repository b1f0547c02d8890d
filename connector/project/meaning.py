"""What a project means, as one hash: equal meaning is an equal hash, however it was written down."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson

from connector.core.choices import Choices


def hash_of(meaning: Any) -> str:
    """The sha256 of frozen data: the order of keys and sets and the spelling of numbers and times do not matter."""
    return hashlib.sha256(orjson.dumps(_plain(meaning), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: Any) -> Any:
    """Data without the places it was read from, and without what is only remembered."""
    if dataclasses.is_dataclass(value):
        names = [each.name for each in dataclasses.fields(value) if each.init and each.name != "where"]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Choices):
        return {"first": dict(value), "also": dict(value.also)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, date) else value
