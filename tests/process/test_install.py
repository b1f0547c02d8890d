"""`revloop install` as it is typed: shown first, done, done again, taken away; and `check` before and after."""

import pytest
from desk import desk, project, run

ONLY_REJECTION = "rules: {scoring: off, lifecycle: off, attribution: off}"


@pytest.fixture(scope="module")
def crms():
    with desk("--bare") as at:
        at.order("hubspot", "limits", {"search": 1000})
        yield at


@pytest.fixture
def folder(crms, tmp_path):
    for side in ("hubspot", "salesforce"):
        crms.order(side, "reset", {})
    crms.order("hubspot", "tier", {"tier": "enterprise"})
    return project(tmp_path / "p", crms, settings=ONLY_REJECTION)


def test_shown_done_done_again_and_taken_away(folder):
    shown = run(folder, "install", "--plan")
    assert shown.code == 0, shown.err
    assert "Nothing was changed. To create" in shown.out
    done = run(folder, "install")
    assert done.code == 0, done.err
    assert "created. Next: revloop check" in done.out
    again = run(folder, "install")
    assert (again.code, "Everything was there already: nothing was changed." in again.out) == (0, True)
    assert "an install would change nothing" in run(folder, "install", "--plan").out
    listed = run(folder, "install", "--remove")
    assert listed.code == 4
    told = " ".join(listed.out.split())
    assert "To delete all of this with 0 filled values: revloop install --remove --confirm 0" in told
    wrong = run(folder, "install", "--remove", "--confirm", "7")
    assert wrong.code == 4
    assert "0 filled values would be deleted, not 7: nothing was deleted" in " ".join(wrong.err.split())
    gone = run(folder, "install", "--remove", "--confirm", "0")
    assert (gone.code, "Taken away." in gone.out) == (0, True)
    empty = run(folder, "install", "--remove")
    assert (empty.code, "Nothing of revloop is installed." in empty.out) == (0, True)


def test_as_json(folder):
    planned = run(folder, "install", "--plan", "--json").data
    names = {(each["side"], each["kind"], each["name"]) for each in planned["missing"]}
    assert ("salesforce", "validation rule", "RevOps_Rejection_Reason_Required") in names
    assert ("hubspot", "property", "revops_rejection_reason") in names
    assert {each["level"] for each in planned["by_hand"]} == {"info"}
    done = run(folder, "install", "--json").data
    assert (len(done["created"]), done["missing"]) == (len(planned["missing"]), [])
    assert run(folder, "install", "--json").data["created"] == []
    listed = run(folder, "install", "--remove", "--json").data
    assert (listed["confirm"], bool(listed["would_remove"])) == (0, True)
    assert run(folder, "install", "--remove", "--confirm", "0", "--json").data["removed"]


def test_a_field_in_the_way_is_an_exit_code(folder, crms):
    crms.order("salesforce", "field", {"sobject": "Lead", "name": "RevOps_Rejection_State__c", "type": "Date"})
    done = run(folder, "install")
    assert done.code == 2
    assert "Lead.RevOps_Rejection_State__c is of type date, not picklist" in " ".join(done.out.split())
    assert run(folder, "install", "--plan").code == 2


def test_a_login_that_may_not_install(folder, crms):
    profile = "Minimum Access - API Only Integrations"
    crms.order("salesforce", "profile", {"user": "integration@revloop-sandbox.example", "profile": profile})
    refused = run(folder, "install")
    assert refused.code == 2
    assert "«Customize Application»" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--confirm", "3"], "--confirm belongs to --remove"),
        (["--plan", "--remove"], "--remove without --confirm only shows"),
    ],
)
def test_options_that_do_not_go_together(folder, words, sentence):
    refused = run(folder, "install", *words)
    assert (refused.code, sentence in refused.err) == (2, True)


def test_for_another_user(folder, crms):
    assert run(folder, "install", "--user", "admin@revloop-sandbox.example").code == 0
    held = crms.salesforce_records("PermissionSetAssignment")
    admin = next(each["Id"] for each in crms.salesforce_records("User") if each["Username"].startswith("admin@"))
    sets = {each["Id"]: each["Name"] for each in crms.salesforce_records("PermissionSet")}
    given = {each["AssigneeId"] for each in held if sets[each["PermissionSetId"]] == "RevOps_Integration"}
    assert given == {admin}


def test_check_before_and_after(folder):
    before = run(folder, "check")
    assert before.code == 2
    assert "lacks" in before.out
    assert run(folder, "install").code == 0
    after = run(folder, "check")
    assert after.code == 0, after.out


def test_no_token_is_ever_shown(folder):
    for words in (["install", "--plan"], ["install"], ["install", "--json"]):
        ran = run(folder, *words)
        assert "pat-na1" not in ran.out + ran.err
        assert "!sandbox" not in ran.out + ran.err
