"""`revloop report sla-document`: the rules in force, in both languages, with a version, and nothing personal."""

import json
import re

import pytest
from memories import a_project, report

HEADINGS = {
    "de": [
        "Stufen", "Wege zurück", "Wann ein Lead ein MQL ist", "Temperatur nach Fit und Engagement",
        "Wann ein MQL ein SQL ist", "Kriterien", "Punkte für Fit", "Punkte für Engagement", "Zusagen und Fristen",
        "Ablehnung", "Ablehnungsgründe", "Arbeitszeit", "Unterschriften",
    ],
    "en": [
        "Stages", "Ways down", "When a lead is an MQL", "Temperature by fit and engagement", "When an MQL is an SQL",
        "Criteria", "Points for fit", "Points for engagement", "Promises and time limits", "Rejection",
        "Reasons for a rejection", "Working time", "Signatures",
    ],
}  # fmt: skip


def made(folder, *arguments):
    told = report(folder, "sla-document", *arguments)
    assert (told.code, told.err) == (0, "")
    return told.out


@pytest.mark.parametrize("locale", ["de", "en"])
def test_every_part_is_there_in_both_languages(folder, locale):
    text = made(folder, "--locale", locale)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS[locale]


@pytest.mark.parametrize(
    ("locale", "lines"),
    [
        (
            "de",
            [
                "| Temperatur | warm oder heiß |",
                "| A (ab 75) | heiß | heiß | warm |",
                (
                    "| Rückmeldung nach der Übergabe | Übergabe an den Vertrieb | jede Rückmeldung des Vertriebs "
                    "| 48\u202fh (24 Stunden je Arbeitstag) | Führungskraft |"
                ),
                "| Kein Budget | Budget | nach 180 Tagen |  |",
                "| Öffnungszeiten | Mo\u2013Fr 09:00\u201317:00 |",
                "| Karriereseite | \u221210 | \u221210 | 30 Tage | 365 Tage |",
                "| Marketing |  |  |  |",
                "| Vertrieb |  |  |  |",
            ],
        ),
        (
            "en",
            [
                "| Temperature | warm or hot |",
                (
                    "| Criteria and activity | at least 3 of Budget, Authority, Need, Timeline with grade B or better; "
                    "and Pricing page, Demo, Contact form or Webinar within the last 30 days |"
                ),
                (
                    "| First response | demo request, contact form or SQL | first activity of sales "
                    "| hot 1\u202fh, warm 8\u202fh (opening hours only) | \u2013 |"
                ),
                "| Other (comment ≥ 15 chars) | Other | no | a comment of at least 15 characters |",
                "| Sales |  |  |  |",
            ],
        ),
    ],
)
def test_it_says_what_the_rules_say(folder, locale, lines):
    text = made(folder, "--locale", locale)
    assert [line for line in lines if line not in text.splitlines()] == []


def test_the_version_is_that_of_the_rules(folder):
    def version():
        data = json.loads(made(folder, "--json"))
        assert re.search(r"Version: (\w+)", made(folder))[1] == data["version"][:12]
        return data["version"]

    before = version()
    rules = folder / "rules" / "rejection.yaml"
    rules.write_text(f"# looked at again\n{rules.read_text()}")
    assert version() == before
    rules.write_text(rules.read_text().replace("after: 48h", "after: 24h"))
    assert version() != before
    assert "24\u202fh (24 Stunden je Arbeitstag); Stufe 1 nach 24\u202fh: Führungskraft" in made(folder)


def test_the_second_sql_rule_and_marketings_promise(folder):
    scoring, lifecycle = folder / "rules" / "scoring.yaml", folder / "rules" / "lifecycle.yaml"
    scoring.write_text(scoring.read_text().replace("enabled: false", "enabled: true"))
    lifecycle.write_text(lifecycle.read_text().replace("  # marketing: {sql", "  marketing: {sql"))
    text = made(folder, "--locale", "en")
    assert "| Grades | at least 3 \u00d7 A and 4 \u00d7 A or B among Position, Company size, Industry, " in text
    assert "| Several rules | one of them is enough |" in text
    assert "| Company size | from 1200 | from 500 |" in text
    assert "| Engagement | Demo within the last 90 days | E1, E2 |" in text
    assert "| SQLs by marketing | \u2013 | \u2013 | at least 100 per quarter | \u2013 |" in text


def test_the_working_time_with_its_exceptions(folder):
    calendars = folder / "rules" / "calendars.yaml"
    text = calendars.read_text().replace("hours: 09:00-17:00", "hours: {mon-thu: 08:00-17:00, fri: 08:00-12:00}")
    text = text.replace("closed: []", "closed: [2027-05-07]").replace("half_days: {}", "half_days: {12-24: closed}")
    calendars.write_text(text.replace("{country: DE}  ", "{country: DE, land: BY}"))
    said = made(folder)
    assert "| Öffnungszeiten | Mo\u2013Do 08:00\u201317:00; Fr 08:00\u201312:00 |" in said
    assert "| Feiertage | gesetzliche in DE-BY |" in said
    assert "| Geschlossen | 2027-05-07 |" in said


def test_nobody_is_named(folder):
    rules = folder / "rules" / "rejection.yaml"
    text = rules.read_text().replace("# head_of_sales: vertriebsleitung@", "head_of_sales: c4nary@")
    rules.write_text(text.replace("teams: {}", "teams: {team-c4nary: c4nary@example.com}"))
    assert "c4nary" not in made(folder)
    assert "c4nary" not in made(folder, "--json")


def test_a_part_that_is_off_is_left_out(tmp_path):
    folder = a_project(tmp_path / "p", "rules: {scoring: off, rejection: off, attribution: off}")
    headings = re.findall(r"^## (.*)$", made(folder), re.MULTILINE)
    assert headings == ["Stufen", "Wege zurück", "Zusagen und Fristen", "Arbeitszeit", "Unterschriften"]


def test_without_rules_there_is_nothing_to_sign(tmp_path):
    off = ", ".join(f"{name}: off" for name in ("scoring", "lifecycle", "rejection", "attribution"))
    told = report(a_project(tmp_path / "p", f"rules: {{{off}}}"), "sla-document")
    assert (told.code, "nothing to sign" in told.err) == (2, True)


def test_a_page_to_print_and_no_table(folder, tmp_path):
    file = tmp_path / "sla.html"
    assert report(folder, "sla-document", "--out", str(file)).out == f"Wrote {file}.\n"
    assert "<h1>Vereinbarung zwischen Marketing und Vertrieb</h1>" in file.read_text()
    told = report(folder, "sla-document", "--format", "csv")
    assert (told.code, "choose --format md or html" in told.err) == (2, True)
