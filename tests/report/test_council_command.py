"""`revloop report council` and `marketing-feed` on a real store: worked example 3-A, errors, what never shows."""

import csv
import io
import json
import stat
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from council_rows_of import AS_OF as NOW
from council_rows_of import OCTOBER, example_3a, handed
from desk import run
from memories import AS_OF, CANARY, a_project, memory, remember, report, won
from rejection_desk import RULES, at

from connector.engine.council import collect
from connector.engine.derive.memory import to_body
from connector.report.council import report_data
from connector.report.council_told import council_due, remember_council
from connector.revops.council import council
from connector.revops.council_feed import marketing_feed

OF_OCTOBER = ("--month", "2026-10", *AS_OF)


def ids(data):
    """Every record id in a report's data."""
    if isinstance(data, dict):
        return {each for key, value in data.items() for each in (value if key in ("records", "of") else ids(value))}
    return {each for value in data for each in ids(value)} if isinstance(data, list) else set()


# --- 3-A ---------------------------------------------------------------------------------------------------


def test_3a_through_the_command(kept):
    told = report(kept, "council", *OF_OCTOBER, "--json")
    assert (told.code, told.err) == (0, "")
    headline = {name: each["value"] for name, each in told.data["headline"].items()}
    expected = {
        "handed_over": "80", "accepted": "44", "rejected": "30", "open": "6", "overdue": "4",
        "acceptance_rate": "59.46", "rejection_rate": "40.54", "disposition_rate": "92.50",
        "bant_share": "76.67", "data_quality_share": "20.00", "other_share": "3.33",
    }  # fmt: skip
    assert {name: headline[name] for name in expected} == expected
    assert told.data["warnings"] == []
    by_category = {line["key"]: line["rejected"] for line in told.data["tables"]["categories"]}
    assert {key: each["value"] for key, each in by_category.items() if each["value"] not in (None, "0")} == {
        "budget": "9", "authority": "6", "data_quality": "6",
    }  # fmt: skip
    assert {key: each["hidden"] for key, each in by_category.items() if "hidden" in each} == {
        "need": "masked", "timeline": "small", "other": "small",
    }  # fmt: skip


@pytest.mark.parametrize("records", [(), ("--records",)])
def test_the_command_says_exactly_what_the_rules_count(kept, records):
    data = report(kept, "council", *OF_OCTOBER, "--json", *records).data
    exact = report_data(council(example_3a(), [], OCTOBER, NOW, RULES), records=bool(records))
    data.pop("rules"), exact.pop("rules")
    assert {name: data[name] for name in exact} == json.loads(json.dumps(exact))


def test_every_figure_can_be_followed_to_its_records(kept):
    data = report(kept, "council", *OF_OCTOBER, "--json", "--records").data
    assert ids(data) == {f"hubspot:{number}" for number in range(80)}
    assert data["headline"]["overdue"]["records"] == [f"hubspot:{number}" for number in (74, 75, 76, 77)]
    assert ids(report(kept, "council", *OF_OCTOBER, "--json").data) == set()


@pytest.mark.parametrize(
    ("locale", "form", "pieces"),
    [
        ("de", "md", ["# Lead Council Oktober 2026", "| Annahmequote | 59,46\u202f% |", "| Zeitplan | <5 |"]),
        ("en", "md", ["# Lead council October 2026", "| Acceptance rate | 59.46% |", "| Timeline | <5 |"]),
        ("de", "html", ["<h1>Lead Council Oktober 2026</h1>", "59,46\u202f%", "&lt;5", "<svg"]),
        ("en", "html", ["<h1>Lead council October 2026</h1>", "59.46%", "&lt;5", "<svg"]),
        ("de", "csv", ["\ufeffAbschnitt;Zeile;Kennzahl;Wert;Einheit\r\n", "Überblick;;Annahmequote;59,46;%\r\n"]),
        ("en", "csv", ["\ufeffsection,row,figure,value,unit\r\n".title(), "Overview,,Acceptance rate,59.46,%\r\n"]),
    ],
)
def test_the_forms(kept, tmp_path, locale, form, pieces):
    on_screen = report(kept, "council", *OF_OCTOBER, "--locale", locale, "--format", form)
    file = tmp_path / f"october.{form}"
    in_file = report(kept, "council", *OF_OCTOBER, "--locale", locale, "--out", str(file))
    assert (on_screen.code, in_file.code) == (0, 0)
    assert file.read_bytes().decode() == on_screen.out
    assert [each for each in pieces if each not in on_screen.out] == []
    assert in_file.out == f"Wrote {file}.\n"


