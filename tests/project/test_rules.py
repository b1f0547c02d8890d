"""The rule files as a part of the project: what is in force, what it adds to the mappings, what its hash says."""

import shutil
from datetime import timedelta

import pytest

from connector.project.meaning import hash_of
from connector.revops.fields import ANSWERS, dictionary
from connector.revops.signals import Signals

PARTS = ("scoring", "lifecycle", "rejection", "attribution")


def fields_of(project, object_):
    return {field.name: field for field in project.mapping(object_).fields}


def test_the_default_rules_are_in_force(made):
    project = made.load()
    agreement = project.agreement
    assert not agreement.empty
    assert all(getattr(agreement, part) is not None for part in PARTS)
    assert [rule.id for rule in agreement.scoring.fit][:2] == ["size", "industry"]
    assert agreement.lifecycle.hubspot_rejected == {"UNQUALIFIED", "BAD_TIMING"}
    assert len(agreement.rejection.reasons.by_code) == 18
    assert agreement.calendars.default.country == "DE"
    assert {signal.means for signal in agreement.signals.signals} >= {"demo_request", "webinar_attended"}
    assert (agreement.locale, agreement.rejection.locale) == ("de", "de")
    assert project.where["scoring"] == made.line("rules/scoring.yaml", "scoring:")
    assert project.where["rejection.statuses.hubspot"] == made.line("rules/rejection.yaml", "hubspot: [UNQ")
    assert project.where["scoring.fit.industry"] == made.line("rules/scoring.yaml", "- id: industry")


def test_the_project_gives_language_and_time_zone(made):
    made.change("connector.yaml", "locale: de", "locale: en")
    made.change("connector.yaml", "time_zone: Europe/Berlin", "time_zone: Europe/Vienna")
    agreement = made.load().agreement
    assert (agreement.locale, agreement.rejection.locale) == ("en", "en")
    assert agreement.scoring.timezone == agreement.lifecycle.zone == agreement.attribution.time_zone == "Europe/Vienna"
    assert agreement.calendars.default.zone == "Europe/Vienna"
    made.change("rules/scoring.yaml", "  # timezone: Europe/Berlin ", "  timezone: Europe/Zurich ")
    assert made.load().agreement.scoring.timezone == "Europe/Zurich"


# --- what is on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_file_is_a_part_that_is_off(made, part):
    made.remove(f"rules/{part}.yaml")
    project = made.load()
    assert getattr(project.agreement, part) is None
    assert part not in project.where
    assert part not in {own.part for own in dictionary(project.agreement)}


@pytest.mark.parametrize("part", PARTS)
def test_a_switch_turns_a_part_off_and_its_file_is_not_read(made, part):
    made.setting(f"rules: {{{part}: off}}")
    assert getattr(made.load().agreement, part) is None
    made.write(f"rules/{part}.yaml", f"{part}: {{nonsense: 1}}\n")
    assert getattr(made.load().agreement, part) is None


def test_a_part_that_is_off_is_yaml_without_secrets_all_the_same(made):
    made.setting("rules: {scoring: off}")
    made.write("rules/scoring.yaml", "scoring: {key: pat-eu1-11111111-2222-3333-4444-555555555555}\n")
    (problem,) = made.problems()
    assert problem.startswith("rules/scoring.yaml:1: this looks like a token")


def test_a_project_without_rules_keeps_two_crms_in_step_and_nothing_else(made):
    shutil.rmtree(made.path / "rules")
    project = made.load()
    assert project.agreement.empty
    assert project.agreement.signals == Signals()
    assert not [field for mapping in project.mappings for field in mapping.fields if field.own]
    assert not any(mapping.inputs for mapping in project.mappings)


def test_a_switch_without_its_file(made):
    made.remove("rules/attribution.yaml")
    made.setting("rules: {attribution: on}")
    assert made.problems() == [
        (
            f"{made.line('connector.yaml', 'rules: {attr')}: attribution is on, but rules/attribution.yaml is missing: "
            "`revloop init` writes one; or write off"
        )
    ]


