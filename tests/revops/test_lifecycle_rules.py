"""`rules/lifecycle.yaml` and `rules/calendars.yaml`: what the defaults mean, and a sentence for every mistake."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.project.mistakes import Mistakes
from connector.project.rules.calendars import compile_calendars, read_calendars
from connector.project.rules.lifecycle import compile_lifecycle, read_lifecycle
from connector.project.yaml_lines import read_yaml
from connector.revops.calendars import FULL_DAY, OFFICE_WEEK
from connector.revops.lifecycle import Lifecycle, Sla

RULES = Path(__file__).resolve().parents[2] / "rules"
HOUR = timedelta(hours=1)


def document(path):
    found, wrong = read_yaml(path, f"rules/{path.name}")
    assert wrong == []
    return found


def read(reader, compiled, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    mistakes = Mistakes()
    section = reader(document(path), mistakes)
    return compiled(section) if section and section.right else None, mistakes.sorted()


@pytest.fixture
def lifecycle(tmp_path):
    def made(text, time_zone="Europe/Berlin", rejected=None):
        def compiled(section):
            return compile_lifecycle(section, time_zone, rejected or {})

        return read(read_lifecycle, compiled, tmp_path, "lifecycle.yaml", text)

    return made


@pytest.fixture
def calendars(tmp_path):
    def made(text, time_zone="Europe/Berlin"):
        def compiled(section):
            return compile_calendars(section, time_zone)

        return read(read_calendars, compiled, tmp_path, "calendars.yaml", text)

    return made


# --- lifecycle ------------------------------------------------------------------------------------------


def test_the_shipped_file_says_what_the_defaults_are():
    mistakes = Mistakes()
    config = compile_lifecycle(read_lifecycle(document(RULES / "lifecycle.yaml"), mistakes), "Europe/Berlin", {})
    assert mistakes.sorted() == []
    promises = (
        Sla("acceptance", ("mql",), ("sal", "rejection"), {"*": 24 * HOUR}),
        Sla(
            "first_response",
            ("demo_request", "contact_form", "sql"),
            ("first_sales_activity",),
            {"hot": HOUR, "warm": 8 * HOUR},
            "business_hours",
        ),
        Sla("feedback", ("handover",), ("disposition",), {"*": 48 * HOUR}, "working_days", "manager"),
    )
    assert replace(config, where={}) == Lifecycle(sla=promises)
    assert config.where["salesforce"] == "rules/lifecycle.yaml:21"


def test_the_file_of_the_specification(lifecycle):
    config, mistakes = lifecycle("""lifecycle:
  stages: [subscriber, lead, mql, sal, sql, opportunity, customer, evangelist]
  hubspot: {mql: marketingqualifiedlead, sql: salesqualifiedlead, sal: "285119324"}
  salesforce: {lead_status: {lead: "Open - Not Contacted", sal: "Working - Contacted",
    rejected: "Closed - Not Converted"}, convert: manual}
  exceptions: {recycle_to: lead, lost_to: sql, churned_to: customer}
  sla:
    - {id: feedback, start: handover, stop: disposition, target: 48h, clock: working_days, escalate: manager}
    - {id: first_response, start: demo_request, stop: first_sales_activity, target: 1h, clock: business_hours}
