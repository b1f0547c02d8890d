"""What marketing's readers and sales people do in the second half of the story, through the CRMs' own doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import requests

from connector.errors import StateError
from connector.model import Link
from connector.sandbox.serve import SESSION, Desk
from connector.shell.sandboxes import order
from connector.state.store import Store

_TIMEOUT = (3.0, 30.0)
_SALESFORCE = "/services/data/v67.0"
_HERE = ZoneInfo("Europe/Berlin")  # as in the project's settings: a deal closes at the end of a local day
REJECTED = "Closed - Not Converted"
MANAGER = "vertriebsleitung@sales-team.example"


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
                    order(self.desk.salesforce_url, "users", {"email": MANAGER, "last": "Vertriebsleitung"})
                    seller = {"email": active[salesforce.fields["OwnerId"]], "manager": MANAGER}
                    order(self.desk.salesforce_url, "users", seller)
                    return str(hubspot.fields["hubspot_owner_id"])
        raise StateError("the demo needs more people: give --persons 40 or more")

    def interested(self, email: str, owner: str) -> None:
        """Somebody who fits reads the prices, takes a white paper and asks for a demo."""
        create = {
            "email": email,
            "firstname": "Petra",
            "lastname": "Musterfrau",
            "jobtitle": "Bereichsleiterin Produktion",
            "company": "Werkzeugbau Muster GmbH",
            "numemployees": "1000+",
            "industry": "MACHINERY",
            "country": "Germany",
            "lifecyclestage": "lead",
            "hubspot_owner_id": owner,
        }
        order(self.desk.hubspot_url, "create", {"object": "contacts", "properties": create})
        page = {"hs_url": "https://www.example.com/preise?utm_source=newsletter&utm_medium=email"}
        order(self.desk.hubspot_url, "event", {"kind": "page", "contact": email, "properties": page})
        for form in ("Whitepaper Zerspanung", "Demo anfragen"):
            order(
                self.desk.hubspot_url,
                "event",
                {"kind": "form", "contact": email, "properties": {"hs_form_name": form}},
            )

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

    def wait(self, by: timedelta) -> None:
        """Let time pass in both CRMs; they share one clock."""
        self.desk.clock.advance(by.total_seconds())

    def win(self, store: Store) -> Link:
        """Win a deal that both CRMs know, whose person has filled in a form and come to a webinar.

        Raises:
            StateError: there is none.
        """
        for chunk in store.mirror.all_pairs("deal"):
            for link, hubspot, salesforce in chunk:
                persons = [str(each) for each in hubspot.fields.get("associations.contacts") or ()] if hubspot else []
                seen = store.mirror.many("hubspot", persons, "person")
                known = next((each for each in seen.values() if each.link and each.fields.get("email")), None)
                if known is None or salesforce is None or salesforce.fields.get("IsClosed"):
                    continue
                self._touched(str(known.fields["email"]))
                today = self.desk.clock.now().astimezone(_HERE).date().isoformat()
                fields = {"StageName": "Closed Won", "Amount": 48000, "CloseDate": today}
                order(
                    self.desk.salesforce_url, "edit", {"sobject": "Opportunity", "id": salesforce.id, "fields": fields}
                )
                return link
        raise StateError("the demo needs more deals: give --persons 40 or more")

    def _touched(self, email: str) -> None:
        """A white paper and a webinar before the deal is won."""
        form = {"kind": "form", "contact": email, "properties": {"hs_form_name": "Whitepaper Zerspanung"}}
        order(self.desk.hubspot_url, "event", form)
        webinar = {"campaign": "Webinar Zerspanung", "type": "Webinar", "person": email, "status": "Attended"}
        order(self.desk.salesforce_url, "respond", webinar)
