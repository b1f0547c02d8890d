"""What may stand in a mapping file: keys, words and types. Whether it makes sense together is `mapping_checks`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.model import FieldType
from connector.project.written import Name, Region, Some, Strict, for_all, matching

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
RESERVED = frozenset({"stamp", "always", "linked", "present", "missing"})
"""Words that stand for something else in plans and conditions."""


def _field_name(name: str) -> str:
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError("a field's name is lower case letters, digits and _")
    if name in RESERVED:
        raise ValueError("this word means something else to revloop: choose another name")
    return name


def _always(raw: object) -> object:
    if isinstance(raw, str) and raw != "always":
        raise ValueError("write `always`, or conditions such as {email: present}")
    return {} if raw == "always" else raw


def _short_names(objects: dict[str, str]) -> dict[str, str]:
    if any(not _FIELD_NAME.fullmatch(name) for name in objects):
        raise ValueError("the short names are lower case, such as {lead: Lead, contact: Contact}")
    return objects


FieldName = Annotated[str, AfterValidator(_field_name)]
HubSpotName = Annotated[
    str,
    matching(r"(associations\.)?[a-z0-9_]{1,100}", "write HubSpot's internal name (lower case), not the label"),
]
SalesforceName = Annotated[
    str,
    matching(r"[A-Za-z]\w{0,80}", "write Salesforce's API name (such as LastName or My_Field__c), not the label"),
]
When = Annotated[
    dict[str, Some], BeforeValidator(_always, json_schema_input_type=Literal["always"] | dict[str, str | list[str]])
]


class FieldLine(Strict):
    """One field; with one side only it is read there, for the rules and conditions, and written nowhere."""

    name: FieldName
    type: FieldType = "text"
    hubspot: HubSpotName | None = None
    salesforce: Annotated[
        dict[str, SalesforceName],
        BeforeValidator(for_all, json_schema_input_type=str | dict[str, str]),
        Field(min_length=1, default_factory=dict),
    ]
    to: Literal["both", "hubspot", "salesforce"] = "both"
    winner: Literal["hubspot", "salesforce", "newest", "ask"] = "ask"
    blank: Literal["keep", "clear"] = "keep"
    drift: Literal["leave", "restore"] = "leave"
    values: dict[Name, Some] = Field(default_factory=dict)
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
