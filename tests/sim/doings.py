"""What persons do as both vendors tell it: forms, pages, clicks, meetings, calls, answers to campaigns, sales tasks.

The fields are those that the adapters give; only the texts are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from world import Row, World

from connector.model import Activity, ActivitySource


@dataclass
class Doings:
    """Everybody who does something; `at` is the present where it is left out."""

    world: World

    def form(
        self, row: Row, title: str, *, page: str = "https://example.com/demo", at: datetime | None = None
    ) -> Activity:
        """A person sends a form."""
        number, moment = self._number(), self._at(at)
        fields = {
            "conversionId": number,
            "submittedAt": int(moment.timestamp() * 1000),
            "pageUrl": page,
            "title": title,
            "formId": f"form-{title}",
        }
        return self._tell(row, "form", number, moment, fields)

    def page(self, row: Row, url: str, *, referrer: str = "", at: datetime | None = None) -> Activity:
        """A person looks at a page."""
        number, moment = self._number(), self._at(at)
        fields = {"id": number, "occurredAt": _iso(moment), "properties": {"hs_url": url, "hs_referrer": referrer}}
        return self._tell(row, "page_view", number, moment, fields)

    def click(
        self, row: Row, *, url: str = "https://example.com/", opened: bool = False, at: datetime | None = None
    ) -> Activity:
        """A person clicks in a marketing e-mail, or only opens it."""
        number, moment = self._number(), self._at(at)
        kind = "OPEN" if opened else "CLICK"
        fields: dict[str, Any] = {"id": number, "type": kind, "created": int(moment.timestamp() * 1000)}
        fields |= {"emailCampaignId": 7} if opened else {"emailCampaignId": 7, "url": url}
        return self._tell(row, "email_open" if opened else "email_click", number, moment, fields)

    def meeting(self, row: Row, title: str, *, outcome: str = "COMPLETED", at: datetime | None = None) -> Activity:
        """A meeting with a person in HubSpot."""
        number, moment = self._number(), self._at(at)
        fields = {
            "hs_object_id": number,
            "hs_timestamp": _iso(moment),
            "hs_meeting_start_time": _iso(moment),
            "hs_meeting_title": title,
            "hs_meeting_outcome": outcome,
            "hubspot_owner_id": row.fields.get("hubspot_owner_id") or None,
        }
        return self._tell(row, "meeting", f"{number}-{row.id}", moment, fields)

    def response(
        self, row: Row, campaign: str, kind: str, *, status: str = "Responded", responded: bool = True,
        at: datetime | None = None,
    ) -> Activity:  # fmt: skip
        """A person of Salesforce becomes a member of a campaign, and answers it unless `responded` is false."""
        number, moment = f"00v{self._number():0>12}AAA", self._at(at)
        key = "ContactId" if row.vendor_object == "Contact" else "LeadId"
        fields = {
            "Id": number,
            "CampaignId": f"701-{campaign}",
            "LeadId": None,
            "ContactId": None,
            "Status": status,
            "HasResponded": responded,
            "FirstRespondedDate": moment.date().isoformat() if responded else None,
            "CreatedDate": moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "Campaign": {"Id": f"701-{campaign}", "Name": campaign, "Type": kind},
            key: row.id,
        }
        when = moment.date().isoformat() if responded else _iso(moment)
        return self._tell(row, "campaign_member", number, when, fields)

    def worked(self, row: Row, *, subtype: str = "Call", at: datetime | None = None) -> Activity:
        """Sales completes a task with a person in Salesforce."""
        number, moment = f"00T{self._number():0>12}AAA", self._at(at)
        done = moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        fields = {
            "Id": number,
            "WhoId": row.id,
            "OwnerId": row.fields.get("OwnerId"),
            "Subject": subtype,
            "Status": "Completed",
            "IsClosed": True,
            "CompletedDateTime": done,
            "ActivityDate": moment.date().isoformat(),
            "TaskSubtype": subtype,
            "CallType": "Outbound" if subtype == "Call" else None,
            "CreatedDate": done,
        }
        return self._tell(row, "task", number, moment, fields)

    def _tell(
        self, row: Row, source: ActivitySource, number: str, at: datetime | str, fields: dict[str, Any]
    ) -> Activity:
        self.world.sleep(1.3)
        when = at if isinstance(at, str) else _iso(at)
        activity = Activity(row.side, source, number, row.vendor_object, row.id, when, fields)
        return self.world.crms[row.side].tell(activity)

    def _at(self, at: datetime | None) -> datetime:
        return at or self.world.now

    def _number(self) -> str:
        return str(self.world.next_id() + 100)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
