"""Sales takes a person on below a stage that a rule of ours had set: remembered once per cycle (domain §2.3)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.revops.lifecycle import Lifecycle
from connector.revops.lifecycle_claims import Proposal
from connector.revops.lifecycle_decide import decide
from connector.revops.lifecycle_journey import Down, Journey, Stamp, fields, from_data, restored, to_data
from connector.revops.lifecycle_sightings import lead_sighting

CONFIG = Lifecycle(salesforce_status={"lead": "Open", "sal": "Working", "sql": "Qualified"})
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(hour, minute=0):
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def ruled(config=CONFIG, **more):
    """A person whom rules made an SQL at nine."""
    asked = [Proposal(stage, at(9), f"rule scoring.{stage}") for stage in ("mql", "sql")]
    journey = decide(config, Journey("lead", stamps={"lead": Stamp(at(8))}), as_of=at(9), proposals=asked).journey
    return replace(journey, **more)


def shows(status, since):
    return lead_sighting(CONFIG, status, at=since)


def seen(journey, *sightings, config=CONFIG, **more):
    return decide(config, journey, sightings, as_of=NOON, **more).journey


def test_the_first_acceptance_is_kept():
    journey = seen(ruled(), shows("Working", at(10)))
    assert (journey.stage, journey.accepted_at) == ("sql", at(10))
    assert fields(journey)["revops_sal_at"] == "2026-11-23T10:00:00Z"
    assert seen(journey, shows("Open", at(11))) == journey
    assert seen(journey, shows("Working", at(11))) == journey
    assert from_data(to_data(journey)) == journey
    assert restored(fields(journey)).accepted_at == at(10)


@pytest.mark.parametrize("since", [at(8), at(9), None])
def test_what_stood_before_is_no_acceptance(since):
    assert seen(ruled(), shows("Working", since)) == ruled()


def test_a_status_beyond_the_sal_is_an_acceptance_and_no_sal():
    journey = seen(ruled(), shows("Qualified", at(10)))
    assert journey.accepted_at == at(10)
    assert "sal" not in journey.stamps


def test_an_sal_that_was_filled_in_keeps_its_time():
    config = replace(CONFIG, backfill=True)
    before = ruled(config)
    before = before.stamped("sal", Stamp(at(9), inferred=True))
    journey = seen(before, shows("Working", at(10)), config=config)
    assert journey.stamps["sal"] == Stamp(at(9), inferred=True)
    assert (before.accepted_at, journey.accepted_at) == (None, at(10))


def test_what_was_accepted_earlier_is_not_accepted_again():
    journey = ruled().stamped("opportunity", Stamp(at(9, 30)))
    assert seen(journey, shows("Working", at(10))) == journey


def test_a_correction_takes_the_acceptance_away_for_good():
    status = shows("Working", at(10))
    corrected = Down("data_correction", at(11), "admin", "import mistake", "mql")
    journey = seen(seen(ruled(), status), status, downs=[corrected])
    assert (journey.stage, journey.accepted_at) == ("mql", None)
    assert seen(journey, status, downs=[corrected]) == journey
    kept = replace(corrected, to="sal")
    assert seen(seen(ruled(), status), status, downs=[kept]).taken_at == at(10)


def test_a_recycle_begins_without_an_acceptance():
    status, down = shows("Working", at(10)), Down("recycle", at(11), "sales", "timeline_too_far", side="salesforce")
    journey = seen(seen(ruled(), status), status, downs=[down])
    assert (journey.cycle, journey.accepted_at) == (2, None)
    assert journey.past[0].stamps["sal"].at == at(10)
