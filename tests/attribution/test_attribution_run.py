"""Attribution in a run: what is written into both CRMs, and that a second run writes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attribution_world import World, project, with_rules

from connector.engine.run import apply
from connector.model import ROLE_NAMES
from connector.revops.attribution_config import CREDIT_MODELS


def journey(world, contact):
    """Three touches: an advertised book, a webinar form by e-mail, a demo found by search."""
    world.form(contact, "f1", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc&utm_campaign=Book")
    world.form(contact, "f2", "2026-10-10T10:00:00Z", "https://example.com/webinar?utm_medium=email")
    world.form(contact, "f3", "2026-11-05T10:00:00Z", "https://example.com/demo?utm_medium=organic")


@pytest.fixture
def won(world):
    """A won deal of one contact with three touches, at rest."""
    world.ann = world.contact("ann")
    journey(world, world.ann)
    world.press = world.deal("Press", world.ann)
    world.settle()
    return world


def linked(world, **deal):
    """Contact, lead, company and deal on both sides; the deal's opportunity has the contact's role."""
    company = world.hubspot.put("companies", name="Example GmbH").id
    world.ann = world.contact("ann", sales="wanted")
    journey(world, world.ann)
    world.press = world.deal("Press", world.ann, **{"associations.companies": [company]}, **deal)
    world.settle()
    return world


def test_a_won_deal_has_its_credits_and_touchpoints(won):
    touchpoints = won.rows("hubspot", "touchpoint")
    assert sorted(row["channel"] for row in touchpoints) == ["email", "organic", "paid"]
    assert all(row["associations.contacts"] == [won.ann] for row in touchpoints)
    assert [row["utm_campaign"] for row in touchpoints if row["channel"] == "paid"] == ["Book"]
    assert [row["channel"] for row in touchpoints if row["is_first"] == "true"] == ["paid"]
    assert won.credits(model="first") == {"paid": "48000.00"}
    assert won.credits(model="linear") == {"email": "16000.00", "organic": "16000.00", "paid": "16000.00"}
    assert {row["model"] for row in won.rows("hubspot", "credit")} == set(CREDIT_MODELS)
    keys = {row["key"]: row for row in touchpoints}
    types = won.hubspot.custom["revops_touchpoint"]
    for row in won.rows("hubspot", "credit"):
        (touchpoint,) = row[f"associations.{types}"]
        assert row["associations.deals"] == [won.press]
        assert row["channel"] == keys[_key_of(won, touchpoint)]["channel"]


def _key_of(world, record):
    types = world.hubspot.custom["revops_touchpoint"]
    return world.hubspot.rows[types, record].fields["revops_key"]


def test_the_deal_and_the_person_say_where_they_came_from(won):
    deal = won.hubspot.rows["deals", won.press].fields
    assert deal["revops_sourced"] == "true"
    assert '"channel":"paid"' in deal["revops_sourced_evidence"]
    assert '"frozen":"2026-11-20T12:00:00Z"' in deal["revops_sourced_evidence"]
    assert deal["revops_attr_first_channel"] == "paid"
    assert deal["revops_attr_last_channel"] == "organic"
    assert deal["revops_attr_top_campaign"] == "Book"
    person = won.hubspot.rows["contacts", won.ann].fields
    assert (person["revops_first_channel"], person["revops_first_campaign"]) == ("paid", "Book")


def test_nothing_changes_nothing_is_written(won):
    assert won.writes() == 0
    won.now += timedelta(days=9)
    assert won.writes() == 0
    won.hubspot.put("contacts", won.ann, company="Another GmbH")
    won.hubspot.put("deals", won.press, unmapped="x")
    assert won.writes() == 0


def test_a_record_that_is_read_again_gives_the_same_rows(won):
    before = {side: [dict(row) for row in won.rows(side, "credit")] for side in ("hubspot", "salesforce")}
    won.hubspot.put("deals", won.press, dealname="Press 2")
    won.hubspot.put("contacts", won.ann, lastname="Other")
    won.settle()
    assert {side: won.rows(side, "credit") for side in before} == before


def test_both_crms_get_the_rows_of_what_they_know(world):
    linked(world)
    (lead,) = world.salesforce.of("Lead")
    (opportunity,) = (row for row in world.salesforce.rows.values() if row.vendor_object == "Opportunity")
    touchpoints, shares = world.rows("salesforce", "touchpoint"), world.rows("salesforce", "credit")
    lead_id = next(row.id for row in world.salesforce.rows.values() if row.fields is lead)
    assert [row["Lead__c"] for row in touchpoints] == [lead_id] * 3
    assert all(row["Opportunity__c"] == opportunity.id for row in shares)
    assert {row["key"] for row in shares} == {row["key"] for row in world.rows("hubspot", "credit")}
    assert {row["key"] for row in touchpoints} == {row["key"] for row in world.rows("hubspot", "touchpoint")}
    ids = {row.id: row.fields["Key__c"] for row in world.salesforce.rows.values() if "Occurred_At__c" in row.fields}
    assert all(row["Touchpoint__c"] in ids for row in shares)
    assert isinstance(shares[0]["amount"], int | float)
    assert opportunity.fields["RevOps_Sourced__c"] is True
    assert world.writes() == 0


def test_a_converted_lead_keeps_its_touchpoints(world):
    linked(world)
    (lead,) = (row for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    keys = {row["key"] for row in world.rows("salesforce", "touchpoint")}
    account = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Account")
    contact = world.salesforce.put("Contact", Email="ann@example.com", LastName="Ann", AccountId=account).id
    world.salesforce.put("Lead", lead.id, IsConverted=True, ConvertedContactId=contact, ConvertedAccountId=account)
    world.settle()
    touchpoints = world.rows("salesforce", "touchpoint")
    assert {row["key"] for row in touchpoints} == keys
    assert {row["Contact__c"] for row in touchpoints} == {contact}
    assert world.writes() == 0


def test_a_removed_touch_changes_the_credits_of_its_deal_alone(world):
    ann, bob = world.contact("ann"), world.contact("bob", sales="wanted")
    journey(world, ann)
    world.form(bob, "g1", "2026-09-01T10:00:00Z")
    world.deal("Press", ann)
    other = world.deal("Lathe", bob, amount="1000")
    world.settle()
    lead = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    world.response(lead, "00v1", "2026-10-20")
    world.settle()
    assert world.credits(model="last")["webinar"] == "1000.00"
    others = [row for row in world.rows("hubspot", "credit") if row["associations.deals"] != [other]]
    world.response(lead, "00v1", "2026-10-20", responded=False)
    before = len(world.hubspot.journal)
    world.run()
    touched = {
        (kind, record) for kind, vendor_object, record in world.hubspot.journal[before:] if vendor_object == "2-2"
    }
    mine = {row.id for row in world.hubspot.rows.values() if row.fields.get("associations.deals") == [other]}
    assert {record for kind, record in touched if kind != "archive"} <= mine
    assert any(kind == "archive" for kind, _ in touched)
    assert "webinar" not in {row["channel"] for row in world.rows("hubspot", "credit")}
    assert "webinar" not in {row["channel"] for row in world.rows("hubspot", "touchpoint")}
    assert [row for row in world.rows("hubspot", "credit") if row["associations.deals"] != [other]] == others
    assert world.writes() == 0


def test_a_deal_without_touches_is_unattributed(world):
    world.deal("Press", amount="1000")
    world.settle()
    assert all(world.credits(model=model) == {"unattributed": "1000.00"} for model in CREDIT_MODELS)
    deal = world.hubspot.of("deals")[0]
    assert deal.get("revops_sourced") in (None, "", "false")
    assert deal["revops_attr_first_channel"] == "unattributed"
    assert world.writes() == 0


@pytest.mark.parametrize("won", [True, False], ids=["frozen", "open"])
def test_who_did_not_bring_a_deal_is_said_in_both_crms(world, won):
    company = world.hubspot.put("companies", name="Example GmbH").id
    press = world.deal("Press", world.contact("ann"), won=won, **{"associations.companies": [company]})
    world.run()
    assert world.hubspot.rows["deals", press].fields["revops_sourced"] == "false"
    world.settle()
    assert not world.salesforce.of("Opportunity")[0].get("RevOps_Sourced__c")
    world.hubspot.put("deals", press, revops_sourced="")
    world.settle()
    assert world.hubspot.rows["deals", press].fields["revops_sourced"] == "false"


def test_another_amount_gives_the_same_rows_another_revision(won):
    keys = {row["key"] for row in won.rows("hubspot", "credit")}
    won.hubspot.put("deals", won.press, amount="60000")
    won.settle()
    shares = won.rows("hubspot", "credit")
    assert {row["key"] for row in shares} == keys
    assert {row["revision"] for row in shares} == {"2"}
    assert won.credits(model="linear") == {"email": "20000.00", "organic": "20000.00", "paid": "20000.00"}


@pytest.mark.parametrize(
    ("amount", "linear"),
    [
        ("0", {"email": "0.00", "organic": "0.00", "paid": "0.00"}),
        ("-100", {"email": "-33.33", "organic": "-33.33", "paid": "-33.34"}),
        (None, {"email": "-", "organic": "-", "paid": "-"}),
        ("", {"email": "-", "organic": "-", "paid": "-"}),
    ],
)
def test_amounts_of_zero_and_below_and_unknown_ones(world, amount, linear):
    ann = world.contact("ann")
    journey(world, ann)
    world.deal("Press", ann, amount=amount)
    world.settle()
    assert world.credits(model="linear") == linear
    assert world.writes() == 0


def test_a_deal_that_is_opened_again_is_judged_anew(won):
    won.hubspot.put("deals", won.press, hs_is_closed_won="false", hs_is_closed="false")
    won.settle()
    assert '"frozen":""' in won.hubspot.rows["deals", won.press].fields["revops_sourced_evidence"]
    won.form(won.ann, "f4", "2026-11-24T10:00:00Z", "https://example.com/x?utm_medium=social")
    won.settle()
    assert won.credits(model="last") == {"social": "48000.00"}
    won.hubspot.put("deals", won.press, hs_is_closed_won="true", hs_is_closed="true", closedate="2026-11-25T00:00:00Z")
    won.settle()
    deal = won.hubspot.rows["deals", won.press].fields
    assert '"frozen":"2026-11-25T' in deal["revops_sourced_evidence"]
    assert deal["revops_attr_last_channel"] == "social"


def test_what_is_frozen_at_the_close_stays_though_credits_move(won):
    won.form(won.ann, "f0", "2026-08-20T10:00:00Z", "https://example.com/x?utm_medium=referral")
    won.settle()
    assert won.credits(model="first") == {"referral": "48000.00"}
    deal = won.hubspot.rows["deals", won.press].fields
    assert (deal["revops_sourced"], deal["revops_attr_first_channel"]) == ("true", "paid")
    assert won.hubspot.rows["contacts", won.ann].fields["revops_first_channel"] == "paid"


def test_the_last_channel_of_a_closed_deal_moves_with_its_credits(won):
    won.form(won.ann, "f4", "2026-11-19T10:00:00Z", "https://example.com/x?utm_medium=social")  # told late
    won.settle()
    assert won.credits(model="last") == {"social": "48000.00"}
    deal = won.hubspot.rows["deals", won.press].fields
    assert (deal["revops_attr_first_channel"], deal["revops_attr_last_channel"]) == ("paid", "social")
    evidence = deal["revops_sourced_evidence"]
    won.form(won.ann, "f5", "2026-11-21T10:00:00Z")  # after the close
    won.settle()
    assert deal["revops_attr_last_channel"] == "social"
    assert deal["revops_sourced_evidence"] == evidence


def test_an_edit_of_what_is_frozen_is_overwritten(won):
    won.hubspot.put("deals", won.press, revops_sourced_evidence="by hand", revops_sourced="false")
    won.settle()
    deal = won.hubspot.rows["deals", won.press].fields
    assert deal["revops_sourced"] == "true"
    assert '"frozen":"2026-11-20T12:00:00Z"' in deal["revops_sourced_evidence"]


def test_without_consent_only_declared_touches_count(world):
    ann = world.contact("ann", tracking_consent="")
    world.view(ann, "v1", "2026-08-10T10:00:00Z")
    world.click(ann, "c1", "2026-08-12T10:00:00Z")
    world.form(ann, "f1", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    world.deal("Press", ann)
    world.settle()
    assert world.credits(model="linear") == {"paid": "48000.00"}
    world.hubspot.put("contacts", ann, tracking_consent="true")
    world.settle()
    assert world.credits(model="linear") == {"email": "16000.00", "organic": "16000.00", "paid": "16000.00"}
    world.hubspot.put("contacts", ann, tracking_consent="false")
    world.settle()
    assert world.credits(model="linear") == {"paid": "48000.00"}
    assert [row["channel"] for row in world.rows("hubspot", "touchpoint")] == ["paid"]


def test_a_merged_contact_keeps_the_keys_of_its_touches(won):
    bob = won.contact("bob", sales="wanted")
    won.form(bob, "g1", "2026-10-01T10:00:00Z", "https://example.com/x?utm_medium=social")
    won.settle()
    keys = {row["key"] for row in won.rows("hubspot", "touchpoint")}
    merged = won.hubspot.put("contacts", hs_merged_object_ids=f"{won.ann};{bob}", **_merged(won)).id
    won.hubspot.put("deals", won.press, **{"associations.contacts": [merged]})
    for old in (won.ann, bob):
        won.hubspot.delete("contacts", old, "merged", merged)
    won.settle()
    rows = won.rows("hubspot", "touchpoint")
    assert {row["key"] for row in rows} == keys
    assert all(row["associations.contacts"][-1] == merged for row in rows)
    assert won.credits(model="linear")["social"] == "12000.00"
    assert won.writes() == 0


def _merged(world):
    fields = dict(world.hubspot.rows["contacts", world.ann].fields)
    return {name: value for name, value in fields.items() if name not in ("hs_object_id", "hs_merged_object_ids")}


def test_a_person_that_is_no_more_takes_its_touches_along(won):
    won.hubspot.delete("contacts", won.ann, "erased")
    won.settle()
    assert won.rows("hubspot", "touchpoint") == []
    assert won.credits(model="linear") == {"unattributed": "48000.00"}


def test_a_deal_that_is_no_more_takes_its_credits_along(won):
    won.hubspot.delete("deals", won.press)
    won.settle()
    assert won.rows("hubspot", "credit") == []
    assert len(won.rows("hubspot", "touchpoint")) == 3


def test_where_nothing_may_be_deleted_credits_are_superseded(tmp_path):
    world = World(tmp_path / "state.sqlite", project(may_delete=False))
    ann = world.contact("ann", tracking_consent="true")
    world.form(ann, "f1", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    world.click(ann, "c1", "2026-10-12T10:00:00Z")
    world.deal("Press", ann)
    world.settle()
    world.hubspot.put("contacts", ann, tracking_consent="false")
    world.settle()
    assert world.credits(model="linear") == {"email": "0.00", "paid": "48000.00"}
    superseded = {row["channel"] for row in world.rows("hubspot", "credit") if row["superseded"] == "true"}
    assert superseded == {"email"}
    assert world.writes() == 0


def test_a_touch_that_lies_ahead_counts_when_its_time_has_come(world):
    ann = world.contact("ann", sales="wanted")
    world.deal("Press", ann, won=False)
    world.settle()
    lead = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    world.now = world.now.replace(hour=8)
    world.response(lead, "00v1", "2026-11-26")  # a day: in Berlin it begins at 23:00 UTC
    world.settle()
    assert world.credits(model="linear") == {"unattributed": "48000.00"}
    world.now = world.now.replace(hour=22, minute=59)
    world.run()
    assert world.credits(model="linear") == {"unattributed": "48000.00"}
    world.now = world.now.replace(hour=23, minute=0)
    world.run()
    assert world.credits(model="linear") == {"webinar": "48000.00"}
    assert world.writes() == 0


def test_an_answer_of_today_counts_in_the_morning(world):
    ann = world.contact("ann", sales="wanted")
    world.deal("Press", ann, won=False)
    world.settle()
    lead = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    world.now = world.now.replace(hour=8)
    world.response(lead, "00v1", "2026-11-25")
    world.run()
    assert world.credits(model="linear") == {"webinar": "48000.00"}
    assert {row["channel"] for row in world.rows("salesforce", "touchpoint")} == {"webinar"}
    assert world.writes() == 0


def test_a_latest_source_is_remembered_when_the_next_one_comes(world):
    first = {"hs_latest_source": "PAID_SEARCH", "hs_latest_source_timestamp": "2026-09-01T10:00:00Z"}
    ann = world.contact("ann", **first)
    world.deal("Press", ann)
    world.settle()
    assert world.credits(model="linear") == {"paid": "48000.00"}
    later = {"hs_latest_source": "SOCIAL_MEDIA", "hs_latest_source_timestamp": "2026-10-01T10:00:00Z"}
    world.hubspot.put("contacts", ann, **later)
    world.settle()
    assert world.credits(model="linear") == {"paid": "24000.00", "social": "24000.00"}


def test_a_later_visit_does_not_move_the_money_of_a_closed_deal(world):
    ann = world.contact(
        "ann", hs_analytics_source="REFERRALS", hs_latest_source="PAID_SEARCH",
        hs_latest_source_timestamp="2026-11-01T09:50:00Z", recent_conversion_date="2026-11-01T10:00:00Z",
        recent_conversion_event_name="Demo",
    )  # fmt: skip
    world.deal("Press", ann)
    world.settle()
    rows = world.rows("hubspot", "touchpoint"), world.rows("hubspot", "credit")
    assert {row["channel"] for row in rows[0]} == {"paid"}
    assert [row["channel"] for row in rows[0] if row.get("subchannel") == "Demo"] == ["paid"]
    later = {"hs_latest_source": "SOCIAL_MEDIA", "hs_latest_source_timestamp": "2026-11-25T08:00:00Z"}
    world.hubspot.put("contacts", ann, **later)
    world.settle()
    assert [row for row in world.rows("hubspot", "touchpoint") if row["channel"] != "social"] == rows[0]
    assert world.rows("hubspot", "credit") == rows[1]


def test_a_conversion_seen_after_a_later_visit_came_by_the_first_source(world):
    ann = world.contact(
        "ann", hs_analytics_source="REFERRALS", hs_latest_source="SOCIAL_MEDIA",
        hs_latest_source_timestamp="2026-11-24T08:00:00Z", recent_conversion_date="2026-11-01T10:00:00Z",
    )  # fmt: skip
    world.deal("Press", ann)
    world.settle()
    assert world.credits(model="linear") == {"referral": "48000.00"}
    world.hubspot.put("contacts", ann, hs_latest_source_timestamp="2026-11-25T08:00:00Z", hs_analytics_source="OFFLINE")
    world.settle()
    assert world.credits(model="linear") == {"referral": "48000.00"}


def test_a_touch_outlives_its_activity(won):
    won.now += timedelta(days=1000)
    won.run()
    won.hubspot.put("deals", won.press, amount="30000")
    won.settle()
    assert won.credits(model="linear") == {"email": "10000.00", "organic": "10000.00", "paid": "10000.00"}
    assert len(won.rows("hubspot", "touchpoint")) == 3


def test_everybody_of_the_company_counts_where_the_rules_say_so(tmp_path):
    world = World(tmp_path / "state.sqlite", project(account_wide=True))
    company = world.hubspot.put("companies", name="Example GmbH").id
    bob = world.contact("bob", **{"associations.companies": [company]})
    world.deal("Press", **{"associations.companies": [company]})
    world.settle()
    assert world.credits(model="first") == {"unattributed": "48000.00"}
    world.form(bob, "f1", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    world.settle()
    assert world.credits(model="first") == {"paid": "48000.00"}


def test_a_contact_taken_off_a_deal_takes_its_touches_along(world):
    linked(world)
    world.hubspot.put("deals", world.press, **{"associations.contacts": []})
    world.settle()
    assert world.credits("hubspot", "first") == {"unattributed": "48000.00"}
    assert world.credits("salesforce", "first") == {"unattributed": "48000.00"}


def test_other_rules_with_the_same_answer_write_nothing(won):
    won.project = project(lookback_days=364)
    result = won.run()
    assert result.exit_code == 4  # the change is announced first
    won.hubspot.journal.clear()
    _allowed(won, result.plan)
    assert won.hubspot.journal == []
    won.project = project(lookback_days=30)
    result = won.run()
    _allowed(won, result.plan)
    assert won.credits(model="linear") == {"email": "24000.00", "organic": "24000.00"}


def _allowed(world, plan):
    def go(made, store, crms, seams):
        return apply(made, store, crms, seams, plan, allow=True)

    return world.run(engine=go)


def test_amounts_are_reported_at_the_rate_of_the_close(tmp_path):
    world = World(tmp_path / "state.sqlite", project(reporting_currency="EUR"))
    world.salesforce.rates = [
        {"IsoCode": "USD", "StartDate": "2026-01-01", "ConversionRate": 1.25},
        {"IsoCode": "USD", "StartDate": "2026-11-25", "ConversionRate": 2},
    ]
    ann = world.contact("ann")
    journey(world, ann)
    world.deal("Press", ann, amount="1000", deal_currency_code="USD")
    world.deal("Lathe", ann, amount="300")
    world.settle()
    rows = [row for row in world.rows("hubspot", "credit") if row["model"] == "first"]
    assert sorted((row["amount"], row["currency"], row["reporting_amount"]) for row in rows) == [
        ("1000", "USD", "800"),
        ("300", "EUR", "300"),
    ]


def test_an_amount_from_salesforce_is_reported_right_at_once(tmp_path):
    """HubSpot converts when it is written to: what it holds during the run belongs to the amount of before."""
    world = World(tmp_path / "state.sqlite", project(reporting_currency="EUR"))
    put = world.hubspot.put

    def converting(vendor_object, id_=None, **fields):
        if vendor_object == "deals" and "amount" in fields:
            fields["amount_in_home_currency"] = str(Decimal(fields["amount"]) * Decimal("0.8"))
        return put(vendor_object, id_, **fields)

    world.hubspot.put = converting
    linked(world, deal_currency_code="USD", amount="1000")
    (deal,) = (row for row in world.salesforce.rows.values() if row.vendor_object == "Opportunity")
    world.salesforce.put("Opportunity", deal.id, CurrencyIsoCode="USD")
    world.settle()
    assert _reported(world, "linear") == {("800", "1000")}
    revision = {int(row["revision"]) for row in world.rows("hubspot", "credit")}
    world.salesforce.put("Opportunity", deal.id, Amount=2345.67)
    world.run()
    assert _reported(world, "linear") == {("1876.54", "2345.67")}
    assert {int(row["revision"]) for row in world.rows("hubspot", "credit")} == {max(revision) + 1}
    assert world.writes() == 0


def _reported(world, model):
    """Sum of a deal's shares in the reporting currency and in its own, in each CRM: they must be the same."""
    found = set()
    for side in ("hubspot", "salesforce"):
        rows = [row for row in world.rows(side, "credit") if row["model"] == model]
        sums = [sum(Decimal(str(row[name])) for row in rows) for name in ("reporting_amount", "amount")]
        found.add(tuple(str(each.normalize() if each != each.to_integral() else each.to_integral()) for each in sums))
    return found


