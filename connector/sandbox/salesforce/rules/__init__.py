"""What the standard objects do of themselves when a record is written: derived fields and side records.

`before` works on the record before it is checked and stored and may refuse it; `after` writes what follows from
it and refuses nothing, so that a refused record leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.rules import activity, campaign, custom, guard, history, opportunity, person, role
from connector.sandbox.salesforce.rules.duplicates import refuse_duplicate
from connector.sandbox.salesforce.rules.validation import validate

__all__ = ["after", "before", "refuse_duplicate", "validate"]

Rule = Callable[[Batch, Change], None]


def _after_lead(batch: Batch, change: Change) -> None:
    campaign.after_person(batch, change)
    history.after_lead(batch, change)


_BEFORE: dict[str, Rule] = {
    "Lead": person.before,
    "Contact": person.before,
    "User": person.before_user,
    "Opportunity": opportunity.before,
    "CampaignMember": campaign.before,
    "Task": activity.before_task,
    "Event": activity.before_event,
    **dict.fromkeys(guard.GUARDED, guard.before),
}
_AFTER: dict[str, Rule] = {
    "Opportunity": opportunity.after,
    "OpportunityContactRole": role.after,
    "Campaign": campaign.after_campaign,
    "CampaignMember": campaign.after,
    "Lead": _after_lead,
    "Contact": campaign.after_person,
    "User": guard.after_user,
}


def before(batch: Batch, change: Change) -> None:
    """Fill derived fields of a record that is about to be stored.

    Raises:
        ApiError: the object refuses the record.
    """
    rule = _BEFORE.get(change.sobject.name)
    if rule:
        rule(batch, change)
    elif change.sobject.custom:
        custom.before(batch, change)


def after(batch: Batch, change: Change) -> None:
    """Write what follows from a record that has been stored."""
    rule = _AFTER.get(change.sobject.name)
    if rule:
        rule(batch, change)
