"""HubSpot's own association types: their ids, labels, inverses and the names in v3 answers.

Ids: HubSpot's association guide (facts §10); an inverse that the guide does not list is marked below.
"""

from __future__ import annotations

from dataclasses import dataclass

HUBSPOT, USER = "HUBSPOT_DEFINED", "USER_DEFINED"
MAX_LABELS = 10
"""Labels that one pair of records may carry (HubSpot's association guide)."""


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of one kind of link; `primary` marks the labels of which a record has at most one."""

    source: str
    target: str
    category: str
    type_id: int
    inverse: int
    label: str | None = None
    primary: bool = False


def _both(
    source: str, target: str, there: int, back: int, label: str | None = None, *, primary: bool = False
) -> list[AssociationType]:
    there_type = AssociationType(source, target, HUBSPOT, there, back, label, primary)
    if there == back:
        return [there_type]
    return [there_type, AssociationType(target, source, HUBSPOT, back, there, label)]


CONTACT, COMPANY, DEAL, LEAD = "0-1", "0-2", "0-3", "0-136"
TASK, NOTE, CALL, MEETING, EMAIL = "0-27", "0-46", "0-48", "0-47", "0-49"

# The first type of each pair is its unlabelled default.
STANDARD = (
    *_both(CONTACT, COMPANY, 279, 280),
    *_both(CONTACT, COMPANY, 1, 2, "Primary", primary=True),
    *_both(DEAL, COMPANY, 341, 342),
    *_both(DEAL, COMPANY, 5, 6, "Primary", primary=True),
    *_both(CONTACT, DEAL, 4, 3),
    *_both(CONTACT, CONTACT, 449, 449),
    *_both(COMPANY, COMPANY, 450, 450),
    AssociationType(COMPANY, COMPANY, HUBSPOT, 13, 14, "Child Company"),
    AssociationType(COMPANY, COMPANY, HUBSPOT, 14, 13, "Parent Company"),
    *_both(DEAL, DEAL, 451, 451),
    *_both(LEAD, CONTACT, 608, 609),
    *_both(LEAD, CONTACT, 578, 579, "Primary", primary=True),  # 579: not listed, by the pattern of its kin
    *_both(LEAD, COMPANY, 610, 611),
    *_both(LEAD, COMPANY, 580, 581, "Primary", primary=True),  # 581: likewise
    *_both(LEAD, DEAL, 1037, 1038),
    *_both(LEAD, DEAL, 582, 583, "Primary", primary=True),
    *_both(TASK, CONTACT, 204, 203),
    *_both(TASK, COMPANY, 192, 191),
    *_both(TASK, DEAL, 216, 215),
    *_both(TASK, LEAD, 647, 646),
    *_both(NOTE, CONTACT, 202, 201),
    *_both(NOTE, COMPANY, 190, 189),
    *_both(NOTE, DEAL, 214, 213),
    *_both(NOTE, LEAD, 855, 854),
    *_both(CALL, CONTACT, 194, 193),
    *_both(CALL, COMPANY, 182, 181),
    *_both(CALL, DEAL, 206, 205),
    *_both(MEETING, CONTACT, 200, 199),
    *_both(MEETING, COMPANY, 188, 187),
    *_both(MEETING, DEAL, 212, 211),
    *_both(EMAIL, CONTACT, 198, 197),
    *_both(EMAIL, COMPANY, 186, 185),
    *_both(EMAIL, DEAL, 210, 209),
)


class AssociationTypes:
    """The types of one portal: HubSpot's, and those that its users and custom objects added."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str], list[AssociationType]] = {}
        for kind in STANDARD:
            self.add(kind)

    def add(self, kind: AssociationType) -> None:
        """Make one direction known."""
        self._by_pair.setdefault((kind.source, kind.target), []).append(kind)

    def remove(self, kind: AssociationType) -> None:
        """Forget one direction."""
        self._by_pair[(kind.source, kind.target)].remove(kind)

    def between(self, source: str, target: str) -> list[AssociationType]:
        """Every type from `source` to `target`, the default first."""
        return self._by_pair.get((source, target), [])

    def default(self, source: str, target: str) -> AssociationType | None:
        """The unlabelled type of a pair."""
        kinds = self.between(source, target)
        return kinds[0] if kinds else None

    def find(self, source: str, target: str, category: str, type_id: int) -> AssociationType | None:
        """One type by its id, only in the direction asked for."""
        for kind in self.between(source, target):
            if kind.type_id == type_id and kind.category == category:
                return kind
        return None

    def inverse(self, kind: AssociationType) -> AssociationType:
        """The same link seen from the other record."""
        for other in self.between(kind.target, kind.source):
            if other.type_id == kind.inverse and other.category == kind.category:
                return other
        raise LookupError(f"association type {kind.type_id} has no inverse {kind.inverse}")

    def primary(self, source: str, target: str) -> AssociationType | None:
        """The label of which `source` has at most one, if the pair has such a label."""
        return next((kind for kind in self.between(source, target) if kind.primary), None)
