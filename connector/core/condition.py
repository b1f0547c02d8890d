"""Whether a record fits a `when` of a mapping file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from connector.model import Condition


def fits(
    condition: Condition,
    values: Mapping[str, str],
    raw: Mapping[str, Any],
    waiting: Collection[str] = (),
    mapped: Collection[str] = (),
) -> bool:
    """Judge one record; an empty condition always fits.

    Args:
        condition: field or vendor property -> accepted values, of which `linked`, `present` and `missing` are words.
        values: canonical values by mapping field; a reference stands here once its other end is linked.
        raw: the vendor's own values, for properties that no mapping line names.
        waiting: reference fields that point to something not linked yet.
        mapped: the mapping's field names: a vendor property of the same name is not meant.
    """
    return all(
        _holds(accepted, values.get(name), name in waiting, None if name in mapped else raw.get(name))
        for name, accepted in condition.items()
    )


def _holds(accepted: Collection[str], value: str | None, waits: bool, raw: Any) -> bool:
    """Judge one name: by its canonical value, or by the vendor's own where no mapping line names it."""
    if value is not None:
        return value in accepted or "present" in accepted or "linked" in accepted
    if raw not in (None, "", []):
        return str(raw) in accepted or "present" in accepted
    return "present" in accepted if waits else "missing" in accepted
