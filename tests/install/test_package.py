"""The zip that is deployed and the Salesforce DX folder: the same bytes for the same rules, everywhere."""

import io
import subprocess
import sys
import zipfile
from xml.etree import ElementTree as ET

from scene import ROOT, rules

from connector.install import dx
from connector.install.metadata import NAMESPACE, Parts, document, everything, field_metadata
from connector.install.package import package, removal
from connector.install.wanted import Choice, WantedField

VERSION = "67.0"


def entries(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {each.filename: archive.read(each).decode() for each in archive.infolist()}


def test_the_same_parts_are_the_same_bytes(wish):
    parts = everything(wish.salesforce)
    again = Parts(tuple(reversed(parts.fields)), parts.objects, parts.rules, parts.sets)
    assert package(parts, "de", VERSION) == package(again, "de", VERSION)


def test_the_manifest_names_what_the_zip_holds(wish):
    files = entries(package(everything(wish.salesforce), "de", VERSION))
    root = ET.fromstring(files["package.xml"])
    named = {
        group.findtext(f"{{{NAMESPACE}}}name"): [each.text for each in group.findall(f"{{{NAMESPACE}}}members")]
        for group in root.findall(f"{{{NAMESPACE}}}types")
    }
    assert root.findtext(f"{{{NAMESPACE}}}version") == VERSION
    assert len(named["CustomField"]) == len(wish.salesforce.all_fields)
    assert named["CustomObject"] == ["RevOps_Credit__c", "RevOps_Touchpoint__c"]
    assert named["ValidationRule"] == [
        "Lead.RevOps_Rejection_Comment_Required", "Lead.RevOps_Rejection_Reason_Required",
    ]  # fmt: skip
    assert {"objects/Lead.object", "permissionsets/RevOps_People.permissionset"} <= set(files)
    lead = ET.fromstring(files["objects/Lead.object"])
    assert len(lead.findall(f"{{{NAMESPACE}}}fields")) == 50


def test_only_what_is_missing_is_in_the_zip(wish):
    one = next(each for each in wish.salesforce.fields if each.place == "Account.RevOps_Stage__c")
    files = entries(package(Parts(fields=(one,)), "de", VERSION))
    assert set(files) == {"package.xml", "objects/Account.object"}


def test_a_removal_deletes_before_and_after(wish):
    files = entries(removal({"ValidationRule": ["Lead.A"]}, {"CustomField": ["Lead.B__c"]}, VERSION))
    assert "<members>Lead.A</members>" in files["destructiveChangesPre.xml"]
    assert "<members>Lead.B__c</members>" in files["destructiveChangesPost.xml"]
    assert "<types>" not in files["package.xml"]


def test_text_is_escaped_and_elements_keep_the_vendors_order():
    field = WantedField("Lead", "X__c", "picklist", "A & <b>", (Choice("a", "Ä"), Choice("b", "B", retired=True)))
    told = document("CustomField", field_metadata(field, "de"))
    assert told.splitlines()[2:5] == [
        "    <fullName>X__c</fullName>",
        "    <description>Schreibt revloop; eigene Änderungen werden überschrieben.</description>",
        "    <inlineHelpText>Schreibt revloop; eigene Änderungen werden überschrieben.</inlineHelpText>",
    ]
    assert "<label>A &amp; &lt;b&gt;</label>" in told
    assert told.count("<isActive>false</isActive>") == 1


def test_short_long_texts_are_as_long_as_salesforce_asks():
    told = field_metadata(WantedField("Lead", "X__c", "long_text", "X", length=100), "en")
    assert (told["type"], told["length"]) == ("LongTextArea", 256)


# --- the folder in the repository ----------------------------------------------------------------------------------


def test_the_dx_folder_is_up_to_date():
    wanted, folder = dx.default_source(), ROOT / dx.FOLDER
    there = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert set(there) == set(wanted), "run: make dx"
    stale = [name for name, text in wanted.items() if there[name] != text.encode()]
    assert stale == [], "run: make dx"


def test_the_command_writes_the_folder(tmp_path):
    files = dx.default_source()
    old = tmp_path / "force-app" / "main" / "default" / "objects" / "Lead" / "fields" / "Old__c.field-meta.xml"
    old.parent.mkdir(parents=True)
    old.write_text("left over from an older version")
    kept = tmp_path / "README.md"
    kept.write_text("of an admin")
    dx.write(tmp_path, files)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == {
        *files,
        "README.md",
    }


def test_the_command_writes_what_the_checkout_holds(tmp_path):
    command = (sys.executable, "-m", "connector.install.dx", str(tmp_path / "salesforce"))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    files = dx.default_source()
    assert done.stdout == f"{len(files)} files in salesforce/\n"
    assert {name: (tmp_path / "salesforce" / name).read_text(encoding="utf-8") for name in files} == files


def test_folder_and_zip_hold_the_same_components(wish):
    """An admin who deploys the folder gets what `install` would have deployed."""
    files = dx.default_source()
    assert (
        files["manifest/package.xml"] == entries(package(everything(wish.salesforce), "de", dx.VERSION))["package.xml"]
    )
    name = "force-app/main/default/objects/Lead/fields/RevOps_Fit_Score__c.field-meta.xml"
    inner = [each.strip() for each in files[name].splitlines()[2:-1]]
    whole = entries(package(everything(wish.salesforce), "de", dx.VERSION))["objects/Lead.object"]
    assert "".join(inner) in "".join(each.strip() for each in whole.splitlines())


def test_the_folder_deploys(stage, wish):
    """The folder's components, put into the deploy format, are taken by the org as they stand."""
    content = package(everything(wish.salesforce), "de", dx.VERSION)
    deployed = stage.vendors.deploy(content, True)
    assert (deployed.success, deployed.failed) == (True, ())
    assert {each.kind for each in deployed.done} == {"CustomField", "CustomObject", "PermissionSet", "ValidationRule"}


def test_other_rules_make_another_folder(tmp_path):
    other = rules(tmp_path, without=("attribution",))
    files = dx.source(everything(other.salesforce), "en")
    assert not [name for name in files if "Touchpoint" in name]
