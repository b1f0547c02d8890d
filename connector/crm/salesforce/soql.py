"""The SOQL the adapter asks. Values are quoted by simple-salesforce; names come from describe or the mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

from connector.errors import SettingsError
from connector.model import ROLE_NAMES

ROLES = "OpportunityContactRoles"
ROLE = "OpportunityContactRole"

IDS_PER_QUERY = 300
"""Ids in one IN list: a query travels in the URL, which Salesforce takes up to about 16 KB."""
LETTERS_PER_QUERY = 9000
"""Letters of one IN list as the URL carries them."""
_AROUND = len("%27%27%2C")

ALWAYS = ("Id", "SystemModstamp", "IsDeleted")
MERGED = {"Lead": ("MasterRecordId",), "Contact": ("MasterRecordId",), "Account": ("MasterRecordId",)}
CONVERTED = {"Lead": ("IsConverted", "ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId")}
"""What tells that a record lives on elsewhere. Source: object reference of Lead, Contact and Account."""

_NAME = re.compile(r"[A-Za-z]\w{0,79}")


def name(text: str) -> str:
    """An API name that may stand in a query.

    Raises:
        SettingsError: it is no API name.
    """
    if not _NAME.fullmatch(text):
        raise SettingsError("a Salesforce object or field name in the mapping is no API name: letters, digits and _")
    return text


def wanted(vendor_object: str, fields: Iterable[str]) -> tuple[str, ...]:
    """The column fields a record is delivered with: the asked ones and the traces of a conversion."""
    columns = [name(one) for one in fields if one not in (ROLES, ROLE_NAMES)]
    return tuple(dict.fromkeys((*columns, *CONVERTED.get(vendor_object, ()))))


def columns(vendor_object: str, fields: Iterable[str]) -> tuple[str, ...]:
    """All columns a query of records asks for."""
    return tuple(dict.fromkeys((*ALWAYS, *MERGED.get(vendor_object, ()), *wanted(vendor_object, fields))))


def select(vendor_object: str, names: Iterable[str], *, where: str = "", order: str = "", roles: bool = False) -> str:
    """A query; `roles` adds an opportunity's contact roles as a child query."""
    asked = ", ".join(names)
    child = f", (SELECT ContactId, IsPrimary, Role, IsDeleted FROM {ROLES})" if roles else ""  # noqa: S608 - SOQL of constants
    tail = (f" WHERE {where}" if where else "") + (f" ORDER BY {order}" if order else "")
    return f"SELECT {asked}{child} FROM {name(vendor_object)}{tail}"  # noqa: S608 - SOQL of checked API names


def among(field: str, values: Iterable[str]) -> Iterator[str]:
    """Conditions `field IN (…)`, each short enough for one query."""
    for part in _parts(values):
        yield f"{name(field)} IN {format_soql('{}', part)}"


def _parts(values: Iterable[str]) -> Iterator[Sequence[str]]:
    part: list[str] = []
    letters = 0
    for value in values:
        size = len(quote_plus(value)) + _AROUND
        if part and (len(part) >= IDS_PER_QUERY or letters + size > LETTERS_PER_QUERY):
            yield part
            part, letters = [], 0
        part.append(value)
        letters += size
    if part:
        yield part
