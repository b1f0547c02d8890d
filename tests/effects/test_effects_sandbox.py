"""Tasks in whole runs against both sandboxes over HTTP: opened, lost, refused, closed, opened again; always one."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from effect_stage import close_task, notice, open_task, reopen_task

from connector.engine import connect
from connector.engine.run import sync
from connector.project import load
from connector.revops.rejection_stored import effect_row

sys.path.append(str(Path(__file__).parents[1] / "process"))
sys.path.append(str(Path(__file__).parents[1] / "hostile"))

from crm_pair import crm_pair
from small_world import SELLERS, broken, fill, mended

SELLER = SELLERS[0]


class Runs:
    """A pair of sandboxes in step, and one person in both of them."""

    def __init__(self, pair):
        self.pair = pair
        pair.sync()
        with pair.opened() as store:
            link = next(each for some in store.links.iterate("person") for each in some)
            self.person, self.records = link.id, {"hubspot": link.hubspot, "salesforce": link.salesforce}

    def decide(self, *effects):
        with self.pair.opened() as store:
            rows = [effect_row(each, self.pair.desk.clock.now()) for each in effects]
            store.effects.decide("run", rows)

    def run(self):
        """A quarter of an hour later, a run with the project's channels."""
        self.pair.later(900)
        project = load(self.pair.folder)

        def step(project_, store, crms, seams):
            return sync(project_, store, crms, replace(seams, channels=connect.channels(project)))

        return self.pair.sync(step)

    def task(self, side, slot="reason"):
        return open_task(slot, self.person, side, self.records[side], SELLER, datetime(2027, 1, 4, 12, tzinfo=UTC))

    def tasks(self):
        """(side, subject, status, due day) of the tasks that are ours."""
        found = [
            ("hubspot", told["hs_task_subject"], told["hs_task_status"], told["hs_timestamp"][:10])
            for told in (task["properties"] for task in self.pair.hubspot_records("tasks").values())
            if "[revloop " in (told.get("hs_task_body") or "")
        ]
        found += [
            ("salesforce", row["Subject"], row["Status"], row["ActivityDate"])
            for row in self.pair.salesforce_records("Task").values()
            if "[revloop " in (row.get("Description") or "")
        ]
        return found

    def inbox(self):
        with self.pair.opened() as store:
            return [(each.side, each.record, each.code) for each in store.inbox.list()]

    def states(self):
        with self.pair.opened() as store:
            return {each.key: each.state for each in store.effects.of_person(self.person)}


@pytest.fixture
def runs(tmp_path, monkeypatch):
    with crm_pair(tmp_path / "project", monkeypatch, hubspot_options={"enforce_rates": False}) as pair:
        pair.pause = lambda _seconds: None
        fill(pair)
        pair.setting("notify: {to: [{name: file, file: out/messages.jsonl}]}")
        yield Runs(pair)


def test_a_task_from_its_opening_to_its_end(runs):
    runs.decide(runs.task("hubspot"), runs.task("salesforce", "1"), notice(to=SELLER, person=runs.person))
    runs.run()
    hubspot, salesforce = runs.tasks()
    record = runs.records["hubspot"]
    assert hubspot == ("hubspot", f"Rejection reason missing: {record}", "NOT_STARTED", "2027-01-04")
    assert salesforce[2:] == ("Not Started", "2027-01-04")
    owners = runs.pair.owners()
    assert [owners[each["properties"]["hubspot_owner_id"]] for each in runs.pair.hubspot_records("tasks").values()] == [
        SELLER
    ]
    assert (runs.pair.folder / "out" / "messages.jsonl").read_text().count("\n") == 1
    runs.decide(close_task("reason", person=runs.person), close_task("1", "cancelled", person=runs.person))
    runs.run()
    assert [state for _, _, state, _ in runs.tasks()] == ["COMPLETED", "Completed"]
    runs.pair.later(60)
    due = datetime(2027, 2, 1, 12, tzinfo=UTC)
    runs.decide(reopen_task("reason", person=runs.person, due=due), reopen_task("1", person=runs.person, due=due))
    runs.run()
    assert [told[2:] for told in runs.tasks()] == [("NOT_STARTED", "2027-02-01"), ("Not Started", "2027-02-01")]
    assert set(runs.states().values()) == {"done"}
    runs.pair.forget_calls()
    runs.run()
    assert runs.pair.counted("writes") == (0, 0)


@pytest.mark.parametrize(("side", "path"), [("hubspot", "/tasks/batch/create"), ("salesforce", "/composite/sobjects")])
def test_a_lost_answer_makes_no_second_task(runs, side, path):
    runs.decide(runs.task(side))
    broken(runs.pair, side, path, kind="lost", times=1, method="POST")
    runs.run()
    mended(runs.pair)
    runs.run()
    assert [told[0] for told in runs.tasks()] == [side]
    assert set(runs.states().values()) == {"done"}


@pytest.mark.parametrize(("side", "path"), [("hubspot", "/tasks/batch/create"), ("salesforce", "/composite/sobjects")])
def test_a_crm_that_fails_for_a_while(runs, side, path):
    runs.decide(runs.task("hubspot"), runs.task("salesforce", "1"))
    broken(runs.pair, side, path, status=503, method="POST")
    runs.run()
    assert len(runs.tasks()) == 1, "the other side goes on"
    mended(runs.pair)
    runs.run()
    assert sorted(told[0] for told in runs.tasks()) == ["hubspot", "salesforce"]
    assert runs.inbox() == []


def test_a_token_without_the_scope_for_tasks(runs):
    runs.decide(runs.task("hubspot"), runs.task("salesforce", "1"))
    answer = {"status": "error", "category": "MISSING_SCOPES", "message": "one of the scopes is required"}
    broken(runs.pair, "hubspot", "/tasks/batch/create", status=403, answer=answer)
    result = runs.run()
    assert result.exit_code == 1
    assert runs.inbox() == [("hubspot", runs.records["hubspot"], "TASK")]
    assert [told[0] for told in runs.tasks()] == ["salesforce"]
    mended(runs.pair)
    assert runs.run().exit_code == 0
    assert len(runs.tasks()) == 2
    assert runs.inbox() == []