""")
    assert mistakes == []
    assert config.hubspot_value("sal") == "285119324"
    assert [(sla.id, sla.target, sla.clock) for sla in config.sla] == [
        ("feedback", {"*": 48 * HOUR}, "working_days"),
        ("first_response", {"*": HOUR}, "business_hours"),
    ]


def test_the_project_gives_time_zone_and_rejected_statuses(lifecycle):
    config, _ = lifecycle(
        "lifecycle: {stages: [lead, mql]}\n",
        time_zone="Europe/Vienna",
        rejected={"hubspot": ["UNQUALIFIED"], "salesforce": ["Unqualified"]},
    )
    assert config.zone == "Europe/Vienna"
    assert config.hubspot_rejected == {"UNQUALIFIED"}
    assert config.salesforce_rejected == {"Unqualified", "Closed - Not Converted"}
    # defaults that name a stage this company does not use fall to the nearest one below
    assert (config.recycle_to, config.lost_to, config.churned_to) == ("lead", "mql", "mql")


BAD = [
    ("stagez: [lead]", ["2: unknown key 'stagez'; did you mean 'stages'?"]),
    (
        "stages: [lead, mqll]",
        [
            (
                "2: this entry must be 'subscriber', 'lead', 'mql', 'sal', 'sql', 'opportunity', 'customer' or "
                "'evangelist'; did you mean 'mql'?"
            )
        ],
    ),
    (
        "stages: [mql, lead]",
        [
            (
                "2: the stages stand in the order subscriber, lead, mql, sal, sql, opportunity, customer, evangelist, "
                "each once; leave out the ones you do not use"
            )
        ],
    ),
    (
        "hubspot: {mqll: x}",
        [
            (
                "2: 'mqll' is no stage; did you mean 'mql'?; "
                "write subscriber, lead, mql, sal, sql, opportunity, customer, evangelist"
            )
        ],
    ),
    (
        "hubspot: {sql: marketingqualifiedlead}",
        ["2: 'mql' has the same internal name: each stage needs one of its own"],
    ),
    (
        "stages: [lead, mql]\n  hubspot: {sal: '5'}",
        ["3: the stage 'sal' is not in `stages`: add it there, or take this out"],
    ),
    (
        "salesforce: {lead_status: {recycled: x}}",
        ["2: Salesforce keeps the status sales chose: write `recycled` under `hubspot_status` only"],
    ),
    (
        "hubspot_status: {rejectd: UNQUALIFIED}",
        [
            (
                "2: 'rejectd' is no stage with a lead status; did you mean 'rejected'?; "
                "write subscriber, lead, mql, sal, sql, opportunity, customer, rejected, recycled"
            )
        ],
    ),
    (
        "exceptions: {recycle_to: sql}",
        ["2: 'recycle_to' must be a stage of `stages` below mql: write subscriber, lead"],
    ),
    (
        "exceptions: {lost_to: customer}",
        ["2: 'lost_to' must be a stage of `stages` below opportunity: write subscriber, lead, mql, sal, sql"],
    ),
    ("exceptions: {recycle_days: 0}", ["2: 'recycle_days' must be at least 1"]),
    (
        "stages: [mql, sql]",
        ["1: 'recycle_to' must be a stage of `stages` below mql: write a stage below mql, and add it to `stages`"],
    ),
    ("write_lead_status: perhaps", ["2: 'write_lead_status' must be true or false"]),
    (
        "sla:\n    - {id: a1, start: mql, stop: sal, target: 48 hours}",
        ["3: 'target': write a time above 0 such as 30m, 4h, 48h or 2d"],
    ),
    (
        "sla:\n    - {id: a1, start: mql, stop: sal, target: 0h}",
        ["3: 'target': write a time above 0 such as 30m, 4h, 48h or 2d"],
    ),
    (
        "sla:\n    - {id: a1, start: mql, stop: sal, target: 48h, clock: working_day}",
        ["3: 'clock' must be 'elapsed', 'working_days' or 'business_hours'; did you mean 'working_days'?"],
    ),
    (
        "sla:\n    - {id: a1, start: mql, stop: sal, target: {hott: 1h}}",
        ["3: 'hott' is no temperature; did you mean 'hot'?; write hot, warm or cold"],
    ),
    (
        "sla:\n    - {id: a1, start: mqll, stop: sal, target: 1h}",
        ["3: 'mqll' starts no clock; did you mean 'mql'?; write mql, sal, sql, handover, demo_request, contact_form"],
    ),
    (
        "sla:\n    - {id: a1, start: [mql, sal], stop: [sal], target: 1h}",
        ["3: 'sal' starts this clock and stops it: it would never run"],
    ),
    (
        "sla:\n    - {id: a1, start: mql, stop: sal, target: 1h}\n    - {id: a1, start: mql, stop: sal, target: 2h}",
        ["4: the id 'a1' stands twice: each promise needs one of its own"],
    ),
    (
        "sla:\n    - {id: A1, start: mql, stop: sal, target: 1h}",
        ["3: 'id': write 2 to 40 lower case letters, digits or _"],
    ),
    (
        "backfill: maybe\n  sla:\n    - {id: a1, stop: sal, target: 1h}",
        ["2: 'backfill' must be true or false", "4: the key 'start' is missing"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[row[0][:40] for row in BAD])
def test_a_mistake_in_the_lifecycle(lifecycle, text, expected):
    config, mistakes = lifecycle(f"lifecycle:\n  {text}\n")
    assert config is None
    assert mistakes == [f"rules/lifecycle.yaml:{line}" for line in expected]


def test_everything_stands_below_one_key(lifecycle):
    _, mistakes = lifecycle("stages: [lead]\n")
    assert mistakes == [
        "rules/lifecycle.yaml:1: the file must begin with the key `lifecycle:` and hold everything below it"
    ]
    config, mistakes = lifecycle("lifecycle: {backfill: true}\nsla: []\n")
    assert config is None
    assert mistakes == ["rules/lifecycle.yaml:2: unknown key 'sla'; everything stands below `lifecycle:`"]


# --- calendars ------------------------------------------------------------------------------------------


def test_the_shipped_calendar_is_a_german_office():
    mistakes = Mistakes()
    found = compile_calendars(read_calendars(document(RULES / "calendars.yaml"), mistakes), "Europe/Berlin")
    assert mistakes.sorted() == []
    assert (found.default.zone, found.default.week, found.default.country) == ("Europe/Berlin", OFFICE_WEEK, "DE")
    assert found.default.holiday(date(2026, 10, 3))


def test_sites_in_every_form(calendars):
    found, mistakes = calendars(
        """calendars:
  default: berlin
  sites:
    berlin: {hours: 08:30-17:00}
    leipzig: {hours: {mon-thu: [09:00-12:00, 13:00-18:00], fri: 9:00-12:00, sun: closed},
              holidays: {land: Sachsen}, closed: [2027-05-07]}
    support: {time_zone: Europe/Zurich, hours: {mon-sun: 00:00-24:00},
              half_days: {12-24: 09:00-12:00, 2026-12-31: closed}}
  owners: {Anna.Muster@example.com: leipzig}