def test_a_file_that_no_rule_reads(made):
    made.write("rules/scorring.yaml", "scoring: {}\n")
    made.write("rules/mine.yaml", "a: 1\n")
    made.write("rules/scoring.yml", "scoring: {}\n")
    made.write("rules/README.md", "ours\n")
    assert made.problems() == [
        (
            "rules/mine.yaml:1: no rules are called 'mine'; the files of rules/ are attribution, calendars, lifecycle, "
            "rejection, rejection_reasons, scoring, signals"
        ),
        "rules/scoring.yml:1: there are two files called 'scoring' in rules/: keep one",
        "rules/scorring.yaml:1: no rules are called 'scorring'; did you mean 'scoring'?",
    ]


def test_the_reasons_may_stand_in_another_file(made):
    made.write("rules/our_reasons.yaml", made.text("rules/rejection_reasons.yaml"))
    made.change("rules/rejection.yaml", "rules/rejection_reasons.yaml", "rules/our_reasons.yaml")
    assert made.problems() == [
        (
            f"{made.line('rules/rejection_reasons.yaml', 'reasons:')}: rules/rejection.yaml names "
            "rules/our_reasons.yaml as its reasons: delete this file, or name it there"
        )
    ]
    made.remove("rules/rejection_reasons.yaml")
    assert len(made.load().agreement.rejection.reasons.by_code) == 18
    made.remove("rules/our_reasons.yaml")
    assert made.problems() == [
        (
            f"{made.line('rules/rejection.yaml', 'reasons_file')}: rules/our_reasons.yaml is missing: `revloop init` "
            "writes rules/rejection_reasons.yaml"
        )
    ]


def test_mistakes_of_all_files_come_at_once(made):
    for name in ("scoring", "lifecycle", "rejection", "attribution", "calendars", "signals"):
        made.write(f"rules/{name}.yaml", f"{made.text(f'rules/{name}.yaml')}\nstranger: 1\n")
    made.write("rules/rejection_reasons.yaml", "reasons: []\n")
    made.change("mappings/deal.yaml", "keys: [name]", "keys: [nam]")
    made.setting("colour: red")
    assert sorted({problem.split(":")[0] for problem in made.problems()}) == [
        "connector.yaml",
        "mappings/deal.yaml",
        "rules/attribution.yaml",
        "rules/calendars.yaml",
        "rules/lifecycle.yaml",
        "rules/rejection.yaml",
        "rules/rejection_reasons.yaml",
        "rules/scoring.yaml",
        "rules/signals.yaml",
    ]


# --- own fields in the mappings -------------------------------------------------------------------------


def test_own_fields_are_lines_of_the_mappings(made):
    project = made.load()
    person = fields_of(project, "person")
    score, answer = person["revops_fit_score"], person["revops_bant_budget"]
    assert (score.type, score.decimals, score.own, score.derived) == ("number", 0, True, True)
    assert score.hubspot == "revops_fit_score"
    assert dict(score.salesforce) == {"Lead": "RevOps_Fit_Score__c", "Contact": "RevOps_Fit_Score__c"}
    assert (answer.type, answer.own, answer.derived) == ("enum", True, False)
    assert (answer.to, answer.winner, answer.blank, dict(answer.values)) == ("both", "newest", "clear", {})
    assert answer.where == project.where["scoring"]
    kinds = {own.name: own.kind for own in dictionary(project.agreement)}
    for field in person.values():
        if field.own:
            assert field.type == {
                "integer": "number", "long_text": "text", "picklist": "enum",
            }.get(kinds[field.name], kinds[field.name])  # fmt: skip
    assert [name for name, field in fields_of(project, "company").items() if field.own] == ["revops_stage"]
    assert "revops_sourced" in fields_of(project, "deal")
    assert fields_of(project, "deal")["revops_sourced"].salesforce == {"Opportunity": "RevOps_Sourced__c"}


