"""`check` on what an install makes: missing or hidden fields, custom objects, stages, statuses."""

import shutil

import pytest
from scene import project

from connector.install import whole
from connector.install.check import check
from connector.install.check_own import check_own
from connector.install.wanted import Wishes
from connector.project import load
from connector.revops.agreement import Agreement

SCHEMAS = "/crm-object-schemas/2026-03/schemas"


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return project(tmp_path_factory.mktemp("check") / "p")


def found(stage, made, level="error", *, everywhere=False):
    """What is found; `everywhere`: in the mapping files too, without the doubts of the rule files."""
    with stage.adapters() as (hubspot, salesforce):
        findings = check(made, hubspot, salesforce)
    assert all(each.do for each in findings if each.level != "info")
    if everywhere:
        doubts = {each.where for each in made.doubts}
        others = [each for each in findings if each.where not in doubts and "active owners" not in each.what]
        return [each for each in others if each.level == level]
    return [each for each in findings if each.level == level and not each.where.startswith("mappings/")]


def test_before_the_install_each_object_is_told_once(stage, made):
    told = {each.what.partition(":")[0]: each.do for each in found(stage, made)}
    assert set(told) == {
        "contacts lacks 49 of the 49 fields that the rules need",
        "companies lacks 1 of the 1 fields that the rules need",
        "deals lacks 5 of the 5 fields that the rules need",
        "Lead lacks 49 of the 49 fields that the rules need",
        "Contact lacks 49 of the 49 fields that the rules need",
        "Account lacks 1 of the 1 fields that the rules need",
        "Opportunity lacks 5 of the 5 fields that the rules need",
        "the custom objects revops_touchpoint, revops_credit are not there",
        "the custom objects RevOps_Touchpoint__c, RevOps_Credit__c are not there, or the login may not see them",
    }
    assert all("revloop install" in do for do in told.values())
    # What the install creates is not called something that the rules do without.
    without = [each.what for each in found(stage, made, "info") if "do without" in each.what]
    assert not [each for each in without if "revops_" in each]


def test_an_account_without_custom_objects_needs_what_stands_for_them(stage, made):
    stage.fresh("professional")
    told = [each.what for each in found(stage, made) if each.where == "HubSpot"]
    deals = next(each for each in told if each.startswith("deals lacks 6 of the 6"))
    assert "revops_attr_summary" in deals
    assert not [each for each in told if "custom objects" in each]


def test_after_the_install_nothing_is_wrong(stage, made, wish):
    whole.install(wish, stage.vendors)
    assert found(stage, made) == []
    assert not [each for each in found(stage, made, "info") if "custom objects" in each.what]


def test_a_field_that_the_login_may_not_see_is_told_with_the_permission_set(stage, made, wish):
    whole.install(wish, stage.vendors)
    query = "/query?q=SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'RevOps_Integration'"
    [held] = stage.call("salesforce", "GET", query).json()["records"]
    assert stage.call("salesforce", "DELETE", f"/sobjects/PermissionSetAssignment/{held['Id']}").ok
    told = found(stage, made)
    assert {each.where for each in told} == {"Salesforce"}
    assert all("assign the permission set RevOps_Integration to the integration user" in each.do for each in told)


def test_a_field_that_may_only_be_read_is_told(stage, made, wish):
    whole.install(wish, stage.vendors)
    query = (
        "/query?q=SELECT Id FROM FieldPermissions WHERE Field = 'Lead.RevOps_Fit_Score__c' "
        "AND Parent.Name = 'RevOps_Integration'"
    )
    [given] = stage.call("salesforce", "GET", query).json()["records"]
    path = f"/sobjects/FieldPermissions/{given['Id']}"
    assert stage.call("salesforce", "PATCH", path, {"PermissionsEdit": False}).ok
    (finding,) = found(stage, made)
    assert finding.what == "Lead does not let the login write 1 fields of the rules: RevOps_Fit_Score__c"


