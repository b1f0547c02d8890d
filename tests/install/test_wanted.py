"""What the rules in force need: names, types, labels, options, rules. Nothing is asked of a CRM."""

from dataclasses import replace

import pytest
from scene import DEFAULT, PREFIXES, STAMPS, rules

from connector.errors import SettingsError
from connector.install import whole
from connector.install.wanted import Choice, Wishes
from connector.revops.agreement import Agreement
from connector.revops.rejection_refusal import TOKEN_COMMENT, TOKEN_REASON

REASONS = "rules/rejection_reasons.yaml"
REJECTION = "rules/rejection.yaml"


def named(fields, object_, name):
    return next(each for each in fields if (each.object, each.name) == (object_, name))


def test_the_stamps_are_wanted_whatever_the_rules():
    wish = whole.wanted(Agreement(), DEFAULT)
    assert [(each.object, each.name, each.unique) for each in wish.hubspot.fields] == [
        (name, STAMPS["hubspot"], True) for name in ("contacts", "companies", "deals")
    ]
    assert [each.place for each in wish.salesforce.fields] == [
        f"{name}.{STAMPS['salesforce']}" for name in ("Lead", "Contact", "Account", "Opportunity")
    ]
    assert (wish.hubspot.objects, wish.hubspot.fallback, wish.salesforce.objects, wish.salesforce.rules) == (
        (), (), (), (),
    )  # fmt: skip


def test_a_field_of_a_person_is_on_contact_lead_and_contact(wish):
    ours = named(wish.hubspot.fields, "contacts", "revops_fit_score")
    assert (ours.kind, ours.label) == ("integer", "Fit-Score")
    for sobject in ("Lead", "Contact"):
        theirs = named(wish.salesforce.fields, sobject, "RevOps_Fit_Score__c")
        assert (theirs.kind, theirs.label, theirs.people) == ("integer", "Fit-Score", False)
    assert named(wish.salesforce.fields, "Account", "RevOps_Stage__c").choices[2] == Choice("MQL", "MQL")
    assert named(wish.salesforce.fields, "Lead", "RevOps_Rejection_Reason__c").people


def test_names_and_labels_follow_the_settings(wish):
    other = Wishes(STAMPS, {"hubspot": "acme_", "salesforce": "Acme_"}, "en")
    wish = whole.wanted(wish.agreement, other)
    assert wish.hubspot.group == "acme"
    assert named(wish.hubspot.fields, "contacts", "acme_temperature").choices == (
        Choice("cold", "Cold"), Choice("warm", "Warm"), Choice("hot", "Hot"),
    )  # fmt: skip
    assert named(wish.salesforce.fields, "Lead", "Acme_Temperature__c").label == "Lead temperature"
    assert [each.name for each in wish.salesforce.objects] == ["Acme_Touchpoint__c", "Acme_Credit__c"]
    lookup = named(wish.salesforce.all_fields, "Acme_Credit__c", "Touchpoint__c")
    assert (lookup.target, lookup.rows) == ("Acme_Touchpoint__c", "Attribution credits")
    assert [each.name for each in wish.salesforce.sets] == ["Acme_Integration", "Acme_People"]
    assert "Acme_Rejection_Reason__c" in wish.salesforce.rules[0].formula
    assert [each.name for each in wish.hubspot.objects] == ["acme_touchpoint", "acme_credit"]
    assert wish.hubspot.objects[1].linked == ("acme_touchpoint", "deals")


def test_a_retired_reason_stays_an_option_that_is_not_offered(tmp_path):
    line = "{code: fit_region, label: {en: Outside sales territory, de: Außerhalb des Vertriebsgebiets}, category: fit"
    wish = rules(tmp_path, edits=[(REASONS, line, f"{line}, retired: true")])
    field = named(wish.salesforce.fields, "Lead", "RevOps_Rejection_Reason__c")
    assert {each.value: each.retired for each in field.choices}["fit_region"]
    assert not {each.value: each.retired for each in field.choices}["fit_industry"]


def test_every_clock_of_the_sla_has_two_fields(wish):
    names = {each.name for each in wish.hubspot.fields}
    assert {"revops_sla_feedback_due_at", "revops_sla_feedback_breached_at"} <= names
    assert "RevOps_Sla_First_Response_Breached_At__c" in {each.name for each in wish.salesforce.fields}


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("an_answer_within_the_office_hours", "56 characters before __c, 40 are allowed"),
        ("first__answer", "two underscores in a row"),
    ],
)
def test_names_that_salesforce_would_not_take(wish, id_, words):
    """The reading of the rules refuses them too; a dictionary that grows is caught here."""
    lifecycle = wish.agreement.lifecycle
    clocks = (replace(lifecycle.sla[0], id=id_), *lifecycle.sla[1:])
    agreement = replace(wish.agreement, lifecycle=replace(lifecycle, sla=clocks))
    with pytest.raises(SettingsError, match=r"own_fields\.salesforce") as refused:
        whole.wanted(agreement, DEFAULT)
    assert any(words in each for each in refused.value.problems)


