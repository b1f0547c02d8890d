"""The rules against what the CRMs say (domain §15, rule 4): own fields, stages, statuses, classes, inputs, doubts."""

import pytest

from connector.install.check_agreement import check_agreement
from connector.model import SIDES, FieldInfo
from connector.project import init, load

STAGES = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist")
STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING")
LEADS = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
INDUSTRIES = (
    *("MACHINERY", "INDUSTRIAL_AUTOMATION", "MECHANICAL_OR_INDUSTRIAL_ENGINEERING", "MINING_METALS", "AUTOMOTIVE"),
    *("ELECTRICAL_ELECTRONIC_MANUFACTURING", "CHEMICALS", "PLASTICS", "PAPER_FOREST_PRODUCTS", "BANKING"),
    "STAFFING_AND_RECRUITING",
)


def column(name, options=None):
    return FieldInfo(name, "string", writable=True, createable=True, options=options)


class Scene:
    """A project and two CRMs in which everything is as the rules want it."""

    def __init__(self, folder):
        self.folder = folder
        self.project = load(folder)
        self.described = {}
        for mapping in self.project.mappings:
            for side in SIDES:
                for vendor_object in mapping.vendor_objects(side):
                    names = {field.vendor_name(side, vendor_object) for field in mapping.fields} - {None}
                    names |= set(mapping.inputs.get(vendor_object, ()))
                    self.described[side, vendor_object] = {name: column(name) for name in names}
        self.options("hubspot", "contacts", "lifecyclestage", STAGES)
        self.options("hubspot", "contacts", "hs_lead_status", STATUSES)
        self.options("salesforce", "Lead", "Status", LEADS)
        self.options("hubspot", "companies", "industry", INDUSTRIES)

    def options(self, side, vendor_object, name, options):
        self.described[side, vendor_object][name] = column(name, options)

    def found(self):
        findings = list(check_agreement(self.project, self.described))
        assert all(each.do for each in findings if each.level != "info")
        doubts = {(each.where, each.what) for each in self.project.doubts}
        return [each for each in findings if (each.where, each.what) not in doubts]

    def line(self, name, part):
        text = (self.folder / name).read_text(encoding="utf-8")
        return f"{name}:{text[: text.index(part)].count(chr(10)) + 1}"


@pytest.fixture
def folder(tmp_path):
    init(tmp_path / "project")
    settings = tmp_path / "project" / "connector.yaml"
    settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example"))
    return tmp_path / "project"


@pytest.fixture
def scene(folder):
    return Scene(folder)


def test_the_default_rules_fit_default_accounts(scene):
    assert scene.found() == []


def test_the_doubts_of_the_rule_files_are_told(scene):
    told = [(each.level, each.where) for each in check_agreement(scene.project, scene.described)]
    assert told == [("warning", doubt.where) for doubt in scene.project.doubts]
    assert told


def test_a_stage_that_was_deleted_in_the_portal(scene):
    scene.options("hubspot", "contacts", "lifecyclestage", tuple(each for each in STAGES if "marketing" not in each))
    (finding,) = scene.found()
    assert finding.level == "error"
    assert finding.where == scene.line("rules/lifecycle.yaml", "hubspot: {mql")
    assert "HubSpot has no lifecycle stage with the internal name 'marketingqualifiedlead'" in finding.what
    assert "restore the stage" in finding.do


def test_a_lead_status_that_is_not_there(scene):
    scene.options("hubspot", "contacts", "hs_lead_status", tuple(each for each in STATUSES if each != "UNQUALIFIED"))
    scene.options("salesforce", "Lead", "Status", ("Open - Not Contacted", "Working - Contacted", "Unqualified"))
    assert [(each.where, each.what) for each in scene.found()] == [
        # what a rejected lead is given, and what means that one was rejected
        (
            scene.line("rules/lifecycle.yaml", "lead_status: {lead"),
            "Salesforce has no lead status 'Closed - Not Converted'",
        ),
        (scene.line("rules/rejection.yaml", "hubspot: [UNQ"), "HubSpot has no lead status 'UNQUALIFIED'"),
        (
            scene.line("rules/rejection.yaml", 'salesforce: ["Closed'),
            "Salesforce has no lead status 'Closed - Not Converted'; did you mean 'Open - Not Contacted'?",
        ),
    ]


def test_statuses_without_the_lifecycle(folder):
    with (folder / "connector.yaml").open("a") as file:
        file.write("rules: {lifecycle: off}\n")
    scene = Scene(folder)
    scene.options("hubspot", "contacts", "hs_lead_status", ("NEW", "BAD_TIMNG", "UNQUALIFIED"))
    (finding,) = scene.found()
    assert finding.what == "HubSpot has no lead status 'BAD_TIMING'; did you mean 'BAD_TIMNG'?"
    assert (
        finding.do == "add the value to contacts.hs_lead_status, or write one that exists: NEW, BAD_TIMNG, UNQUALIFIED"
    )


def test_a_value_that_no_picklist_has(folder):
    path = folder / "rules" / "scoring.yaml"
    path.write_text(path.read_text().replace("core: [MACHINERY,", "core: [Machinery, MACHINERI,"))
    scene = Scene(folder)
    (finding,) = scene.found()
    assert (finding.level, finding.where) == ("warning", scene.line("rules/scoring.yaml", "- id: industry"))
    assert finding.what == (
        "no picklist that answers 'industry' has the option MACHINERI; only free text could; did you mean 'MACHINERY'?"
    )


def test_a_value_that_only_the_other_crm_has_is_right(folder):
    path = folder / "rules" / "scoring.yaml"
    path.write_text(path.read_text().replace("core: [MACHINERY,", "core: [Manufacturing,"))
    scene = Scene(folder)
    scene.options("salesforce", "Account", "Industry", ("Manufacturing", "Banking"))
    assert scene.found() == []


def test_what_the_rules_do_without_is_told(scene):
    for name in ("hs_seniority", "seniority"):
        del scene.described["hubspot", "contacts"][name]
    (finding,) = scene.found()
    assert (finding.level, finding.where) == ("info", "HubSpot")
    assert finding.what == "contacts has no hs_seniority, seniority: the rules do without"


def test_what_could_not_be_described_is_not_judged(scene):
    scene.described.clear()
    assert scene.found() == []
