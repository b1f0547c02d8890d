"""What only several rule files together show: mistakes that stop, and doubts that `revloop check` tells."""

import pytest

SCORING, LIFECYCLE = "rules/scoring.yaml", "rules/lifecycle.yaml"
REJECTION, SIGNALS = "rules/rejection.yaml", "rules/signals.yaml"


# --- mistakes -------------------------------------------------------------------------------------------


def test_every_clock_of_working_time_needs_a_calendar(made):
    made.remove("rules/calendars.yaml")
    needs = "needs a calendar: add rules/calendars.yaml (`revloop init` writes one), or write `clock: elapsed`"
    assert made.problems() == [
        f"{made.line(LIFECYCLE, '- {id: acceptance')}: the clock working_days {needs}",
        f"{made.line(LIFECYCLE, 'target: {hot: 1h, warm: 8h}, clock')}: the clock business_hours {needs}",
        f"{made.line(LIFECYCLE, '- {id: feedback')}: the clock working_days {needs}",
        f"{made.line(REJECTION, 'clock: business_hours')}: the clock business_hours {needs}",
        f"{made.line(REJECTION, 'clock: working_days')}: the clock working_days {needs}",
    ]
    for name in (LIFECYCLE, REJECTION):
        text = made.text(name)
        made.write(name, text.replace("clock: working_days", "clock: elapsed").replace("clock: business_hours",
                                                                                       "clock: elapsed"))  # fmt: skip
    assert made.load().agreement.calendars.default.country is None


def test_an_event_that_nothing_means(made):
    made.change(SCORING, "event: whitepaper,", "event: whitepapers,")
    made.change(SCORING, "event: email_click,", "event: clicks,")
    made.change(SCORING, "event: webinar_attended,", "event: trade_fair,")
    assert made.problems() == [
        (
            f"{made.line(SCORING, 'event: trade_fair')}: no activity means 'trade_fair': add a line for it to "
            "rules/signals.yaml (`revloop init` writes one)"
        ),
        f"{made.line(SCORING, 'event: whitepapers')}: no activity means 'whitepapers'; did you mean 'whitepaper'?",
        (
            f"{made.line(SCORING, 'event: clicks')}: no activity means 'clicks': add a line for it to "
            "rules/signals.yaml (`revloop init` writes one)"
        ),
    ]


def test_a_clock_that_nothing_starts(made):
    made.change(SIGNALS, "means: contact_form,", "means: contact_us,")
    made.change(SCORING, "event: contact_form,", "event: contact_us,")
    (problem,) = made.problems()
    assert problem == (
        f"{made.line(LIFECYCLE, '- {id: first_response')}: no activity means 'contact_form'; did you mean 'contact_us'?"
    )


def test_without_signals_only_pages_and_emails_mean_something(made):
    made.remove(SIGNALS)
    problems = made.problems()
    assert len(problems) == 8  # six events of scoring, two starts of the lifecycle
    assert all("add rules/signals.yaml (`revloop init` writes one)" in each for each in problems)


def test_a_mistake_in_the_signals_is_told_once(made):
    """The events that the broken line means are not called unknown as well."""
    made.change(SIGNALS, "means: whitepaper, source: form", "means: whitepaper, source: from")
    (problem,) = made.problems()
    assert problem.endswith("did you mean 'form'?")
    made.write(SIGNALS, "signals: []\n")
    (problem,) = made.problems()
    assert problem.startswith("rules/signals.yaml:1: the file must begin with the key `signals:`")


def test_a_field_that_nobody_gives(made):
    made.change(SCORING, "field: employees,\n", "field: emploees,\n")
    made.change(SCORING, "field: bant_budget,", "field: bant_budge,")
    made.change(SCORING, "  email:\n    freemail", "  fields: {job_title: beruf}\n\n  email:\n    freemail")
    nobody = "no mapping line and no property of a person is called"
    assert made.problems() == [
        f"{made.line(SCORING, '- {id: size')}: {nobody} 'emploees'; did you mean 'employees'?",
        f"{made.line(SCORING, 'budget: {label')}: {nobody} 'bant_budge'; did you mean 'bant_budget'?",
        f"{made.line(SCORING, 'fields: {job_title')}: {nobody} 'beruf'",
    ]
    made.change(SCORING, "{job_title: beruf}", "{job_title: job_title}")
    made.change(SCORING, "field: emploees,", "field: revenue,")  # a line of company.yaml
    made.change(SCORING, "field: bant_budge,", "field: revops_bant_budget,")
    assert made.load().agreement.scoring.fit[0].field == "revenue"


def test_an_unreadable_line_still_gives_its_name(made):
    made.change("mappings/company.yaml", "{name: revenue, hubspot: annualrevenue", "{name: revenue, hubspot: Annual")
    made.change(SCORING, "field: employees,\n", "field: revenue,\n")
    (problem,) = made.problems()
    assert problem.startswith("mappings/company.yaml:")


