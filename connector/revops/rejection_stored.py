"""Effects of the rejection loop as rows that a store keeps, and back again. It decides nothing.

Besides its own fields a stored body holds `at`, the instant of the decision: an effect that was put off keeps its place
behind what was decided before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_type_hints

from connector.revops.rejection_effects import (
    CloseTask,
    Effect,
    Escalate,
    Hold,
    Notify,
    OpenTask,
    Reapply,
    Reassign,
    Release,
    ReopenTask,
    Revert,
    Suppress,
)

Row = tuple[str, str, str, dict[str, Any], datetime]
"""Key, kind, person, body, not before: as `Effects.decide` takes it."""

AT = "at"

_KINDS: dict[str, type[Effect]] = {
    each.__name__: each
    for each in (
        Revert, Reapply, OpenTask, ReopenTask, CloseTask, Notify, Escalate, Reassign, Suppress, Hold, Release,
    )
}  # fmt: skip
_MOMENTS = {
    kind: frozenset(name for name, hint in get_type_hints(each).items() if hint in (datetime, datetime | None))
    for kind, each in _KINDS.items()
}


def effect_row(effect: Effect, as_of: datetime) -> Row:
    """An effect that was decided at `as_of`, to be kept until it is carried out.

    A matter may be held, released and held again under one key, so those rows are told apart by the instant. A message
    waits for the opening of its reader's office.
    """
    decided = as_of.astimezone(UTC).isoformat(timespec="microseconds")
    body = {each.name: _plain(getattr(effect, each.name)) for each in fields(effect)}
    key = f"{effect.key}@{decided}" if isinstance(effect, Hold | Release) else effect.key
    not_before = effect.deliver_at if isinstance(effect, Notify) else as_of
    return key, type(effect).__name__, effect.person, {**body, AT: decided}, not_before


def effect_from(kind: str, body: Mapping[str, Any]) -> Effect:
    """The effect that `effect_row` wrote down.

    Raises:
        ValueError: it is none that this version knows.
    """
    if kind not in _KINDS:
        raise ValueError(f"no effect is called {kind}")
    moments = _MOMENTS[kind]
    try:
        given: dict[str, Any] = {
            name: _moment(value) if name in moments else value for name, value in body.items() if name != AT
        }
        return _KINDS[kind](**given)
    except TypeError as error:
        raise ValueError(f"the stored {kind} has other fields than this version knows") from error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
