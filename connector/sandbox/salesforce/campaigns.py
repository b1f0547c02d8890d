"""What marketing does with campaigns in the interface: a person answers one."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce import dml, ids
from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row, known

_PERSONS = (("Contact", "ContactId"), ("Lead", "LeadId"))


def respond(batch: Batch, order: dict[str, Any]) -> dict[str, str]:
    """Record a person's answer to a campaign; gives the ids of both records.

    Raises:
        ValueError: there is no such person.
        ApiError: the org refuses a record.
    """
    campaign = _campaign(batch, str(order["campaign"]), order.get("type"))
    status = str(order.get("status") or "Responded")
    _status(batch, campaign, status, responded=order.get("responded", True) is not False)
    sobject = known(batch.store.schema, "CampaignMember")
    key, person = _person(batch, str(order["person"]))
    member = _one(batch, sobject, f'CampaignId = ? AND "{key}" = ? AND IsDeleted = 0', campaign, person)
    if member is None:
        number = dml.create(batch, sobject, {"CampaignId": campaign, key: person, "Status": status})
    else:
        number = dml.update(batch, sobject, member["Id"], {"Status": status})
    if order.get("on"):
        batch.touch("CampaignMember", number, {"FirstRespondedDate": str(order["on"])})
    return {"campaign": campaign, "member": number}


def _campaign(batch: Batch, name: str, kind: Any) -> str:
    sobject = known(batch.store.schema, "Campaign")
    found = _one(batch, sobject, "Name = ? AND IsDeleted = 0", name)
    if found is not None:
        return str(found["Id"])
    return dml.create(batch, sobject, {"Name": name, "IsActive": True, **({"Type": str(kind)} if kind else {})})


def _status(batch: Batch, campaign: str, label: str, *, responded: bool) -> None:
    sobject = known(batch.store.schema, "CampaignMemberStatus")
    if _one(batch, sobject, "CampaignId = ? AND Label = ? AND IsDeleted = 0", campaign, label) is None:
        dml.create(batch, sobject, {"CampaignId": campaign, "Label": label, "HasResponded": responded})


def _person(batch: Batch, given: str) -> tuple[str, str]:
    """The member's field for this person, and the person's id: contacts before leads."""
    for name, key in _PERSONS:
        sobject = known(batch.store.schema, name)
        converted = " AND IsConverted = 0" if name == "Lead" else ""
        found = _one(batch, sobject, f"(Id = ? OR Email = ?) AND IsDeleted = 0{converted}", ids.normal(given), given)
        if found is not None:
            return key, str(found["Id"])
    raise ValueError("no contact or open lead has this id or e-mail address")


def _one(batch: Batch, sobject: SObject, condition: str, *values: Any) -> Row | None:
    found = batch.store.rows(sobject, f"{condition} ORDER BY Id LIMIT 1", values)
    return found[0] if found else None
