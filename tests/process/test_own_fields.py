"""Revloop's own fields and the rules' inputs in real runs: two sandboxes, real HTTP, the real store."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from crm_pair import crm_pair

from connector.engine import connect
from connector.engine.inputs import changed_inputs, shown_inputs
from connector.engine.run import apply
from connector.engine.seams import Work
from connector.engine.shape import Shapes
from connector.engine.state_of import state_of
from connector.errors import SettingsError
from connector.model import SIDES
from connector.project import load
from connector.revops.fields import dictionary
from connector.sandbox.serve import TOKEN

sys.path.append(str(Path(__file__).parents[1] / "hostile"))

from small_world import fill, settled

SWITCHES = "rules: {scoring: off, lifecycle: off, rejection: off, attribution: off}"
HUBSPOT_KINDS = {
    "integer": ("number", "number"),
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "datetime": ("datetime", "date"),
    "date": ("date", "date"),
    "bool": ("bool", "booleancheckbox"),
    "picklist": ("enumeration", "select"),
}
SALESFORCE_KINDS = {
    "integer": {"type": "Number", "precision": 18, "scale": 0},
    "text": {"type": "Text", "length": 255},
    "long_text": {"type": "LongTextArea", "length": 32000},
    "datetime": {"type": "DateTime"},
    "date": {"type": "Date"},
    "bool": {"type": "Checkbox"},
    "picklist": {"type": "Picklist"},
}


@pytest.fixture
def pair(tmp_path, monkeypatch):
    with crm_pair(tmp_path / "project", monkeypatch, hubspot_options={"enforce_rates": False}) as made:
        made.pause = lambda _seconds: None
        users = made.salesforce_records("User").values()
        made.hubspot("owners", {"owners": [{"email": row["Email"]} for row in users if row["Email"]]})
        yield made


def switch(pair, before, after):
    path = pair.folder / "connector.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def score_only(pair):
    """Scoring is in force, and its fields are there: what `revloop install` will do."""
    switch(pair, SWITCHES, "rules: {lifecycle: off, rejection: off, attribution: off}")
    install(pair)


def install(pair):
    """Every own field of the rules in force, on every object that a mapping names."""
    project = load(pair.folder)
    for own in dictionary(project.agreement):
        for mapping in project.mappings:
            if mapping.object in own.objects:
                on_hubspot(pair, own, mapping.hubspot)
                on_salesforce(pair, own, mapping.salesforce)


def on_hubspot(pair, own, object_):
    kind, shown = HUBSPOT_KINDS[own.kind]
    options = [{"label": each.value, "value": each.value} for each in own.options]
    if own.kind == "bool":
        options = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
    a_property(pair, object_, name=own.name, type=kind, fieldType=shown, options=options)


def a_property(pair, object_, **metadata):
    """Make a property over the API, as an app may."""
    group = {"contacts": "contactinformation", "companies": "companyinformation", "deals": "dealinformation"}[object_]
    answer = requests.post(
        f"{pair.desk.hubspot_url}/crm/properties/2026-03/{object_}",
        json={"label": metadata["name"], "groupName": group, **metadata},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=30,
    )
    assert answer.ok, answer.text


def on_salesforce(pair, own, sobjects):
    values = [{"fullName": each.value, "label": each.value} for each in own.options]
    extra = {"valueSet": {"restricted": True, "valueSetDefinition": {"value": values}}} if values else {}
    for sobject in sobjects:
        name = own.vendor_name("salesforce", "RevOps_")
        pair.salesforce("field", {"sobject": sobject, "name": name, **SALESFORCE_KINDS[own.kind], **extra})


def contact(pair, **properties):
    whole = {"company": "Ada GmbH", "lifecyclestage": "marketingqualifiedlead", "lastname": "Ada", **properties}
    return pair.hubspot("create", {"object": "contacts", "properties": whole})["id"]


def lead(pair, **fields):
    return pair.salesforce("create", {"sobject": "Lead", "fields": fields})["id"]


def in_step(pair):
    result = pair.sync()
    assert (result.exit_code, result.reasons) == (0, ()), held(pair)
    pair.later()


def edited(pair, **fields):
    for side, (id_, values) in fields.items():
        if side == "hubspot":
            pair.hubspot("edit", {"object": "contacts", "id": id_, "properties": values})
        else:
            pair.salesforce("edit", {"sobject": "Lead", "id": id_, "fields": values})
        pair.later(60)


def lead_of(pair, email):
    (found,) = [row for row in pair.salesforce_records("Lead").values() if row["Email"] == email]
    return found


def contact_of(pair, email):
    (found,) = [row for row in pair.hubspot_records("contacts").values() if row["properties"]["email"] == email]
    return found["properties"]


def test_rules_whose_fields_are_not_installed_stop_before_anything_is_read(pair):
    switch(pair, SWITCHES, "")
    with pytest.raises(SettingsError) as caught:
        pair.sync()
    problems = caught.value.problems
    assert [problem.split(" does not show ")[0] for problem in problems] == [
        "rules/lifecycle.yaml:5: HubSpot",
        "rules/lifecycle.yaml:5: Salesforce",
    ]
    assert all("which the rules need: type `revloop install`, or switch parts off" in each for each in problems)
    assert pair.counted("writes") == (0, 0)
    pair.setting(SWITCHES)
    in_step(pair)


def both_scored(pair, email):
    """The computed score of a person, the same on both sides."""
    theirs, ours = lead_of(pair, email), contact_of(pair, email)
    assert int(theirs["RevOps_Fit_Score__c"]) == int(ours["revops_fit_score"])
    assert theirs["RevOps_Fit_Grade__c"] == ours["revops_fit_grade"]
    return int(ours["revops_fit_score"])


def test_answers_go_both_ways_and_computed_fields_come_from_the_rules_only(pair):
    score_only(pair)
    contact(pair, email="ada@example.com", revops_bant_budget="approved", revops_fit_score="77", revops_fit_grade="A")
    lead(pair, Email="bob@example.com", LastName="Bob", Company="Bob GmbH", RevOps_Bant_Need__c="explicit",
         RevOps_Fit_Score__c=55)  # fmt: skip
    in_step(pair)
    in_step(pair)
    created, known = lead_of(pair, "ada@example.com"), contact_of(pair, "bob@example.com")
    assert created["RevOps_Bant_Budget__c"] == "approved"
    assert known["revops_bant_need"] == "explicit"
    assert both_scored(pair, "ada@example.com") != 77
    assert both_scored(pair, "bob@example.com") != 55

    ada = contact_of(pair, "ada@example.com")
    edited(pair, hubspot=(ada["hs_object_id"], {"revops_bant_budget": "planned", "revops_fit_score": "12"}))
    edited(pair, salesforce=(created["Id"], {"RevOps_Bant_Timeline__c": "within_3_months", "RevOps_Fit_Grade__c": "B"}))
    in_step(pair)
    created, ada = lead_of(pair, "ada@example.com"), contact_of(pair, "ada@example.com")
    assert created["RevOps_Bant_Budget__c"] == "planned"
    assert ada["revops_bant_timeline"] == "within_3_months"
    assert both_scored(pair, "ada@example.com") != 12

    # an answer that is taken back is taken back on both sides; of two answers the newest stands
    edited(pair, hubspot=(ada["hs_object_id"], {"revops_bant_budget": "", "revops_bant_timeline": "none"}))
    edited(pair, salesforce=(created["Id"], {"RevOps_Bant_Timeline__c": "within_12_months"}))
    in_step(pair)
    created, ada = lead_of(pair, "ada@example.com"), contact_of(pair, "ada@example.com")
    assert created["RevOps_Bant_Budget__c"] is None
    assert created["RevOps_Bant_Timeline__c"] == ada["revops_bant_timeline"] == "within_12_months"

    pair.forget_calls()
    in_step(pair)
    assert pair.counted("writes") == (0, 0)


def test_what_the_rules_read_is_mirrored_where_it_exists(pair):
    score_only(pair)
    id_ = contact(pair, email="ada@example.com", company_size="50-100")
    in_step(pair)
    in_step(pair)  # what a create made is read as a whole by the run after it
    with pair.opened() as store:
        seen = store.mirror.get("hubspot", str(id_), "person")
        found = store.mirror.get("salesforce", lead_of(pair, "ada@example.com")["Id"], "person")
    assert seen.fields["company_size"] == "50-100"
    assert "hs_country_region_code" not in seen.fields  # this portal has no such property
    assert found.fields["HasOptedOutOfEmail"] is False
    assert "CountryCode" not in found.fields  # this org has no state and country picklists


def shapes_now(pair):
    project = load(pair.folder)
    with state_of(project) as store, connect.crms(project, pair.pause) as crms:
        work = Work(project, store, crms, None, "run-x")
        shapes = Shapes(project.mappings, "Europe/Berlin", shown_inputs(work))
        return shapes, changed_inputs(work, shapes)


def test_an_input_that_comes_later_fills_the_mirror_of_every_record(pair):
    score_only(pair)
    id_ = contact(pair, email="ada@example.com")
    in_step(pair)
    assert not shapes_now(pair)[1]
    a_property(pair, "contacts", name="hs_country_region_code", type="string", fieldType="text")
    shapes, changed = shapes_now(pair)
    assert changed
    assert "hs_country_region_code" in shapes.of("person", "hubspot", "contacts").inputs
    in_step(pair)
    with pair.opened() as store:
        assert "hs_country_region_code" in store.mirror.get("hubspot", str(id_), "person").fields
    assert not shapes_now(pair)[1]


def test_all_parts_in_force_keep_two_crms_in_step(pair):
    """Everything that is read and mirrored for the rules: a second run finds nothing to write.

    The custom objects and the summary that stands in for them are not there, and nothing but them is lacking.
    """
    switch(pair, SWITCHES, "")
    install(pair)
    fill(pair)
    assert pair.sync().reasons == ()
    settled(pair)
    for _ in range(2):
        pair.later()
        pair.forget_calls()
        assert pair.sync().reasons == ()
        assert pair.counted("writes") == (0, 0)
    assert {code for code, _ in held(pair)} == {"CARRIER"}
    some_deal = min(pair.salesforce_records("Opportunity"))
    with pair.opened() as store:
        seen = store.mirror.get("salesforce", some_deal, "deal")
    assert (seen.fields["IsWon"], seen.fields["IsClosed"]) == (False, False)
    assert seen.fields["CreatedDate"]


def test_a_changed_rule_stops_once_like_a_changed_mapping(pair):
    score_only(pair)
    contact(pair, email="ada@example.com")
    in_step(pair)
    path = pair.folder / "rules" / "scoring.yaml"
    path.write_text("# a comment\n" + path.read_text())
    in_step(pair)
    path.write_text(path.read_text().replace("downgrade_margin: 5", "downgrade_margin: 9"))
    stopped = pair.sync()
    assert stopped.exit_code == 4
    assert "the mapping or rule files changed" in stopped.reasons[0]
    assert pair.sync(lambda *parts: apply(*parts, stopped.plan, allow=True)).exit_code == 0
    in_step(pair)


def test_without_rules_no_crm_is_asked_for_descriptions(pair):
    in_step(pair)
    project = load(pair.folder)
    with state_of(project) as store, connect.crms(project, pair.pause) as crms:
        pair.forget_calls()
        assert shown_inputs(Work(project, store, crms, None, "run-x")) == {}
    assert pair.counted("calls") == (0, 0)


def test_a_shape_leaves_computed_fields_out_of_the_merge(pair):
    score_only(pair)
    project = load(pair.folder)
    shapes = Shapes(project.mappings, "Europe/Berlin")
    for side in SIDES:
        for vendor_object in project.mapping("person").vendor_objects(side):
            shape = shapes.of("person", side, vendor_object)
            assert {each.name for each in shape.fields} - {each.name for each in shape.merged} == {
                own.name for own in dictionary(project.agreement) if own.writer == "revloop"
            }
            assert set(shape.names) >= {shape.vendor_name(each) for each in shape.fields}
            assert replace(shape, inputs=("x",)).names[-1] in {"x", "hs_merged_object_ids", "ConvertedOpportunityId"}


def held(pair):
    with pair.opened() as store:
        return [(row.code, row.message) for row in store.inbox.list()]
