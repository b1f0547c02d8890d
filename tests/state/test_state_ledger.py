from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from connector.model import Change
from connector.state import LedgerRow


def entry(number, *, link="L1", run="run-1", now):
    changes = (Change("email", "old@example.com", None, "hubspot changed"), Change("phone", None, "+491", "fill"))
    at = now + timedelta(seconds=number)
    return LedgerRow(run, f"a{number}", "update", "salesforce", "Lead", "00Q1", link, changes, at, "200")


def test_rows_come_back_as_written_newest_first(store, now):
    written = [entry(number, now=now) for number in range(3)]
    store.ledger.write(written[:2])
    store.ledger.write([entry(9, link="L2", now=now), written[2]])
    assert list(store.ledger.of_link("L1")) == written[::-1]


def test_a_run_in_the_order_it_wrote(store, now):
    rows = [entry(number, run="run-1" if number % 2 else "run-2", now=now) for number in range(6)]
    store.ledger.write(rows)
    assert [each.action_id for each in store.ledger.of_run("run-1")] == ["a1", "a3", "a5"]


def test_long_histories_are_read_to_their_end(store, now):
    store.ledger.write([entry(number, now=now) for number in range(1203)])
    assert [each.action_id for each in store.ledger.of_link("L1")] == [f"a{number}" for number in range(1202, -1, -1)]
    assert sum(1 for _ in store.ledger.of_run("run-1")) == 1203


def test_rows_may_be_written_while_the_past_is_read(store, now):
    store.ledger.write([entry(number, now=now) for number in range(600)])
    read = 0
    for row in store.ledger.of_link("L1"):
        store.ledger.write([entry(1000 + read, run="undo", now=now)])
        assert row.run == "run-1"
        read += 1
    assert read == 600


@pytest.mark.parametrize(
    "deed",
    ["UPDATE ledger SET answer = 'nothing happened'", "DELETE FROM ledger", "DELETE FROM ledger WHERE number = 1"],
)
def test_the_past_cannot_be_rewritten(store, database, now, deed):
    store.ledger.write([entry(1, now=now)])
    with pytest.raises(DBAPIError, match="the ledger is append-only"):
        database.connection.exec_driver_sql(deed)
    assert [each.answer for each in store.ledger.of_link("L1")] == ["200"]
