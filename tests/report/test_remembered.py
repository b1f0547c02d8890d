"""What the engine remembers of a hand-over: how the person looked then, every cycle, and the deals that were won."""

import json
from datetime import timedelta
from fractions import Fraction

import pytest
from lives import CONTACT, HISTORY, REJECTED, SELLER, only, run
from memories import moment, report

from connector.engine.council import hand_overs
from connector.engine.derive.handed import size_class
from connector.engine.derive.memory import from_body, to_body


def seen(contact=CONTACT, **more):
    return {"hubspot": {"contacts": [contact]}, **more}


def test_the_facts_of_a_hand_over(folder, store):
    form = {"person": "hubspot 1", "at": "2026-10-04T08:00:00Z", "form": "Demo"}
    run(folder, store, "2026-10-05T12:00:00+02:00", **seen(activities=[form]))
    (handed,) = only(store).handovers
    assert (handed.cycle, handed.at) == (1, moment("2026-10-05T08:00:00"))
    assert handed.due_at == moment("2026-10-07T08:00:00")
    assert (handed.disposition, handed.feedback_at, handed.worked) == (None, None, None)
    scored = only(store).scored
    assert handed.facts == {
        "source": "PAID_SEARCH", "campaign": "Herbst", "industry": "MACHINERY", "country": "DE",
        "company_size": "51-200", "band": f"{scored['grade']}/{scored['level']}", "temperature": scored["temperature"],
        "fit_score": scored["fit"], "engagement_score": scored["engagement"],
    }  # fmt: skip
    assert scored["engagement"] > 0


def test_nothing_personal_is_remembered_for_the_reports(folder, store):
    run(folder, store, "2026-10-05T12:00:00+02:00", **seen())
    text = json.dumps(to_body(only(store))["handovers"])
    assert not [each for each in ("Weit", "probe.example", SELLER["email"]) if each in text]


def test_the_facts_stay_those_of_the_hand_over(folder, store):
    run(folder, store, "2026-10-05T12:00:00+02:00", **seen())
    (first,) = only(store).handovers
    later = CONTACT | {"hs_analytics_source": "OFFLINE", "industry": "RETAIL", "numemployees": "5000"}
    form = {"person": "hubspot 1", "at": "2026-10-06T08:00:00Z", "form": "Demo"}
    run(folder, store, "2026-10-06T12:00:00+02:00", **seen(later, activities=[form]))
    assert only(store).handovers[0].facts == first.facts
    assert only(store).scored["engagement"] > first.facts["engagement_score"]


def test_an_answer_is_measured_by_the_clock_and_stays(folder, store):
    run(folder, store, "2026-10-05T12:00:00+02:00", **seen())
    run(folder, store, "2026-10-06T18:00:00+02:00", **seen(REJECTED, history=HISTORY))
    (handed,) = only(store).handovers
    assert (handed.disposition, handed.reason) == ("rejected", "budget_none")
    assert handed.feedback_at == moment("2026-10-06T14:00:00")
    assert handed.worked == timedelta(hours=30)
    other = REJECTED | {"hubspot_owner_id": "8", "hubspot_owner_assigneddate": "2026-10-20T08:00:00Z"}
    run(folder, store, "2026-10-20T18:00:00+02:00", **seen(other, history=HISTORY))
    again = next(each for each in only(store).handovers if each.cycle == 1)
    assert (again.due_at, again.worked, again.feedback_at) == (handed.due_at, handed.worked, handed.feedback_at)


