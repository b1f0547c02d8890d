"""Campaign members: one person once in a campaign, with a copy of the person's name and address.

Which statuses count as a response is each campaign's own (`CampaignMemberStatus`); a new one has two.
"""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError, duplicate_value
from connector.sandbox.salesforce.store import Row, known

_RESPONDED = "responded"
_FIRST_STATUSES = (("Sent", 1, 0), ("Responded", 0, 1))
_COPIED = ("Salutation", "Name", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone")
_PLACES = ("City", "State", "PostalCode", "Country")
_COUNTERS = {"LeadId": "NumberOfLeads", "ContactId": "NumberOfContacts"}


def before(batch: Batch, change: Change) -> None:
    """Fill what a member copies from its person.

    Raises:
        ApiError: no person, two persons, or the person is a member already.
    """
    new = change.new
    lead, contact = new.get("LeadId"), new.get("ContactId")
    if not lead and not contact:
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]", [])
    if change.old is None:
        if lead and contact:
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", "A member is a lead or a contact, not both", ["LeadId"])
        _refuse_twin(batch, new)
        _copy(batch, new, "Lead" if lead else "Contact", str(lead or contact))
    responded = _is_response(batch, new)
    new["HasResponded"] = int(responded)
    if responded and not new.get("FirstRespondedDate"):
        new["FirstRespondedDate"] = batch.stamp[:10]


def after(batch: Batch, change: Change) -> None:
    """Count the member and its response in the campaign."""
    new, old = change.new, change.old
    counts = []
    if old is None:
        counts.append(_COUNTERS["LeadId" if new.get("LeadId") else "ContactId"])
    if new["HasResponded"] and not (old and old["HasResponded"]):
        counts.append("NumberOfResponses")
    for counter in counts:
        batch.store.db.execute(
            f"UPDATE Campaign SET {counter} = COALESCE({counter}, 0) + 1 WHERE Id = ?",  # noqa: S608 - names stand above
            (new["CampaignId"],),
        )


def after_campaign(batch: Batch, change: Change) -> None:
    """Give a new campaign the statuses that its members may have."""
    if change.old is not None:
        return
    for place, (label, default, responded) in enumerate(_FIRST_STATUSES, 1):
        status = {"CampaignId": change.id, "Label": label, "IsDefault": default, "HasResponded": responded}
        batch.fresh(known(batch.store.schema, "CampaignMemberStatus"), {**status, "SortOrder": place})


def _is_response(batch: Batch, new: Row) -> bool:
    """Whether a member's status is one of the campaign's that count as a response."""
    found = batch.store.db.execute(
        "SELECT max(HasResponded) FROM CampaignMemberStatus WHERE CampaignId = ? AND Label = ? AND IsDeleted = 0",
        (new.get("CampaignId"), new.get("Status")),
    ).fetchone()[0]
    return bool(found) if found is not None else str(new.get("Status") or "").lower() == _RESPONDED


def after_person(batch: Batch, change: Change) -> None:
    """A lead or contact whose name or address changed is renewed in its memberships."""
    places = _places(change.sobject.name)
    if change.old is None or not any(change.altered(name) for name in (*_COPIED, *places)):
        return
    key = "LeadId" if change.sobject.name == "Lead" else "ContactId"
    copied = {name: change.new.get(name) for name in _COPIED}
    copied |= {name: change.new.get(place) for name, place in zip(_PLACES, places, strict=True)}
    listed = ", ".join(f'"{name}" = ?' for name in copied)
    batch.store.db.execute(
        f"UPDATE CampaignMember SET {listed} WHERE {key} = ?",  # noqa: S608 - names stand above
        (*copied.values(), change.id),
    )


def _places(person: str) -> tuple[str, ...]:
    return _PLACES if person == "Lead" else tuple(f"Mailing{place}" for place in _PLACES)


def _refuse_twin(batch: Batch, new: Row) -> None:
    key = "LeadId" if new.get("LeadId") else "ContactId"
    twin = batch.store.db.execute(
        f"SELECT Id FROM CampaignMember WHERE {key} = ? AND CampaignId = ? AND IsDeleted = 0",  # noqa: S608 - two names
        (new[key], new.get("CampaignId")),
    ).fetchone()
    if twin:
        error = duplicate_value(key, twin[0])
        error.message = "Already a campaign member."
        error.fields = []
        raise error


def _copy(batch: Batch, new: Row, kind: str, person: str) -> None:
    row = batch.store.row(known(batch.store.schema, kind), person) or {}
    new |= {name: row.get(name) for name in _COPIED}
    new |= {name: row.get(place) for name, place in zip(_PLACES, _places(kind), strict=True)}
    new["Type"], new["LeadOrContactId"] = kind, person
    new["LeadOrContactOwnerId"] = row.get("OwnerId")
    if kind == "Lead":
        new["CompanyOrAccount"] = row.get("Company")
    elif row.get("AccountId"):
        account = batch.store.row(known(batch.store.schema, "Account"), row["AccountId"]) or {}
        new["CompanyOrAccount"] = account.get("Name")
