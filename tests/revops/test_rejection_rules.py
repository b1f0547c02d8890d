"""The rule files of the rejection loop: what the shipped ones say, and the sentence for every mistake."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from rejection_desk import ROOT, RULES

from connector.project.mistakes import Mistakes
from connector.project.rules.rejection import (
    compile_reasons,
    compile_rejection,
    read_reasons,
    read_rejection,
    reasons_file,
)
from connector.project.yaml_lines import read_yaml
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_reasons import BANT

REASONS = (ROOT / "rules/rejection_reasons.yaml").read_text(encoding="utf-8")
REJECTION = (ROOT / "rules/rejection.yaml").read_text(encoding="utf-8")


def read(tmp_path, rejection=REJECTION, reasons=REASONS):
    """The rules and every mistake of two files."""
    mistakes, documents = Mistakes(), []
    for name, content in (("rejection_reasons", reasons), ("rejection", rejection)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(content, encoding="utf-8")
        document, problems = read_yaml(path, f"rules/{name}.yaml")
        mistakes.take(problems)
        documents.append(document)
    reasons = read_reasons(documents[0], mistakes)
    section = read_rejection(documents[1], reasons, mistakes)
    right = reasons and section and reasons.right and section.right
    rules = compile_rejection(section, compile_reasons(reasons), "de") if right else None
    return rules, mistakes.sorted(), documents[1]


def line_of(content, part):
    return content[: content.index(part)].count("\n") + 1


def test_the_shipped_rules_are_the_defaults_of_the_code():
    assert RejectionConfig(RULES.reasons) == RULES


def test_the_shipped_reasons_are_those_of_the_specification():
    found = [(each.code, each.category, each.recycle_days) for each in RULES.reasons]
    assert len(found) == 18
    assert ("budget_none", "budget", 180) in found
    assert ("data_incomplete", "data_quality", 30) in found
    assert ("no_response", "engagement", 60) in found
    assert {each.category for each in RULES.reasons} >= {*BANT, "data_quality"}
    assert RULES.reasons.get("timeline_too_far").label("de") == "Kein Projekt in den nächsten 12 Monaten"
    assert [each.code for each in RULES.reasons if each.suppress] == ["no_consent"]
    assert [each.code for each in RULES.reasons if each.task] == ["data_duplicate"]
    assert (RULES.reasons.get("other").comment, RULES.reasons.get("need_none").recycle_days) == (15, None)


def test_a_retired_reason_stays_readable(tmp_path):
    added = REASONS + "  - {code: budget_old, label: {en: Old, de: Alt}, category: budget, retired: true}\n"
    rules, mistakes, _ = read(tmp_path, reasons=added)
    assert mistakes == []
    assert "budget_old" not in [each.code for each in rules.reasons.choosable()]
    assert rules.reasons.explains("budget_old", None)


def test_the_hash_is_that_of_the_meaning(tmp_path):
    same, _, _ = read(tmp_path, rejection="# a comment\n" + REJECTION.replace("48h", "2d"))
    other, _, _ = read(tmp_path, rejection=REJECTION.replace("48h", "47h"))
    assert same.hash == RULES.hash != other.hash


def test_everything_that_may_be_said(tmp_path):
    full = """
rejection:
  statuses: {hubspot: UNQUALIFIED, salesforce: [Unqualified]}
  enforcement: {hubspot: flag, grace: 30m, clock: elapsed, max_reverts_30d: 1, enforce_from: 2026-12-01}
  escalation:
    after: 16h
    clock: business_hours
    levels: [manager, head_of_sales, reassign]
    head_of_sales: Leitung@Example.com
    reassign_to: desk@example.com
    teams: {team-sued: leiter.sued@example.com}
    absences: [{who: anna@example.com, from: 2026-12-01, until: 2026-12-12, deputy: ben@example.com}]
  reports: {min_cell: 3, other_warning: 12.5, cost: {hourly_cost: 60, hours: [1.5, 2]}, suppress: {fit_region: country}}
