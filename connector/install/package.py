"""The zip that is deployed: package.xml and one file per object and permission set, the same bytes for the same parts.

Source: Metadata API guide, «package.xml Manifest Files», «Deleting Components»: what `destructiveChangesPre.xml` names
goes before the package is deployed, what `destructiveChangesPost.xml` names after it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from connector.install import metadata
from connector.install.metadata import Parts, document
from connector.revops.agreement import Locale

Members = Mapping[str, Sequence[str]]

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time in every entry: a zip knows none earlier, and the present would make each one different."""


def package(parts: Parts, locale: Locale, version: str) -> bytes:
    """The zip of these components.

    Args:
        parts: what it holds; rules named in `inactive` stay switched off.
        locale: the language of labels.
        version: the API version, `67.0`.
    """
    return zipped({"package.xml": manifest(members(parts), version), **_objects(parts, locale), **_sets(parts)})


def removal(first: Members, last: Members, version: str) -> bytes:
    """The zip that takes components away, `first` before `last`."""
    return zipped(
        {
            "package.xml": manifest({}, version),
            "destructiveChangesPre.xml": manifest(first, version),
            "destructiveChangesPost.xml": manifest(last, version),
        }
    )


def members(parts: Parts) -> dict[str, list[str]]:
    """The full names of all components by type."""
    return {
        "CustomField": sorted(each.place for each in parts.fields),
        "CustomObject": sorted(each.name for each in parts.objects),
        "PermissionSet": sorted(each.name for each in parts.sets),
        "ValidationRule": sorted(each.place for each in parts.rules),
    }


def manifest(named: Members, version: str) -> str:
    """A package.xml; names keep their order."""
    types = [{"members": list(names), "name": kind} for kind, names in sorted(named.items()) if names]
    return document("Package", {"types": types, "version": version})


def _objects(parts: Parts, locale: Locale) -> dict[str, str]:
    made = {each.name: each for each in parts.objects}
    found = {}
    for name in sorted({*made, *(each.object for each in parts.fields), *(each.object for each in parts.rules)}):
        content = dict(metadata.object_metadata(made[name], locale)) if name in made else {}
        fields = sorted((each for each in parts.fields if each.object == name), key=lambda each: each.name)
        content["fields"] = [metadata.field_metadata(each, locale) for each in fields]
        content["validationRules"] = [
            metadata.rule_metadata(each, active=each.place not in parts.inactive)
            for each in parts.rules
            if each.object == name
        ]
        found[f"objects/{name}.object"] = document("CustomObject", content)
    return found


def _sets(parts: Parts) -> dict[str, str]:
    return {
        f"permissionsets/{each.name}.permissionset": document("PermissionSet", metadata.set_metadata(each))
        for each in parts.sets
    }


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip without anything of this machine or moment in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            archive.writestr(entry, text.encode())
    return out.getvalue()
