"""What is wanted in Salesforce as metadata components, and how a component is written as XML.

Both ways out are fed from here: the zip that is deployed (`package`) and the Salesforce DX folder (`dx`). Elements
stand in alphabetical order behind `fullName`, as the vendor's own tools write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from connector.install.rejection_rules import WantedRule
from connector.install.wanted import Choice, WantedField, WantedKind, WantedObject, about
from connector.install.wanted_salesforce import FieldGrant, ObjectGrant, SalesforceWanted, WantedSet
from connector.revops.agreement import Locale

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
Metadata = Mapping[str, Any]

SHORTEST_LONG_TEXT = 256
_TYPES: Mapping[WantedKind, Metadata] = {
    "stamp": {"type": "Text", "caseSensitive": False, "externalId": True, "unique": True},
    "key": {"type": "Text", "caseSensitive": False, "externalId": True, "unique": True},
    "text": {"type": "Text"},
    "long_text": {"type": "LongTextArea", "visibleLines": 5},
    "integer": {"type": "Number", "precision": 9, "scale": 0},
    "percent": {"type": "Percent", "precision": 9, "scale": 6},
    "money": {"type": "Currency", "precision": 18, "scale": 2},
    "datetime": {"type": "DateTime"},
    "date": {"type": "Date"},
    "bool": {"type": "Checkbox", "defaultValue": False},
    "picklist": {"type": "Picklist"},
    "multi": {"type": "MultiselectPicklist", "visibleLines": 4},
    "lookup": {"type": "Lookup", "deleteConstraint": "SetNull"},
}
_NUMBERED = {"de": "Nummer", "en": "Number"}


@dataclass(frozen=True, slots=True)
class Parts:
    """Components that go together: fields and rules by object, new custom objects, permission sets."""

    fields: tuple[WantedField, ...] = ()
    objects: tuple[WantedObject, ...] = ()
    rules: tuple[WantedRule, ...] = ()
    sets: tuple[WantedSet, ...] = ()
    inactive: frozenset[str] = field(default_factory=frozenset)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to deploy."""
        return not (self.fields or self.objects or self.rules or self.sets)


def everything(wanted: SalesforceWanted) -> Parts:
    """All components of an org that has none of them yet."""
    return Parts(wanted.all_fields, wanted.objects, wanted.rules, wanted.sets)


def field_metadata(wanted: WantedField, locale: Locale) -> Metadata:
    """One CustomField."""
    found: dict[str, Any] = {
        "fullName": wanted.name,
        "label": wanted.label,
        "description": about(wanted, locale),
        "inlineHelpText": about(wanted, locale),
        **_TYPES[wanted.kind],
    }
    if wanted.kind in ("stamp", "key", "text"):
        found["length"] = wanted.length
    elif wanted.kind == "long_text":
        found["length"] = max(wanted.length, SHORTEST_LONG_TEXT)
    elif wanted.kind == "lookup":
        found["referenceTo"] = wanted.target
        found["relationshipName"] = f"{wanted.object.removesuffix('__c')}s"
        found["relationshipLabel"] = wanted.rows
    if wanted.choices:
        values = [_value(each) for each in wanted.choices]
        found["valueSet"] = {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}
    return found


def _value(choice: Choice) -> Metadata:
    retired = {"isActive": False} if choice.retired else {}
    return {"fullName": choice.value, "default": False, "label": choice.label, **retired}


def rule_metadata(wanted: WantedRule, *, active: bool = True) -> Metadata:
    """One ValidationRule."""
    return {
        "fullName": wanted.name,
        "active": active,
        "errorConditionFormula": wanted.formula,
        "errorDisplayField": wanted.field,
        "errorMessage": wanted.message,
    }


def object_metadata(wanted: WantedObject, locale: Locale) -> Metadata:
    """One CustomObject without its fields; its rows are numbered."""
    initials = "".join(each[0] for each in wanted.name.removesuffix("__c").split("_")[-1:]).upper()
    return {
        "deploymentStatus": "Deployed",
        "label": wanted.label,
        "nameField": {"displayFormat": f"{initials}-{{00000000}}", "label": _NUMBERED[locale], "type": "AutoNumber"},
        "pluralLabel": wanted.plural,
        "sharingModel": "ReadWrite",
    }


def set_metadata(wanted: WantedSet) -> Metadata:
    """One PermissionSet."""
    return {
        "description": wanted.description,
        "fieldPermissions": [_field_grant(each) for each in sorted(wanted.fields, key=lambda each: each.field)],
        "hasActivationRequired": False,
        "label": wanted.label,
        "objectPermissions": [_object_grant(each) for each in sorted(wanted.objects, key=lambda each: each.object)],
    }


def _field_grant(grant: FieldGrant) -> Metadata:
    return {"editable": grant.edit, "field": grant.field, "readable": True}


def _object_grant(grant: ObjectGrant) -> Metadata:
    return {
        "allowCreate": grant.create,
        "allowDelete": grant.delete,
        "allowEdit": grant.edit,
        "allowRead": True,
        "modifyAllRecords": False,
        "object": grant.object,
        "viewAllRecords": grant.all_records,
    }


def document(root: str, content: Metadata) -> str:
    """A metadata file."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{NAMESPACE}">', *_lines(content, 1)]
    return "\n".join([*lines, f"</{root}>", ""])


def _lines(content: Metadata, depth: int) -> Iterator[str]:
    for name in sorted(content, key=lambda each: (each != "fullName", each)):
        for value in _listed(content[name]):
            yield from _element(name, value, depth)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _element(name: str, value: Any, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if isinstance(value, Mapping):
        yield f"{indent}<{name}>"
        yield from _lines(value, depth + 1)
        yield f"{indent}</{name}>"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"{indent}<{name}>{escape(text)}</{name}>"