def test_the_language_is_that_of_the_project(tmp_path):
    folder = a_project(tmp_path / "p", "locale: en", lean=True)
    remember(folder, *map(memory, example_3a()))
    assert report(folder, "council", *OF_OCTOBER).out.startswith("# Lead council October 2026")


def test_a_csv_without_the_mark_for_excel(kept):
    made = report(kept, "council", *OF_OCTOBER, "--format", "csv", "--locale", "en", "--no-bom").out
    assert made.startswith("Section,")
    rows = {(row[0], row[2]): row[3] for row in csv.reader(io.StringIO(made))}
    assert rows["Overview", "Handed over"] == "80"


def test_a_file_that_names_records_is_for_its_owner_only(kept, tmp_path):
    file = tmp_path / "deep" / "inside.html"
    file.parent.mkdir()
    file.touch(mode=0o644)
    told = report(kept, "council", *OF_OCTOBER, "--out", str(file), "--records")
    assert told.out == f"Wrote {file}, readable for you only: it names records.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "hubspot:79" in file.read_text()
    assert [each.name for each in file.parent.iterdir()] == ["inside.html"]


# --- the month is that of the hand-over -----------------------------------------------------------------------


def test_an_answer_in_the_next_month_changes_the_old_report(lean):
    row = replace(handed(1, reason="need_none"), feedback_at=at("2026-11-15 10:00"))
    remember(lean, memory(row))
    early = report(lean, "council", "--month", "2026-10", "--as-of", "2026-11-10", "--json").data
    late = report(lean, "council", "--month", "2026-10", "--as-of", "2026-11-20", "--json").data
    assert [early["headline"][name]["value"] for name in ("open", "rejected")] == ["1", "0"]
    assert [late["headline"][name]["value"] for name in ("open", "rejected")] == ["0", "1"]


def test_the_hand_overs_of_former_cycles_stay_in_their_months(lean):
    first = replace(handed(1, reason="budget_none"), recycled_at=at("2026-10-09 10:00"))
    one = memory(first)
    again = memory(replace(handed(1), cycle=2, handover_at=at("2026-11-03 10:00"), feedback_at=at("2026-11-04 10:00")))
    remember(lean, replace(one, handovers=(*one.handovers, *again.handovers)))
    old, new = (
        report(lean, "council", "--month", name, *AS_OF, "--json").data["headline"] for name in ("2026-10", "2026-11")
    )
    assert [old[name]["value"] for name in ("handed_over", "rejected", "recycled")] == ["1", "1", "1"]
    assert [new[name]["value"] for name in ("handed_over", "accepted", "recycled")] == ["1", "1", "0"]


def test_recycled_and_won_later(lean):
    row = replace(handed(1, reason="budget_none"), recycled_at=at("2026-10-09 10:00"))
    deals = (won("9", at("2026-10-08 10:00"), hot=True), won("10", at("2026-11-20 10:00"), hot=True))
    remember(lean, memory(row, won=deals[:1]), memory(replace(row, person="p2"), won=deals))
    data = report(lean, "council", *OF_OCTOBER, "--json").data["headline"]
    assert (data["recycled"]["value"], data["recycled_won"]["value"]) == ("2", "50.00")


def test_a_deal_of_two_persons_counts_once_and_was_hot_if_either_was(lean):
    closed = at("2026-10-20 10:00")
    remember(
        lean,
        memory(handed(1), won=(won("77", closed, fit_score=60), won("78", closed))),
        memory(handed(2), won=(won("77", closed, hot=True, fit_score=40),)),
    )
    data = report(lean, "council", *OF_OCTOBER, "--json", "--records").data["headline"]
    assert data["false_negatives"]["value"] == "1"
    assert data["false_negatives"]["records"] == ["hubspot:78"]
    assert data["false_negatives"]["of"] == ["hubspot:77", "hubspot:78"]


def test_the_top_reasons_are_compared_with_the_month_before(lean):
    now = [handed(n, reason="need_none") for n in range(12)]
    before = [replace(handed(50 + n, reason="need_none"), handover_at=at("2026-09-10 10:00")) for n in range(7)]
    remember(lean, *map(memory, [*now, *before]))
    (top,) = report(lean, "council", *OF_OCTOBER, "--json").data["tables"]["top_reasons"]
    assert (top["rejected"]["value"], top["delta"]["value"]) == ("12", "5")


