"""An erased person keeps only counts: the figures stay, the person goes, and nothing brings it back."""

import json
from dataclasses import replace

import pytest
from council_rows_of import example_3a, handed
from lives import CONTACT, HISTORY, REJECTED, memories, run
from memories import AS_OF, a_project, erase, memory, remember, report, won
from rejection_desk import at

from connector.engine.council import keep_counts
from connector.engine.follow import follow_gone
from connector.engine.shape import Shapes
from connector.engine.state_of import state_of
from connector.model import Gone
from connector.project import load

OF_OCTOBER = ("--month", "2026-10", *AS_OF, "--json")


def everything(folder):
    """All that the store holds of standings, as text."""
    with state_of(load(folder)) as store:
        rows = [row for name in ("person", "counted") for chunk in store.standings.all(name) for row in chunk]
    return json.dumps(rows)


def test_the_figures_stay_and_the_records_go(tmp_path):
    folder = a_project(tmp_path / "p", lean=True)
    remember(folder, *map(memory, example_3a()))
    before = report(folder, "council", *OF_OCTOBER).data
    feed = report(folder, "marketing-feed", "--week", "2026-W41", *AS_OF, "--json").data
    erase(folder, *(row.person for row in example_3a()[40:]))
    after = report(folder, "council", *OF_OCTOBER).data
    again = report(folder, "marketing-feed", "--week", "2026-W41", *AS_OF, "--json").data
    median = "feedback_median"  # of those who are still there: a count has no hours
    assert {name: each for name, each in after["headline"].items() if name != median} == {
        name: each for name, each in before["headline"].items() if name != median
    }
    assert (after["tables"], again["headline"], again["tables"]) == (before["tables"], feed["headline"], feed["tables"])
    behind = report(folder, "council", *OF_OCTOBER, "--records").data["headline"]["handed_over"]["records"]
    assert behind == sorted(f"hubspot:{number}" for number in range(40))
    kept = everything(folder)
    assert not [row.person for row in example_3a()[40:] if row.person in kept]
    assert "hubspot:41" not in kept


def test_a_count_has_no_instant_no_id_and_no_company(tmp_path):
    folder = a_project(tmp_path / "p", lean=True)
    row = handed(1, reason="need_none")
    remember(folder, memory(row))
    erase(folder, row.person)
    with state_of(load(folder)) as store:
        ((_, body),) = next(store.standings.all("counted"))
    assert body == {
        "counts": {
            "day": "2026-10-05", "disposition": "rejected", "reason": "need_none", "source": "PAID_SEARCH",
            "campaign": "Herbst", "band": "A/E2", "temperature": "hot", "late": False,
        },
        "number": 1,
    }  # fmt: skip


@pytest.mark.parametrize("times", [1, 2])
def test_erasing_twice_counts_once(tmp_path, times):
    folder = a_project(tmp_path / "p", lean=True)
    rows = [handed(number, reason="need_none") for number in (2, 14)]
    remember(folder, *map(memory, rows))
    erase(folder, *(row.person for row in rows for _ in range(times)))
    assert report(folder, "council", *OF_OCTOBER).data["headline"]["rejected"]["value"] == "2"
    assert json.loads(everything(folder))[0][1]["number"] == 2


def test_a_week_across_two_months_stays_in_its_month(tmp_path):
    folder = a_project(tmp_path / "p", lean=True)
    moments = ("2026-09-30 23:00", "2026-10-01 01:00", "2026-10-31 23:59", "2026-11-01 00:00")
    rows = [replace(handed(n), handover_at=at(each), feedback_at=None) for n, each in enumerate(moments)]
    rows = [replace(row, disposition=None, due_at=None) for row in rows]
    remember(folder, *map(memory, rows))
    months = [("--month", name, *AS_OF, "--json") for name in ("2026-09", "2026-10", "2026-11")]
    weeks = [("--week", name, *AS_OF, "--json") for name in ("2026-W40", "2026-W44")]
    numbers = []
    for _ in range(2):
        numbers.append(
            [report(folder, "council", *each).data["headline"]["handed_over"]["value"] for each in months]
            + [report(folder, "marketing-feed", *each).data["headline"]["handed_over"]["value"] for each in weeks]
        )
        erase(folder, *(row.person for row in rows))
    assert numbers == [["1", "2", "1", "2", "2"]] * 2


def test_a_deal_stays_a_deal(tmp_path):
    folder = a_project(tmp_path / "p", lean=True)
    closed = at("2026-10-20 10:00")
    remember(
        folder,
        memory(handed(1), won=(won("77", closed), won("78", closed))),
        memory(handed(2), won=(won("77", closed, hot=True),)),
        memory(handed(3), won=(won("77", closed),)),
    )
    for person in ("p0001", "p0002", "p0003"):
        erase(folder, person)
        data = report(folder, "council", *OF_OCTOBER, "--records").data["headline"]["false_negatives"]
        assert (data["value"], data["records"], data["of"]) == ("1", ["hubspot:78"], ["hubspot:77", "hubspot:78"])


def test_an_erasure_that_a_crm_tells_leaves_counts_and_derives_nothing_more(folder, store):
    """HubSpot erases the contact; the Salesforce lead is still there, and is left alone."""
    lead = {
        "Id": "00Q000000000001AAA", "Email": CONTACT["email"], "LastName": "Weit", "Company": "Probe",
        "Status": "Open - Not Contacted",
    }  # fmt: skip
    both = {"hubspot": {"contacts": [REJECTED]}, "salesforce": {"Lead": [lead]}, "history": HISTORY}
    work = run(folder, store, "2026-10-06T18:00:00+02:00", **both)
    assert len(memories(store)) == 1
    shape = Shapes(work.project.mappings, "Europe/Berlin").of("person", "hubspot", "contacts")
    for _ in range(2):
        follow_gone(work, shape, [Gone("hubspot", "contacts", "1", "erased")])
    assert memories(store) == {}
    for day in ("2026-10-07", "2026-10-08"):
        touched = lead | {"Status": "Working - Contacted"} if day.endswith("8") else lead
        run(folder, store, f"{day}T12:00:00+02:00", salesforce={"Lead": [touched]})
        assert memories(store) == {}
    headline = report(folder, "council", *OF_OCTOBER).data["headline"]
    assert [headline[name]["value"] for name in ("handed_over", "rejected", "recycled")] == ["1", "1", "1"]


def test_somebody_nobody_remembers(folder, store):
    work = run(folder, store, "2026-10-06T18:00:00+02:00", hubspot={})
    keep_counts(work, ["person:hubspot:1"])
    assert list(store.standings.all("counted")) == []
