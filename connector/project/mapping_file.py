"""What may stand in a mapping file: keys, words and types. Whether it makes sense together is `mapping_checks`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.model import FieldType
from connector.project.settings import Name, Region, Strict

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_HUBSPOT_NAME = re.compile(r"(associations\.)?[a-z0-9_]{1,100}")
_SALESFORCE_NAME = re.compile(r"[A-Za-z]\w{0,80}")
RESERVED = frozenset({"stamp", "always", "linked", "present", "missing"})
"""Words that stand for something else in plans and conditions."""


def _field_name(name: str) -> str:
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError("a field's name is lower case letters, digits and _")
    if name in RESERVED:
        raise ValueError("this word means something else to revloop: choose another name")
    return name


def _hubspot_name(name: str) -> str:
    if not _HUBSPOT_NAME.fullmatch(name):
        raise ValueError("write HubSpot's internal name (lower case), not the label")
    return name


def _salesforce_name(name: str) -> str:
    if not _SALESFORCE_NAME.fullmatch(name):
        raise ValueError("write Salesforce's API name (such as LastName or My_Field__c), not the label")
    return name


def _as_tuple(raw: object) -> object:
    return (raw,) if isinstance(raw, str) else raw


def _as_dict(raw: object) -> object:
    """`salesforce: Email` holds for every Salesforce object of the file: the key `*`."""
    return {"*": raw} if isinstance(raw, str) else raw


def _always(raw: object) -> object:
    if isinstance(raw, str) and raw != "always":
        raise ValueError("write `always`, or conditions such as {email: present}")
    return {} if raw == "always" else raw


def _short_names(objects: dict[str, str]) -> dict[str, str]:
    if any(not _FIELD_NAME.fullmatch(name) for name in objects):
        raise ValueError("the short names are lower case, such as {lead: Lead, contact: Contact}")
    return objects


FieldName = Annotated[str, AfterValidator(_field_name)]
HubSpotName = Annotated[str, AfterValidator(_hubspot_name)]
SalesforceName = Annotated[str, AfterValidator(_salesforce_name)]
Words = Annotated[
    tuple[Name, ...], BeforeValidator(_as_tuple, json_schema_input_type=str | list[str]), Field(min_length=1)
]
When = Annotated[
    dict[str, Words], BeforeValidator(_always, json_schema_input_type=Literal["always"] | dict[str, str | list[str]])
]


class FieldLine(Strict):
    """One field."""

    name: FieldName
    type: FieldType = "text"
    hubspot: HubSpotName
    salesforce: Annotated[
        dict[str, SalesforceName],
        BeforeValidator(_as_dict, json_schema_input_type=str | dict[str, str]),
        Field(min_length=1),
    ]
    to: Literal["both", "hubspot", "salesforce"] = "both"
    winner: Literal["hubspot", "salesforce", "newest", "ask"] = "ask"
    blank: Literal["keep", "clear"] = "keep"
    drift: Literal["leave", "restore"] = "leave"
    values: dict[Name, Words] = Field(default_factory=dict)
    object: Literal["company", "person", "deal"] | None = None
    region: Region | None = None
    decimals: Annotated[int, Field(ge=0, le=8)] | None = None


class CreateLine(Strict):
    """One rule for creating a record on a side."""

    as_: Annotated[str | None, Field(alias="as")] = None
    when: When


class SyncLine(Strict):
    """Which records of a side take part."""

    when: When


class CreateSides(Strict):
    """The rules of each side, the first that fits is taken; none means the record is not created there."""

    hubspot: tuple[CreateLine, ...] = ()
    salesforce: tuple[CreateLine, ...] = ()


class SyncSides(Strict):
    """Conditions for taking part; without one every record does."""

    hubspot: SyncLine = SyncLine(when={})
    salesforce: SyncLine = SyncLine(when={})


def _as_objects(raw: object) -> object:
    """`salesforce: Account` is short for `{account: Account}`."""
    return {raw.lower(): raw} if isinstance(raw, str) else raw


Objects = Annotated[
    dict[str, SalesforceName],
    BeforeValidator(_as_objects, json_schema_input_type=str | dict[str, str]),
    AfterValidator(_short_names),
    Field(min_length=1),
]


class MappingFile(Strict):
    """One file of `mappings/`."""

    object: Literal["company", "person", "deal"]
    hubspot: HubSpotName
    salesforce: Objects
    keys: tuple[str, ...] = ()
    create: CreateSides = CreateSides()
    sync: SyncSides = SyncSides()
    delete: Literal["ignore", "archive"] = "ignore"
    first_link: Literal["hubspot", "salesforce", "newest", "ask"] = "ask"
    fields: Annotated[tuple[FieldLine, ...], Field(min_length=1)]