""",
        time_zone="Europe/Vienna",
    )
    assert mistakes == []
    leipzig, support = found.sites["leipzig"], found.sites["support"]
    assert found.default.week[0] == ((510, 1020),)
    assert found.default.zone == "Europe/Vienna"
    assert leipzig.week == (*(((540, 720), (780, 1080)),) * 4, ((540, 720),), (), ())
    assert (leipzig.country, leipzig.land) == ("DE", "SN")
    assert leipzig.holiday(date(2027, 5, 7))
    assert support.zone == "Europe/Zurich"
    assert support.week == (((0, FULL_DAY),),) * 7
    assert support.half_days == {"12-24": ((540, 720),), "2026-12-31": ()}
    assert found.of("anna.muster@example.com") is leipzig


BAD_SITES = [
    ("hours: 9-17", "4: 'hours': write opening hours such as 09:00-17:00, several in [ ], or closed"),
    ("hours: 17:00-09:00", "4: 'hours': opening hours begin before they end, between 00:00 and 24:00"),
    ("hours: 09:00-24:30", "4: 'hours': opening hours begin before they end, between 00:00 and 24:00"),
    ("hours: [09:00-12:00, 11:00-17:00]", "4: 'hours': two opening hours of a day overlap"),
    ("hours: closed", "4: 'hours': no weekday is worked: a clock would never run out"),
    (
        "hours: {mo-fr: 09:00-17:00}",
        "4: 'hours': 'mo-fr' is no weekday; did you mean 'mon'?; write mon … sun, or mon-fri",
    ),
    ("hours: {mon-fri: 09:00-17:00, tue: closed}", "4: 'hours': a weekday has its hours twice: name each one once"),
    ("time_zone: Europe/Berln", "4: 'time_zone': not a time zone; did you mean 'Europe/Berlin'?"),
    ("holidays: {land: Saxen}", "4: DE has no land 'Saxen'; did you mean 'Sachsen'?; write a code such as BY"),
    ("holidays: {country: Germany}", "4: 'country': write a country as two capital letters, such as DE"),
    ("closed: [24.12.2026]", "4: this entry: write a day such as 2026-12-24"),
    ("closed: [12-24]", "4: this entry: write a day such as 2026-12-24"),
    ("half_days: {02-30: closed}", "4: '02-30' is no day: write 12-24 for every year, or 2026-12-24 for one"),
    ("hourz: 09:00-17:00", "4: unknown key 'hourz'; did you mean 'hours'?"),
]


@pytest.mark.parametrize(("text", "expected"), BAD_SITES, ids=[row[0] for row in BAD_SITES])
def test_a_mistake_in_a_site(calendars, text, expected):
    found, mistakes = calendars(f"calendars:\n  default: here\n  sites:\n    here: {{{text}}}\n")
    assert found is None
    assert mistakes == [f"rules/calendars.yaml:{expected}"]


def test_sites_and_owners_that_do_not_fit(calendars):
    found, mistakes = calendars("""calendars:
  default: munich
  sites:
    muenchen: {}
  owners:
    anna: muenchen
    ben.muster@example.com: munchen
""")
    assert found is None
    assert mistakes == [
        "rules/calendars.yaml:2: there is no site 'munich'; did you mean 'muenchen'?; add it under `sites:`",
        "rules/calendars.yaml:6: owners are named by their e-mail address, as both CRMs have it",
        "rules/calendars.yaml:7: there is no site 'munchen'; did you mean 'muenchen'?; add it under `sites:`",
    ]
