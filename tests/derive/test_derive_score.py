"""A person's score over several runs: when the explanation is written anew, and what outlives the state file."""

from datetime import timedelta

import pytest
from attribution_world import Boundaries
from rules_world import Rules, shipped


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def told(world, contact):
    return world.field(contact, "revops_score_explanation")


def lead_told(world):
    (lead,) = world.salesforce.of("Lead")
    return lead["RevOps_Score_Explanation__c"]


def lead_id(world):
    (lead,) = [row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead"]
    return lead


def opt_out(world, value):
    world.salesforce.put("Lead", lead_id(world), HasOptedOutOfEmail=value)


def forgetful(world, contact):
    """The memory as a version wrote it that knew no more than numbers."""
    with world.store() as store:
        ((key, body),) = [each for some in store.standings.all("person") for each in some]
        scored = {name: value for name, value in body["scored"].items() if name not in ("said", "told_at")}
        store.standings.put("person", [(key, {**body, "scored": scored}, world.now)])


def test_a_decision_that_changes_no_number_is_explained_in_both_crms(world):
    contact = world.person()
    world.settle()
    assert "MQL ja (früher gesetzt)" in told(world, contact)
    before = world.field(contact, "revops_temperature")
    opt_out(world, True)
    assert world.writes() == 2
    assert world.writes() == 0
    assert world.field(contact, "revops_temperature") == before == "cold"
    for text in (told(world, contact), lead_told(world)):
        assert "Gesperrt: von allem abgemeldet" in text
        assert "MQL nein (gesperrt)" in text
    opt_out(world, False)
    world.settle()
    assert "Gesperrt" not in told(world, contact)
    assert told(world, contact) == lead_told(world)


def test_what_only_gets_older_is_not_written(world):
    contact = world.person()
    world.form(contact, "f1", "2026-11-23T08:00:00Z", title="Whitepaper")
    world.settle()
    assert "+10,00 Whitepaper (1×, heute)" in told(world, contact)
    world.now += timedelta(days=1)
    assert world.writes() == 0
    assert "Whitepaper (1×, heute)" in told(world, contact)


def test_a_memory_without_the_decisions_is_no_reason_to_write(world):
    contact = world.person()
    world.settle()
    forgetful(world, contact)
    assert world.writes() == 0
    opt_out(world, True)
    world.settle()
    assert "Gesperrt" in told(world, contact)


def test_a_recycled_person_is_explained_in_the_run_that_recycles(world):
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    world.run()
    assert world.field(contact, "revops_stage") == "lead"
    assert "MQL nein (Temperatur zu niedrig)" in told(world, contact)
    assert world.writes() == 0


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_an_explanation_that_was_not_written_is_written_by_the_next_run(tmp_path, world, side):
    contact = world.person()
    world.settle()
    opt_out(world, True)
    whole, boundaries = world.copied(tmp_path / "whole.sqlite"), Boundaries()
    whole.run(boundaries)
    places = [number for number, name in enumerate(boundaries.seen, 1) if name.startswith(f"{side} update")]
    assert places
    for at in places:
        again = world.copied(tmp_path / f"{side}{at}.sqlite")
        again.run(Boundaries(at))
        again.settle()
        assert "Gesperrt" in told(again, contact)
        assert "Gesperrt" in lead_told(again)


def test_a_grade_is_held_although_the_state_was_lost(tmp_path, world):
    company = world.hubspot.put(
        "companies", name="Metall GmbH", domain="metall.example", numberofemployees="1450", industry="MACHINERY"
    )
    contact = world.person(
        company="Metall GmbH", jobtitle="Bereichsleiterin", hs_country_region_code="DE",
        **{"associations.companies": [company.id]},
    )  # fmt: skip
    world.form(contact, "f1", "2026-11-23T08:00:00Z", title="Kontaktformular")
    world.settle()
    world.hubspot.put("companies", company.id, numberofemployees="300")
    world.hubspot.put("contacts", contact, jobtitle="Abteilungsleiterin")
    world.now += timedelta(days=2)
    world.settle()
    names = ("fit_score", "fit_grade", "engagement_score", "engagement_level", "temperature")
    held = {name: world.field(contact, f"revops_{name}") for name in names}
    assert held == dict(zip(names, ("72", "A", "29", "E2", "hot"), strict=True))
    again = world.forgotten(tmp_path / "new.sqlite")
    again.run()
    assert again.writes() == 0
    assert {name: again.field(contact, f"revops_{name}") for name in names} == held
