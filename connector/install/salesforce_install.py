"""Reading what an org has, and creating what it lacks: one deploy for all components, checked before it is done.

Every step may be repeated: an install goes on where one ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.crm.salesforce.definitions import OrgDefinitions
from connector.crm.salesforce.deploy import Deployed
from connector.errors import SettingsError
from connector.install import deploy_words
from connector.install.package import package
from connector.install.rejection_rules import OBJECT, rule_names
from connector.install.salesforce_compare import (
    Grant,
    MoreOptions,
    SalesforceLack,
    SalesforcePresent,
    SeenSet,
    rights,
)
from connector.install.wanted import Wishes
from connector.install.wanted_salesforce import FieldGrant, SalesforceWanted

Deploy = Callable[[bytes, bool], Deployed]
"""Deploys a package; the second word is whether it is only checked."""


def look_at_salesforce(
    definitions: OrgDefinitions, wanted: SalesforceWanted, wishes: Wishes, *, user: str = ""
) -> SalesforcePresent:
    """What the org has of everything that is wanted.

    Args:
        definitions: asks the org.
        wanted: what is looked for.
        wishes: for the names of rules that may be there although they are not wanted.
        user: the user name of who should hold the permission set, if it is not the login itself.

    Raises:
        SettingsError: the login may not see what is installed.
        LaterError: Salesforce cannot answer now.
    """
    me = definitions.user()
    held = definitions.rights(me)
    _may_look(held)
    objects = definitions.custom_objects()
    names = dict.fromkeys(each.object for each in wanted.all_fields)
    there = [each for each in names if not each.endswith("__c") or each in objects]
    return SalesforcePresent(
        user=definitions.user(user) if user else me,
        rights=held,
        objects=objects,
        fields={each: definitions.custom_fields(each) for each in there},
        described={each: definitions.described(each) for each in there},
        rules=definitions.rules(OBJECT, rule_names(wishes.prefixes["salesforce"])),
        sets={each.name: seen for each in wanted.sets if (seen := _set(definitions, each.name)) is not None},
        statuses=definitions.lead_statuses(),
    )


def _may_look(held: frozenset[str] | None) -> None:
    if held is not None and not held & {"ViewSetup", "CustomizeApplication", "ModifyAllData"}:
        raise SettingsError(
            "this Salesforce login may not see what is installed in the org: install with the login of an admin, or "
            f"give it {deploy_words.listed(['ViewSetup', *deploy_words.NEEDED])} for as long as the install takes"
        )


def _set(definitions: OrgDefinitions, name: str) -> SeenSet | None:
    number = definitions.permission_set(name)
    if number is None:
        return None
    return SeenSet(
        number,
        definitions.field_grants(number),
        definitions.object_grants(number),
        frozenset(definitions.holders(number)),
    )


def create_in_salesforce(
    definitions: OrgDefinitions,
    deploy: Deploy,
    present: SalesforcePresent,
    lack: SalesforceLack,
    wishes: Wishes,
    version: str,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Deploy and grant everything that is lacking; what came to be is read again by the caller.

    Raises:
        SettingsError: a permission is missing, or components are refused: then nothing of the deploy was done.
        LaterError: the deploy is not over yet, or the answer to a step was lost.
    """
    if not (lack.parts.empty and not lack.options and not lack.grants and not lack.assign):
        deploy_words.refuse_without(present.rights, deploying=not lack.parts.empty)
    if not lack.parts.empty:
        content = package(lack.parts, wishes.locale, version)
        told("Salesforce: checking the package")
        deploy_words.refuse_failed(deploy(content, True))
        told("Salesforce: deploying")
        deploy_words.refuse_failed(deploy(content, False))
    for each in lack.options:
        _more_options(definitions, each)
    if lack.grants:
        definitions.grant([_grant(each, present) for each in lack.grants])
    if lack.assign:
        number = definitions.permission_set(lack.assign)
        if number is not None:
            definitions.assign(number, present.user)


def _grant(grant: Grant, present: SalesforcePresent) -> Mapping[str, Any]:
    """The record that grants something; of an object that the set opens already, only the missing rights."""
    seen = present.sets[grant.set]
    if isinstance(grant.what, FieldGrant):
        field, known = grant.what.field, seen.fields.get(grant.what.field)
        shown = {"PermissionsRead": True, "PermissionsEdit": grant.what.edit}
        about: dict[str, Any] = {"attributes": {"type": "FieldPermissions"}, **shown}
        if known is not None:
            return {**about, "id": known["Id"]}
        return {**about, "ParentId": seen.id, "SobjectType": field.partition(".")[0], "Field": field}
    given = seen.objects.get(grant.what.object)
    needed = {name: True for name, need in rights(grant.what).items() if need}
    about = {"attributes": {"type": "ObjectPermissions"}, **needed}
    if given is not None:
        return {**about, "id": given["Id"]}
    return {**about, "ParentId": seen.id, "SobjectType": grant.what.object}


def _more_options(definitions: OrgDefinitions, more: MoreOptions) -> None:
    """Add options to a picklist as it is in the org, so that what people added or renamed stays."""
    number, metadata = definitions.field_metadata(more.field.object, more.field.name)
    value_set = metadata.get("valueSet") or {}
    definition = value_set.get("valueSetDefinition")
    if not definition:
        raise SettingsError(
            f"{more.field.place} takes its options from a global value set: add "
            f"{', '.join(each.value for each in more.added)} there, in Setup > Picklist Value Sets"
        )
    values = [dict(each) for each in definition.get("value") or ()]
    by_name = {each.get("valueName"): each for each in values}
    for choice in more.added:
        if choice.value in by_name:
            by_name[choice.value]["isActive"] = True
        else:
            values.append({"valueName": choice.value, "label": choice.label, "default": False, "isActive": True})
    for choice in more.retired:
        by_name[choice.value]["isActive"] = False
    fresh = {**value_set, "valueSetDefinition": {**definition, "value": values}}
    definitions.set_field_metadata(number, {**metadata, "valueSet": fresh})