def test_thresholds_are_those_of_the_rules(folder):
    low = [replace(handed(n, reason="need_none"), engagement_score=31 + n % 9, fit_score=90) for n in range(10)]
    high = [replace(handed(20 + n), engagement_score=70, fit_score=90) for n in range(10)]
    remember(folder, *map(memory, [*low, *high]))
    (found,) = report(folder, "council", *OF_OCTOBER, "--json").data["proposals"]
    assert (found["threshold"], found["now"], found["then"]) == ("level E2", 30, 50)
    made = report(folder, "council", *OF_OCTOBER).out
    assert "| Engagement-Stufe E2 | 30 | 50 |" in made


def test_components_are_called_as_in_the_rules(folder):
    rows = [
        replace(handed(n, reason="need_none"), sql_rule="bant_positive", components=("authority", "pricing_page"))
        for n in range(6)
    ]
    remember(folder, *map(memory, rows))
    made = report(folder, "council", *OF_OCTOBER).out
    assert "| Entscheidung | 6 | 6 | 100,00\u202f% |" in made
    assert "| Preisseite | 6 | 6 | 100,00\u202f% |" in made


# --- the feed ------------------------------------------------------------------------------------------------


def test_the_feed_of_a_week(kept):
    told = report(kept, "marketing-feed", "--week", "2026-W41", *AS_OF, "--json")
    exact = report_data(marketing_feed(example_3a(), OCTOBER, NOW, RULES))
    assert (told.code, told.data["period"]) == (0, "2026-W41")
    assert told.data["headline"] == exact["headline"]
    assert told.data["tables"] == json.loads(json.dumps(exact["tables"]))
    assert told.data["headline"]["cost_low"] == {"value": "4500.00", "unit": "money"}


@pytest.mark.parametrize(
    ("rhythm", "as_of", "arguments", "period"),
    [
        ("weekly", "2026-11-23", (), "2026-W47"),
        ("weekly", "2027-01-05", (), "2026-W53"),
        ("monthly", "2026-11-23", (), "2026-10"),
        ("weekly", "2026-11-23", ("--month", "2026-10"), "2026-10"),
        ("off", "2026-11-23", ("--week", "2026-W43"), "2026-W43"),
    ],
)
def test_the_period_of_the_feed(lean, rhythm, as_of, arguments, period):
    rules = lean / "rules" / "rejection.yaml"
    rules.write_text(rules.read_text().replace("marketing_feed: weekly", f"marketing_feed: {rhythm}"))
    assert report(lean, "marketing-feed", "--as-of", as_of, "--json", *arguments).data["period"] == period


def test_the_council_is_of_the_last_month_that_is_over(lean):
    for as_of, period in (("2026-11-01", "2026-10"), ("2026-11-30", "2026-10"), ("2027-01-01", "2026-12")):
        assert report(lean, "council", "--as-of", as_of, "--json").data["period"] == period


# --- what is wrong is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("council", ("--month", "2026-13"), "--month 2026-13 is no month: write it like 2026-10"),
        ("council", ("--month", "October"), "--month October is no month"),
        ("council", ("--month", "2026-W40"), "--month 2026-W40 is no month"),
        ("council", ("--month", "0000-01"), "--month 0000-01 is no month"),
        ("council", ("--month", "9999-12"), "no month"),
        ("council", ("--month", "2026-12"), "--month 2026-12 lies ahead"),
        ("council", ("--as-of", "soon"), "--as-of soon"),
        ("marketing-feed", ("--week", "2026-54"), "--week 2026-54 is no week: write it like 2026-W43"),
        ("marketing-feed", ("--week", "2026-W54"), "is no week"),
        ("marketing-feed", ("--week", "2026-W49"), "--week 2026-W49 lies ahead"),
        ("marketing-feed", ("--week", "2026-W43", "--month", "2026-10"), "not both"),
    ],
)
def test_a_period_that_is_none(kept, name, arguments, words):
    as_of = () if "--as-of" in arguments else AS_OF
    told = report(kept, name, *arguments, *as_of)
    assert told.code == 2
    assert words in told.err
    assert told.out == ""
    assert report(kept, name, *arguments, *as_of, "--json").data["exit_code"] == 2


def test_without_rejection_rules_there_is_nothing_to_report(tmp_path):
    folder = a_project(tmp_path / "p", "rules: {rejection: off}", lean=True)
    for name in ("council", "marketing-feed"):
        told = report(folder, name)
        assert (told.code, "no rejection rules are in force" in told.err) == (2, True)


def test_before_the_first_run_with_rules(tmp_path):
    told = report(a_project(tmp_path / "p", began=None, lean=True), "council")
    assert (told.code, "type `revloop sync`" in told.err) == (3, True)