def test_every_own_field_is_in_a_mapping_and_none_twice(made):
    project = made.load()
    wanted = {(object_, own.name) for own in dictionary(project.agreement) for object_ in own.objects}
    fields = [(mapping.object, field) for mapping in project.mappings for field in mapping.fields if field.own]
    assert sorted((object_, field.name) for object_, field in fields if not field.optional) == sorted(wanted)
    (stand_in,) = [(object_, field) for object_, field in fields if field.optional]
    assert (stand_in[0], stand_in[1].hubspot, dict(stand_in[1].salesforce)) == ("deal", "revops_attr_summary", {})


def test_the_names_begin_as_the_settings_say(made):
    made.change("connector.yaml", "{hubspot: revops_, salesforce: RevOps_}", "{hubspot: acme_, salesforce: Acme_}")
    field = fields_of(made.load(), "person")["revops_fit_score"]
    assert (field.hubspot, field.salesforce["Lead"]) == ("acme_fit_score", "Acme_Fit_Score__c")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("hubspot: RevOps_", "'hubspot': write the beginning of property names in lower case, such as revops_"),
        ("hubspot: hs_", "hs_ is HubSpot's own"),
        ("salesforce: Rev__Ops", "'salesforce': write the beginning of field names, such as RevOps_"),
        ("salesforce: OurRevenueTeam_", "at most 14 characters"),
    ],
)
def test_a_beginning_that_no_crm_takes(made, setting, words):
    made.change("connector.yaml", "own_fields: {hubspot: revops_, salesforce: RevOps_}", f"own_fields: {{{setting}}}")
    (problem,) = made.problems()
    assert words in problem


def test_a_mapping_that_lacks_an_object_has_no_fields_of_it(made):
    made.remove("mappings/company.yaml", "mappings/deal.yaml")
    made.change("mappings/person.yaml", "    - {as: contact, when: {company: linked}}  # somebody of a company that "
                "sales already has as an account\n", "")  # fmt: skip
    text = made.text("mappings/person.yaml")
    made.write("mappings/person.yaml", text[: text.index("  # The primary company of the HubSpot contact")])
    assert [mapping.object for mapping in made.load().mappings] == ["person"]


def test_one_side_is_enough_for_what_only_the_rules_read(made):
    made.change("mappings/person.yaml", "  # - {name: tracking_consent, hub", "  - {name: tracking_consent, hub")
    project = made.load()
    field = fields_of(project, "person")["tracking_consent"]
    assert (field.hubspot, dict(field.salesforce)) == ("my_tracking_consent", {})
    assert not field.flows_to("hubspot")
    assert not [doubt for doubt in project.doubts if "agreed to tracking" in doubt.what]


def test_conditions_know_own_fields_by_their_words(made):
    made.change("mappings/person.yaml", "when: {lifecyclestage: [marketingqualifiedlead, salesqualifiedlead]}",
                "when: {revops_stage: [MQL, SQL]}")  # fmt: skip
    assert made.load().mapping("person").create["salesforce"][1].when == {"revops_stage": ("MQL", "SQL")}
    made.change("mappings/person.yaml", "{email: present}", "{revops_stage: [mql]}")
    (problem,) = made.problems()
    assert problem.endswith("'mql' is no option of 'revops_stage'; did you mean 'MQL'?")


# --- what the rules read --------------------------------------------------------------------------------


def test_the_rules_inputs_are_part_of_the_mappings(made):
    project = made.load()
    contacts = project.mapping("person").inputs["contacts"]
    assert {"hs_email_optout", "lifecyclestage", "hs_lead_status", "hs_latest_source"} <= set(contacts)
    assert "hs_analytics_last_url" not in contacts
    assert len(set(contacts)) == len(contacts)
    assert set(project.mapping("person").inputs) == {"contacts", "Lead", "Contact"}
    assert set(project.mapping("deal").inputs) == {"deals", "Opportunity"}
    made.change("rules/signals.yaml", "pages: events", "pages: last_url")
    assert "hs_analytics_last_url" in made.load().mapping("person").inputs["contacts"]