def test_where_there_are_no_custom_objects_what_stands_for_them_is_told(stage, made, wish):
    stage.fresh("professional")
    whole.install(wish, stage.vendors)
    assert found(stage, made) == []
    (finding,) = [each for each in found(stage, made, "info") if "custom objects" in each.what]
    assert "attribution is kept in deal properties" in finding.what
    assert "Enterprise" in finding.do


@pytest.mark.parametrize("installed", [False, True])
def test_an_account_whose_custom_objects_are_used_up_is_told_the_limit(stage, made, wish, installed):
    stage.order("hubspot", "quota", {"custom_object_types": 1})
    if installed:
        whole.install(wish, stage.vendors)
    (finding,) = [each for each in found(stage, made, "warning") if "custom objects" in each.what]
    assert finding.what.startswith("the account may have 1 more custom objects, revloop needs 2 (revops_touchpoint,")
    assert finding.do.startswith("remove a custom object that nobody uses, or have the limit raised, then type")
    lacking = [each.what for each in found(stage, made) if each.what.startswith("deals")]
    assert [each.partition(":")[0] for each in lacking] == (
        [] if installed else ["deals lacks 6 of the 6 fields that the rules need"]
    )


def test_an_account_that_became_an_enterprise_one_keeps_what_it_has_until_the_next_install(stage, made, wish):
    stage.fresh("professional")
    whole.install(wish, stage.vendors)
    stage.order("hubspot", "tier", {"tier": "enterprise"})
    assert found(stage, made) == []
    (finding,) = [each for each in found(stage, made, "info") if "custom objects" in each.what]
    assert finding.do.startswith("type `revloop install`: it makes them")


# --- types and options of own fields ---------------------------------------------------------------------------------


def edited(made, tmp_path, name, before, after):
    """The project with one more word in a rule file."""
    folder = tmp_path / "edited"
    shutil.copytree(made.folder, folder)
    path = folder / "rules" / name
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    return load(folder)


def own_options(stage, vendor_object, name, change):
    options = change(stage.property(vendor_object, name)["options"])
    path = f"/crm/properties/2026-03/{vendor_object}/{name}"
    assert stage.call("hubspot", "PATCH", path, {"options": options}).ok


def test_a_reason_that_is_new_in_the_rules_is_missing_in_both_crms(stage, made, wish, tmp_path):
    whole.install(wish, stage.vendors)
    line = next(each for each in (made.folder / "rules" / "rejection_reasons.yaml").read_text().splitlines()
                if "data_incomplete" in each)  # fmt: skip
    more = edited(
        made, tmp_path, "rejection_reasons.yaml", line, f"{line}\n{line.replace('data_incomplete', 'too_new')}"
    )
    told = {each.what: each.do for each in found(stage, more, everywhere=True)}
    fields = {
        "contacts": "revops_rejection_reason (too_new), revops_rejection_reason_2 (too_new)",
        "Lead": "RevOps_Rejection_Reason__c (too_new), RevOps_Rejection_Reason_2__c (too_new)",
        "Contact": "RevOps_Rejection_Reason__c (too_new), RevOps_Rejection_Reason_2__c (too_new)",
    }
    assert set(told) == {f"{at} lacks options that the rules need: {names}" for at, names in fields.items()}
    assert set(told.values()) == {"type `revloop install`, which adds them"}


def test_an_option_that_somebody_deleted_is_told_once_with_the_install_as_the_remedy(stage, made, wish):
    whole.install(wish, stage.vendors)
    own_options(
        stage, "contacts", "revops_temperature", lambda there: [each for each in there if each["value"] != "hot"]
    )
    (finding,) = found(stage, made, everywhere=True)
    assert (finding.where, finding.what) == (
        "HubSpot", "contacts lacks options that the rules need: revops_temperature (hot)",
    )  # fmt: skip
    assert found(stage, made, "warning", everywhere=True) == []
    whole.install(wish, stage.vendors)
    assert found(stage, made, everywhere=True) == []


