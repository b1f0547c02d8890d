"""Who is asked: the owner of a lead, who stands in for them, and who hears of it on each level.

A candidate who left, is away or owns the lead is passed over; whoever comes next in line is asked. Nobody left is
an answer too: the caller holds the matter for an admin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.revops.rejection_config import Escalation


@dataclass(frozen=True, slots=True)
class SalesOwner:
    """A user or queue that may own a lead.

    `key` is how leads name it (the e-mail address in lower case, a queue's name); `manager` is another owner's
    key. `sales` False: owns leads without selling (marketing, an integration user), so nothing was handed over.
    """

    key: str
    email: str | None
    active: bool = True
    queue: bool = False
    sales: bool = True
    manager: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to address, and as what: owner, deputy, queue_manager, manager, team_lead, head_of_sales."""

    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Owners:
    """All owners by key, and the rules of who follows whom."""

    rules: Escalation
    by_key: Mapping[str, SalesOwner] = field(default_factory=dict)

    def get(self, key: str | None) -> SalesOwner | None:
        """An owner; None where there is none or the CRM does not know them."""
        return self.by_key.get(key) if key else None

    def sells(self, key: str | None) -> bool:
        """Whether a lead owned by `key` is in the hands of sales."""
        owner = self.get(key)
        return owner is not None and owner.sales and not owner.queue

    def asked(self, key: str | None, on: date) -> Recipient | None:
        """Who has to explain a rejection: the owner, or who stands in for them."""
        owner = self.get(key)
        if owner is not None and not owner.queue and owner.active and owner.email:
            found = self._present(owner.email, "owner", on)
            if found:
                return found
        return self.level(key, 1, on)

    def level(self, key: str | None, level: int, on: date) -> Recipient | None:
        """Who hears of it on a level (1 is the first), passing over who cannot or should not be asked."""
        owner = self.get(key)
        own = {each for each in (key, owner.email if owner else None) if each}
        for role in self.rules.levels[level - 1 :]:
            for email, as_role in self._candidates(owner, role):
                found = self._present(email, as_role, on)
                if found and found.email not in own:
                    return found
        return None

    def _candidates(self, owner: SalesOwner | None, role: str) -> Iterator[tuple[str, str]]:
        if role == "head_of_sales":
            if self.rules.head_of_sales:
                yield self.rules.head_of_sales, "head_of_sales"
            return
        if role != "manager" or owner is None:
            return
        if owner.queue:
            found = self.rules.queues.get(owner.key)
            if found:
                yield found, "queue_manager"
            return
        yield from self._managers(owner)
        lead = self.rules.teams.get(owner.team) if owner.team else None
        if lead:
            yield lead, "team_lead"

    def _managers(self, owner: SalesOwner) -> Iterator[tuple[str, str]]:
        """The manager; where that person has left, the manager's manager, and so on."""
        passed = {owner.key}
        above = self.get(owner.manager)
        while above is not None and above.key not in passed:
            passed.add(above.key)
            if above.email:
                yield above.email, "manager"
            if above.active:
                return
            above = self.get(above.manager)

    def _present(self, email: str, role: str, on: date) -> Recipient | None:
        """The person, or their deputy on a day off; None where neither works."""
        if not self._works(email):
            return None
        away = [each for each in self.rules.absences if each.who == email and each.first <= on <= each.last]
        if not away:
            return Recipient(email, role)
        for absence in away:
            if absence.deputy and self._works(absence.deputy) and not self._away(absence.deputy, on):
                return Recipient(absence.deputy, "deputy")
        return None

    def _away(self, email: str, on: date) -> bool:
        return any(each.who == email and each.first <= on <= each.last for each in self.rules.absences)

    def _works(self, email: str) -> bool:
        """An address that no CRM knows counts as working: a head of sales need not have a seat."""
        known = self.by_key.get(email)
        return known is None or known.active
