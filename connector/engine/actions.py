"""The actions a plan is made of, built from what was judged and merged. What they are built for is `compare`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.core.match import Twins
from connector.core.merge import Merged
from connector.core.plan import WAITING, WITH_COLUMNS, split
from connector.engine.shape import Shape
from connector.model import SIDES, Action, Base, Change, ObjectMapping, Side, opposite
from connector.state.records import Seen


@dataclass(slots=True)
class Judged:
    """A record as the merge sees it."""

    seen: Seen
    shape: Shape
    values: dict[str, str]
    problems: list[tuple[str, str]]
    waiting: list[str]

    @property
    def unsure(self) -> set[str]:
        """Fields that cannot be compared now; of several references those that are linked can."""
        if not self.problems and not self.waiting:
            return set()
        single = {name for name in self.waiting if self.shape.by_name[name].type != "references"}
        return {name for name, _ in self.problems} | single


def write_actions(
    mapping: ObjectMapping,
    link: str,
    records: Mapping[Side, Judged],
    writes: Mapping[Side, list[Change]],
) -> list[Action]:
    """One update and one association action per side that lacks something."""
    actions = []
    for side in SIDES:
        seen = records[side].seen
        columns, associated = split(writes[side], records[side].shape.associated)
        if columns:
            actions.append(
                Action("", "update", mapping.object, link, side, seen.vendor_object, seen.id, changes=tuple(columns))
            )
        if associated:
            actions.append(
                Action(
                    "", "associate", mapping.object, link, side, seen.vendor_object, seen.id,
                    changes=tuple(associated), reason=WITH_COLUMNS if columns else "",
                )
            )  # fmt: skip
    return actions


def adopt_action(
    mapping: ObjectMapping,
    link: str,
    merged: Merged,
    hubspot: str | None = None,
    salesforce: Seen | None = None,
    reason: str = "both sides agree",
) -> Action:
    """Link or move the base: nothing a CRM has to be asked for."""
    base = Base(
        {name: values[0] for name, values in merged.moves.items()},
        {name: values[1] for name, values in merged.moves.items()},
    )
    return Action(
        "", "adopt", mapping.object, link, "salesforce",
        salesforce.vendor_object if salesforce else "", salesforce.id if salesforce else None, hubspot,
        conflicts=tuple(merged.conflicts), base=base, reason=reason,
    )  # fmt: skip


def hold_actions(mapping: ObjectMapping, link: str, judged: Judged) -> list[Action]:
    """Inbox entries for values that could not be read, and silent marks for references that must wait."""
    found = [
        hold_action(mapping, link, judged.seen, "VALUE", f"{name}: {message}") for name, message in judged.problems
    ]
    if judged.waiting:
        words = f"{', '.join(judged.waiting)}: points to a record that is not linked yet"
        found.append(hold_action(mapping, link, judged.seen, WAITING, words))
    return found


def twins_action(mapping: ObjectMapping, judged: Judged, twins: Twins) -> Action:
    """Several records fit: all of them are named, so that a person can merge them or tell them apart."""
    side = judged.seen.side
    own = f"{side} {', '.join(twins.own)}"
    other = f"{opposite(side)} {', '.join(twins.other)}" if twins.other else ""
    linked = " (linked already)" if twins.taken else ""
    words = f"same {twins.by} in {' and '.join(part for part in (own, other) if part)}{linked}: merge or tell apart"
    return hold_action(mapping, "", judged.seen, "TWINS", words)


def hold_action(mapping: ObjectMapping, link: str, seen: Seen, code: str, words: str) -> Action:
    """An entry for the inbox."""
    return Action("", "hold", mapping.object, link, seen.side, seen.vendor_object, seen.id, code=code, reason=words)
