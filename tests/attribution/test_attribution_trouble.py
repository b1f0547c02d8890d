"""What goes wrong: missing objects, refusals, full CRMs, lost answers. It is said once, held, and made good later."""

import pytest
from attribution_world import World
from test_attribution_run import journey

from connector.model import Refused


def deals(world, count=2):
    """Contacts with a touch and a deal each."""
    for number in range(count):
        contact = world.contact(f"p{number}")
        world.form(contact, f"f{number}", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
        world.deal(f"Deal {number}", contact, amount="1000")


def test_salesforce_without_the_objects_is_said_once_and_hubspot_goes_on(world):
    world.salesforce.custom = {}
    deals(world)
    result = world.run()
    assert result.exit_code == 1
    assert world.inbox() == [("attribution", "salesforce", world.inbox()[0][2])]
    assert "RevOps_Touchpoint__c and no RevOps_Credit__c" in world.inbox()[0][2]
    assert "revloop install" in world.inbox()[0][2]
    assert world.credits(model="first") == {"paid": "1000.00, 1000.00"}
    assert world.writes() == 0
    assert len(world.inbox()) == 1


def test_objects_that_are_installed_later_are_filled(world):
    custom, world.hubspot.custom = world.hubspot.custom, {}
    world.hubspot.hidden = {"revops_attr_summary"}
    deals(world)
    world.run()
    assert [side for _, side, _ in world.inbox()] == ["hubspot"]
    world.hubspot.custom = custom
    world.run()
    assert world.inbox() == []
    assert world.credits(model="first") == {"paid": "1000.00, 1000.00"}
    assert world.writes() == 0


def test_hubspot_without_custom_objects_gets_a_summary(world):
    world.hubspot.custom = {}
    ann = world.contact("ann")
    journey(world, ann)
    press = world.deal("Press", ann)
    world.settle()
    assert world.inbox() == []
    text = world.hubspot.rows["deals", press].fields["revops_attr_summary"]
    assert '"linear":{"paid":{"percent":"33.333334","amount":"16000.00"}' in text
    assert '["2026-09-01T10:00:00Z","paid","Book",["FT"' in text
    assert world.writes() == 0
    world.hubspot.put("deals", press, amount="3000")
    world.settle()
    assert '"amount":"1000.00"' in world.hubspot.rows["deals", press].fields["revops_attr_summary"]


def test_a_refused_row_holds_its_deal_alone(world):
    deals(world)
    world.settle()
    world.hubspot.refuse = lambda write: (
        Refused("VALIDATION_ERROR", "the channel is not allowed") if "revops_model" in write.fields else None
    )
    deal = next(row.id for row in world.hubspot.rows.values() if row.fields.get("dealname") == "Deal 0")
    world.hubspot.put("deals", deal, amount="5000")
    result = world.run()
    assert result.exit_code == 1
    (entry,) = world.inbox()
    assert entry[:2] == ("deal", "hubspot")
    assert "HubSpot refused to write rows of revops_credit: the channel is not allowed" in entry[2]
    world.run()
    assert len(world.inbox()) == 1  # tried again, still refused
    world.hubspot.refuse = lambda _write: None
    world.run()
    assert world.inbox() == []
    assert world.credits(model="first") == {"paid": "1000.00, 5000.00"}
    assert world.writes() == 0


def test_a_full_crm_is_said_once_and_nothing_is_lost(world):
    full = Refused("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    deals(world, 6)
    world.hubspot.refuse = lambda write: full if "revops_key" in write.fields else None
    result = world.run()
    assert result.exit_code == 1
    (entry,) = world.inbox()
    assert entry[:2] == ("attribution", "hubspot")
    assert "takes no more rows" in entry[2]
    assert "the next run writes what is missing" in entry[2]
    assert len([1 for kind, vendor_object, _ in world.hubspot.journal if vendor_object.startswith("2-")]) == 0
    world.hubspot.refuse = lambda _write: None
    world.run()
    assert world.inbox() == []
    assert len(world.rows("hubspot", "touchpoint")) == 6
    assert len(world.rows("hubspot", "credit")) == 6 * 7
    assert world.writes() == 0


@pytest.mark.parametrize("kind", ["create", "associate", "archive"])
def test_a_lost_answer_is_repeated(world, kind):
    deals(world)
    lost = []

    def lose(what, write):
        mine = what == kind and (
            kind == "archive" or any(name.startswith(("revops_", "associations.2")) for name in write.fields)
        )
        lost.extend([write] if mine and len(lost) < 3 else [])
        return bool(lost) and lost[-1] is write

    world.hubspot.lose = lose
    world.run()
    if kind == "archive":
        for row in world.hubspot.of("contacts"):
            row["tracking_consent"] = "false"
        contact = next(row.id for row in world.hubspot.rows.values() if row.vendor_object == "contacts")
        world.click(contact, "c1", "2026-10-01T10:00:00Z")
        world.hubspot.put("contacts", contact, tracking_consent="true")
        world.run()
        world.hubspot.put("contacts", contact, tracking_consent="false")
        result = world.run()
        assert result.exit_code == 3
    world.settle()
    assert lost
    assert world.credits(model="first") == {"paid": "1000.00, 1000.00"}
    types = world.hubspot.custom["revops_touchpoint"]
    assert all(row["associations.deals"] and row[f"associations.{types}"] for row in world.rows("hubspot", "credit"))
    keys = [row["key"] for row in world.rows("hubspot", "credit")]
    assert len(keys) == len(set(keys)) == 14


def test_a_deal_that_cannot_be_made_holds_its_rows_until_it_is(world):
    company = world.hubspot.put("companies", name="Example GmbH").id
    ann = world.contact("ann", sales="wanted")
    journey(world, ann)
    world.deal("Press", ann, **{"associations.companies": [company]})
    world.salesforce.refuse = lambda write: (
        Refused("RULE", "no presses") if write.fields.get("Name") == "Press" else None
    )
    world.settle()
    assert world.rows("salesforce", "credit") == []
    assert len(world.rows("salesforce", "touchpoint")) == 3
    world.salesforce.refuse = lambda _write: None
    world.settle()
    assert len({row["Opportunity__c"] for row in world.rows("salesforce", "credit")}) == 1
    assert world.writes() == 0


def test_many_rows_that_fall_away_stop_the_run(tmp_path):
    world = World(tmp_path / "state.sqlite")
    for number in range(130):
        contact = world.contact(f"p{number}")
        for n in range(5):
            world.form(contact, f"f{number}-{n}", f"2026-0{n + 4}-01T10:00:00Z")
    world.settle()
    for _, activity in list(world.hubspot.told):
        fields = {**activity.fields, "submittedAt": ""}
        world.hubspot.tell(type(activity)(*[getattr(activity, name) for name in activity.__slots__[:-1]], fields))
    result = world.run()
    assert result.exit_code == 4
    assert any("removes 650 of 650 rows of attribution from hubspot" in each for each in result.reasons)
