"""The Salesforce parts of the default rules as a Salesforce DX folder, for admins who deploy with their own tools.

`python -m connector.install.dx` (or `make dx`) writes `salesforce/` of this checkout; a test fails when it is stale.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from connector.install import metadata
from connector.install.metadata import Parts, document, everything
from connector.install.package import manifest, members
from connector.install.wanted import Wishes
from connector.install.wanted_salesforce import wanted_salesforce
from connector.install.wishes import wishes_of
from connector.project import init, load
from connector.revops.agreement import Agreement, Locale

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "salesforce"
VERSION = "67.0"
_SOURCE = "force-app/main/default"
_PROJECT = """\
{
  "packageDirectories": [{ "path": "force-app", "default": true }],
  "name": "revloop",
  "namespace": "",
  "sfdcLoginUrl": "https://login.salesforce.com",
  "sourceApiVersion": "%s"
}
"""


def default_rules() -> tuple[Agreement, Wishes]:
    """The rules of `rules/`, read as a project that nobody has changed."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "project"
        init(folder)
        settings = folder / "connector.yaml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("YOUR-DOMAIN", "example"), encoding="utf-8")
        project = load(folder)
        return project.agreement, wishes_of(project)


def source(parts: Parts, locale: Locale, version: str = VERSION) -> dict[str, str]:
    """Every file of the folder by its path, one per component as Salesforce DX keeps them."""
    files = {"sfdx-project.json": _PROJECT % version, "manifest/package.xml": manifest(members(parts), version)}
    for each in parts.objects:
        path = f"{_SOURCE}/objects/{each.name}/{each.name}.object-meta.xml"
        files[path] = document("CustomObject", metadata.object_metadata(each, locale))
    for one in parts.fields:
        path = f"{_SOURCE}/objects/{one.object}/fields/{one.name}.field-meta.xml"
        files[path] = document("CustomField", metadata.field_metadata(one, locale))
    for rule in parts.rules:
        path = f"{_SOURCE}/objects/{rule.object}/validationRules/{rule.name}.validationRule-meta.xml"
        files[path] = document("ValidationRule", metadata.rule_metadata(rule))
    for granted in parts.sets:
        path = f"{_SOURCE}/permissionsets/{granted.name}.permissionset-meta.xml"
        files[path] = document("PermissionSet", metadata.set_metadata(granted))
    return dict(sorted(files.items()))


def default_source() -> dict[str, str]:
    """The files for the default rules."""
    agreement, wishes = default_rules()
    return source(everything(wanted_salesforce(agreement, wishes)), wishes.locale)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Bring a folder to these files; what else is in its source and manifest goes."""
    for generated in ("force-app", "manifest"):
        shutil.rmtree(folder / generated, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: Sequence[str]) -> None:
    """Write the folder of this checkout, or another one that is named."""
    folder = Path(arguments[0]) if arguments else ROOT / FOLDER
    made = default_source()
    write(folder, made)
    sys.stdout.write(f"{len(made)} files in {folder.name}/\n")


if __name__ == "__main__":
    main(sys.argv[1:])
