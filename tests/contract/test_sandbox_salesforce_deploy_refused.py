"""What the sandbox refuses to deploy, and in which words."""

import json

import pytest
from salesforce_org import salesforce
from salesforce_package import (
    deploy,
    document,
    grants,
    installed,
    manifest,
    package,
    problems,
    rejection,
    request,
    rule,
    text_field,
    tooling,
    zipped,
)


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


DOCTYPE = "DOCTYPE is disallowed in metadata files"
PICKLIST = "Field Status is a picklist field. Picklist fields are only supported in certain functions."


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ('Revops_Nothing__c = "x"', "Field Revops_Nothing__c does not exist. Check spelling."),
        ('ISBLANK(Status) && Company = "x"', PICKLIST),
        ('Status = "Unqualified"', PICKLIST),
        ("ISBLANCK(Company)", "Unknown function ISBLANCK. Check spelling."),
        ("AND(ISNEW(), LEN(Company) < 3", "Syntax error. Missing ')'"),
        ("ISNEW())", "Syntax error. Extra ')'"),
        ('LEN("x" + 1) > 1', "Incorrect parameter type for operator '+'. Expected Text, received Number"),
        ("LEN(AnnualRevenue) > 1", "Incorrect parameter type for function 'LEN()'. Expected Text, received Number"),
        ("NOT(Company)", "Incorrect parameter type for function 'NOT()'. Expected Boolean, received Text"),
        ("ISPICKVAL(Status)", "Incorrect number of parameters for function 'ISPICKVAL()'. Expected 2, received 1"),
        ("Company", "Formula result is data type (Text), incompatible with expected data type (true or false)."),
        ("$Permission.No_Such", "Field $Permission.No_Such does not exist. Check spelling."),
        ("NOT(ISCHANGED(Owner.Name))", "Field Owner.Name does not exist. Check spelling."),
        ('LEFT("x', "Syntax error. Missing closing quote"),
        ("Company # 1", "Syntax error. Found '#'"),
        ("", "Required field is missing: errorConditionFormula"),
        ("(" * 400 + "TRUE" + ")" * 400, "Syntax error. The formula is nested too deeply"),
    ],
)  # fmt: skip
def test_a_formula_with_a_mistake_refuses_the_deploy(org, formula, problem):
    lead = {"fields": [text_field("Extra__c")], "validationRules": [rule("Broken", formula)]}
    result = deploy(org, package({"Lead": lead}))
    assert (result["status"], result["success"]) == ("Failed", False)
    [failure] = result["details"]["componentFailures"]
    assert (failure["fullName"], failure["componentType"]) == ("Lead.Broken", "ValidationRule")
    assert (failure["problem"], failure["problemType"]) == (problem, "Error")
    assert tooling(org, "SELECT Id FROM CustomField WHERE DeveloperName = 'Extra'") == []


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"fullName": "A__c", "label": "A", "type": "Text"}, "Must specify 'length' for a CustomField of type Text"),
        ({"fullName": "A__c", "type": "Date"}, "Required field is missing: label"),
        ({"fullName": "A__c", "label": "A", "type": "Number", "precision": 3, "scale": 5},
         "Scale must not be greater than precision"),
        ({"fullName": "A__c", "label": "A", "type": "LongTextArea", "length": 100, "visibleLines": 3},
         "Length must be between 256 and 131072"),
        ({"fullName": "A__c", "label": "A", "type": "Date", "externalId": True},
         "Can not specify 'externalId' for a CustomField of type Date"),
        ({"fullName": "A__c", "label": "A", "type": "Date", "colour": "red"},
         "Element {http://soap.sforce.com/2006/04/metadata}colour invalid at this location in type CustomField"),
        ({"fullName": "A__c", "label": "A", "type": "Lookup", "referenceTo": "Gone__c", "relationshipName": "As"},
         "referenceTo value of 'Gone__c' does not resolve"),
        ({"fullName": "A__c", "label": "A", "type": "MasterDetail", "referenceTo": "Lead", "relationshipName": "As"},
         "A Lead cannot be the master of a master-detail relationship"),
        ({"fullName": "A__c", "label": "A", "type": "Checkbox"},
         "Must specify 'defaultValue' for a CustomField of type Checkbox"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_refuses_the_deploy(org, field, problem):
    assert problems(deploy(org, package({"Account": {"fields": [field]}}))) == {"Account.A__c": problem}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({**grants("Lead.Company")}, "You cannot deploy to a required field: Lead.Company"),
        ({**grants(objects=["Nope__c"])}, "In field: object - no CustomObject named Nope__c found"),
        ({**grants(permissions=["Nope"])}, "In field: customPermission - no CustomPermission named Nope found"),
        ({"label": "X", "objectPermissions": [{"allowCreate": True, "allowRead": False, "object": "Lead"}]},
         "Permission Create Lead depends on permission(s): Read Lead"),
        ({"description": "x"}, "Required field is missing: label"),
    ],
)  # fmt: skip
def test_a_permission_set_grants_only_what_there_is(org, content, problem):
    assert problems(deploy(org, package(sets={"RevOps": content}))) == {"RevOps": problem}


def test_manifest_and_files_must_agree(org):
    lead = {"fields": [text_field("A__c"), text_field("B__c")]}
    result = deploy(org, package({"Lead": lead}, members={"CustomField": ["Lead.A__c", "Lead.C__c"]}))
    assert problems(result) == {
        "Lead.C__c": "An object 'Lead.C__c' of type CustomField was named in package.xml, but was not found in zipped "
        "directory"
    }
    installed(org, package({"Lead": lead}, members={"CustomField": ["Lead.A__c"]}))
    assert tooling(org, "SELECT Id FROM CustomField WHERE DeveloperName = 'B'") == []
    assert problems(deploy(org, package({"Lead": lead}, members={"CustomObject": ["Account"]})))["Lead"] == (
        "Not in package.xml"
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no zip", "The zip file is not valid"),
        (zipped({"objects/Lead.object": document("CustomObject", {})}), "No package.xml found"),
        (zipped({"package.xml": "<Package"}), "Error parsing file: unclosed token: line 1, column 0"),
        (zipped({"package.xml": '<!DOCTYPE x [<!ENTITY a "b">]><Package/>'}), DOCTYPE),
    ],
)  # fmt: skip
def test_a_package_that_cannot_be_read_fails_as_a_whole(org, data, problem):
    result = deploy(org, data)
    assert (result["status"], problems(result)) == ("Failed", {"package.xml": problem})


def test_an_element_twice_is_refused(org):
    body = document("CustomObject", {"fields": [text_field("A__c")], "validationRules": [], "label": "x"})
    body = body.replace("<label>x</label>", "<label>x</label><label>y</label>")
    data = zipped({"package.xml": manifest({"CustomObject": ["Lead"]}), "objects/Lead.object": body})
    assert problems(deploy(org, data)) == {"Lead": "Element label is duplicated at this location in type CustomObject"}


def test_what_is_no_multipart_is_refused(org):
    answer = org.call("POST", "/metadata/deployRequest", {"deployOptions": {}})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert request(org, rejection(), allowEverything=True).json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert org.call("GET", "/metadata/deployRequest/0AfSb0000000001AAA").status_code == 404


def test_options_are_json(org):
    parts = {"json": (None, json.dumps({"deploy": {}}), "application/json"), "file": ("d.zip", b"x", "application/zip")}
    url = f"{org.sandbox.url}/services/data/v68.0/metadata/deployRequest"
    assert org.http.post(url, files=parts, timeout=30).json()[0]["errorCode"] == "JSON_PARSER_ERROR"
