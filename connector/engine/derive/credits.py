"""The credits of a deal: one row for every touch's share under every model, in each CRM that has the deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connector.engine.carriers import Carriers
from connector.engine.derive.deals import Case
from connector.engine.derive.rows import NOTHING_BEHIND, Refs, Rows, Stored, Wish, Wishes
from connector.engine.derive.touchpoints import record_of
from connector.model import SIDES, Side, opposite
from connector.revops.attribution import Attribution, Attributor
from connector.revops.attribution_credits import Credit, compare_credits, make_credits
from connector.revops.attribution_rows import credit_from, credit_row
from connector.revops.carriers import CREDIT, TOUCHPOINT

Known = Mapping[Side, Mapping[str, Credit]]
"""The credits of one deal that stand in each CRM, by key."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """A deal with its attribution."""

    case: Case
    result: Attribution


class Credits:
    """Plans the credits of a chunk of deals."""

    def __init__(self, rows: Rows, carriers: Carriers, attributor: Attributor, as_of: datetime) -> None:
        self._rows, self._attributor = rows, attributor
        self._as_of = as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._sides = [side for side in SIDES if carriers.vendor_object(side, CREDIT.name) is not None]
        self._pointing = {side for side in self._sides if carriers.vendor_object(side, TOUCHPOINT.name) is not None}

    def add(self, deals: Sequence[Attributed]) -> None:
        """Plan what is missing, different, and too much."""
        if not self._sides:
            return
        stored = self._rows.stored([each.case.unit for each in deals])
        wanted = [(each.case.unit.key, self._of(each, stored[each.case.unit.key])) for each in deals]
        self._rows.add(
            [(key, wishes, stored[key]) for key, wishes in wanted],
            may_delete=self._attributor.config.may_delete,
        )

    def _of(self, deal: Attributed, stored: Stored) -> dict[Side, Wishes]:
        unit = deal.case.unit
        known = {side: dict(_known(stored, side, unit.key)) for side in SIDES}
        wanted = list(make_credits(deal.result, self._attributor))
        refs = self._references(deal)
        return {
            side: dict(self._wishes(side, wanted, known, stored, refs[side])) if side in unit.halves else {}
            for side in self._sides
        }

    def _wishes(
        self, side: Side, wanted: Sequence[Credit], known: Known, stored: Stored, refs: Mapping[str, Refs]
    ) -> Iterator[tuple[str, Wish]]:
        """The rows of one side: changed ones with the next revision, the others as they stand."""
        before, rules = known[side], self._attributor.config_hash
        # Other rules are no reason to write: only other shares are.
        same_rules = [replace(each, config=before[each.key].config) if each.key in before else each for each in wanted]
        changes = compare_credits(before, same_rules, may_delete=self._attributor.config.may_delete)
        changed = {each.key: each for each in changes.upserts}
        for key in dict.fromkeys([*(each.key for each in wanted), *changed]):
            credit = changed.get(key)
            if credit is None:
                credit, row = before[key], stored[side][key].fields
            else:
                row = credit_row(replace(credit, config=rules, revision=_revision(credit, side, known)), self._as_of)
            points = refs.get(credit.touch) or refs[""]
            yield key, Wish(row, points, _because(credit), {"touch": credit.touch})

    def _references(self, deal: Attributed) -> dict[Side, dict[str, Refs]]:
        """What credits point to by touch: the deal, and the touchpoint where this side knows its person."""
        found: dict[Side, dict[str, Refs]] = {}
        for side, half in deal.case.unit.halves.items():
            there = {person.key for person in deal.case.persons if side in person.unit.halves}
            points = there if side in self._pointing else set()
            deal_only = {"deal": record_of(half), "touchpoint": None}
            found[side] = {
                touch.key: {**deal_only, "touchpoint": touch.key}
                for touch in deal.result.touches
                if touch.person in points
            }
            found[side][""] = deal_only
        return found


def _known(stored: Stored, side: Side, deal: str) -> Iterator[tuple[str, Credit]]:
    for key, row in stored[side].items():
        if row.fields:
            yield key, credit_from(row.fields, deal, row.body["memory"]["touch"])


def _revision(credit: Credit, side: Side, known: Known) -> int:
    """That of the other CRM where it has this very credit already, else the next one of the deal."""
    other = known[opposite(side)].get(credit.key)
    if other is not None and replace(other, revision=0, config="") == replace(credit, revision=0, config=""):
        return other.revision
    return 1 + max((each.revision for some in known.values() for each in some.values()), default=0)


def _because(credit: Credit) -> str:
    if credit.superseded:
        return f"attribution.{credit.model}: {NOTHING_BEHIND}"
    held = "".join(f" {each}" for each in credit.milestones)
    return f"attribution.{credit.model}:{held or ' touch'} {credit.weight.normalize():f} %, rules {credit.config[:12]}"
