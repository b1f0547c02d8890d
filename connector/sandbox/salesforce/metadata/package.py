"""A deploy package: the zip, its package.xml, and the components that both together name.

Source: Metadata API guide, «File-Based Calls», «package.xml Manifest Files»; the zip holds one package, its
package.xml at the top.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field

from connector.sandbox.salesforce.metadata.reading import Metadata, MetadataError, read

MANIFEST = "package.xml"
MOST_FILES, MOST_BYTES = 10_000, 400 * 1024 * 1024
_DESTRUCTIVE = {"destructiveChangesPre.xml": "first", "destructiveChanges.xml": "last"}
_DESTRUCTIVE["destructiveChangesPost.xml"] = "last"
_FOLDERS = {
    "objects": ("CustomObject", ".object"),
    "permissionsets": ("PermissionSet", ".permissionset"),
    "customPermissions": ("CustomPermission", ".customPermission"),
}
_INSIDE = {"fields": "CustomField", "validationRules": "ValidationRule"}


@dataclass(slots=True)
class Part:
    """One component of a package: its content, or the refusal that reading it met."""

    type: str
    name: str
    file: str
    content: Metadata = field(default_factory=dict)
    refused: MetadataError | None = None


@dataclass(slots=True)
class Package:
    """What a zip deploys, and what it deletes before and after."""

    parts: list[Part] = field(default_factory=list)
    first: list[Part] = field(default_factory=list)
    last: list[Part] = field(default_factory=list)


def unpack(data: bytes) -> Package:
    """The package in a zip.

    Raises:
        MetadataError: no zip, no package.xml, or one that cannot be read; nothing is deployed then.
    """
    files = _files(data)
    if MANIFEST not in files:
        raise MetadataError("No package.xml found")
    wanted = _members(files[MANIFEST])
    package = Package()
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        if path in _DESTRUCTIVE:
            _delete(package, path, content)
        elif folder in _FOLDERS:
            package.parts += _read(path, name, *_FOLDERS[folder], content, wanted)
        elif path != MANIFEST:
            package.parts.append(Part("", name, path, refused=MetadataError("The sandbox does not deploy this type")))
    found = {(part.type, part.name.lower()) for part in package.parts}
    package.parts += [_absent(kind, name) for kind, name in wanted if name != "*" and (kind, name.lower()) not in found]
    return package


def _files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise MetadataError(f"LIMIT_EXCEEDED: a zip has at most {MOST_FILES} files and 400 MB")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        raise MetadataError("The zip file is not valid") from None


def _members(manifest: bytes) -> list[tuple[str, str]]:
    """What a manifest names, as type and full name."""
    return [
        (str(group.get("name")), str(member))
        for group in read(manifest, "Package").get("types", ())
        for member in group.get("members", ())
    ]


def _delete(package: Package, path: str, content: bytes) -> None:
    parts = [Part(kind, name, path) for kind, name in _members(content)]
    (package.first if _DESTRUCTIVE[path] == "first" else package.last).extend(parts)


def _read(path: str, file: str, kind: str, ending: str, content: bytes, wanted: list[tuple[str, str]]) -> list[Part]:
    """The components of one file that the manifest names; an object's file also holds its fields and rules."""
    name = file.removesuffix(ending)
    try:
        metadata = read(content, kind)
    except MetadataError as error:
        return [Part(kind, name, path, refused=error)]
    named = {(one, member.lower()) for one, member in wanted}
    whole = (kind, name.lower()) in named or (kind, "*") in named
    parts = [Part(kind, name, path, metadata)] if whole else []
    for element, inner in _INSIDE.items() if kind == "CustomObject" else ():
        for one in metadata.pop(element, ()):
            full = f"{name}.{one.get('fullName')}" if isinstance(one, dict) else name
            if whole or (inner, full.lower()) in named:
                parts.append(Part(inner, full, path, one if isinstance(one, dict) else {}))
    return parts or [Part(kind, name, path, refused=MetadataError("Not in package.xml"))]


def _absent(kind: str, name: str) -> Part:
    text = f"An object '{name}' of type {kind} was named in package.xml, but was not found in zipped directory"
    return Part(kind, name, MANIFEST, refused=MetadataError(text))
