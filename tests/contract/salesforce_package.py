"""Metadata packages for the tests: a zip in the form of the Metadata API, deployed over REST and polled."""

import io
import json
import zipfile
from urllib.parse import quote
from xml.sax.saxutils import escape

import requests

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
VERSION = "68.0"
REASON = "RevOps_Rejection_Reason__c"
COMMENT = "RevOps_Rejection_Comment__c"


def element(name, content):
    """A dictionary, list or value as XML; the items of a list repeat the element."""
    if isinstance(content, list):
        return "".join(element(name, one) for one in content)
    if isinstance(content, dict):
        inner = "".join(element(key, value) for key, value in content.items())
    else:
        inner = str(content).lower() if isinstance(content, bool) else escape(str(content))
    return f"<{name}>{inner}</{name}>"


def document(root, content):
    inner = "".join(element(key, value) for key, value in content.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">{inner}</{root}>'


def manifest(members):
    types = [{"members": sorted(names), "name": kind} for kind, names in members.items()]
    return document("Package", {"types": types, "version": VERSION})


def package(objects=None, sets=None, permissions=None, members=None, **files):
    """The bytes of a zip; `members` is the manifest, by default everything that is given."""
    content = {f"objects/{name}.object": document("CustomObject", one) for name, one in (objects or {}).items()}
    content |= {
        f"permissionsets/{name}.permissionset": document("PermissionSet", one) for name, one in (sets or {}).items()
    }
    content |= {
        f"customPermissions/{name}.customPermission": document("CustomPermission", one)
        for name, one in (permissions or {}).items()
    }
    if members is None:
        members = {"CustomObject": objects or {}, "PermissionSet": sets or {}, "CustomPermission": permissions or {}}
    content["package.xml"] = manifest({kind: names for kind, names in members.items() if names})
    return zipped({**content, **{name.replace("_", "."): text for name, text in files.items()}})


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def request(org, data, token=None, **options):
    """The answer to a deploy request."""
    parts = {
        "json": (None, json.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", data, "application/zip"),
    }
    headers = {"Authorization": f"Bearer {token}"} if token else dict(org.http.headers)
    url = f"{org.sandbox.url}/services/data/v{VERSION}/metadata/deployRequest"
    return requests.post(url, files=parts, headers={"Authorization": headers["Authorization"]}, timeout=30)


def poll(org, number):
    """The result of a deployment that has come to its end."""
    for _ in range(200):
        answer = org.call("GET", f"/metadata/deployRequest/{number}?includeDetails=true").json()
        if answer["deployResult"]["done"]:
            return answer["deployResult"]
    raise AssertionError("the deployment does not end")


def deploy(org, data, **options):
    """The result of deploying a zip."""
    answer = request(org, data, **options)
    assert answer.status_code == 201, answer.text
    return poll(org, answer.json()["id"])


def installed(org, data, **options):
    """Deploy what must succeed."""
    result = deploy(org, data, **options)
    assert result["status"] == "Succeeded", [one["problem"] for one in result["details"]["componentFailures"]]
    return result


def problems(result):
    return {one["fullName"]: one["problem"] for one in result["details"]["componentFailures"]}


def assign(org, name, user):
    """Give a user a permission set; gives the assignment's id."""
    [row] = org.query(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'")
    return org.create("PermissionSetAssignment", AssigneeId=user, PermissionSetId=row["Id"])


def tooling(org, soql):
    answer = org.call("GET", f"/tooling/query?q={quote(soql)}")
    assert answer.status_code == 200, answer.text
    return answer.json()["records"]


def text_field(name, length=80, **more):
    return {"fullName": name, "label": name.removesuffix("__c"), "type": "Text", "length": length, **more}


def picklist_field(name, *values, **more):
    listed = [{"fullName": one, "default": False, "label": one.title()} for one in values]
    value_set = {"restricted": True, "valueSetDefinition": {"sorted": False, "value": listed}}
    return {"fullName": name, "label": name.removesuffix("__c"), "type": "Picklist", "valueSet": value_set, **more}


def rule(name, formula, message="Refused by the rule", **more):
    return {
        "fullName": name,
        "active": True,
        "errorConditionFormula": formula,
        **({"errorDisplayField": more.pop("field")} if "field" in more else {}),
        "errorMessage": message,
        **more,
    }


def grants(*fields, objects=(), permissions=(), editable=True):
    """The content of a permission set."""
    rights = ("allowCreate", "allowDelete", "allowEdit", "allowRead")
    given = {
        "customPermissions": [{"enabled": True, "name": one} for one in permissions],
        "fieldPermissions": [{"editable": editable, "field": one, "readable": True} for one in fields],
        "label": "RevOps",
        "objectPermissions": [
            {**dict.fromkeys(rights, True), "modifyAllRecords": False, "object": one, "viewAllRecords": True}
            for one in objects
        ],
    }
    return {key: value for key, value in given.items() if value}


REASONS = picklist_field(REASON, "no_budget", "bad_timing", "other")
COMMENTS = {
    "fullName": COMMENT,
    "label": "Comment",
    "type": "LongTextArea",
    "length": 2000,
    "visibleLines": 4,
}
REJECTION = (
    'AND(OR(ISPICKVAL(Status,"Closed - Not Converted"),ISPICKVAL(Status,"Unqualified")),'
    f" ISBLANK(TEXT({REASON})), OR(ISNEW(), ISCHANGED(Status), ISCHANGED({REASON})))"
)
OTHER = (
    f'AND(ISPICKVAL({REASON}, "other"), LEN({COMMENT}) < 15, OR(ISNEW(), ISCHANGED({REASON}), ISCHANGED({COMMENT})))'
)


def rejection():
    """The zip of the rejection rules with their fields and the permission set that shows them."""
    lead = {
        "fields": [REASONS, COMMENTS],
        "validationRules": [
            rule("RevOps_Reason", REJECTION, "A rejection needs a reason [revops-1]", field=REASON),
            rule("RevOps_Other", OTHER, "Reason other needs a comment of 15 characters [revops-2]"),
        ],
    }
    return package({"Lead": lead}, {"RevOps": grants(f"Lead.{REASON}", f"Lead.{COMMENT}")})
