"""`revloop test`: a name in a case's records that nothing reads is a mistake; the shipped cases are right."""

import pytest

from connector.engine.cases.known import known_fields
from connector.engine.cases.run import run_case
from connector.errors import SettingsError
from connector.project.case_file import read_cases

MINE = "rules/cases/mine.yaml"
CASE = """\
cases:
  - name: mine
    as_of: 2026-11-23T18:00:00+01:00
    hubspot:
      contacts:
        - {id: 1, email: anna@metallbau.example, hs_merged_object_ids: "7"}
        - id: 2
          email: bert@metallbau.example
          jobtitle: Einkäufer
    salesforce:
      Lead:
        - {Id: 00Q000000000001AAA, Email: carl@metallbau.example, Company: Metallbau, Revloop_HubSpot_Id__c: "1"}
    history:
      hubspot 1:
        hs_lead_status: [[OPEN, "2026-11-20T09:00:00.000Z"]]
"""


def cases(made):
    return read_cases(made.path, known_fields(made.load()))


def problems(made):
    with pytest.raises(SettingsError) as told:
        cases(made)
    return list(told.value.problems)


def test_the_shipped_cases_are_right(made):
    project = made.load()
    found = cases(made)
    assert len(found) >= 12
    assert [failure for case in found for failure in run_case(project, case)] == []


def test_what_mappings_rules_and_engine_read_is_no_mistake(made):
    made.write(MINE, CASE)
    assert "mine" in [case.line.name for case in cases(made)]


NOTHING = "neither the mappings nor the rules read"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("jobtitle: E", "jobtitel: E", f"{NOTHING} 'jobtitel' of contacts; did you mean 'jobtitle'?"),
        ("Company: M", "Compny: M", f"{NOTHING} 'Compny' of Lead; did you mean 'Company'?"),
        ("id: 2", "Id: 2", f"{NOTHING} 'Id' of contacts; did you mean 'id'?"),
        ("hs_lead_status:", "hs_led_status:", f"{NOTHING} 'hs_led_status' of contacts; did you mean 'hs_lead_status'?"),
        ("contacts:", "contact:", "no mapping reads 'contact' of hubspot; did you mean 'contacts'?"),
    ],
)
def test_a_name_that_nothing_reads_is_told_with_its_line_and_the_nearest(made, before, after, text):
    made.write(MINE, CASE)
    made.change(MINE, before, after)
    assert problems(made) == [f"{made.line(MINE, after)}: {text}"]


def test_a_name_far_from_every_other_has_no_nearest(made):
    made.write(MINE, CASE.replace("jobtitle: E", "qqqqqqq: E"))
    (told,) = problems(made)
    assert told.endswith(f"{NOTHING} 'qqqqqqq' of contacts")


def test_every_mistake_is_told_at_once(made):
    made.write(MINE, CASE.replace("jobtitle", "jobtitel").replace("email: anna", "mail: anna"))
    assert [each.split(": ")[0] for each in problems(made)] == [f"{MINE}:6", f"{MINE}:9"]


def test_a_property_that_the_mapping_names_is_known(made):
    made.write(MINE, CASE.replace("jobtitle: E", "my_tracking_consent: E"))
    assert len(problems(made)) == 1
    made.change("mappings/person.yaml", "  # - {name: tracking_consent", "  - {name: tracking_consent")
    assert cases(made)


@pytest.mark.parametrize("off", ["scoring", "lifecycle", "rejection", "attribution"])
def test_what_a_part_would_read_that_is_off_is_no_mistake(made, off):
    made.setting(f"rules: {{{off}: off}}")
    assert cases(made)
