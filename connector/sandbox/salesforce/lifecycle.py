"""What people do to records in the user interface and no REST call does: converting a lead, merging duplicates.

Source: SOAP API guide, «convertLead()» and «merge()»; custom fields are not carried over, as no mapping is set up.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from connector.sandbox.salesforce import dml, errors
from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.rules import history
from connector.sandbox.salesforce.store import Row, known

MOST_LOSERS = 2
_TO_CONTACT = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "Title": "Title",
    "Email": "Email",
    "Phone": "Phone",
    "MobilePhone": "MobilePhone",
    "Fax": "Fax",
    "LeadSource": "LeadSource",
    "Description": "Description",
    "Street": "MailingStreet",
    "City": "MailingCity",
    "State": "MailingState",
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}
_TO_ACCOUNT = {
    "Company": "Name",
    "Phone": "Phone",
    "Fax": "Fax",
    "Website": "Website",
    "Industry": "Industry",
    "AnnualRevenue": "AnnualRevenue",
    "NumberOfEmployees": "NumberOfEmployees",
    "Rating": "Rating",
    "Street": "BillingStreet",
    "City": "BillingCity",
    "State": "BillingState",
    "PostalCode": "BillingPostalCode",
    "Country": "BillingCountry",
}


def convert(
    batch: Batch,
    lead_id: str,
    *,
    account: str | None = None,
    contact: str | None = None,
    opportunity: bool | str = False,
) -> dict[str, str | None]:
    """Convert a lead into a contact of an account, and an opportunity if wanted (True, or its name).

    Given records are used and only their empty fields filled; others are created. Gives the three ids.

    Raises:
        ApiError: the lead is unknown or converted already, or a record is refused.
    """
    schema = batch.store.schema
    lead = dml.living(batch, known(schema, "Lead"), lead_id)
    if lead["IsConverted"]:
        raise errors.converted_lead()
    account_id = _taken(batch, "Account", account, lead, _TO_ACCOUNT, {"OwnerId": lead["OwnerId"]})
    link = {"AccountId": account_id, "OwnerId": lead["OwnerId"]}
    contact_id = _taken(batch, "Contact", contact, lead, _TO_CONTACT, link)
    opportunity_id = _opportunity(batch, lead, account_id, contact_id, opportunity) if opportunity else None
    converted = {
        "IsConverted": 1,
        "Status": _converted_status(batch),
        "ConvertedDate": batch.stamp[:10],
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": opportunity_id,
        "IsUnreadByOwner": 0,
    }
    history.track(batch, lead["Id"], lead, {**lead, **converted})
    batch.touch("Lead", lead["Id"], converted)
    _follow(batch, lead["Id"], contact_id)
    return {"account": account_id, "contact": contact_id, "opportunity": opportunity_id}


def merge(batch: Batch, name: str, master_id: str, loser_ids: list[str]) -> str:
    """Merge up to two records into a master of the same object; gives the master's id.

    The losers go into the recycle bin with `MasterRecordId`, their children to the master.

    Raises:
        ApiError: a record is unknown or deleted, or there are too many.
    """
    sobject = known(batch.store.schema, name)
    if "MasterRecordId" not in sobject.fields or not 1 <= len(loser_ids) <= MOST_LOSERS:
        raise ApiError("INVALID_INPUT", f"{name}: one or two records can be merged into a lead, contact or account")
    master = str(dml.living(batch, sobject, master_id)["Id"])
    losers = [str(dml.living(batch, sobject, one)["Id"]) for one in loser_ids]
    if master in losers:
        raise ApiError("INVALID_INPUT", "a record cannot be merged into itself")
    for loser in losers:
        for child, key in sobject.child_relationships.values():
            _hand_over(batch, child, key, loser, master)
        batch.touch(name, loser, {"IsDeleted": 1, "MasterRecordId": master})
        batch.store.db.execute("INSERT OR REPLACE INTO _deleted VALUES (?, ?, ?, ?)", (name, loser, batch.stamp, loser))
    batch.touch(name, master, {})
    return master


def _hand_over(batch: Batch, child: str, key: str, loser: str, master: str) -> None:
    """Give a loser's children to the master; a second membership of one campaign is dropped."""
    if batch.store.schema.sobject(child) is None:
        return
    if child == "CampaignMember":
        batch.store.db.execute(
            f"UPDATE CampaignMember SET IsDeleted = 1 WHERE {key} = ? AND CampaignId IN "  # noqa: S608 - a schema name
            f"(SELECT CampaignId FROM CampaignMember WHERE {key} = ? AND IsDeleted = 0)",
            (loser, master),
        )
    batch.store.db.execute(
        f'UPDATE "{child}" SET "{key}" = ?, SystemModstamp = ? WHERE "{key}" = ?',  # noqa: S608 - schema names
        (master, batch.stamp, loser),
    )


def _taken(batch: Batch, name: str, given: str | None, lead: Row, mapping: dict[str, str], link: Row) -> str:
    """The record a lead becomes: a given one with its gaps filled, or a new one."""
    sobject = known(batch.store.schema, name)
    carried: dict[str, Any] = {
        target: lead[source] for source, target in mapping.items() if lead.get(source) is not None
    }
    if given is None:
        return dml.create(batch, sobject, {**carried, **link})
    old = dml.living(batch, sobject, given)
    gaps = {field: value for field, value in {**carried, **link}.items() if old.get(field) is None}
    if gaps:
        dml.update(batch, sobject, old["Id"], gaps)
    return str(old["Id"])


def _opportunity(batch: Batch, lead: Row, account: str, contact: str, wanted: bool | str) -> str:
    """A new opportunity in the first stage that closes at the end of the quarter."""
    stages = batch.store.rows(known(batch.store.schema, "OpportunityStage"), "1 ORDER BY SortOrder LIMIT 1")
    record = {
        "Name": wanted if isinstance(wanted, str) else f"{lead['Company']}-",
        "AccountId": account,
        "ContactId": contact,
        "StageName": stages[0]["ApiName"],
        "CloseDate": _quarter_end(date.fromisoformat(batch.stamp[:10])).isoformat(),
        "LeadSource": lead["LeadSource"],
        "OwnerId": lead["OwnerId"],
    }
    return dml.create(batch, known(batch.store.schema, "Opportunity"), record)


def _quarter_end(today: date) -> date:
    month = (today.month - 1) // 3 * 3 + 3
    following = date(today.year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def _converted_status(batch: Batch) -> str:
    found = batch.store.rows(known(batch.store.schema, "LeadStatus"), "IsConverted = 1 ORDER BY SortOrder LIMIT 1")
    return str(found[0]["ApiName"])


def _follow(batch: Batch, lead: str, contact: str) -> None:
    """Campaign memberships and activities of the lead also become the contact's."""
    db = batch.store.db
    db.execute(
        "UPDATE CampaignMember SET ContactId = ?, SystemModstamp = ? WHERE LeadId = ?", (contact, batch.stamp, lead)
    )
    for activity in ("Task", "Event"):
        db.execute(
            f'UPDATE "{activity}" SET WhoId = ?, SystemModstamp = ? WHERE WhoId = ?',  # noqa: S608 - two names
            (contact, batch.stamp, lead),
        )