def test_only_contacts_in_a_role_count_where_the_rules_say_so(tmp_path):
    rules = with_rules(tmp_path / "project", "  contacts: {roles: [Decision Maker]}\n")
    world = World(tmp_path / "state.sqlite", rules)
    linked(world)
    account = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Account")
    bob = world.contact("bob")
    world.form(bob, "g1", "2026-09-15T10:00:00Z", "https://example.com/x?utm_medium=social")
    contact = world.salesforce.put("Contact", Email="bob@example.com", LastName="Bob", AccountId=account).id
    opportunity = next(row for row in world.salesforce.rows.values() if row.vendor_object == "Opportunity")
    roles = {"OpportunityContactRoles": [contact], ROLE_NAMES: {contact: ["Business User"]}}
    world.salesforce.put("Opportunity", opportunity.id, **roles)
    world.settle()
    assert world.credits("salesforce", "first") == {"unattributed": "48000.00"}
    world.salesforce.put("Opportunity", opportunity.id, **{ROLE_NAMES: {contact: ["Business User", "Decision Maker"]}})
    world.settle()
    assert world.credits("salesforce", "first") == {"social": "48000.00"}


def test_a_deal_that_salesforce_does_not_have_knows_no_roles(tmp_path):
    rules = with_rules(tmp_path / "project", "  contacts: {roles: [Decision Maker]}\n")
    world = World(tmp_path / "state.sqlite", rules)
    ann = world.contact("ann")
    journey(world, ann)
    world.deal("Press", ann)
    world.settle()
    assert world.credits(model="first") == {"paid": "48000.00"}


