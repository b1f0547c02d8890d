"""A run that is killed at any call and any commit: the next ones come to what an undisturbed run comes to."""

import shutil
from copy import deepcopy

import pytest
from attribution_world import Boundaries, World, some
from test_attribution_run import journey


def moment(tmp_path):
    """New persons, deals and touches, changed and vanished ones, on both sides, just before a run."""
    world = World(tmp_path / "state.sqlite")
    company = world.hubspot.put("companies", name="Example GmbH").id
    ann = world.contact("ann", sales="wanted", **{"associations.companies": [company]})
    bob = world.contact("bob")
    journey(world, ann)
    world.form(bob, "g1", "2026-09-15T10:00:00Z", "https://example.com/x?utm_medium=social")
    press = world.deal("Press", ann, **{"associations.companies": [company]})
    world.deal("Lathe", bob, amount="500")
    world.settle()
    lead = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    world.response(lead, "00v1", "2026-10-20")
    world.settle()
    world.salesforce.untell("campaign_member", "00v1")
    world.hubspot.put("deals", press, amount="1000", **{"associations.contacts": [ann, bob]})
    world.click(ann, "c1", "2026-11-10T10:00:00Z")
    world.hubspot.put("contacts", bob, tracking_consent="false")
    world.hubspot.tell(next(each for _, each in world.hubspot.told if each.id == "f2").__class__(
        "hubspot", "form", "f2", "contacts", ann, "2026-10-10T10:00:00Z", {"submittedAt": "never"}
    ))  # fmt: skip
    cleo = world.contact("cleo", sales="wanted")
    world.form(cleo, "h1", "2026-10-20T10:00:00Z", "https://example.com/x?utm_medium=referral")
    world.deal("Drill", cleo, amount="700", **{"associations.companies": [company]})
    return world


def play(world, tmp_path, name):
    """The same moment again, with CRMs and a state of its own."""
    other = World(tmp_path / f"{name}.sqlite", world.project)
    for leftover in tmp_path.glob(f"{name}.sqlite*"):
        leftover.unlink()
    shutil.copyfile(world.path, other.path)
    for mine, theirs in ((other.hubspot, world.hubspot), (other.salesforce, world.salesforce)):
        for kept in ("rows", "lost", "told", "untold", "unlisted", "_numbers", "_changes"):
            setattr(mine, kept, deepcopy(getattr(theirs, kept)))
    other.now, other.runs = world.now, world.runs
    return other


def picture(world):
    """What both CRMs hold in the end, without what depends on when it was written."""
    silent = {"computed_at", "revision"}
    found = {}
    for side in ("hubspot", "salesforce"):
        for carrier in ("touchpoint", "credit"):
            rows = world.rows(side, carrier)
            keys = [row["key"] for row in rows]
            assert len(keys) == len(set(keys)), f"{side} {carrier}: a key stands twice"
            assert not any(each is None for each in keys)
            found[side, carrier] = {
                row["key"]: {name: _ends(world, side, name, value) for name, value in row.items() if name not in silent}
                for row in rows
            }
    deals = {row["dealname"]: row for row in world.hubspot.of("deals")}
    found["fields"] = {
        name: {field: row.get(field) for field in ("revops_sourced", "revops_attr_first_channel", "amount")}
        for name, row in deals.items()
    }
    return found


def _ends(world, side, name, value):
    """Record ids differ from play to play: what stands behind them does not."""
    crm = world.crms[side]
    by_id = {row.id: row.fields for row in crm.rows.values()}

    def told(record):
        fields = by_id.get(record, {})
        return (
            fields.get(crm.key)
            or fields.get("email")
            or fields.get("Email")
            or fields.get("dealname")
            or fields.get("Name")
        )

    if name.startswith("associations."):
        return sorted(str(told(each)) for each in value)
    return told(value) if name in ("Lead__c", "Contact__c", "Opportunity__c", "Touchpoint__c") else value


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("killed")
    world = moment(tmp_path)
    calm = play(world, tmp_path, "calm")
    counted = Boundaries()
    calm.run(counted)
    calm.settle()
    return world, tmp_path, picture(calm), counted.seen


def test_the_touch_that_vanished_is_in_no_picture(scene):
    _, _, wanted, _ = scene
    assert all(row["channel"] != "webinar" for key in wanted if key != "fields" for row in wanted[key].values())


def test_the_run_has_boundaries_of_every_kind(scene):
    _, _, _, seen = scene
    assert {"hubspot create", "hubspot associate", "hubspot archive", "salesforce create", "commit"} <= set(seen)
    assert len(seen) > 100


@pytest.mark.parametrize("part", range(4))
def test_it_may_be_killed_anywhere(scene, part):
    """Every eighth boundary for each seed: eight seeds are all of them."""
    world, tmp_path, wanted, seen = scene
    for at in some(range(1, len(seen) + 1))[part::4]:
        played = play(world, tmp_path, f"kill-{part}")
        played.run(Boundaries(at))
        played.settle()
        assert picture(played) == wanted, f"killed ahead of {at} ({seen[at - 1]})"


def test_either_crm_may_be_down_at_any_call(scene):
    world, tmp_path, wanted, seen = scene
    calls = [at for at, name in enumerate(seen, 1) if name != "commit" and not name.endswith("done")]
    for at in some(calls):
        played = play(world, tmp_path, "down")
        assert played.run(Boundaries(at, down=True)) is None
        played.settle()
        assert picture(played) == wanted, f"down at {at} ({seen[at - 1]})"
