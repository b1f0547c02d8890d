"""What activities mean: the shipped signals, patterns, and the order of the lines."""

from pathlib import Path

import pytest

from connector.model import Activity
from connector.project.mistakes import Mistakes
from connector.project.rules.signals import compile_signals_file, read_signals
from connector.project.yaml_lines import read_yaml
from connector.revops.signals import Signal, Signals, compile_signals, meaning

RULES = Path(__file__).resolve().parents[2] / "rules" / "signals.yaml"
AT = "2026-11-23T09:00:00Z"


def read(path):
    document, found = read_yaml(path, "rules/signals.yaml")
    assert found == []
    mistakes = Mistakes()
    section = read_signals(document, mistakes)
    return compile_signals_file(section) if section and section.right else None, mistakes.sorted()


SHIPPED, _ = read(RULES)


def activity(source, **fields):
    side = "salesforce" if source in ("campaign_member", "task", "event") else "hubspot"
    vendor_object = "Lead" if side == "salesforce" else "contacts"
    return Activity(side, source, "1", vendor_object, "101", AT, fields)


def member(status, type_="Webinar", name="Herbst"):
    return activity("campaign_member", Status=status, Campaign={"Name": name, "Type": type_})


@pytest.mark.parametrize(
    ("seen", "means"),
    [
        (activity("form", title="Demo anfordern"), "demo_request"),
        (activity("form", title="KONTAKTFORMULAR"), "contact_form"),
        (activity("form", title="Contact us"), "contact_form"),
        (activity("form", title="Whitepaper:  Instandhaltung"), "whitepaper"),
        (activity("form", title="Download White  Paper"), "whitepaper"),
        (activity("form", title="Webinar Anmeldung"), "webinar_registered"),
        (activity("form", title="Newsletter"), None),
        (activity("form"), None),
        (member("Attended"), "webinar_attended"),
        (member("responded"), "webinar_attended"),
        (member("Registered"), "webinar_registered"),
        (member("Sent"), None),
        (member("Attended", type_="Trade Show"), None),
        (activity("meeting", hs_meeting_title="Demo Metallbau GmbH", hs_meeting_outcome="COMPLETED"), "demo_attended"),
        (activity("meeting", hs_meeting_title="Demo Metallbau GmbH", hs_meeting_outcome="NO_SHOW"), None),
        (activity("meeting", hs_meeting_title="Kennenlernen", hs_meeting_outcome="COMPLETED"), None),
        (activity("call", hs_call_title="Demo"), None),
        (activity("task", Subject="Demo"), None),
        (activity("page_view", hs_url="https://www.example.com/preise"), "page_view"),
        (activity("email_click"), "email_click"),
        (activity("email_open"), "email_open"),
    ],
)
def test_the_shipped_signals(seen, means):
    assert meaning(SHIPPED, seen) == means


def test_a_campaign_is_nested_or_flat():
    flat = activity("campaign_member", **{"Status": "Attended", "Campaign.Type": "Webinar"})
    assert meaning(SHIPPED, flat) == "webinar_attended"
    assert meaning(SHIPPED, activity("campaign_member", Status="Attended", Campaign=None)) is None


def test_the_first_line_that_fits_gives_the_meaning():
    signals = Signals((Signal("form", "price_list", ("*preis*",)), Signal("form", "anything")))
    assert meaning(signals, activity("form", title="Preisliste")) == "price_list"
    assert meaning(signals, activity("form", title="Newsletter")) == "anything"
    assert meaning(signals, activity("form")) == "anything"
    assert meaning(signals, activity("event", Subject="Preisliste")) is None


def test_a_star_stands_for_anything_and_nothing_else_does():
    signals = Signals((Signal("form", "hit", ("a*b.c", "[x]?")),))
    hits = [
        title
        for title in ("ab.c", "a middle b.c", "A\nB.C", "abxc", "ab.cd", "[x]?", "[X]?", "xy")
        if meaning(signals, activity("form", title=title)) == "hit"
    ]
    assert hits == ["ab.c", "a middle b.c", "A\nB.C", "[x]?", "[X]?"]


def test_every_condition_of_a_line_must_fit():
    signals = Signals((Signal("campaign_member", "hit", ("Herbst*",), ("Webinar", "Event"), ("Attended",)),))
    assert meaning(signals, member("Attended", "event", "Herbst 2026")) == "hit"
    assert meaning(signals, member("Attended", "event", "Sommer 2026")) is None
    assert meaning(signals, member("Attended", "Email", "Herbst 2026")) is None
    assert meaning(signals, member("Sent", "event", "Herbst 2026")) is None


def test_pages_that_are_off_mean_nothing():
    assert meaning(Signals(pages="off"), activity("page_view")) is None
    assert meaning(Signals(pages="last_url"), activity("page_view")) == "page_view"
    assert Signals(pages="off").given() == {"email_click", "email_open"}
    assert "demo_request" in SHIPPED.given()


def test_the_same_signals_are_compiled_once():
    again, _ = read(RULES)
    assert again == SHIPPED
    assert again is not SHIPPED
    assert compile_signals(again) is compile_signals(SHIPPED)


# --- the file -------------------------------------------------------------------------------------------

MISTAKES = [
    ("pages: event", "2: 'pages' must be 'events', 'last_url' or 'off'; did you mean 'events'?"),
    ("keep_days: 10", "2: 'keep_days' must be at least 30"),
    ("meaning: []", "2: unknown key 'meaning'; did you mean 'meanings'?"),
    (
        "meanings: [{means: Demo Request, source: form}]",
        "2: 'means': write 2 to 40 lower case letters, digits or _",
    ),
    (
        "meanings: [{means: demo_request, source: forms}]",
        ("2: 'source' must be 'form', 'meeting', 'call', 'campaign_member', 'task' or 'event'; did you mean 'form'?"),
    ),
    ("meanings: [{means: demo_request}]", "2: the key 'source' is missing"),
    (
        "meanings: [{means: demo_request, source: form, type: Webinar}]",
        "2: only a campaign_member has a `type`, and this is a form: delete it",
    ),
    (
        "meanings: [{means: demo_request, source: form, status: done}]",
        "2: a form has no `status`: delete it",
    ),
    (
        "meanings:\n    - {means: anything, source: form}\n    - {means: demo_request, source: form, name: demo}",
        "4: a line above takes every form: put that one below, or narrow it with `name`",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), MISTAKES, ids=[sentence for _, sentence in MISTAKES])
def test_a_mistake_in_the_signals(tmp_path, text, sentence):
    path = tmp_path / "signals.yaml"
    path.write_text(f"signals:\n  {text}\n", encoding="utf-8")
    signals, mistakes = read(path)
    assert signals is None
    assert mistakes == [f"rules/signals.yaml:{sentence}"]


def test_an_empty_section_takes_the_defaults(tmp_path):
    path = tmp_path / "signals.yaml"
    path.write_text("signals: {}\n", encoding="utf-8")
    assert read(path) == (Signals(), [])
