"""Salesforce's times: how they are read, written into SOQL, and shown as a record's stamp."""

from __future__ import annotations

from datetime import UTC, datetime


def read(text: str) -> datetime:
    """An aware UTC time from `2026-11-22T10:00:00.000+0000`, or with `Z`.

    Raises:
        ValueError: it is no time with an offset.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at.astimezone(UTC)


def literal(at: datetime) -> str:
    """A SOQL datetime literal; whole seconds, as SystemModstamp is stored."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp(text: str) -> str:
    """A SystemModstamp as ISO 8601 UTC; stamps of one org sort as text."""
    if text.endswith("+0000"):
        return text[:-5] + "Z"
    return text if text.endswith("Z") else read(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")
