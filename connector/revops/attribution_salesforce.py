"""Touches from Salesforce records as plain data: campaign responses, completed tasks and events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.revops.attribution_channels import SALES
from connector.revops.attribution_touch import Desk, Touch

Raw = Mapping[str, Any]


def campaign_touch(desk: Desk, person: str, member: Raw, campaign: Raw) -> Touch | None:
    """A campaign member that has responded; `FirstRespondedDate` is a day, so the touch is that day's local noon.

    The member's id is the source, and it stays the same when its lead is converted.
    """
    if member.get("HasResponded") is not True:
        return None
    return desk.touch(
        person,
        "salesforce",
        str(member.get("Id") or ""),
        "campaign_response",
        member.get("FirstRespondedDate"),
        f"Campaign:{campaign.get('Type') or ''}",
        subchannel=str(member.get("Status") or ""),
        campaign=str(campaign.get("Name") or ""),
        campaign_id=str(campaign.get("Id") or member.get("CampaignId") or ""),
    )


def task_touch(desk: Desk, person: str, task: Raw) -> Touch | None:
    """A completed task, by its completion; without an instant of completion, by the day of the activity."""
    if not desk.config.include_sales or not (task.get("IsClosed") is True or task.get("Status") == "Completed"):
        return None
    when = task.get("CompletedDateTime") or task.get("ActivityDate")
    return desk.touch(
        person, "salesforce", str(task.get("Id") or ""), "task", when, SALES, subchannel=str(task.get("Subject") or "")
    )


def event_touch(desk: Desk, person: str, event: Raw) -> Touch | None:
    """A calendar event, by its start; one that lies ahead is dropped with all other touches of the future."""
    if not desk.config.include_sales:
        return None
    when = event.get("StartDateTime") or event.get("ActivityDateTime") or event.get("ActivityDate")
    return desk.touch(
        person,
        "salesforce",
        str(event.get("Id") or ""),
        "event",
        when,
        SALES,
        subchannel=str(event.get("Subject") or ""),
    )
