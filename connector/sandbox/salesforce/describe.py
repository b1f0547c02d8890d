"""The describe answers: every key of the vendor's JSON, derived from the schema.

Keys and their values for each field type follow recorded describes of a Developer org.
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.schema import Field, Schema, SObject

_BYTES_PER_CHAR = 3
_LONG_TEXT = 255
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_UNGROUPED = ("double", "currency", "percent", "datetime", "address", "combobox", "multipicklist")
_NOT_TEXT_LENGTH = ("id", "reference")
_MERGEABLE = ("Account", "Contact", "Lead")
_FIXED: dict[str, Any] = {
    "aiPredictionField": False,
    "calculatedFormula": None,
    "caseSensitive": False,
    "cascadeDelete": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def describe(schema: Schema, sobject: SObject, version: str) -> dict[str, Any]:
    """The describe of one object."""
    return {
        **_facts(sobject),
        "actionOverrides": [],
        "childRelationships": [
            _child(schema, name, child, field) for name, (child, field) in sobject.child_relationships.items()
        ],
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(sobject, field) for field in sobject.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master(sobject, version)] if sobject.fields.get("OwnerId") else [],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {sobject.label_plural.lower()}", "name": "everything"}],
        "urls": _urls(sobject, version),
    }


def listed(sobject: SObject, version: str) -> dict[str, Any]:
    """The entry of one object in the global describe."""
    return {**_facts(sobject), "urls": _urls(sobject, version)}


def _facts(sobject: SObject) -> dict[str, Any]:
    """What the global describe and the describe of the object have in common."""
    fields = sobject.fields.values()
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": any(field.createable for field in fields),
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "IsDeleted" in sobject.fields,
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.name in _MERGEABLE,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": True,
        "mergeable": sobject.name in _MERGEABLE,
        "mruEnabled": sobject.name in _MERGEABLE,
        "name": sobject.name,
        "queryable": True,
        "replicateable": "SystemModstamp" in sobject.fields,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": "IsDeleted" in sobject.fields,
        "updateable": any(field.updateable for field in fields),
    }


def _urls(sobject: SObject, version: str) -> dict[str, str]:
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "listviews": f"{base}/listviews",
        "describe": f"{base}/describe",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }


def _child(schema: Schema, relationship: str, child: str, field: str) -> dict[str, Any]:
    target = schema.sobject(child)
    found = target.field(field) if target else None
    return {
        "cascadeDelete": bool(found and (found.cascade or not (found.custom or field.startswith("Parent")))),
        "childSObject": child,
        "deprecatedAndHidden": False,
        "field": field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": relationship,
        "restrictedDelete": False,
    }


def _master(sobject: SObject, version: str) -> dict[str, Any]:
    master = "012000000000000AAA"
    layout = f"/services/data/v{version}/sobjects/{sobject.name}/describe/layouts/{master}"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": master,
        "urls": {"layout": layout},
    }


def _field(sobject: SObject, field: Field) -> dict[str, Any]:
    return {
        **_FIXED,
        **_shape(field),
        "autoNumber": field.auto_number,
        "calculated": field.calculated,
        "compoundFieldName": field.compound,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": _default(field),
        "defaultedOnCreate": field.defaulted,
        "externalId": field.external_id,
        "extraTypeInfo": _extra(sobject, field),
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help,
        "label": field.label,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": _permissionable(field),
        "picklistValues": [
            {
                "active": one.active,
                "defaultValue": one.default,
                "label": one.label,
                "validFor": None,
                "value": one.value,
            }
            for one in field.picklist
        ],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _shape(field: Field) -> dict[str, Any]:
    """Sizes, and what a query may do with the field."""
    long_text = field.type == "textarea" and field.length > _LONG_TEXT
    per_char = 1 if field.type in _NOT_TEXT_LENGTH else _BYTES_PER_CHAR
    return {
        "aggregatable": not long_text and field.type not in ("boolean", "address"),
        "byteLength": field.length * per_char,
        "digits": (field.precision or 8) if field.type == "int" else 0,
        "filterable": not long_text,
        "groupable": not long_text and field.type not in _UNGROUPED,
        "length": field.length,
        "precision": field.precision if field.type != "int" else 0,
        "queryByDistance": field.type == "address",
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference" and field.createable,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": not long_text and field.type != "address",
    }


def _permissionable(field: Field) -> bool:
    """Whether field-level security applies: to optional fields that somebody may write, names aside."""
    written = field.createable or field.updateable or field.custom or field.type == "address"
    optional = field.nillable or (field.custom and field.type == "boolean")
    return written and optional and not field.name_field and field.compound != "Name"


def _default(field: Field) -> Any:
    if field.type == "boolean":
        return field.default == "true"
    return None if field.auto_number else field.default


def _extra(sobject: SObject, field: Field) -> str | None:
    if field.type == "textarea":
        return "plaintextarea"
    if field.name == "PhotoUrl":
        return "imageurl"
    is_person = "LastName" in sobject.fields and "FirstName" in sobject.fields
    return "personname" if is_person and (field.compound == "Name" or field.name == "Name") else None
