"""A few records on each side that belong on both, and the proof that they got there: nothing lost, nothing doubled."""

from crm_picture import picture

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
    return {
        "Account": [
            {"Id": account(n), "Name": f"Sample {n} GmbH", "Website": f"https://www.sample{n}.example", "OwnerId": seller}
            for n in (1, 2)
        ],
        "Contact": [
            {"Id": contact(n), "LastName": f"Sampleson{n}", "FirstName": "Sam", "Email": f"sam{n}@sample{1 + n % 2}.example",
             "AccountId": account(1 + n % 2), "OwnerId": seller}
            for n in (1, 2, 3, 4)
        ],
        "Opportunity": [
            {"Id": deal(n), "Name": f"Sample deal {n}", "AccountId": account(1 + n % 2), "StageName": "Qualification",
             "Amount": 100.5 * n, "CloseDate": f"2027-01-0{n}", "OwnerId": seller}
            for n in (1, 2, 3)
        ],
    }  # fmt: skip


def _hubspot(owner):
    return {
        "companies": [
            {"hs_object_id": n, "name": f"Probe {n} AG", "domain": f"probe{n}.example", "lifecyclestage": "customer",
             "hubspot_owner_id": owner}
            for n in (11, 12)
        ],
        "contacts": [
            {"hs_object_id": n, "lastname": f"Probeson{n}", "firstname": "Pia", "email": f"pia{n}@probe{11 + n % 2}.example",
             "associatedcompanyid": 11 + n % 2, "hubspot_owner_id": owner}
            for n in (21, 22, 23, 24)
        ],
        "deals": [
            {"hs_object_id": n, "dealname": f"Probe deal {n}", "hs_primary_associated_company": 11 + n % 2,
             "associatedcontactids": 20 + n % 4 + 1, "dealstage": "qualifiedtobuy", "amount": 10.25 * n,
             "closedate": f"2027-02-0{n - 30}T11:00:00Z", "hubspot_owner_id": owner}
            for n in (31, 32, 33)
        ],
    }  # fmt: skip


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
