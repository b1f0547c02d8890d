"""Custom fields and objects, from the Metadata form that Tooling API and Metadata API share.

A control door and the Tooling API make single fields with it, `metadata/` whole packages.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from typing import Any

from connector.sandbox.salesforce import times
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.schema import Field, PicklistValue, SObject
from connector.sandbox.salesforce.store import Store

_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__c").fullmatch
_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Checkbox": "boolean",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "AutoNumber": "string",
}
_LENGTHS = {"string": 255, "textarea": 255, "email": 80, "phone": 40, "url": 255, "picklist": 255, "reference": 18}
_LENGTHS["multipicklist"] = 4099
_NUMBERS = ("double", "currency", "percent")
_AUDIT = (
    ("CreatedDate", "Created Date", "datetime"),
    ("CreatedById", "Created By ID", "reference"),
    ("LastModifiedDate", "Last Modified Date", "datetime"),
    ("LastModifiedById", "Last Modified By ID", "reference"),
    ("SystemModstamp", "System Modstamp", "datetime"),
)
SCHEMA_CHANGED = "schema_changed"


def create_field(store: Store, full_name: str, metadata: dict[str, Any], *, secured: bool = False) -> Field:
    """Create the custom field `Object.Field__c` of this metadata, `secured` when nobody has access to it yet.

    Raises:
        ApiError: an unknown object or type, a bad or taken name, more than the metadata allows.
    """
    owner, _, name = full_name.partition(".")
    sobject = store.schema.sobject(owner)
    if sobject is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{owner}' is not supported.")
    if sobject.field(name):
        raise ApiError(
            "DUPLICATE_DEVELOPER_NAME",
            f"There is already a field named {name.removesuffix('__c')} on {sobject.label}.",
            ["DeveloperName"],
        )
    field = field_from(store, name, metadata)
    field.secured = secured and not metadata.get("required") and not field.cascade
    child = metadata.get("relationshipName")
    store.add_field(sobject, field, f"{child}__r" if child else None)
    mark_changed(store)
    return field


def field_from(store: Store, name: str, metadata: dict[str, Any]) -> Field:
    """The field that a CustomField metadata describes.

    Raises:
        ApiError: a bad name, an unknown type or lookup target.
    """
    if not _API_NAME(name):
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"The custom field name {name} is not valid", ["FullName"])
    kind = _TYPES.get(str(metadata.get("type")))
    if kind is None:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"Field Type: bad value {metadata.get('type')}", ["type"])
    target = store.schema.sobject(str(metadata.get("referenceTo"))) if kind == "reference" else None
    if kind == "reference" and target is None:
        raise ApiError(
            "FIELD_INTEGRITY_EXCEPTION", f"referenceTo value of '{metadata.get('referenceTo')}' does not resolve"
        )
    number, required = kind in _NUMBERS, bool(metadata.get("required"))
    values = _values(metadata) if kind in ("picklist", "multipicklist") else ()
    return Field(
        name,
        str(metadata.get("label") or name.removesuffix("__c").replace("_", " ")),
        kind,
        length=0 if number else int(metadata.get("length") or _LENGTHS.get(kind, 0)),
        precision=int(metadata.get("precision") or 18) if number else 0,
        scale=int(metadata.get("scale") or 0) if number else 0,
        nillable=kind != "boolean" and not required and metadata.get("type") != "MasterDetail",
        custom=True,
        unique=bool(metadata.get("unique")),
        external_id=bool(metadata.get("externalId")),
        id_lookup=bool(metadata.get("externalId") or metadata.get("unique")),
        restricted=bool((metadata.get("valueSet") or {}).get("restricted")),
        picklist=values,
        default=_default(kind, metadata, values),
        reference_to=(target.name,) if target else (),
        relationship_name=name.removesuffix("c") + "r" if target else None,
        defaulted=kind == "boolean",
        help=metadata.get("inlineHelpText"),
        cascade=metadata.get("type") == "MasterDetail",
    )


def create_object(
    store: Store,
    name: str,
    label: str,
    plural: str,
    name_field: dict[str, Any],
    *,
    owned: bool = True,
    secured: bool = False,
) -> SObject:
    """Create a custom object with its system fields; `name_field` is Text, or AutoNumber with a displayFormat.

    Details of a master have no owner; `secured` says that nobody has access to the object yet.

    Raises:
        ApiError: the name is bad or taken.
    """
    if not _API_NAME(name):
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"The custom object name {name} is not valid", ["FullName"])
    if store.schema.sobject(name):
        raise ApiError("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {name}", ["DeveloperName"])
    automatic = name_field.get("type") == "AutoNumber"
    fields = [
        Field("Id", "Record ID", "id", length=18, nillable=False, createable=False, updateable=False, id_lookup=True),
        Field(
            "OwnerId",
            "Owner ID",
            "reference",
            length=18,
            nillable=False,
            reference_to=("Group", "User"),
            relationship_name="Owner",
            defaulted=True,
        ),
        _system(Field("IsDeleted", "Deleted", "boolean", default="false")),
        Field(
            "Name",
            str(name_field.get("label") or "Name"),
            "string",
            length=80,
            createable=not automatic,
            updateable=not automatic,
            id_lookup=True,
            default=str(name_field.get("displayFormat") or "{0}") if automatic else None,
            name_field=True,
            auto_number=automatic,
            defaulted=True,
        ),
        *(_system(_audit(*one)) for one in _AUDIT),
    ]
    kept = {one.name: one for one in fields if owned or one.name != "OwnerId"}
    sobject = SObject(name, label, _free_prefix(store), kept, custom=True, label_plural=plural, secured=secured)
    store.add_object(sobject)
    mark_changed(store)
    return sobject


def _free_prefix(store: Store) -> str:
    """The first key prefix of custom objects that is not taken, from a00 on."""
    marks = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    prefixes = (f"a{one}{other}" for one in marks for other in marks)
    return next(prefix for prefix in prefixes if store.schema.by_prefix(prefix) is None)


def mark_changed(store: Store) -> None:
    """Remember that describes differ from now on."""
    store.db.execute("INSERT OR REPLACE INTO _meta VALUES (?, ?)", (SCHEMA_CHANGED, store.stamp()))


def changed(store: Store) -> str:
    """Since when describes are as they are, in stored form; for a fresh org, since its creation."""
    row = store.db.execute("SELECT value FROM _meta WHERE key = ?", (SCHEMA_CHANGED,)).fetchone()
    if row is None:
        row = store.db.execute("SELECT CreatedDate FROM Organization").fetchone()
    return str(row[0])


def last_modified(store: Store) -> str:
    """`changed` as an HTTP date."""
    return format_datetime(times.http_date(changed(store)), usegmt=True)


def _system(field: Field) -> Field:
    field.createable = field.updateable = field.nillable = False
    field.defaulted = True
    return field


def _audit(name: str, label: str, kind: str) -> Field:
    field = Field(name, label, kind)
    if kind == "reference":
        field.length, field.reference_to, field.relationship_name = 18, ("User",), name.removesuffix("Id")
    return field


def _values(metadata: dict[str, Any]) -> tuple[PicklistValue, ...]:
    listed = ((metadata.get("valueSet") or {}).get("valueSetDefinition") or {}).get("value") or []
    return tuple(
        PicklistValue(
            str(one.get("fullName") or one.get("valueName")),
            str(one.get("label") or one.get("fullName") or one.get("valueName")),
            active=one.get("isActive") is not False,
            default=bool(one.get("default")),
        )
        for one in listed
    )


def _default(kind: str, metadata: dict[str, Any], values: tuple[PicklistValue, ...]) -> str | None:
    if kind == "boolean":
        return "true" if str(metadata.get("defaultValue")).lower() == "true" else "false"
    return next((one.value for one in values if one.default), None)
