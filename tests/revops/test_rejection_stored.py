"""Effects as they are stored and told: nothing is lost on the way, and no plan says more of a person than it must."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import orjson
import pytest

from connector.revops.rejection_effects import (
    CloseTask,
    Effect,
    Escalate,
    Hold,
    Notify,
    OpenTask,
    Reapply,
    Reassign,
    Release,
    ReopenTask,
    Revert,
    Suppress,
)
from connector.revops.rejection_stored import effect_from, effect_row
from connector.revops.rejection_told import told

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
DUE = datetime(2026, 11, 23, 14, 0, tzinfo=BERLIN)
PLACE = "person:hubspot:1:1"
PERSON = "person:hubspot:1"
TASK = f"task:{PLACE}:reason"

EVERY = (
    (
        Revert(f"revert:{PLACE}:x", PERSON, "hubspot", "UNQUALIFIED", "", "rejected without a reason"),
        "lead status in HubSpot back from UNQUALIFIED to empty",
        "Lead-Status in HubSpot zurück von UNQUALIFIED auf leer",
    ),
    (
        Reapply(f"reapply:{PLACE}:x", PERSON, "salesforce", "Closed", "other", "met Ada Example", "why"),
        "reject again in Salesforce: Closed, reason other",
        "in Salesforce wieder ablehnen: Closed, Grund other",
    ),
    (
        OpenTask(
            f"open:{TASK}", TASK, PERSON, "salesforce", "00Q1", "anna@example.com", "Ablehnungsgrund fehlt: 00Q1",
            "text", DUE, urgent=True,
        ),
        "task for anna@example.com: Ablehnungsgrund fehlt: 00Q1, due 2026-11-23 14:00",
        "Aufgabe für anna@example.com: Ablehnungsgrund fehlt: 00Q1, fällig 2026-11-23 14:00",
    ),
    (
        ReopenTask(f"reopen:{TASK}:x", TASK, PERSON, DUE),
        "open the task again (rejection reason), due 2026-11-23 14:00",
        "Aufgabe wieder öffnen (Ablehnungsgrund), fällig 2026-11-23 14:00",
    ),
    (
        CloseTask(f"close:{TASK}:x", TASK, PERSON, "completed"),
        "complete the task (rejection reason)",
        "Aufgabe abschließen (Ablehnungsgrund)",
    ),
    (
        CloseTask("close:2", f"task:{PLACE}:2", PERSON, "cancelled"),
        "cancel the task (level 2)",
        "Aufgabe abbrechen (Stufe 2)",
    ),
    (
        Notify(f"notify:{PLACE}:x", PERSON, "anna@example.com", "reason_missing", "Rejection reason missing: 1", DUE),
        "message to anna@example.com, not before 2026-11-23 14:00: Rejection reason missing: 1",
        "Nachricht an anna@example.com, nicht vor 2026-11-23 14:00: Rejection reason missing: 1",
    ),
    (
        Escalate(f"escalate:{PLACE}:1", PERSON, 1, 1, "owner_inactive", "boss@example.com", "team_lead", None, DUE),
        "escalation level 1 to boss@example.com (team lead)",
        "Eskalation Stufe 1 an boss@example.com (Teamleitung)",
    ),
    (
        Reassign(f"reassign:{PLACE}:3", PERSON, "anna@example.com", "boss@example.com", "no feedback"),
        "reassign to boss@example.com",
        "neu zuweisen an boss@example.com",
    ),
    (
        Suppress(f"suppress:{PLACE}:x", PERSON, "rejection.reason no_consent"),
        "leave out of marketing (rejection.reason no_consent)",
        "von der Werbung ausnehmen (rejection.reason no_consent)",
    ),
    (
        Hold(f"hold:{PLACE}:reason", PERSON, "NO_RECIPIENT", "nobody can be asked"),
        "for an admin, NO_RECIPIENT: nobody can be asked",
        "für einen Admin, NO_RECIPIENT: nobody can be asked",
    ),
    (
        Release("release:x", PERSON, f"hold:{PLACE}:level1"),
        "settled, leaves the inbox: level 1",
        "erledigt, aus dem Posteingang: Stufe 1",
    ),
    (
        Release("release:y", PERSON, f"hold:{PLACE}:prior_status_unknown"),
        "settled, leaves the inbox: prior status unknown",
        "erledigt, aus dem Posteingang: prior status unknown",
    ),
)  # fmt: skip
EFFECTS = [effect for effect, _, _ in EVERY]
named = pytest.mark.parametrize(("effect", "english", "german"), EVERY, ids=[type(each).__name__ for each in EFFECTS])


def test_no_kind_is_forgotten():
    assert {type(each) for each in EFFECTS} == set(get_args(Effect))


@named
def test_what_is_stored_comes_back_as_it_was(effect, english, german):
    _, kind, person, body, _ = effect_row(effect, AT)
    assert person == PERSON
    again = effect_from(kind, orjson.loads(orjson.dumps(body)))
    assert again == effect
    assert all(type(getattr(again, each.name)) is type(getattr(effect, each.name)) for each in fields(effect))


def test_a_message_waits_for_its_time_and_the_rest_for_nothing():
    assert [effect_row(each, AT)[4] for each in EFFECTS] == [
        each.deliver_at if isinstance(each, Notify) else AT for each in EFFECTS
    ]


def test_keys_are_the_effects_own_except_for_what_may_come_again():
    rows = {effect_row(each, AT)[0]: each for each in EFFECTS}
    again = {effect_row(each, AT + timedelta(hours=1))[0] for each in EFFECTS}
    assert {type(rows[key]) for key in rows.keys() - again} == {Hold, Release}
    assert effect_row(EFFECTS[0], AT)[0] == EFFECTS[0].key


def test_the_instant_of_the_decision_is_kept():
    assert effect_row(EFFECTS[0], AT)[3]["at"] == AT.astimezone(UTC).isoformat(timespec="microseconds")


@pytest.mark.parametrize(
    ("kind", "body"),
    [("Unheard", {}), ("Release", {"key": "k"}), ("Release", {"key": "k", "person": "p", "hold": "h", "colour": "b"})],
)
def test_what_is_not_known(kind, body):
    with pytest.raises(ValueError, match=r"Unheard|other fields"):
        effect_from(kind, body)


@named
def test_the_line_of_a_plan(effect, english, german):
    assert told(effect, "en", BERLIN) == english
    assert told(effect, "de", BERLIN) == german


def test_no_line_holds_a_comment():
    lines = " ".join(told(each, locale, BERLIN) for each in EFFECTS for locale in ("de", "en"))
    assert "Ada" not in lines


def test_times_are_told_in_the_zone_that_was_asked_for():
    assert "13:00" in told(EFFECTS[2], "en", UTC)