def test_a_feed_that_is_off(lean):
    rules = lean / "rules" / "rejection.yaml"
    rules.write_text(rules.read_text().replace("marketing_feed: weekly", "marketing_feed: off"))
    told = report(lean, "marketing-feed")
    assert (told.code, "switched off" in told.err) == (2, True)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "2026-09: nobody was handed over to sales, nor ever since the rules began\n"),
        ([handed(1)], "2026-09: nobody was handed over to sales; there are some in 2026-10\n"),
    ],
)
def test_a_month_without_hand_overs_is_a_report_and_a_sentence(lean, rows, words):
    remember(lean, *map(memory, rows))
    told = report(lean, "council", "--month", "2026-09", *AS_OF)
    assert (told.code, told.err) == (0, words)
    assert told.out.startswith("# Lead Council September 2026")
    assert report(lean, "council", "--month", "2026-09", *AS_OF, "--json").data["note"] == words.strip()


def test_a_month_that_goes_on_is_preliminary(kept):
    told = report(kept, "council", "--month", "2026-10", "--as-of", "2026-10-20")
    assert "Die Zahlen sind vorläufig" in told.out
    assert "vorläufig" not in report(kept, "council", *OF_OCTOBER).out


@pytest.mark.parametrize("place", ["", "there/"])
def test_a_file_that_cannot_be_written(kept, tmp_path, place):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    target = tmp_path / ("there" if place else "file/below.md")
    told = report(kept, "council", *OF_OCTOBER, "--out", str(target))
    assert (told.code, f"{target} cannot be written" in told.err) == (2, True)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


# --- nothing personal ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["council", "marketing-feed"])
@pytest.mark.parametrize("form", ["md", "csv", "html"])
@pytest.mark.parametrize("records", [(), ("--records",)])
def test_no_address_and_no_name_enters_a_report(kept, name, form, records):
    period = OF_OCTOBER if name == "council" else ("--week", "2026-W41", *AS_OF)
    told = report(kept, name, *period, "--format", form, *records)
    assert told.code == 0
    assert CANARY not in told.out + told.err
    assert ("hubspot:" in told.out) == bool(records)


# --- the due report --------------------------------------------------------------------------------------------


def test_the_report_is_due_from_the_day_in_the_rules_until_it_is_made(store):
    def due(text, rules=RULES, began="2026-09-15T00:00:00+00:00"):
        return council_due(store, rules, began, date.fromisoformat(text))

    assert [due(day) for day in ("2026-11-02", "2026-11-03", "2026-11-30")] == [None, "2026-10", "2026-10"]
    assert due("2026-11-03", rules=None) is None
    assert due("2026-11-03", began=None) is None
    assert due("2026-09-20") is None  # the rules began in September
    remember_council(store, council([], [], OCTOBER, at("2026-10-31 10:00"), RULES))
    assert due("2026-11-05") == "2026-10"  # what was made before the month was over does not count
    remember_council(store, council([], [], OCTOBER, at("2026-11-05 10:00"), RULES))
    remember_council(store, council([], [], OCTOBER.previous(), at("2026-11-05 10:00"), RULES))
    assert due("2026-11-05") is None
    assert due("2026-12-05") == "2026-11"


def test_status_names_the_report_that_is_due(lean):
    rules = lean / "rules" / "rejection.yaml"
    rules.write_text(rules.read_text().replace("council_day: 3", "council_day: 1"))
    told = run(lean, "status", "--json").data
    month = told["council_due"]
    assert month is not None
    assert f"revloop report council --month {month}" in told["next"] or told["last_run"] is None
    assert f"The lead council of {month} is due" in run(lean, "status").out
    assert report(lean, "council").code == 0
    assert run(lean, "status", "--json").data["council_due"] is None
    assert "lead council" not in run(lean, "status").out


def test_a_report_in_a_loop_over_many_persons_keeps_only_its_months(store):
    """100 persons of other months beside three of this one: what is read is not what is kept."""
    rows = [replace(handed(n), handover_at=at("2025-01-10 10:00") + timedelta(days=n)) for n in range(100)]
    rows += [replace(handed(200 + n), handover_at=at("2026-10-10 10:00")) for n in range(3)]
    store.standings.put("person", [(row.person, to_body(memory(row)), None) for row in rows])
    found = collect(store, (OCTOBER,), ZoneInfo("Europe/Berlin"))
    assert len(found.rows) == 3
    assert (min(found.months), max(found.months)) == ("2025-01", "2026-10")
