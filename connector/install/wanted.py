"""What there should be in both CRMs, as data: worked out from the rules in force, compared and created elsewhere.

`wanted` asks no CRM. What only one vendor has (property groups, validation rules, permission sets) stands in
`wanted_hubspot` and `wanted_salesforce`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connector.revops.agreement import Locale
from connector.revops.carriers import CarrierKind
from connector.revops.fields import Kind, Option

WantedKind = Kind | CarrierKind | Literal["stamp", "lookup"]

STAMP_LENGTH = 64
"""A stamp holds the other CRM's record id, and has room for a longer one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A picklist value as it should be; a retired one is kept and no longer offered."""

    value: str
    label: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class WantedField:
    """One field of one vendor object.

    `people` says whether people fill it in. A lookup points to `target`, where its object's rows are listed as `rows`.
    """

    object: str
    name: str
    kind: WantedKind
    label: str
    choices: tuple[Choice, ...] = ()
    length: int = 255
    people: bool = False
    target: str = ""
    rows: str = ""

    @property
    def unique(self) -> bool:
        """Whether two records may not have the same value: records are found again by it."""
        return self.kind in ("stamp", "key")

    @property
    def place(self) -> str:
        """`Lead.RevOps_Fit_Score__c`."""
        return f"{self.object}.{self.name}"


@dataclass(frozen=True, slots=True)
class WantedObject:
    """One custom object with its fields; `linked` are the objects its rows are associated with (HubSpot)."""

    name: str
    label: str
    plural: str
    fields: tuple[WantedField, ...]
    key: str
    shown: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say of the parts: names of the stamps, beginnings of own names, language of the labels."""

    stamps: Mapping[Literal["hubspot", "salesforce"], str]
    prefixes: Mapping[Literal["hubspot", "salesforce"], str]
    locale: Locale = "de"


_ABOUT = {
    "de": ("Schreibt revloop; eigene Änderungen werden überschrieben.", "Füllen Menschen aus; revloop gleicht ab."),
    "en": ("Written by revloop; edits are overwritten.", "Filled in by people; revloop keeps both CRMs in step."),
}


def about(wanted: WantedField, locale: Locale) -> str:
    """What people read where a field is explained."""
    return _ABOUT[locale][1 if wanted.people else 0]


def choices(options: tuple[Option, ...], locale: Locale) -> tuple[Choice, ...]:
    """The options of a field in one language."""
    return tuple(Choice(each.value, each.label(locale), each.retired) for each in options)
