"""What there should be in Salesforce: fields, custom objects, validation rules, and permission sets that show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.errors import SettingsError
from connector.install.rejection_rules import WantedRule, rejection_rules
from connector.install.wanted import STAMP_LENGTH, WantedField, WantedObject, Wishes, choices
from connector.revops.agreement import Agreement
from connector.revops.carriers import CARRIERS, Carrier, salesforce_field
from connector.revops.fields import OwnField, dictionary

OBJECTS = {"person": ("Lead", "Contact"), "company": ("Account",), "deal": ("Opportunity",)}
"""The object of the rules -> Salesforce's."""
SYNCED = ("Lead", "Contact", "Account", "Opportunity")
_STAMP_LABELS = {"de": "HubSpot-ID (revloop)", "en": "HubSpot ID (revloop)"}
_INTEGRATION = {"de": "revloop: Integration", "en": "revloop: integration"}
_PEOPLE = {"de": "revloop: Vertrieb und Marketing", "en": "revloop: sales and marketing"}
_ABOUT_INTEGRATION = "Lets the integration user of revloop read and write what revloop keeps in step."
_ABOUT_PEOPLE = "Shows the fields of revloop; those that people fill in may be edited."
LONGEST_NAME = LONGEST_LABEL = 40
"""Characters of a custom field's developer name, without `__c`, and of its label (Metadata API, CustomField)."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*").fullmatch


@dataclass(frozen=True, slots=True)
class ObjectGrant:
    """What a permission set allows with the records of an object; `all_records`: whatever sharing hides."""

    object: str
    create: bool
    edit: bool
    delete: bool
    all_records: bool


@dataclass(frozen=True, slots=True)
class FieldGrant:
    """Which field a permission set shows, and whether it may be edited."""

    field: str
    edit: bool


@dataclass(frozen=True, slots=True)
class WantedSet:
    """One permission set."""

    name: str
    label: str
    description: str
    objects: tuple[ObjectGrant, ...]
    fields: tuple[FieldGrant, ...]


@dataclass(frozen=True, slots=True)
class SalesforceWanted:
    """Everything for one org; `integration` is assigned by the install, `people` by an admin."""

    fields: tuple[WantedField, ...]
    objects: tuple[WantedObject, ...]
    rules: tuple[WantedRule, ...]
    integration: WantedSet
    people: WantedSet

    @property
    def sets(self) -> tuple[WantedSet, ...]:
        """Both permission sets."""
        return self.integration, self.people

    @property
    def all_fields(self) -> tuple[WantedField, ...]:
        """The fields of standard and custom objects."""
        return (*self.fields, *(field for each in self.objects for field in each.fields))


def wanted_salesforce(agreement: Agreement, wishes: Wishes) -> SalesforceWanted:
    """What the rules in force need of an org.

    Raises:
        SettingsError: a name is none that Salesforce takes; every one is told.
    """
    prefix, stamp = wishes.prefixes["salesforce"], wishes.stamps["salesforce"]
    stamps = [WantedField(each, stamp, "stamp", _STAMP_LABELS[wishes.locale], length=STAMP_LENGTH) for each in SYNCED]
    own = [one for each in dictionary(agreement) for one in _fields(each, wishes)]
    objects = tuple(_object(each, wishes) for each in CARRIERS) if agreement.attribution else ()
    _refuse_bad_names([*own, *(field for each in objects for field in each.fields)])
    inner = [field for each in objects for field in each.fields]
    return SalesforceWanted(
        fields=(*stamps, *own),
        objects=objects,
        rules=rejection_rules(agreement.rejection, prefix, wishes.locale) if agreement.rejection else (),
        integration=WantedSet(
            f"{prefix}Integration",
            _INTEGRATION[wishes.locale],
            _ABOUT_INTEGRATION,
            tuple(_synced(objects)),
            tuple(FieldGrant(each.place, edit=True) for each in (*stamps, *own, *inner)),
        ),
        people=WantedSet(
            f"{prefix}People",
            _PEOPLE[wishes.locale],
            _ABOUT_PEOPLE,
            tuple(
                ObjectGrant(each.name, create=False, edit=False, delete=False, all_records=False) for each in objects
            ),
            tuple(FieldGrant(each.place, edit=each.people) for each in (*own, *inner)),
        ),
    )


def _fields(own: OwnField, wishes: Wishes) -> Iterator[WantedField]:
    for each in own.objects:
        for sobject in OBJECTS[each]:
            yield WantedField(
                sobject,
                own.vendor_name("salesforce", wishes.prefixes["salesforce"]),
                own.kind,
                own.label(wishes.locale)[:LONGEST_LABEL],
                choices(own.options, wishes.locale),
                own.length or 255,
                people=own.writer == "people",
            )


def _object(carrier: Carrier, wishes: Wishes) -> WantedObject:
    prefix, locale = wishes.prefixes["salesforce"], wishes.locale
    name = carrier.salesforce(prefix)
    carriers = {each.name: each.salesforce(prefix) for each in CARRIERS}
    fields = [
        WantedField(
            name,
            salesforce_field(each.name),
            each.kind,
            each.label(locale)[:LONGEST_LABEL],
            choices(each.options, locale),
            each.length,
        )
        for each in carrier.fields
    ]
    fields += [
        WantedField(
            name,
            field,
            "lookup",
            field.removesuffix("__c"),
            target=carriers.get(each.to, target),
            rows=carrier.plural(locale),
        )
        for each in carrier.references
        for target, field in each.salesforce
    ]
    key = next(each.name for each in fields if each.kind == "key")
    return WantedObject(name, carrier.label(locale), carrier.plural(locale), tuple(fields), key=key)


def _synced(objects: Iterable[WantedObject]) -> Iterator[ObjectGrant]:
    for each in SYNCED:
        yield ObjectGrant(each, create=True, edit=True, delete=False, all_records=True)
    if objects:  # touchpoints look at campaigns
        yield ObjectGrant("Campaign", create=False, edit=False, delete=False, all_records=True)
    for one in objects:
        yield ObjectGrant(one.name, create=True, edit=True, delete=True, all_records=True)


def _refuse_bad_names(fields: Iterable[WantedField]) -> None:
    found = []
    for name in dict.fromkeys(each.name for each in fields):
        bare = name.removesuffix("__c")
        if len(bare) > LONGEST_NAME:
            found.append(f"{name} has {len(bare)} characters before __c, {LONGEST_NAME} are allowed")
        elif not _NAME(bare):
            found.append(f"{name} has two underscores in a row, or one at its end")
    if found:
        raise SettingsError(
            "Salesforce does not take these field names: give the clocks under `sla` in rules/lifecycle.yaml other "
            "ids, or set another `own_fields.salesforce` in connector.yaml",
            found,
        )
