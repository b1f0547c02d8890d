"""The validation rules of domain §15: each is told with file, line, reason and remedy, and nothing runs.

Rules 9 to 11 are about commission and reports on single persons, which are no part of a project yet. Rule 4 needs the
CRMs: `tests/install/test_check_agreement.py`.
"""

import pytest

from connector.errors import SettingsError
from connector.project import load

SCORING, LIFECYCLE, REJECTION = "rules/scoring.yaml", "rules/lifecycle.yaml", "rules/rejection.yaml"
ATTRIBUTION, CALENDARS, REASONS = "rules/attribution.yaml", "rules/calendars.yaml", "rules/rejection_reasons.yaml"
PERSON = "mappings/person.yaml"

MODELS = "'first', 'last', 'linear', 'u_shape', 'w_shape', 'full_path', 'time_decay', 'markov' or 'shapley'"

CASES = [
    # 1: unknown keys
    (SCORING, "combine: any", "combin: any", "unknown key 'combin'; did you mean 'combine'?"),
    (LIFECYCLE, "  backfill: false", "  backfil: false", "unknown key 'backfil'; did you mean 'backfill'?"),
    (REJECTION, "    grace: 4h", "    gracee: 4h", "unknown key 'gracee'; did you mean 'grace'?"),
    (ATTRIBUTION, "  models: [", "  model: [", "unknown key 'model'; did you mean 'models'?"),
    (CALENDARS, "      hours: 09:00-17:00 ", "      hour: 09:00-17:00 ", "unknown key 'hour'; did you mean 'hours'?"),
    # 2: the matrix is complete and monotone
    (SCORING, "    D: [cold, cold, cold]\n", "", ("matrix:", "the key 'D' is missing in 'matrix'")),
    (
        SCORING,
        "    B: [hot, warm, cold]",
        "    B: [warm, hot, cold]",
        "row B gets warmer with less engagement: temperatures must fall from E1 to E3",
    ),
    (
        SCORING,
        "    D: [cold, cold, cold]",
        "    D: [hot, cold, cold]",
        "D is warmer than C at E1: more fit may never be colder",
    ),
    # 3: thresholds fall
    (
        SCORING,
        "{A: 75, B: 50, C: 25}",
        "{A: 75, B: 75, C: 25}",
        "'B' must be lower than 'A' (75): thresholds must fall",
    ),
    (SCORING, "{E1: 60, E2: 30}", "{E1: 30, E2: 60}", "'E2' must be lower than 'E1' (30): thresholds must fall"),
    # 5: weights sum to 100
    (
        ATTRIBUTION,
        "w_shape: [30, 30, 30, 10]",
        "w_shape: [30, 30, 30, 9.9]",
        "'w_shape': the weights sum to 99.9, not 100: correct one of FT, LC, OC, others",
    ),
    # 6: models are known, half lives above 0
    (
        ATTRIBUTION,
        "models: [first, last,",
        "models: [first, lastt,",
        f"this entry must be {MODELS}; did you mean 'last'?",
    ),
    (
        ATTRIBUTION,
        "half_life_days: 7 ",
        "half_life_days: 0 ",
        "'half_life_days': must be above 0: from 0.01 to 3650 days, usually 7",
    ),
    (
        SCORING,
        "points: 10, cap: 20, half_life_days: 30",
        "points: 10, cap: 20, half_life_days: 0",
        "'half_life_days' must be more than 0: delete it for points that do not decay",
    ),
    # 7: durations and clocks
    (REJECTION, "after: 48h", "after: 48 hours", "'after': write a time above 0 such as 30m, 4h, 48h or 2d"),
    (
        LIFECYCLE,
        "target: 24h, clock: working_days",
        "target: 24h, clock: workdays",
        "'clock' must be 'elapsed', 'working_days' or 'business_hours'; did you mean 'working_days'?",
    ),
    # 8: reason codes
    (
        REASONS,
        "code: budget_none,",
        "code: other,",
        (
            "code: other, label: {en: Other",
            "the code 'other' stands twice: records hold it, so keep one and rename the other",
        ),
    ),
    (REASONS, "code: need_none,", "code: Kein-Bedarf,", "'code': write 2 to 40 lower case letters, digits or _"),
    (REASONS, "{en: No need, de: Kein Bedarf}", "{de: Kein Bedarf}", "the key 'en' is missing in 'label'"),
    (
        REASONS,
        "category: authority, recycle_days: 90",
        "category: need, recycle_days: 90",
        ("reasons:", "no reason has the category 'authority': the reports need one; add it, or take back `retired`"),
    ),
    # 12: small cells
    (REJECTION, "    min_cell: 5", "    min_cell: 2", "'min_cell' must be at least 3"),
    # 13: one master per field
    (
        PERSON,
        "  - {name: job_title, hubspot: jobtitle,",
        "  - {name: job_title, hubspot: revops_stage,",
        (
            "contacts.revops_stage is the field revops_stage of revloop's own, which the rules write "
            "(rules/lifecycle.yaml:5): delete this line"
        ),
    ),
    # 14: no values in a circle
    (
        PERSON,
        "  - {name: job_title, hubspot: jobtitle, salesforce: Title, winner: newest}",
        (
            "  - {name: title_down, hubspot: jobtitle, salesforce: Title, to: salesforce}\n"
            "  - {name: title_up, hubspot: jobtitle, salesforce: Title, to: hubspot}"
        ),
        (
            "  - {name: title_up",
            "values would run in a circle through title_down, title_up: map the pair in one line with `to: both`",
        ),
    ),
]  # fmt: skip


