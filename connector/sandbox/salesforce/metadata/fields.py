"""Custom fields and validation rules of a package, checked as the Metadata API checks them, and put in place."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.salesforce import customize
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.formula import FormulaError, condition, names_in
from connector.sandbox.salesforce.metadata import components
from connector.sandbox.salesforce.metadata.reading import Metadata, MetadataError, check_elements, need
from connector.sandbox.salesforce.metadata.rulebook import names_for
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Store

_EXTERNAL = ("Text", "Number", "Email", "AutoNumber")
_MUST = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Lookup": ("referenceTo", "relationshipName"),
    "MasterDetail": ("referenceTo", "relationshipName"),
    "Checkbox": ("defaultValue",),
}
_LENGTHS = {"Text": (1, 255), "LongTextArea": (256, 131_072)}
_MOST_DIGITS = 18
_MOST_EXTERNAL = 25
_LONGEST_MESSAGE = 255
_NO_MASTERS = ("Lead", "User", "Campaign")
"""Objects that cannot be the master of a custom object (facts §3.2)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a component: its id, and whether it is new or other than before."""

    id: str | None
    created: bool = False
    changed: bool = False
    deleted: bool = False


def owner(store: Store, full_name: str) -> SObject:
    """The object of `Object.Part`.

    Raises:
        MetadataError: there is none.
    """
    name = full_name.partition(".")[0]
    found = store.schema.sobject(name)
    if found is None:
        raise MetadataError(f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}")
    return found


def put_field(store: Store, full_name: str, metadata: Metadata) -> Placed:
    """Create a custom field, or bring it to this metadata.

    Raises:
        MetadataError: the metadata is not that of a field that can be.
    """
    sobject = owner(store, full_name)
    name = full_name.partition(".")[2]
    check_field(metadata)
    known = sobject.field(name)
    try:
        if known is None:
            _limit_external(sobject, metadata)
            customize.create_field(store, full_name, metadata, secured=True)
            return Placed(components.keep(store, components.FIELD, full_name, metadata), created=True, changed=True)
        changed = _change(store, sobject, known, metadata)
    except ApiError as error:
        raise MetadataError(error.message) from None
    return Placed(components.keep(store, components.FIELD, full_name, metadata), changed=changed)


def check_field(metadata: Metadata) -> None:
    """Raise MetadataError for metadata that no custom field can have."""
    check_elements("CustomField", metadata)
    need(metadata, "type", "label")
    kind = str(metadata["type"])
    if "formula" in metadata:
        raise MetadataError("The sandbox does not compute formula fields")
    for name in _MUST.get(kind, ()):
        if metadata.get(name) in (None, ""):
            raise MetadataError(f"Must specify '{name}' for a CustomField of type {kind}")
    if metadata.get("externalId") and kind not in _EXTERNAL:
        raise MetadataError(f"Can not specify 'externalId' for a CustomField of type {kind}")
    low, high = _LENGTHS.get(kind, (1, _LONGEST_MESSAGE))
    if "length" in metadata and not low <= _number(metadata, "length") <= high:
        raise MetadataError(f"Length must be between {low} and {high}")
    if "precision" in metadata and not 1 <= _number(metadata, "precision") <= _MOST_DIGITS:
        raise MetadataError(f"Precision must be between 1 and {_MOST_DIGITS}")
    if "precision" in metadata and _number(metadata, "scale") > _number(metadata, "precision"):
        raise MetadataError("Scale must not be greater than precision")
    if kind == "MasterDetail" and metadata["referenceTo"] in _NO_MASTERS:
        raise MetadataError(f"A {metadata['referenceTo']} cannot be the master of a master-detail relationship")


def _number(metadata: Metadata, name: str) -> int:
    try:
        return int(metadata.get(name) or 0)
    except (TypeError, ValueError):
        raise MetadataError(f"'{metadata[name]}' is not a valid value for the type xsd:int") from None


def _limit_external(sobject: SObject, metadata: Metadata) -> None:
    count = sum(1 for field in sobject.fields.values() if field.custom and field.external_id)
    if metadata.get("externalId") and count >= _MOST_EXTERNAL:
        raise MetadataError(f"The maximum number of {_MOST_EXTERNAL} external ID fields of {sobject.name} is reached")


def _change(store: Store, sobject: SObject, known: Field, metadata: Metadata) -> bool:
    """Bring a field to other metadata; says whether anything differs."""
    if not known.custom:
        raise MetadataError(f"{sobject.name}.{known.name} is a standard field")
    wanted = customize.field_from(store, known.name, metadata)
    if wanted.type != known.type or wanted.reference_to != known.reference_to:
        raise MetadataError(f"Cannot change type of {sobject.name}.{known.name} from {known.type} to {wanted.type}")
    wanted.secured = known.secured
    if wanted == known:
        return components.find(store, components.FIELD, f"{sobject.name}.{known.name}") is None
    if wanted.unique and not known.unique:
        _refuse_repeated(store, sobject, known)
    store.replace_field(sobject, wanted)
    customize.mark_changed(store)
    return True


def _refuse_repeated(store: Store, sobject: SObject, field: Field) -> None:
    found = store.db.execute(
        f'SELECT 1 FROM "{sobject.name}" WHERE "{field.name}" IS NOT NULL GROUP BY "{field.name}" HAVING COUNT(*) > 1'  # noqa: S608 - schema names
    ).fetchone()
    if found:
        raise MetadataError(f"{field.name} has duplicate values and cannot be made unique")


def put_rule(store: Store, full_name: str, metadata: Metadata) -> Placed:
    """Create a validation rule or replace it.

    Raises:
        MetadataError: something is missing, or the formula has a mistake.
    """
    sobject = owner(store, full_name)
    check_elements("ValidationRule", metadata)
    need(metadata, "errorConditionFormula", "errorMessage")
    if len(str(metadata["errorMessage"])) > _LONGEST_MESSAGE:
        raise MetadataError(f"Error Message: data value too large (max length={_LONGEST_MESSAGE})")
    shown = metadata.get("errorDisplayField")
    if shown and sobject.field(str(shown)) is None:
        raise MetadataError(f"In field: errorDisplayField - no CustomField named {sobject.name}.{shown} found")
    try:
        condition(str(metadata["errorConditionFormula"]), names_for(store, sobject))
    except FormulaError as error:
        raise MetadataError(error.message) from None
    known = components.find(store, components.RULE, full_name)
    kept = {"active": False, **{name: value for name, value in metadata.items() if name != "fullName"}}
    number = components.keep(store, components.RULE, full_name, kept)
    if known is None or known.metadata != kept:
        store.schema.version += 1
        customize.mark_changed(store)
    return Placed(number, created=known is None, changed=known is None or known.metadata != kept)


def users_of(store: Store, sobject: str, field: str | None) -> list[str]:
    """The validation rules of an object whose formula uses one of its fields."""
    return [
        rule.own_name
        for rule in components.listed(store, components.RULE)
        if rule.parent.lower() == sobject.lower()
        and field
        and field.lower() in names_in(str(rule.metadata["errorConditionFormula"]))
    ]
