"""What an org lacks of what is wanted, and what is different there: decided from what it said of itself.

Labels are left alone, options that people added stay, a rule that an admin switched off stays off. A field of another
type is nobody's to change here: its values would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.install.finding import Finding
from connector.install.metadata import Parts
from connector.install.steps import Step
from connector.install.wanted import Choice, WantedField, WantedKind
from connector.install.wanted_salesforce import FieldGrant, ObjectGrant, SalesforceWanted, WantedSet

Described = Mapping[str, Any]

OTHER_TYPE = (
    "rename or delete that field in Setup > Object Manager, or choose another `own_fields.salesforce` in connector.yaml"
)
TYPES: Mapping[WantedKind, str] = {
    "stamp": "string",
    "key": "string",
    "text": "string",
    "long_text": "textarea",
    "integer": "double",
    "percent": "percent",
    "money": "currency",
    "datetime": "datetime",
    "date": "date",
    "bool": "boolean",
    "picklist": "picklist",
    "multi": "multipicklist",
    "lookup": "reference",
}
"""Kind -> the type that a describe names."""


@dataclass(frozen=True, slots=True)
class SeenSet:
    """A permission set as the org has it: its grants are records, `fields` are those of FieldPermissions by field."""

    id: str
    fields: Mapping[str, Described]
    objects: Mapping[str, Described]
    holders: frozenset[str]


@dataclass(frozen=True, slots=True)
class SalesforcePresent:
    """What an org has.

    `fields` are the custom fields by object, invisible ones included; `described` what the login sees of them.
    `user` is who should hold the permission set; `rights` what the login may do, None where that cannot be asked.
    """

    user: str
    rights: frozenset[str] | None
    objects: frozenset[str]
    fields: Mapping[str, frozenset[str]]
    described: Mapping[str, Mapping[str, Described]]
    rules: Mapping[str, Described]
    sets: Mapping[str, SeenSet]
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission that a set lacks."""

    set: str
    what: FieldGrant | ObjectGrant


@dataclass(frozen=True, slots=True)
class MoreOptions:
    """A picklist that lacks options, or offers some that are retired."""

    field: WantedField
    added: tuple[Choice, ...]
    retired: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SalesforceLack:
    """What is to be deployed and changed, and what only a person can do."""

    parts: Parts
    options: tuple[MoreOptions, ...] = ()
    grants: tuple[Grant, ...] = ()
    assign: str = ""
    findings: tuple[Finding, ...] = ()
    changed_rules: frozenset[str] = field(default_factory=frozenset)

    def steps(self) -> Iterator[Step]:
        """One line for each thing."""
        for made in self.parts.objects:
            yield Step("salesforce", "custom object", "", made.name, f"{made.plural}, {len(made.fields)} fields")
        inside = {made.name for made in self.parts.objects}
        for each in self.parts.fields:
            if each.object not in inside:
                unique = ", external id, unique" if each.unique else ""
                what = f"{TYPES[each.kind]}{unique}: {each.label}"
                yield Step("salesforce", "field", each.object, each.name, what)
        for changed in self.options:
            told = [f"+ {', '.join(each.value for each in changed.added)}"] if changed.added else []
            told += [f"no longer offered: {', '.join(one.value for one in changed.retired)}"] if changed.retired else []
            yield Step("salesforce", "options", changed.field.object, changed.field.name, "; ".join(told))
        for rule in self.parts.rules:
            what = "replaced: it is not as the rules say" if rule.place in self.changed_rules else rule.message
            yield Step("salesforce", "validation rule", rule.object, rule.name, what)
        for one in self.parts.sets:
            what = f"{one.label}: {len(one.fields)} fields, {len(one.objects)} objects"
            yield Step("salesforce", "permission set", "", one.name, what)
        for grant in self.grants:
            place = grant.what.field if isinstance(grant.what, FieldGrant) else grant.what.object
            yield Step("salesforce", "permission", grant.set, place)
        if self.assign:
            yield Step("salesforce", "assignment", self.assign, "the integration user")