def problems(folder):
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("name", "before", "after", "told"), CASES, ids=[f"{case[0]} {case[2]}"[:60] for case in CASES]
)
def test_a_rule_of_validation(project, name, before, after, told):
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    changed = text.replace(before, after)
    path.write_text(changed, encoding="utf-8")
    part, sentence = (after, told) if isinstance(told, str) or len(told) > 2 else told
    line = changed[: changed.rindex(part)].count("\n") + 1
    assert problems(project) == [f"{name}:{line}: {sentence}"]


def test_working_days_need_a_calendar(project):
    """Rule 7, between files."""
    (project / CALENDARS).unlink()
    found = problems(project)
    assert len(found) == 5
    assert all("needs a calendar: add rules/calendars.yaml (`revloop init` writes one)" in each for each in found)


def test_business_hours_of_a_day_and_more_are_doubted(project):
    """Rule 7: 48h of business hours are six working days, which is probably not meant."""
    path = project / REJECTION
    path.write_text(path.read_text().replace("clock: working_days ", "clock: business_hours "), encoding="utf-8")
    doubts = load(project).doubts
    assert [(each.what, each.do) for each in doubts if "working days" in each.what] == [
        ("48h of business_hours are 6 working days of 8 hours", "write 16h for two working days")
    ]
    assert doubts[0].where.startswith("rules/rejection.yaml:")


@pytest.mark.parametrize("name", [SCORING, LIFECYCLE, REJECTION, REASONS, ATTRIBUTION, CALENDARS, "rules/signals.yaml"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "1: the file"),
        (b"- a\n- b\n", "1: the file must begin with"),
        (b"scoring: [1\n", "a bracket or brace opened in this entry is not closed"),
        (b"a: \xff\n", "1: a character is not UTF-8: save the file as UTF-8 in your editor"),
        (b"a: &a [*a]\n", "1: an alias contains itself"),
        (b"a: !!python/object:os.system x\n", "1: a YAML tag (!"),
        (b"#" * 1_000_001, "1: the file is larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_rule_file(project, name, content, words):
    (project / name).write_bytes(content)
    found = [each for each in problems(project) if each.startswith(f"{name}:")]
    assert len(found) == 1
    assert words in found[0]


def test_a_secret_in_a_rule_file_is_refused_and_not_repeated(project):
    path = project / REJECTION
    secret = "pat-eu1-11111111-2222-3333-4444-555555555555"
    path.write_text(path.read_text().replace("queues: {}", f"queues: {{Inbound: {secret}}}"), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(project)
    assert "looks like a token, key or password" in str(caught.value)
    assert secret not in str(caught.value)
