"""A few records on each side that belong on both, and the proof that they got there: nothing lost, nothing doubled."""

import pytest
from crm_picture import picture

from connector.errors import ConnectorError
from connector.sandbox.serve import SESSION, TOKEN

SELLERS = ("sanna.sales@revloop-sandbox.example", "stefan.sales@revloop-sandbox.example")
COUNTS = {"company": 4, "person": 8, "deal": 6}
"""How many of each both sides hold when everything is in step."""


def account(number):
    return f"001Sm000000000{number}"


def contact(number):
    return f"003Sm000000000{number}"


def deal(number):
    return f"006Sm000000000{number}"


def fill(pair):
    """Two companies with their people and deals in Salesforce, two others in HubSpot, one seller for all."""
    users = {row["Email"]: id_ for id_, row in pair.salesforce_records("User").items()}
    seller = users[SELLERS[0]]
    made = pair.hubspot("owners", {"owners": [{"email": each} for each in SELLERS]})["owners"]
    owner = next(each["id"] for each in made if each["email"] == SELLERS[0])
    for sobject, rows in _salesforce(seller).items():
        pair.salesforce("load", {"sobject": sobject, "rows": rows})
    for object_, rows in _hubspot(owner).items():
        pair.hubspot("load", {"object": object_, "rows": rows})


def _salesforce(seller):
    accounts = [
        {"Id": account(n), "Name": f"Sample {n} GmbH", "Website": f"https://www.sample{n}.example", "OwnerId": seller}
        for n in (1, 2)
    ]
    contacts = [
        {
            "Id": contact(n),
            "FirstName": "Sam",
            "LastName": f"Sampleson{n}",
            "Email": f"sam{n}@sample{1 + n % 2}.example",
            "AccountId": account(1 + n % 2),
            "OwnerId": seller,
        }
        for n in (1, 2, 3, 4)
    ]
    deals = [
        {
            "Id": deal(n),
            "Name": f"Sample deal {n}",
            "AccountId": account(1 + n % 2),
            "StageName": "Qualification",
            "Amount": 100.5 * n,
            "CloseDate": f"2027-01-0{n}",
            "OwnerId": seller,
        }
        for n in (1, 2, 3)
    ]
    return {"Account": accounts, "Contact": contacts, "Opportunity": deals}


def _hubspot(owner):
    companies = [
        {
            "hs_object_id": n,
            "name": f"Probe {n} AG",
            "domain": f"probe{n}.example",
            "lifecyclestage": "customer",
            "hubspot_owner_id": owner,
        }
        for n in (11, 12)
    ]
    contacts = [
        {
            "hs_object_id": n,
            "firstname": "Pia",
            "lastname": f"Probeson{n}",
            "email": f"pia{n}@probe{11 + n % 2}.example",
            "associatedcompanyid": 11 + n % 2,
            "hubspot_owner_id": owner,
        }
        for n in (21, 22, 23, 24)
    ]
    deals = [
        {
            "hs_object_id": n,
            "dealname": f"Probe deal {n}",
            "hs_primary_associated_company": 11 + n % 2,
            "associatedcontactids": 21 + n % 4,
            "dealstage": "qualifiedtobuy",
            "amount": 10.25 * n,
            "closedate": f"2027-02-0{n - 30}T11:00:00Z",
            "hubspot_owner_id": owner,
        }
        for n in (31, 32, 33)
    ]
    return {"companies": companies, "contacts": contacts, "deals": deals}


def brought_into_step(pair, **options):
    """Whether a run does what was left, a second one nothing, and both sides then hold the same, once.

    The message of the assertion that fails says what is lacking.
    """
    result = pair.sync(**options)
    assert (result.exit_code, result.reasons) == (0, ())
    seen = settled(pair)
    pair.later()
    pair.forget_calls()
    assert pair.sync().exit_code == 0
    assert pair.counted("writes") == (0, 0)
    return seen


def settled(pair):
    """Both sides hold every record, once, and say the same."""
    seen = picture(pair)
    assert {object_: len(rows) for object_, rows in seen.hubspot.items()} == COUNTS
    assert {object_: len(rows) for object_, rows in seen.salesforce.items()} == COUNTS
    assert seen.strangers == []
    assert seen.differences() == set()
    return seen


def stopped(pair, kind, *words, **options):
    """A run that ends in an error of this kind, whose sentence holds these words and nothing that is secret.

    Gives what HubSpot and Salesforce counted as written.
    """
    pair.forget_calls()
    with pytest.raises(ConnectorError) as caught:
        pair.sync(**options)
    error, text = caught.value, str(caught.value)
    assert isinstance(error, kind)
    assert [word for word in words if word not in text] == []
    assert_no_secrets(text)
    with pair.opened() as store:
        last = store.runs.last()
        assert last is None or last.exit_code in (None, error.exit_code)
    return pair.counted("writes")


def held(pair):
    """The inbox as (object, side, code, message), without anything secret."""
    with pair.opened() as store:
        rows = store.inbox.list()
    for row in rows:
        assert_no_secrets(row.message)
    return sorted((row.object, row.side, row.code, row.message) for row in rows)


def assert_no_secrets(text):
    """Neither tokens nor values of records."""
    secrets = (TOKEN, SESSION, "canary", "@", "Sampleson", "Probeson", ".example/", "sample1.example")
    assert [each for each in secrets if each in text] == []


def broken(pair, side, path, *, kind="status", times=10_000, **fault):
    """Order a fault for the calls of one CRM to a path."""
    getattr(pair, side)("faults", {"kind": kind, "path": path, "times": times, **fault})


def mended(pair):
    """End all faults."""
    pair.hubspot("faults", method="DELETE")
    pair.salesforce("faults", method="DELETE")