def test_a_grade_by_an_answer_that_sales_cannot_give(made):
    made.change(SCORING, "A: [approved], B: [planned]", "A: [aproved], B: [planned, maybe]")
    line = made.line(SCORING, "A: [aproved]")
    assert made.problems() == [
        f"{line}: 'aproved' is no answer; did you mean 'approved'?",
        f"{line}: 'maybe' is no answer; there are: approved, planned, none, unknown",
    ]


@pytest.mark.parametrize("id_", ["an_id_of_many_words", "two__lines", "ends_"])
def test_a_promise_whose_fields_salesforce_would_not_take(made, id_):
    made.change(LIFECYCLE, "{id: acceptance,", f"{{id: {id_},")
    (problem,) = made.problems()
    assert problem.startswith(f"{made.line(LIFECYCLE, '{id: ' + id_)}: Salesforce takes no field called RevOps_Sla_")
    assert problem.endswith("choose an id of at most 17 characters, without __ and without _ at its end")


def test_the_longest_id_is_taken(made):
    made.change(LIFECYCLE, "{id: acceptance,", "{id: a_promise_of_ours,")
    fields = {field.name: field for field in made.load().mapping("person").fields}
    name = fields["revops_sla_a_promise_of_ours_breached_at"].salesforce["Lead"]
    assert len(name.removesuffix("__c")) == 40


# --- doubts ---------------------------------------------------------------------------------------------


def told(made):
    return [(doubt.where, doubt.what, doubt.do) for doubt in made.load().doubts]


def test_the_default_rules_leave_two_things_to_decide(made):
    assert told(made) == [
        (
            made.line(REJECTION, "levels: [manager"),
            "the level `head_of_sales` has no address, so it waits in the inbox",
            "add `head_of_sales:` under `escalation:`",
        ),
        (
            made.line(SCORING, "consent: {"),
            (
                "no mapping line is called 'tracking_consent': nobody counts as having agreed to tracking, so page "
                "views, opens and clicks give no points"
            ),
            "map the property that holds the consent (docs/rules.md, Consent)",
        ),
    ]


DOUBTS = [
    (
        LIFECYCLE,
        "target: 24h, clock: working_days",
        "target: 48h, clock: business_hours",
        "- {id: acceptance",
        "48h of business_hours are 6 working days of 8 hours",
    ),
    (
        REJECTION,
        "clock: working_days ",
        "clock: business_hours ",
        "after: 48h",
        "48h of business_hours are 6 working days of 8 hours",
    ),
    (REJECTION, "grace: 4h", "grace: 1d", "grace: 1d", "24h of business_hours are 3 working days of 8 hours"),
    (
        SIGNALS,
        "pages: events",
        "pages: off",
        None,
        "page views are off in rules/signals.yaml: this rule gives nobody points",
    ),
    (
        SIGNALS,
        "keep_days: 760",
        "keep_days: 300",
        None,
        "it looks back 365 days, but activities are kept for 300",
    ),
    (
        SIGNALS,
        "- {means: demo_attended,",
        "- {means: demo_atended, source: meeting, name: x}\n    - {means: demo_attended,",
        "- {means: demo_atended",
        "no rule asks for 'demo_atended'; did you mean 'demo_attended'?",
    ),
]


@pytest.mark.parametrize(("name", "before", "after", "part", "what"), DOUBTS)
def test_what_is_allowed_and_probably_not_meant(made, name, before, after, part, what):
    made.change(name, before, after)
    found = [(where, said) for where, said, do in told(made) if do]
    assert what in [said for _, said in found]
    assert part is None or (made.line(name, part), what) in found


@pytest.mark.parametrize(
    ("off", "part", "what"),
    [
        (
            "scoring",
            (LIFECYCLE, "- {id: first_response"),
            "the target differs by temperature, but scoring is off: who has no temperature has no such clock",
        ),
        (
            "rejection",
            (LIFECYCLE, "- {id: feedback"),
            "only the rejection loop knows a handover, and it is off: this clock never starts",
        ),
        (
            "lifecycle",
            (REJECTION, "escalation:"),
            "the lifecycle is off, so nobody becomes MQL or SQL by rule: only a handover set by hand is escalated",
        ),
    ],
)
def test_a_part_that_another_one_counts_on(made, off, part, what):
    made.setting(f"rules: {{{off}: off}}")
    places = [where for where, said, _ in told(made) if said == what]
    lines = [int(where.rsplit(":", 1)[1]) for where in places]
    assert [where.rsplit(":", 1)[0] for where in places] == [part[0]]
    assert lines[0] - int(made.line(*part).rsplit(":", 1)[1]) in (0, 1)  # an entry may take two lines