def compare_salesforce(wanted: SalesforceWanted, present: SalesforcePresent) -> SalesforceLack:
    """Hold what is wanted against what there is."""
    missing = tuple(each for each in wanted.all_fields if each.name not in present.fields.get(each.object, ()))
    findings: list[Finding] = []
    options: list[MoreOptions] = []
    for each in wanted.all_fields:
        known = present.described.get(each.object, {}).get(each.name)
        if known is None:
            continue
        wrong = list(_wrong(each, known))
        findings += wrong
        changed = None if wrong else _options(each, known)
        if changed is not None:
            options.append(changed)
    changed_rules = frozenset(
        rule.place for rule in wanted.rules if rule.name in present.rules and _differs(rule, present.rules[rule.name])
    )
    rules = tuple(each for each in wanted.rules if each.name not in present.rules or each.place in changed_rules)
    off = frozenset(each.place for each in wanted.rules if not present.rules.get(each.name, {"active": True})["active"])
    findings += _switched_off(wanted, present)
    integration = present.sets.get(wanted.integration.name)
    return SalesforceLack(
        parts=Parts(
            fields=missing,
            objects=tuple(each for each in wanted.objects if each.name not in present.objects),
            rules=rules,
            sets=tuple(each for each in wanted.sets if each.name not in present.sets),
            inactive=off,
        ),
        options=tuple(options),
        grants=tuple(one for each in wanted.sets if each.name in present.sets for one in _grants(each, present)),
        assign=wanted.integration.name if integration is None or present.user not in integration.holders else "",
        findings=tuple(findings),
        changed_rules=changed_rules,
    )


def _wrong(wanted: WantedField, known: Described) -> Iterator[Finding]:
    type_ = TYPES[wanted.kind]
    if known["type"] != type_:
        what = f"{wanted.place} is of type {known['type']}, not {type_}"
        yield Finding("error", "Salesforce", what, f"{OTHER_TYPE}; its type is not changed, its values would be lost")
    elif wanted.unique and not (known.get("unique") and known.get("externalId")):
        what = f"{wanted.place} is not «External ID» and «Unique»: twins could be made"
        yield Finding("error", "Salesforce", what, "tick both in Setup > Object Manager; double values must go before")
    elif wanted.kind in ("text", "long_text", "stamp", "key") and known.get("length", 0) < wanted.length:
        what = f"{wanted.place} takes {known.get('length')} characters, revloop writes up to {wanted.length}"
        yield Finding("warning", "Salesforce", what, "widen the field in Setup > Object Manager")
    elif wanted.kind == "lookup" and wanted.target not in (known.get("referenceTo") or ()):
        what = f"{wanted.place} does not point to {wanted.target}"
        yield Finding("error", "Salesforce", what, "rename or delete that field in Setup > Object Manager")


def _options(wanted: WantedField, known: Described) -> MoreOptions | None:
    if not wanted.choices:
        return None
    active = {each["value"] for each in known.get("picklistValues") or () if each.get("active")}
    every = {each["value"] for each in known.get("picklistValues") or ()}
    added = tuple(each for each in wanted.choices if each.value not in active and not each.retired)
    # A describe may leave out what is not active: a retired option that it does not show is as it should be.
    retired = tuple(each for each in wanted.choices if each.retired and each.value in active & every)
    return MoreOptions(wanted, added, retired) if added or retired else None


def _differs(wanted: Any, known: Described) -> bool:
    return (
        "".join(str(known.get("errorConditionFormula")).split()) != "".join(wanted.formula.split())
        or known.get("errorMessage") != wanted.message
        or known.get("errorDisplayField") != wanted.field
    )


def _switched_off(wanted: SalesforceWanted, present: SalesforcePresent) -> Iterator[Finding]:
    names = {each.name for each in wanted.rules}
    for name, known in present.rules.items():
        if name in names and not known.get("active"):
            what = f"the validation rule {name} on Lead is switched off: rejections without a reason go through"
            yield Finding(
                "warning", "Salesforce", what, "switch it on in Setup > Object Manager > Lead > Validation Rules"
            )
        elif name not in names and known.get("active"):
            what = f"the validation rule {name} on Lead is active, although rules/rejection.yaml asks for none"
            yield Finding(
                "warning", "Salesforce", what, "switch it off in Setup > Object Manager > Lead > Validation Rules"
            )


def _grants(wanted: WantedSet, present: SalesforcePresent) -> Iterator[Grant]:
    """What a set that is there does not grant yet; what an admin added to it stays."""
    seen = present.sets[wanted.name]
    for each in wanted.fields:
        known = seen.fields.get(each.field)
        if known is None or (each.edit and not known["PermissionsEdit"]):
            yield Grant(wanted.name, each)
    for one in wanted.objects:
        given = seen.objects.get(one.object)
        if given is None or any(need and not given.get(right) for right, need in rights(one).items()):
            yield Grant(wanted.name, one)


def rights(grant: ObjectGrant) -> dict[str, bool]:
    """The columns of ObjectPermissions for a grant."""
    return {
        "PermissionsRead": True,
        "PermissionsCreate": grant.create,
        "PermissionsEdit": grant.edit,
        "PermissionsDelete": grant.delete,
        "PermissionsViewAllRecords": grant.all_records,
    }