"""
    rules, mistakes, _ = read(tmp_path, rejection=full)
    assert mistakes == []
    assert (rules.enforcement.grace, rules.enforcement.enforce_from) == (timedelta(minutes=30), date(2026, 12, 1))
    assert rules.escalation.head_of_sales == "leitung@example.com"
    assert rules.escalation.absences[0].deputy == "ben@example.com"
    assert (rules.reports.other_warning, rules.reports.cost.hours) == (Decimal("0.125"), (Decimal("1.5"), Decimal(2)))
    assert dict(rules.reports.suppress) == {"fit_region": "country"}


BAD_RULES = [
    ("  enforcement:", "  enforcment:", "unknown key 'enforcment'; did you mean 'enforcement'?"),
    ("    grace: 4h", "    grace: 4 hours", "'grace': write a time above 0 such as 30m, 4h, 48h or 2d"),
    ("    after: 48h", "    after: 0h", "'after': write a time above 0 such as 30m, 4h, 48h or 2d"),
    (
        "    clock: working_days",
        "    clock: workdays",
        "'clock' must be 'elapsed', 'working_days' or 'business_hours'; did you mean 'working_days'?",
    ),
    ("    min_cell: 5", "    min_cell: 2", "'min_cell' must be at least 3"),
    (
        "    levels: [manager, head_of_sales]",
        "    levels: [manager, chef]",
        "this entry must be 'manager', 'head_of_sales' or 'reassign'",
    ),
    (
        "    levels: [manager, head_of_sales]",
        "    levels: [manager, manager]",
        "'levels': 'manager' stands twice: keep one",
    ),
    (
        "    levels: [manager, head_of_sales]",
        "    levels: [reassign]",
        "the level `reassign` needs `reassign_to`: the address of who gets the lead",
    ),
    ("    teams: {}", "    teams: {sued: Leiter Süd}", "'sued': write one e-mail address such as leitung@example.com"),
    (
        "    absences: []",
        "    absences: [{who: a@example.com, from: 2026-12-12, until: 2026-12-01}]",
        "this entry: `until` lies before `from`: exchange the days",
    ),
    (
        "    # enforce_from: 2026-12-01",
        "    enforce_from: 1.12.2026",
        "'enforce_from': write a day such as 2026-12-24",
    ),
    (
        "    suppress: {fit_industry: industry,",
        "    suppress: {fit_industrie: industry,",
        "there is no reason 'fit_industrie'; did you mean 'fit_industry'?",
    ),
    (
        "hourly_cost: 50.00",
        "hourly_cost: 50 EUR",
        "'hourly_cost': write a number such as 15, -10 or 2.5, with a decimal point and without a unit",
    ),
    (
        "  reasons_file: rules/rejection_reasons.yaml",
        "  reasons_file: ../other.yaml",
        "'reasons_file': name a file of this project's rules folder, such as rules/rejection_reasons.yaml",
    ),
    (
        "    hubspot: [UNQUALIFIED, BAD_TIMING]",
        "    hubspot: [UNQUALIFIED, UNQUALIFIED]",
        "'hubspot': 'UNQUALIFIED' stands twice: keep one",
    ),
]


@pytest.mark.parametrize(("before", "after", "sentence"), BAD_RULES)
def test_a_mistake_in_the_rules_names_its_line(tmp_path, before, after, sentence):
    assert before in REJECTION
    content = REJECTION.replace(before, after)
    _, mistakes, _ = read(tmp_path, rejection=content)
    assert mistakes == [f"rules/rejection.yaml:{line_of(content, after)}: {sentence}"]


BAD_REASONS = [
    (
        "code: need_none,",
        "code: Need-None,",
        "'code': write 2 to 40 lower case letters, digits or _",
    ),
    (
        "code: data_spam,",
        "code: other,",
        None,
    ),
    ("{en: No need, de: Kein Bedarf}", "{en: No need}", "the key 'de' is missing in 'label'"),
    ("{en: Outside sales territory,", "{en: '',", "'en' must not be empty"),
    ("category: timeline", "category: timelime", "did you mean 'timeline'?"),
    ("recycle_days: 60", "recycle_days: never", "'recycle_days' must be a whole number"),
]


@pytest.mark.parametrize(("before", "after", "sentence"), BAD_REASONS)
def test_a_mistake_in_the_reasons_names_its_line(tmp_path, before, after, sentence):
    assert REASONS.count(before) == 1
    content = REASONS.replace(before, after)
    _, mistakes, _ = read(tmp_path, reasons=content)
    place = f"rules/rejection_reasons.yaml:{line_of(content, after)}: "
    if sentence is None:
        last = content[: content.rindex("code: other,")].count("\n") + 1
        sentence = "the code 'other' stands twice: records hold it, so keep one and rename the other"
        assert mistakes == [f"rules/rejection_reasons.yaml:{last}: {sentence}"]
    else:
        (found,) = mistakes
        assert found.startswith(place)
        assert found.endswith(sentence)


@pytest.mark.parametrize("category", [*BANT, "data_quality"])
def test_each_bant_letter_and_data_quality_need_a_reason(tmp_path, category):
    kept = [line for line in REASONS.splitlines() if f"category: {category}" not in line]
    _, mistakes, _ = read(tmp_path, reasons="\n".join(kept))
    line = kept.index("reasons:") + 1
    sentence = f"no reason has the category '{category}': the reports need one; add it, or take back `retired`"
    assert mistakes == [f"rules/rejection_reasons.yaml:{line}: {sentence}"]


def test_all_mistakes_come_at_once(tmp_path):
    content = (
        REJECTION.replace("grace: 4h", "grace: soon")
        .replace("min_cell: 5", "min_cell: 1")
        .replace("[UNQUALIFIED, BAD_TIMING]", "[BAD_TIMING, BAD_TIMING]")
        .replace("queue: pause", "queue: wait")
    )
    _, mistakes, _ = read(tmp_path, rejection=content)
    assert len(mistakes) == 4


def test_the_reasons_file_is_known_before_the_rules_are_read(tmp_path):
    _, _, document = read(tmp_path, rejection=REJECTION.replace("rejection_reasons.yaml", "our_reasons.yaml"))
    assert reasons_file(document) == "rules/our_reasons.yaml"
    _, _, document = read(tmp_path, rejection="rejection: {}\n")
    assert reasons_file(document) == "rules/rejection_reasons.yaml"
