"""The install of both CRMs together: the order, the second time, what is left for a person, a deploy in words."""

import pytest
from scene import rules

from connector.crm.salesforce.deploy import Component, Deployed
from connector.errors import LaterError, SettingsError
from connector.install import deploy_words, whole
from connector.install.steps import Step

INTEGRATION = "integration@revloop-sandbox.example"


def told(looked, level=None):
    return [each.what for each in looked.findings if level in (None, each.level)]


@pytest.mark.parametrize("tier", ["professional", "enterprise"])
def test_both_are_installed_and_a_second_time_nothing_is_written(stage, wish, tier):
    stage.fresh(tier)
    first = whole.install(wish, stage.vendors)
    assert len(first.done) > 100
    assert first.now.steps == ()
    for sandbox in stage.sandboxes.values():
        sandbox.forget()
    second = whole.install(wish, stage.vendors)
    assert (second.done, second.now.steps) == ((), ())
    assert stage.changes() == []


def test_looking_changes_nothing(stage, wish):
    looked = whole.look(wish, stage.vendors)
    assert stage.changes() == []
    assert {each.side for each in looked.steps} == {"hubspot", "salesforce"}
    assert Step("hubspot", "property group", "contacts", "revops") in looked.steps


def test_where_salesforce_refuses_hubspot_is_not_touched(stage, wish):
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    with pytest.raises(SettingsError):
        whole.install(wish, stage.vendors)
    assert stage.changes() == []
    assert stage.property("contacts", "revops_stage") is None


def test_an_install_that_broke_off_goes_on(stage, wish):
    stage.order(
        "hubspot", "faults", {"kind": "status", "method": "POST", "path": "schemas", "status": 503, "times": 99}
    )
    with pytest.raises(LaterError):
        whole.install(wish, stage.vendors)
    stage.order("hubspot", "faults", method="DELETE")
    second = whole.install(wish, stage.vendors)
    assert {each.kind for each in second.done} == {"custom object"}
    assert second.now.steps == ()


def test_the_list_for_the_admin(stage, wish):
    looked = whole.install(wish, stage.vendors).now
    assert told(looked, "error") == told(looked, "warning") == []
    words = "\n".join(f"{each.what} {each.do}" for each in looked.findings)
    for part in ("Map Lead Fields", "49 fields", "RevOps_People", "RevOps_Rejection_Reason__c", "History Tracking",
                 "Conditional logic", "BAD_TIMING, UNQUALIFIED"):  # fmt: skip
        assert part in words, part
    assert all(each.do for each in looked.findings)


def test_statuses_and_stages_that_a_crm_does_not_have_are_printed(stage, tmp_path):
    wish = rules(
        tmp_path,
        edits=[
            ("rules/rejection.yaml", 'salesforce: ["Closed - Not Converted"]', 'salesforce: ["Nurturing"]'),
            ("rules/rejection.yaml", "hubspot: [UNQUALIFIED, BAD_TIMING]", "hubspot: [UNQUALIFIED, GONE]"),
            ("rules/lifecycle.yaml", '# hubspot: {sal: "285119324"}', ""),
            ("rules/lifecycle.yaml", "hubspot: {mql: marketingqualifiedlead,", 'hubspot: {sal: "285119324",'),
        ],
    )
    looked = whole.install(wish, stage.vendors).now
    assert told(looked, "error") == [
        "HubSpot has no lifecycle stage with the internal name '285119324' (mapped to sal)"
    ]
    assert told(looked, "warning") == [
        "HubSpot has no lead status 'GONE'",
        "Salesforce has no lead status 'Nurturing'",
    ]
    # The file that names them, with the line, as `check` says it.
    assert [each.where for each in looked.findings if each.level != "info"] == [
        "rules/lifecycle.yaml:11",
        "rules/rejection.yaml:8",
        "rules/rejection.yaml:9",
    ]
    assert looked.steps == ()


def test_statuses_are_looked_at_without_lifecycle_too(stage, tmp_path):
    wish = rules(
        tmp_path,
        without=("lifecycle",),
        edits=[("rules/rejection.yaml", 'salesforce: ["Closed - Not Converted"]', 'salesforce: ["Nurturing"]')],
    )
    looked = whole.look(wish, stage.vendors)
    assert told(looked, "warning") == ["Salesforce has no lead status 'Nurturing'"]
    assert [each.where for each in looked.findings if each.level == "warning"] == ["rules/rejection.yaml:9"]


def test_without_rules_only_the_stamps_are_made(stage, tmp_path):
    off = ("scoring", "lifecycle", "rejection", "rejection_reasons", "attribution", "calendars")
    wish = rules(tmp_path, without=off)
    installed = whole.install(wish, stage.vendors)
    assert {each.name for each in installed.done if each.kind in ("field", "property")} == {
        "Revloop_HubSpot_Id__c",
        "revloop_salesforce_id",
    }
    assert installed.now.findings == ()
    assert whole.install(wish, stage.vendors).done == ()


def test_a_login_that_may_not_deploy_is_on_the_list(stage, wish):
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    made = stage.order("salesforce", "create", {"sobject": "PermissionSet", "fields": {
        "Name": "Looking", "Label": "Looking", "PermissionsViewSetup": True}})  # fmt: skip
    user = stage.vendors.salesforce.user()
    stage.order("salesforce", "create", {"sobject": "PermissionSetAssignment", "fields": {
        "AssigneeId": user, "PermissionSetId": made["id"]}})  # fmt: skip
    (finding,) = [each for each in whole.look(wish, stage.vendors).findings if each.level == "error"]
    assert "it lacks «Modify Metadata Through Metadata API Functions», «Customize Application»" in finding.what
    assert "docs/admin.md" in finding.do


# --- the words of a deploy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("insufficient access rights on cross-reference id", "it needs «Customize Application»"),
        ("The maximum number of 25 external ID fields of Lead is reached", "the org's limit is reached (The maximum"),
        ("Cannot change type of Lead.X from picklist to string", "rename or delete it (Cannot change type"),
        ("This custom field is referenced elsewhere in salesforce.com.", "take it out there first"),
        ("Field X__c does not exist. Check spelling.", "the formula names a field that the org does not have"),
        ("Something {new} happened", "field Lead.X: Something {new} happened"),
    ],
)
def test_component_errors_in_words(problem, words):
    sentence = deploy_words.told(Component("CustomField", "Lead.X", problem))
    assert sentence.startswith("field Lead.X: ")
    assert words in sentence


def test_many_component_errors_are_cut():
    failed = tuple(Component("CustomField", f"Lead.X{n}", "bad") for n in range(25))
    with pytest.raises(SettingsError) as refused:
        deploy_words.refuse_failed(Deployed("0Af1", False, "Failed", (), failed))
    assert len(refused.value.problems) == 21
    assert refused.value.problems[-1] == "and 5 more: Setup > Deployment Status, 0Af1"


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        (None, []),
        ({"ModifyAllData", "AssignPermissionSets"}, []),
        ({"ModifyMetadata", "AssignPermissionSets"}, ["CustomizeApplication"]),
        (set(), ["ModifyMetadata", "CustomizeApplication", "AssignPermissionSets"]),
    ],
)
def test_what_a_login_lacks(held, missing):
    assert deploy_words.lacking(held if held is None else frozenset(held), deploying=True) == missing


def test_giving_a_permission_needs_less_than_deploying():
    assert deploy_words.lacking(frozenset({"AssignPermissionSets"}), deploying=False) == []