def test_an_option_of_a_custom_object_is_looked_at_too(stage, made, wish):
    whole.install(wish, stage.vendors)
    [touch] = [each for each in stage.call("hubspot", "GET", SCHEMAS).json()["results"]
               if each["name"] == "revops_touchpoint"]  # fmt: skip
    name = next(each["name"] for each in touch["properties"] if each["name"].startswith("revops_")
                and each["type"] == "enumeration")  # fmt: skip
    kept = next(each for each in touch["properties"] if each["name"] == name)["options"][1:]
    path = f"/crm/properties/2026-03/{touch['objectTypeId']}/{name}"
    assert stage.call("hubspot", "PATCH", path, {"options": kept}).ok
    (finding,) = found(stage, made)
    assert finding.what.startswith(f"revops_touchpoint lacks options that the rules need: {name} (")


def test_an_own_field_of_another_type_is_told_and_no_mapping_file_is_blamed(stage, made, wish):
    stage.order("salesforce", "field", {"sobject": "Lead", "name": "RevOps_Fit_Grade__c", "type": "Date"})
    body = {"groupName": "contactinformation", "label": "Mine", "name": "revops_fit_score", "type": "string",
            "fieldType": "text"}  # fmt: skip
    assert stage.call("hubspot", "POST", "/crm/properties/2026-03/contacts", body).ok
    told = {each.what: each.do for each in found(stage, made, everywhere=True) if "of type" in each.what}
    assert set(told) == {
        "contacts.revops_fit_score is of type string, not number",
        "Lead.RevOps_Fit_Grade__c is of type date, not picklist",
    }
    assert all("own_fields" in do and "revloop install" in do for do in told.values())


def test_an_option_that_people_added_on_one_side_only(stage, made, wish):
    whole.install(wish, stage.vendors)
    mine = {"value": "mine", "label": "Mine", "displayOrder": 9, "hidden": False}
    for name in ("revops_bant_need", "revops_rejection_reason", "revops_temperature"):
        own_options(stage, "contacts", name, lambda there: [*there, mine])
    told = {each.what: each.do for each in found(stage, made, "warning", everywhere=True)}
    besides = "has the option mine besides those of the rules, which"
    assert told == {
        f"contacts.revops_bant_need {besides} {at}.RevOps_Bant_Need__c lacks": (
            "take it away in HubSpot, or add it in Salesforce too"
        )
        for at in ("Lead", "Contact")
    } | {
        f"contacts.revops_rejection_reason {besides} {at}.RevOps_Rejection_Reason__c lacks": (
            "take it away in HubSpot, or add it to rules/rejection_reasons.yaml and type `revloop install`"
        )
        for at in ("Lead", "Contact")
    }


# --- what cannot be made with the sandboxes -----------------------------------------------------------------------


def test_an_empty_agreement_needs_nothing(wish):
    assert list(check_own(Agreement(), wish.wishes, {}, {})) == []


def test_an_account_that_tells_no_limit_is_asked_for_the_objects(wish):
    (finding,) = check_own(wish.agreement, wish.wishes, {}, {"hubspot": {}})
    assert (finding.level, finding.what) == (
        "error", "the custom objects revops_touchpoint, revops_credit are not there",
    )  # fmt: skip


def test_a_side_that_could_not_be_asked_is_not_judged(wish):
    assert list(check_own(wish.agreement, wish.wishes, {}, {})) == []


def test_names_follow_the_prefixes(wish):
    wishes = Wishes(wish.wishes.stamps, {"hubspot": "acme_", "salesforce": "Acme_"})
    (finding, *_) = check_own(wish.agreement, wishes, {("hubspot", "companies"): {}}, {})
    assert finding.what == "companies lacks 1 of the 1 fields that the rules need: acme_stage"
