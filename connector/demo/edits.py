"""What people do between two runs: edits on both sides, a form, a conversion. They act through the CRMs' own doors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.errors import StateError
from connector.model import Link
from connector.sandbox.serve import Desk
from connector.shell.sandboxes import order
from connector.state.records import Seen
from connector.state.store import Store


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is edited: three persons with a Salesforce contact, one who is still a lead, and the lead's account."""

    promoted: Link
    moved: Link
    disputed: Link
    converted: Link
    account: str | None
    names: dict[str, str]


def choose(desk: Desk, store: Store) -> Cast:
    """People of the first run that nothing is held about.

    Raises:
        StateError: there are too few of them.
    """
    contacts: list[tuple[Link, Seen]] = []
    leads: list[tuple[Link, Seen]] = []
    users = order(desk.salesforce_url, "records?sobject=User", None, method="GET")["records"]
    active = {user["Id"] for user in users if user["IsActive"]}
    for link, hubspot, salesforce in _free(store):
        if salesforce.fields.get("OwnerId") in active:  # Salesforce converts no lead of somebody who has left
            (leads if link.salesforce_object == "Lead" else contacts).append((link, hubspot))
    if len(contacts) < 3 or not leads:  # noqa: PLR2004 - the three of the cast
        raise StateError("the demo needs more people: give --persons 40 or more")
    chosen = [*contacts[:3], leads[0]]
    names = {link.id: f"{seen.fields['firstname']} {seen.fields['lastname']}".strip() for link, seen in chosen}
    companies = [str(each) for each in leads[0][1].fields.get("associations.companies") or []]
    linked = store.links.of_records("hubspot", companies, "company")
    accounts = store.links.get(set(linked.values()))
    account = next((link.salesforce for link in accounts.values()), None)
    return Cast(contacts[0][0], contacts[1][0], contacts[2][0], leads[0][0], account, names)


def _free(store: Store) -> Iterator[tuple[Link, Seen, Seen]]:
    for chunk in store.mirror.all_pairs("person"):
        for link, hubspot, salesforce in chunk:
            if hubspot is None or salesforce is None or not hubspot.fields.get("email"):
                continue
            if not store.inbox.of_record("hubspot", hubspot.id, "person"):
                yield link, hubspot, salesforce


def play(desk: Desk, cast: Cast) -> None:
    """Let them act."""
    _hubspot(desk, cast.promoted, {"jobtitle": "Chief Example Officer"})
    _salesforce(desk, cast.moved, {"Phone": "+49 30 23125 555"})
    _hubspot(desk, cast.disputed, {"jobtitle": "Head of Samples"})
    _salesforce(desk, cast.disputed, {"Title": "Head of Examples"})
    converted = {"lead": cast.converted.salesforce}
    order(desk.salesforce_url, "convert", converted | ({"account": cast.account} if cast.account else {}))
    form = {
        "email": "newcomer@form-fill.example",
        "firstname": "Nova",
        "lastname": "Formfield",
        "company": "Form Fill Example Ltd",
        "lifecyclestage": "marketingqualifiedlead",
    }
    order(desk.hubspot_url, "create", {"object": "contacts", "properties": form})


def _hubspot(desk: Desk, link: Link, properties: dict[str, str]) -> None:
    order(desk.hubspot_url, "edit", {"object": "contacts", "id": link.hubspot, "properties": properties})


def _salesforce(desk: Desk, link: Link, fields: dict[str, str]) -> None:
    order(desk.salesforce_url, "edit", {"sobject": link.salesforce_object, "id": link.salesforce, "fields": fields})
