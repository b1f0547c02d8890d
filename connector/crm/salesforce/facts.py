"""What the org says of itself: its objects' fields, its users, its name and its currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, Org, query_refused
from connector.crm.salesforce.soql import name
from connector.errors import SettingsError
from connector.model import Account, FieldInfo, Owner

PICKLISTS = ("picklist", "multipicklist", "combobox")


def user(org: Org) -> str:
    """The id of the user behind the credentials, from the identity address that the API root names."""
    return to18(str(org.ask("", needs="identity")["identity"]).rstrip("/").rpartition("/")[2])


def describe(org: Org, vendor_object: str, user_id: str) -> dict[str, FieldInfo]:
    """The fields of an object; `user_id` is who owns a record that is created without saying whose it is.

    Raises:
        SettingsError: it does not exist or may not be seen.
    """
    try:
        told = org.ask(f"sobjects/{name(vendor_object)}/describe", needs="fields")
    except Fault as fault:
        raise SettingsError(
            f"Salesforce shows no object {vendor_object} ({fault.problem.code}): check its name, and that the "
            "permission set lets the integration user read it"
        ) from None
    fields = {one["name"]: _field(one) for one in told["fields"]}
    if "OwnerId" in fields:
        fields["OwnerId"] = replace(fields["OwnerId"], default=user_id)
    return fields


def _field(told: dict[str, Any]) -> FieldInfo:
    active = [one for one in told.get("picklistValues") or () if one.get("active")]
    is_picklist = told["type"] in PICKLISTS
    chosen = next((one["value"] for one in active if one.get("defaultValue")), None)
    default = told.get("defaultValue")
    return FieldInfo(
        name=told["name"],
        type=told["type"],
        writable=told["updateable"],
        createable=told["createable"],
        unique=bool(told.get("unique")) or told["type"] == "id",
        required=told["createable"] and not told["nillable"] and not told["defaultedOnCreate"],
        length=told.get("length") or None,
        options=tuple(one["value"] for one in active) if is_picklist else None,
        restricted=is_picklist and bool(told.get("restrictedPicklist")),
        default=chosen if chosen is not None or default is None else _text(default),
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def owners(org: Org) -> list[Owner]:
    """Users, the inactive ones included, and queues, which have no e-mail of a person."""
    users = [
        Owner(
            to18(row["Id"]),
            (row["Email"] or "").strip().lower() or None,
            row["IsActive"],
            to18(row["ManagerId"]) if row["ManagerId"] else None,
        )
        for row in _rows(org, "SELECT Id, Email, IsActive, ManagerId FROM User ORDER BY Id")
    ]
    queues = _rows(org, "SELECT Id, Name FROM Group WHERE Type = 'Queue' ORDER BY Id")
    return users + [Owner(to18(row["Id"]), None, active=True, queue=True, name=row["Name"]) for row in queues]


def custom_objects(org: Org) -> dict[str, str]:
    """The custom objects that the user sees, by API name; settings and metadata types are none.

    Raises:
        SettingsError: the org does not list its objects.
    """
    try:
        told = org.ask("sobjects", needs="sobjects")["sobjects"]
    except Fault as fault:
        raise query_refused(fault, "") from None
    names = [one["name"] for one in told if one.get("custom") and not one.get("customSetting") and one.get("queryable")]
    return {name: name for name in names if name.endswith("__c")}


def account(org: Org) -> Account:
    """The org. Its currency is known to the API only where several are switched on; else it is ""."""
    row = next(_rows(org, "SELECT Id, Name, TimeZoneSidKey, OrganizationType FROM Organization"))
    return Account(
        "salesforce",
        to18(row["Id"]),
        row["Name"],
        row["TimeZoneSidKey"] or "",
        _currency(org),
        row["OrganizationType"] or "",
    )


def _currency(org: Org) -> str:
    try:
        page = org.query("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true")
    except Fault:  # INVALID_TYPE: one currency, which no query names
        return ""
    return str(page["records"][0]["IsoCode"]) if page["records"] else ""


def _rows(org: Org, query: str) -> Iterator[dict[str, Any]]:
    page = org.select(query)
    yield from page["records"]
    while not page["done"]:
        page = org.more(page["nextRecordsUrl"])
        yield from page["records"]
