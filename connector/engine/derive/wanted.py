"""What the rules want of one unit, before it becomes part of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.model import Side, Value
from connector.revops.rejection_effects import Effect

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Due at every run: something is open whose next step nobody can foresee."""


@dataclass(frozen=True, slots=True)
class Set:
    """A value for a field, and the rule with its inputs; the words are asked for only where it is written."""

    value: Value
    because: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Restage:
    """A stage below the one HubSpot shows: the field is emptied first, and set when that is done (domain §2.2)."""

    field: str
    value: str
    because: str


@dataclass(slots=True)
class Wanted:
    """Everything wanted of one person, company or deal.

    `fields` are own fields, the same on both sides; `told` gives further ones that are written only along with another
    one, since they say how old things are and would change daily, or into a record that is `behind`; `only` are fields
    of one side, such as HubSpot's lead status; `restage` goes out in a second request. `due` is when to look again
    though nothing changed.
    """

    fields: dict[str, Set] = field(default_factory=dict)
    told: Callable[[], dict[str, Set]] = dict
    behind: Callable[[Mapping[str, str]], bool] = lambda _values: False
    only: dict[Side, dict[str, Set]] = field(default_factory=lambda: {"hubspot": {}, "salesforce": {}})
    restage: list[Restage] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    standing: Mapping[str, Any] | None = None
    due: datetime | None = None
    carried_out: list[str] = field(default_factory=list)  # keys of effects that these fields carry out
    pointless: list[str] = field(default_factory=list)  # keys of effects that somebody else has overtaken