def sent_back(folder, store, day):
    """What revloop's own writes make of a recycled contact, seen the day after."""
    back = CONTACT | {"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}
    del back["hs_v2_date_entered_marketingqualifiedlead"]
    run(folder, store, f"{day}T12:00:00+02:00", **seen(back))


def qualified_again(folder, store, day):
    """Marketing qualifies the contact once more, and sales gets it the same hour."""
    fresh = CONTACT | {"hs_lead_status": "OPEN", "hubspot_owner_assigneddate": f"{day}T08:00:00Z"}
    story = {name: [[fresh[name], f"{day}T08:00:00Z"]] for name in ("lifecyclestage", "hs_lead_status")}
    run(folder, store, f"{day}T12:00:00+02:00", **seen(fresh, history={"hubspot 1": story}))


def turned_down(folder, store, day, reason):
    """Sales rejects the contact with a reason."""
    refused = CONTACT | {"hs_lead_status": "UNQUALIFIED", "revops_rejection_reason": reason}
    story = {
        "hs_lead_status": [["UNQUALIFIED", f"{day}T14:00:00Z"], ["OPEN", "2026-10-01T08:00:00Z"]],
        "revops_rejection_reason": [[reason, f"{day}T14:00:00Z"]],
    }
    run(folder, store, f"{day}T18:00:00+02:00", **seen(refused, history={"hubspot 1": story}))


def test_the_hand_overs_of_every_cycle_are_kept(folder, store):
    """Rejected for want of a budget, back after 180 days, and after that a third time."""
    run(folder, store, "2026-10-05T12:00:00+02:00", **seen())
    turned_down(folder, store, "2026-10-06", "budget_none")
    sent_back(folder, store, "2026-10-07")
    qualified_again(folder, store, "2027-05-03")
    turned_down(folder, store, "2027-05-04", "timeline_too_far")
    sent_back(folder, store, "2027-05-05")
    qualified_again(folder, store, "2027-12-06")
    turned_down(folder, store, "2027-12-07", "authority_none")
    kept = only(store)
    assert [(each.cycle, f"{each.at:%Y-%m-%d}", each.disposition, each.reason) for each in kept.handovers] == [
        (1, "2026-10-05", "rejected", "budget_none"),
        (2, "2027-05-03", "rejected", "timeline_too_far"),
        (3, "2027-12-06", "rejected", "authority_none"),
    ]
    assert kept.past.cycle == 3  # the case of cycle 1 is gone, its hand-over is not
    rows = list(hand_overs("p", to_body(kept)))
    assert [f"{row.recycled_at:%Y-%m-%d}" for row in rows] == ["2026-10-06", "2027-05-04", "2027-12-07"]
    months = [
        report(folder, "council", "--month", month, "--as-of", "2028-01-10", "--json").data["headline"]
        for month in ("2026-10", "2027-05", "2027-12")
    ]
    assert [headline["rejected"]["value"] for headline in months] == ["1", "1", "1"]


def test_a_hand_over_before_the_rules_began_is_counted_without_clock_and_score(folder, store):
    store.put("rules.began", "2026-11-01T00:00:00+00:00")
    run(folder, store, "2026-11-10T12:00:00+01:00", **seen())
    (handed,) = only(store).handovers
    assert (handed.due_at, handed.facts.get("band"), handed.facts["source"]) == (None, None, "PAID_SEARCH")
    headline = report(folder, "council", "--month", "2026-10", "--as-of", "2026-11-20", "--json").data["headline"]
    assert [headline[name]["value"] for name in ("handed_over", "open", "overdue")] == ["1", "1", "0"]


DEAL = {
    "id": "77", "dealname": "Big", "dealstage": "closedwon", "hs_is_closed": "true", "hs_is_closed_won": "true",
    "closedate": "2026-10-20T09:00:00Z", "createdate": "2026-10-01T11:00:00Z", "associations.contacts": ["1"],
}  # fmt: skip


def test_won_deals_with_the_scores_of_then(folder, store):
    with_deal = {"hubspot": {"contacts": [CONTACT], "deals": [DEAL]}}
    run(folder, store, "2026-10-21T12:00:00+02:00", **with_deal)
    (won,) = only(store).won
    # by the record's stamp: the day that the close date names was not over then
    assert (won.closed_at, won.records, won.hot) == (moment("2026-10-20T10:00:00"), ("hubspot:77",), False)
    form = {"person": "hubspot 1", "at": "2026-10-25T08:00:00Z", "form": "Demo"}
    run(folder, store, "2026-10-26T12:00:00+01:00", **with_deal, activities=[form])
    assert only(store).scored["max_engagement"] > (won.engagement_score or 0)
    assert only(store).won == (won,)


@pytest.mark.parametrize(
    "change",
    [{"hs_is_closed_won": "false"}, {"closedate": "2025-12-01T11:00:00Z"}],
    ids=["won no more", "before the rules"],
)
def test_what_is_no_won_deal(folder, store, change):
    run(folder, store, "2026-10-21T12:00:00+02:00", hubspot={"contacts": [CONTACT], "deals": [DEAL]})
    assert only(store).won
    run(folder, store, "2026-10-22T12:00:00+02:00", hubspot={"contacts": [CONTACT], "deals": [DEAL | change]})
    assert only(store).won == ()


def test_a_person_whom_only_salesforce_knows(folder, store):
    id_ = "00Q000000000001"
    lead = {
        "Id": id_, "Email": "l@probe.example", "LastName": "L", "Company": "Probe", "OwnerId": "005A",
        "Status": "Open - Not Contacted", "LeadSource": "Trade Show", "NumberOfEmployees": 5000, "CountryCode": "AT",
    }  # fmt: skip
    campaigns = [
        {
            "person": f"salesforce {id_}",
            "at": f"2026-10-{when}:00Z",
            "campaign": {"name": name, "type": "Webinar", "status": "Attended"},
        }
        for when, name in (("07T07:00", "Messe"), ("07T08:00", "Herbst"), ("09T08:00", "Later"))
    ]
    owners = [SELLER | {"side": "salesforce", "id": "005A"}]
    case = {"salesforce": {"Lead": [lead]}, "activities": campaigns, "owners": owners}
    run(folder, store, "2026-10-07T12:00:00+02:00", **case)
    (handed,) = only(store).handovers
    assert [handed.facts[name] for name in ("source", "campaign", "country", "company_size", "temperature")] == [
        "Trade Show", "Herbst", "AT", "1001-5000", "warm",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("employees", "shown"),
    [("1", "1-10"), ("10", "1-10"), ("11", "11-50"), ("1001-5000", "1001-5000"), ("5001", "5001+"),
     ("1.450", "1001-5000"), ("many", "many"), ("", None), (None, None)],
)  # fmt: skip
def test_companies_are_counted_by_size(employees, shown):
    assert size_class(employees) == shown


def test_a_memory_comes_back_as_it_was(folder, store):
    run(folder, store, "2026-10-21T12:00:00+02:00", hubspot={"contacts": [REJECTED], "deals": [DEAL]}, history=HISTORY)
    memory = only(store)
    assert memory.handovers
    assert memory.won
    body = to_body(memory)
    assert from_body(json.loads(json.dumps(body))) == memory
    assert Fraction(len(json.dumps(body["handovers"])), len(memory.handovers)) < 700
