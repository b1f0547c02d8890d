"""What marketing's readers and sales people do in the second half of the story, through the CRMs' own doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import requests

from connector.errors import StateError
from connector.sandbox.serve import SESSION, Desk
from connector.shell.sandboxes import order
from connector.state.store import Store

_TIMEOUT = (3.0, 30.0)
_SALESFORCE = "/services/data/v67.0"
_SITE = "https://www.example.com"
_AD = "utm_source=linkedin&utm_medium=paid-social&utm_campaign=machining"
_NEWSLETTER = "utm_source=newsletter&utm_medium=email&utm_campaign=prices"
ACCEPTED = "Working - Contacted"
REJECTED = "Closed - Not Converted"
DEAL = "Machining centre for Muster"
WHITE_PAPER = "White paper: machining"
WEBINAR = "Webinar: machining"
MANAGER = "head.of.sales@sales-team.example"


@dataclass(frozen=True, slots=True)
class Sales:
    """People at both CRMs."""

    desk: Desk

    def team(self, store: Store) -> str:
        """Somebody who sells, known in both CRMs, with a manager; gives the HubSpot owner's id.

        Raises:
            StateError: there is nobody.
        """
        users = order(self.desk.salesforce_url, "records?sobject=User", None, method="GET")["records"]
        active = {user["Id"]: user["Email"] for user in users if user["IsActive"]}
        for chunk in store.mirror.all_pairs("person"):
            for _, hubspot, salesforce in chunk:
                if hubspot and salesforce and salesforce.fields.get("OwnerId") in active:
                    order(self.desk.salesforce_url, "users", {"email": MANAGER, "last": "Head of Sales"})
                    seller = {"email": active[salesforce.fields["OwnerId"]], "manager": MANAGER}
                    order(self.desk.salesforce_url, "users", seller)
                    return str(hubspot.fields["hubspot_owner_id"])
        raise StateError("the demo needs more people: give --persons 40 or more")

    def takes_white_paper(self, email: str, owner: str) -> None:
        """Somebody who fits clicks an ad and takes a white paper: HubSpot has a new contact."""
        create = {
            "email": email,
            "firstname": "Petra",
            "lastname": "Musterfrau",
            "jobtitle": "Head of Production",
            "company": "Werkzeugbau Muster GmbH",
            "numemployees": "1000+",
            "industry": "MACHINERY",
            "country": "Germany",
            "lifecyclestage": "lead",
            "hubspot_owner_id": owner,
        }
        order(self.desk.hubspot_url, "create", {"object": "contacts", "properties": create})
        self._send_form(email, WHITE_PAPER, f"/white-paper?{_AD}")

    def asks_for_demo(self, email: str) -> None:
        """The newsletter leads to the prices, and the prices to a request for a demo."""
        page = {"kind": "page", "contact": email, "properties": {"hs_url": f"{_SITE}/prices?{_NEWSLETTER}"}}
        order(self.desk.hubspot_url, "event", page)
        self._send_form(email, "Request a demo", f"/demo?{_NEWSLETTER}")

    def asks_for_offer(self, email: str) -> None:
        """Somebody knows the address by now, and asks for an offer."""
        self._send_form(email, "Request an offer", "/offer")

    def _send_form(self, email: str, name: str, page: str) -> None:
        properties = {"hs_form_name": name, "hs_url": f"{_SITE}{page}"}
        order(self.desk.hubspot_url, "event", {"kind": "form", "contact": email, "properties": properties})

    def reject_in_salesforce(self, lead: str) -> Iterator[str]:
        """Try to turn a lead down without a reason, as any API client would; gives what Salesforce answers."""
        answer = requests.patch(
            f"{self.desk.salesforce_url}{_SALESFORCE}/sobjects/Lead/{lead}",
            json={"Status": REJECTED},
            headers={"Authorization": f"Bearer {SESSION}"},
            timeout=_TIMEOUT,
        )
        yield f"HTTP {answer.status_code}"
        for each in answer.json() if answer.content else ():
            yield f"{each['errorCode']}: {each['message']}"

    def reject_in_hubspot(self, contact: str) -> None:
        """Turn a contact down without a reason: in HubSpot nothing stops it."""
        for status in ("OPEN", "UNQUALIFIED"):
            edit = {"object": "contacts", "id": contact, "properties": {"hs_lead_status": status}}
            order(self.desk.hubspot_url, "edit", edit)

    def accept(self, lead: str) -> None:
        """Take a lead after all."""
        order(self.desk.salesforce_url, "edit", {"sobject": "Lead", "id": lead, "fields": {"Status": ACCEPTED}})

    def hold_webinar(self, email: str) -> None:
        """Somebody comes to a webinar, a campaign of Salesforce: only the day of it is known."""
        webinar = {"campaign": WEBINAR, "type": "Webinar", "person": email, "status": "Attended"}
        order(self.desk.salesforce_url, "respond", webinar)

    def convert(self, lead: str) -> str:
        """Convert a lead to a contact with an account and a deal; gives the deal's id."""
        made = str(order(self.desk.salesforce_url, "convert", {"lead": lead, "opportunity": DEAL})["opportunity"])
        self._edit_deal(made, {"Amount": 48000})
        return made

    def win(self, deal: str, day: date) -> None:
        """Win a deal."""
        self._edit_deal(deal, {"StageName": "Closed Won", "CloseDate": day.isoformat()})

    def _edit_deal(self, deal: str, fields: dict[str, Any]) -> None:
        order(self.desk.salesforce_url, "edit", {"sobject": "Opportunity", "id": deal, "fields": fields})