def test_parts_that_are_off_need_nothing(tmp_path):
    wish = rules(tmp_path, without=("scoring", "attribution"))
    assert not [each for each in wish.hubspot.fields if "score" in each.name]
    assert (wish.hubspot.objects, wish.salesforce.objects) == ((), ())
    assert "Campaign" not in {each.object for each in wish.salesforce.integration.objects}


def test_the_permission_sets_show_what_each_may_do(wish):
    integration = {each.field: each.edit for each in wish.salesforce.integration.fields}
    people = {each.field: each.edit for each in wish.salesforce.people.fields}
    assert set(integration) == {each.place for each in wish.salesforce.all_fields}
    assert all(integration.values())
    assert f"Lead.{STAMPS['salesforce']}" not in people
    assert {name for name, edit in people.items() if edit} == {
        f"{sobject}.RevOps_{name}__c"
        for sobject in ("Lead", "Contact")
        for name in (
            "Bant_Budget", "Bant_Authority", "Bant_Need", "Bant_Timeline",
            "Rejection_Reason", "Rejection_Reason_2", "Rejection_Comment", "Objection",
        )
    }  # fmt: skip
    assert not [each for each in wish.salesforce.integration.objects if each.delete and not each.object.endswith("__c")]


# --- the validation rules (domain §3.2) --------------------------------------------------------------------------


def formulas(wish):
    return [" ".join(each.formula.split()) for each in wish.salesforce.rules]


def test_the_rules_are_those_of_the_agreement(wish):
    assert formulas(wish) == [
        (
            'AND( ISPICKVAL(Status, "Closed - Not Converted"), ISBLANK(TEXT(RevOps_Rejection_Reason__c)), '
            "OR(ISNEW(), ISCHANGED(Status), ISCHANGED(RevOps_Rejection_Reason__c)) )"
        ),
        (
            'AND( ISPICKVAL(Status, "Closed - Not Converted"), AND(ISPICKVAL(RevOps_Rejection_Reason__c, "other"), '
            "LEN(RevOps_Rejection_Comment__c) < 15), OR(ISNEW(), ISCHANGED(Status), "
            "ISCHANGED(RevOps_Rejection_Reason__c), ISCHANGED(RevOps_Rejection_Comment__c)) )"
        ),
    ]
    assert [each.place for each in wish.salesforce.rules] == [
        "Lead.RevOps_Rejection_Reason_Required",
        "Lead.RevOps_Rejection_Comment_Required",
    ]
    reason, comment = (each.message for each in wish.salesforce.rules)
    assert (TOKEN_REASON in reason, TOKEN_COMMENT in comment) == (True, True)
    assert max(len(reason), len(comment)) <= 255


def test_the_rules_name_every_status_and_every_length(tmp_path):
    first = "{code: budget_none, label: {en: No budget, de: Kein Budget}, category: budget"
    wish = rules(
        tmp_path,
        edits=[
            (REJECTION, 'salesforce: ["Closed - Not Converted"]', 'salesforce: ["Closed - Not Converted", \'Un"fit\']'),
            (REJECTION, "# enforce_from: 2026-12-01", "enforce_from: 2026-12-01"),
            (REASONS, first, f"{first}, comment: 5"),
        ],
    )
    reason, comment = formulas(wish)
    statuses = 'OR(ISPICKVAL(Status, "Closed - Not Converted"), ISPICKVAL(Status, "Un\\"fit"))'
    assert reason.startswith(f"AND( TODAY() >= DATE(2026, 12, 1), {statuses}, ISBLANK(")
    short = (
        'OR(AND(ISPICKVAL(RevOps_Rejection_Reason__c, "budget_none"), LEN(RevOps_Rejection_Comment__c) < 5), '
        'AND(ISPICKVAL(RevOps_Rejection_Reason__c, "other"), LEN(RevOps_Rejection_Comment__c) < 15))'
    )
    assert short in comment
    assert "(5 Zeichen oder mehr)" in wish.salesforce.rules[1].message


def test_no_rule_where_nobody_asks(tmp_path):
    wish = rules(tmp_path, edits=[(REJECTION, "salesforce: validation_rule", "salesforce: off")])
    assert wish.salesforce.rules == ()


def test_no_rule_for_comments_where_no_reason_asks_for_one(tmp_path):
    wish = rules(tmp_path, edits=[(REASONS, ", comment: 15", "")])
    assert [each.name for each in wish.salesforce.rules] == ["RevOps_Rejection_Reason_Required"]


def test_the_default_prefixes_are_those_of_the_settings(wish):
    assert wish.wishes == Wishes(STAMPS, PREFIXES, "de")
