"""The brakes: what about a plan looks so wrong that a person must see it before the first write (design §8).

Every check is a sentence or nothing. What happens then (exit 4, the status, the override) is the engine's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.model import SIDES

ROWS = 500
"""So many rows of custom objects may always fall away at once: those of a few deals."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of `connector.yaml` under `brakes`; shares are fractions of 1.

    Archives are allowed up to the larger of a count and a share; a share of a handful of records says nothing,
    so that the other brakes only look at more than `floor` of them. `drops` are rows of custom objects that nothing
    stands behind any more, of those that stand in a CRM.
    """

    missing: float = 0.10
    archives: int = 5
    archives_share: float = 0.01
    updates: float = 0.30
    creates: float = 0.10
    blanks: float = 0.01
    drops: float = 0.10
    floor: int = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A full read of one vendor object: how many records were known before, and how many of them came back."""

    side: str
    vendor_object: str
    known: int
    returned: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the brakes judge: the plan's counts, the links there were before it, and the full reads."""

    counts: Mapping[str, Any]
    links: int
    seen: tuple[Seen, ...] = ()
    filled: Mapping[str, int] = field(default_factory=dict)  # "side.object.field" -> filled values
    carried: Mapping[str, int] = field(default_factory=dict)  # side -> rows of custom objects that stand there
    project_changed: bool = False


def brakes(facts: Facts, limits: Limits) -> list[str]:
    """The reasons not to apply this plan, in words an admin understands; none means go."""
    return [
        *missing(facts.seen, limits),
        *_archives(facts, limits),
        *_shares(facts, limits),
        *_blanks(facts, limits),
        *_drops(facts, limits),
        *(
            ["the mapping or rule files changed since the last accepted run; look at the plan, then allow it"]
            if facts.project_changed
            else []
        ),
    ]


def missing(returned: tuple[Seen, ...], limits: Limits) -> list[str]:
    """The full reads that brought back too few of the records known before."""
    return [
        f"{seen.side} returned {seen.returned} of {seen.known} known {seen.vendor_object} records "
        f"({_percent(seen.known - seen.returned, seen.known)} missing, {limits.missing:.0%} allowed): "
        f"check the token's scopes and the user's permissions"
        for seen in returned
        if seen.known >= limits.floor and seen.known - seen.returned > seen.known * limits.missing
    ]


def _archives(facts: Facts, limits: Limits) -> list[str]:
    allowed = max(limits.archives, int(facts.links * limits.archives_share))
    return [
        f"the plan archives {facts.counts['archive'][side]} {side} records, {allowed} are allowed at once"
        for side in SIDES
        if facts.counts["archive"][side] > allowed
    ]


def _shares(facts: Facts, limits: Limits) -> list[str]:
    """Updates and creates as a share of the links; a first run has none to compare with."""
    found = []
    for kind, share in (("update", limits.updates), ("create", limits.creates)):
        allowed = max(limits.floor, int(facts.links * share))
        for side in SIDES:
            planned = facts.counts[kind][side]
            if kind == "update":  # what only the rules write is bounded by the rules, whose changes are announced
                planned -= facts.counts["derived"][side]
            if facts.links and planned > allowed:
                found.append(
                    f"the plan {kind}s {planned} {side} records with {facts.links} links known "
                    f"({_percent(planned, facts.links)}, {share:.0%} allowed)"
                )
    return found


def _blanks(facts: Facts, limits: Limits) -> list[str]:
    found = []
    for name, planned in facts.counts["blanks"].items():
        filled = facts.filled.get(name, facts.links)
        allowed = max(limits.floor, int(filled * limits.blanks))
        if planned > allowed:
            found.append(f"the plan empties {name} in {planned} records, {allowed} are allowed at once")
    return found


def _drops(facts: Facts, limits: Limits) -> list[str]:
    """Attribution that falls away: a CRM that hides where people came from looks like people without touches."""
    found = []
    for side, stands in facts.carried.items():
        planned, allowed = facts.counts["drop"][side], max(ROWS, int(stands * limits.drops))
        if planned > allowed:
            found.append(
                f"the plan removes {planned} of {stands} rows of attribution from {side} "
                f"({_percent(planned, stands)}, {limits.drops:.0%} allowed): check that the token still sees "
                "activities, campaigns and the contacts' traffic sources"
            )
    return found


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"
