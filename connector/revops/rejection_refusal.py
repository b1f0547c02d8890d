"""Whether a CRM refused a write because a rejection had no reason: a business case, never repeated (domain §3.2).

Salesforce answers HTTP 400 `FIELD_CUSTOM_VALIDATION_EXCEPTION` with the text of the rule we installed, which holds
`TOKEN_REASON` or `TOKEN_COMMENT` (facts/salesforce §3.1). HubSpot from version 2026-09 answers 400
`MISSING_CONDITIONAL_REQUIRED_PROPERTY` and names the property (facts/hubspot §6.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.model import Refused, Side

TOKEN_REASON = "[REVLOOP-REJECTION-REASON]"  # noqa: S105  (a word in a message, no secret)
TOKEN_COMMENT = "[REVLOOP-REJECTION-COMMENT]"  # noqa: S105  (likewise)
HUBSPOT_REASON = "revops_rejection_reason"
HUBSPOT_COMMENT = "revops_rejection_comment"


@dataclass(frozen=True, slots=True)
class RefusedRejection:
    """What is missing, and the sentence for the inbox."""

    missing: Literal["reason", "comment"]
    message: str


def refused_rejection(side: Side, refused: Refused) -> RefusedRejection | None:
    """The business case behind a refusal; None where the CRM refused for something else."""
    missing = _salesforce(refused) if side == "salesforce" else _hubspot(refused)
    if missing is None:
        return None
    vendor = "Salesforce" if side == "salesforce" else "HubSpot"
    what = "a rejection reason" if missing == "reason" else "a longer comment for this rejection reason"
    return RefusedRejection(
        missing, f"{vendor} asks for {what}: fill it in either CRM; the next run writes status and reason together"
    )


def _salesforce(refused: Refused) -> Literal["reason", "comment"] | None:
    if refused.code != "FIELD_CUSTOM_VALIDATION_EXCEPTION":
        return None
    if TOKEN_REASON in refused.message:
        return "reason"
    return "comment" if TOKEN_COMMENT in refused.message else None


def _hubspot(refused: Refused) -> Literal["reason", "comment"] | None:
    """The code may be HubSpot's outer category; then the word of the inner error stands in the message."""
    word = "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    conditional = word in (refused.code, *refused.message.split()) or "conditional property rule" in refused.message
    if not conditional:
        return None
    if HUBSPOT_REASON in refused.message:
        return "reason"
    return "comment" if HUBSPOT_COMMENT in refused.message else None
