"""Metadata files: XML to plain dictionaries, with the vendor's refusals for what has no place in them.

Truth values become booleans, repeated elements lists; everything else stays text.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

Metadata = dict[str, Any]

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_LISTS = {"fields", "validationRules", "members", "types", "value", "standardValue", "userPermissions"}
_LISTS |= {"fieldPermissions", "objectPermissions", "customPermissions"}
_TEXT = {"label", "pluralLabel", "fullName", "description", "inlineHelpText", "errorMessage", "errorConditionFormula"}
_TEXT |= {"members", "name", "version", "defaultValue", "displayFormat"}
_FIELD = """fullName label type length precision scale required unique externalId caseSensitive description
    inlineHelpText defaultValue valueSet referenceTo relationshipName relationshipLabel relationshipOrder
    deleteConstraint reparentableMasterDetail writeRequiresMasterRead visibleLines trackHistory trackTrending
    trackFeedHistory displayFormat startingNumber formula formulaTreatBlanksAs businessStatus complianceGroup
    securityClassification externalDeveloperName stripMarkup"""
_RULE = "fullName active description errorConditionFormula errorDisplayField errorMessage"
_PERMISSION = "label description connectedApp isLicensed requiredPermission"
_KNOWN = {
    "CustomField": set(_FIELD.split()),
    "ValidationRule": set(_RULE.split()),
    "CustomPermission": set(_PERMISSION.split()),
}


class MetadataError(Exception):
    """A component that cannot be deployed; `message` is the vendor's text."""

    def __init__(self, message: str, *, warning: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.warning = warning


def read(data: bytes, root: str) -> Metadata:
    """The content of a metadata file whose root element is `root`.

    Raises:
        MetadataError: no XML, another root, an element twice or where none belongs.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise MetadataError("DOCTYPE is disallowed in metadata files")
    try:
        tree = ET.fromstring(data)  # noqa: S314 - entities need a DOCTYPE, refused above
    except ET.ParseError as error:
        raise MetadataError(f"Error parsing file: {error}") from None
    if tree.tag != NAMESPACE + root:
        raise MetadataError(f"Error parsing file: {tree.tag} is not the root of a {root}")
    content = _children(tree, root)
    assert isinstance(content, dict)
    return content


def check_elements(kind: str, metadata: Metadata) -> None:
    """Raise MetadataError for an element that a component of this type does not have."""
    for name in metadata:
        if name not in _KNOWN[kind]:
            raise MetadataError(f"Element {NAMESPACE}{name} invalid at this location in type {kind}")


def need(metadata: Metadata, *names: str) -> None:
    """Raise MetadataError for the first of these elements that is missing or empty."""
    for name in names:
        if metadata.get(name) in (None, ""):
            raise MetadataError(f"Required field is missing: {name}")


def _children(element: ET.Element, kind: str) -> Metadata | str | bool:
    """What an element holds: a dictionary when it has elements of its own, else its text."""
    own = element.tag.removeprefix(NAMESPACE)
    if not len(element):
        text = element.text or ""
        return text.strip() == "true" if own not in _TEXT and text.strip() in ("true", "false") else text
    found: Metadata = {}
    last = None
    for child in element:
        name = str(child.tag).removeprefix(NAMESPACE)
        if name in found and (name not in _LISTS or last != name):
            raise MetadataError(f"Element {name} is duplicated at this location in type {kind}")
        content = _children(child, name)
        if name in _LISTS:
            found.setdefault(name, []).append(content)
        else:
            found[name] = content
        last = name
    return found
