"""`check` on what an install makes: missing or hidden fields, custom objects, stages, statuses."""

import pytest
from scene import project

from connector.install import whole
from connector.install.check import check
from connector.install.check_own import check_own
from connector.install.wanted import Wishes
from connector.revops.agreement import Agreement


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return project(tmp_path_factory.mktemp("check") / "p")


def found(stage, made, level="error"):
    with stage.adapters() as (hubspot, salesforce):
        findings = check(made, hubspot, salesforce)
    assert all(each.do for each in findings if each.level != "info")
    return [each for each in findings if each.level == level and not each.where.startswith("mappings/")]


def test_before_the_install_each_object_is_told_once(stage, made):
    told = {each.what.partition(":")[0]: each.do for each in found(stage, made)}
    assert set(told) == {
        "contacts lacks 49 of the 49 fields that the rules need",
        "companies lacks 1 of the 1 fields that the rules need",
        "deals lacks 6 of the 6 fields that the rules need",
        "Lead lacks 49 of the 49 fields that the rules need",
        "Contact lacks 49 of the 49 fields that the rules need",
        "Account lacks 1 of the 1 fields that the rules need",
        "Opportunity lacks 5 of the 5 fields that the rules need",
        "the custom objects RevOps_Touchpoint__c, RevOps_Credit__c are not there, or the login may not see them",
    }
    assert all("revloop install" in do for do in told.values())


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


# --- what cannot be made with the sandboxes -----------------------------------------------------------------------


def test_an_empty_agreement_needs_nothing(wish):
    assert list(check_own(Agreement(), wish.wishes, {}, {})) == []


def test_a_side_that_could_not_be_asked_is_not_judged(wish):
    assert list(check_own(wish.agreement, wish.wishes, {}, {})) == []


def test_names_follow_the_prefixes(wish):
    wishes = Wishes(wish.wishes.stamps, {"hubspot": "acme_", "salesforce": "Acme_"})
    (finding, *_) = check_own(wish.agreement, wishes, {("hubspot", "companies"): {}}, {})
    assert finding.what == "companies lacks 1 of the 1 fields that the rules need: acme_stage"