# --- the hash -------------------------------------------------------------------------------------------

MEANINGS = [
    ("rules/scoring.yaml", "downgrade_margin: 5", "downgrade_margin: 6"),
    ("rules/lifecycle.yaml", "recycle_days: 180", "recycle_days: 90"),
    ("rules/rejection.yaml", "grace: 4h", "grace: 5h"),
    ("rules/rejection_reasons.yaml", "en: No budget", "en: Without budget"),
    ("rules/attribution.yaml", "half_life_days: 7 ", "half_life_days: 8 "),
    ("rules/calendars.yaml", "hours: 09:00-17:00 ", "hours: 08:00-17:00 "),
    ("rules/calendars.yaml", "half_days: {} ", "half_days: {12-24: closed} "),
    ("rules/signals.yaml", "status: COMPLETED", "status: [COMPLETED, SCHEDULED]"),
    ("connector.yaml", "locale: de", "locale: en"),
]


@pytest.mark.parametrize(("name", "before", "after"), MEANINGS)
def test_the_hash_moves_with_the_meaning_of_a_rule(made, name, before, after):
    known = made.load()
    made.change(name, before, after)
    changed = made.load()
    assert changed.hash != known.hash
    assert changed.rules_hash != known.rules_hash


LOOKS = [
    ("rules/scoring.yaml", "downgrade_margin: 5", "downgrade_margin: 5 # still"),
    ("rules/scoring.yaml", "points: 3, cap: 15,", "points: 3.0, cap: 15.00,"),
    ("rules/lifecycle.yaml", "target: 24h, clock: working_days", "clock: working_days, target: 1d"),
    ("rules/rejection.yaml", "hubspot: [UNQUALIFIED, BAD_TIMING]", "hubspot: [BAD_TIMING, UNQUALIFIED]"),
    ("rules/attribution.yaml", "half_life_days: 7 ", "half_life_days: 7.0 "),
    ("rules/calendars.yaml", "hours: 09:00-17:00 ", "hours: {mon-fri: 9:00-17:00} "),
    ("rules/signals.yaml", 'name: "*webinar*"', 'name: ["*webinar*"]'),
]


@pytest.mark.parametrize(("name", "before", "after"), LOOKS)
def test_the_hash_does_not_move_with_the_looks_of_a_rule(made, name, before, after):
    known = made.load()
    made.change(name, before, after)
    changed = made.load()
    assert (changed.hash, changed.rules_hash) == (known.hash, known.rules_hash)


def test_the_rules_hash_does_not_move_with_a_mapping(made):
    known = made.load()
    made.change("mappings/person.yaml", "delete: ignore", "delete: archive")
    changed = made.load()
    assert changed.hash != known.hash
    assert changed.rules_hash == known.rules_hash


def test_a_rule_that_is_off_has_no_say_in_the_hash(made):
    made.setting("rules: {scoring: off}")
    known = made.load()
    made.change("rules/scoring.yaml", "downgrade_margin: 5", "downgrade_margin: 6")
    assert made.load().hash == known.hash


def test_a_hash_is_of_the_meaning():
    assert hash_of({"a": (1, 2), "b": frozenset("xy")}) == hash_of({"b": frozenset("yx"), "a": [1, 2]})
    assert hash_of(timedelta(hours=48)) == hash_of(timedelta(days=2)) != hash_of(timedelta(days=1))


def test_the_answers_of_sales_are_own_fields(made):
    fields = fields_of(made.load(), "person")
    assert {f"revops_{name}" for name in ANSWERS} <= set(fields)