def test_a_person_erased_in_one_crm_has_no_touchpoints_in_either(world):
    linked(world)
    assert len(world.rows("salesforce", "touchpoint")) == 3
    world.hubspot.delete("contacts", world.ann, "erased")
    world.settle()
    assert world.rows("hubspot", "touchpoint") == world.rows("salesforce", "touchpoint") == []
    assert world.credits("salesforce", "first") == {"unattributed": "48000.00"}


def test_a_lead_is_made_by_the_touch_before_its_record(world):
    ann = world.contact("ann", createdate="2026-10-20T08:00:00Z")
    journey(world, ann)
    world.deal("Press", ann)
    world.settle()
    (row,) = [row for row in world.rows("hubspot", "touchpoint") if row["is_lead_creation"] == "true"]
    assert row["channel"] == "email"
    shares = {row["channel"]: row for row in world.rows("hubspot", "credit") if row["model"] == "w_shape"}
    assert shares["paid"]["milestones"] == "FT"
    assert shares["email"]["milestones"] == "LC"
    assert shares["organic"]["milestones"] == "OC;CW"


def test_a_row_that_somebody_removed_comes_back_whole_when_it_changes(won):
    types = won.hubspot.custom["revops_credit"]
    for key in [key for key in won.hubspot.rows if key[0] == types]:
        del won.hubspot.rows[key]
    won.hubspot.put("deals", won.press, amount="60000")
    won.settle()
    touchpoint = won.hubspot.custom["revops_touchpoint"]
    rows = won.rows("hubspot", "credit")
    assert won.credits(model="linear") == {"email": "20000.00", "organic": "20000.00", "paid": "20000.00"}
    assert all(row["associations.deals"] == [won.press] and row[f"associations.{touchpoint}"] for row in rows)


def test_a_person_made_in_the_same_run_is_found_when_the_rows_are_written(world):
    world.run()
    ann = world.contact("ann", sales="wanted")
    journey(world, ann)
    world.run()
    (lead,) = (row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    assert {row["Lead__c"] for row in world.rows("salesforce", "touchpoint")} == {lead}
    assert world.writes() == 0
