"""A record that only one CRM has: what the rules wrote to it is explained like everything else."""

from datetime import UTC, datetime, timedelta

import pytest
from desk import run

from connector.model import Change
from connector.state.ledger import LedgerRow

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BECAUSE = "scoring.fit: size +20.00, industry +25.00"


def wrote(number, after, before=None, link="person:hubspot:123"):
    change = Change("revops_fit_score", before, after, BECAUSE)
    at = AT + timedelta(hours=number)
    return LedgerRow(f"run-{number}", f"a{number}", "update", "hubspot", "contacts", "123", link, (change,), at, "")


@pytest.fixture
def alone(folder, store):
    """A contact without a counterpart, scored twice."""
    fields = {"email": "lone@probe.example", "revops_fit_score": "45"}
    row = ("hubspot", "contacts", "123", fields, b"", "2026-11-20T08:00:00.000Z", ())
    with store.transaction():
        store.mirror.see("person", [row], dirty=False)
        store.ledger.write([wrote(1, "20"), wrote(2, "45", "20")])
    return folder


def test_rule_run_and_inputs_are_told(alone):
    told = run(alone, "explain", "123", "--field", "revops_fit_score")
    assert told.code == 0, told.err
    assert "Nothing was ever written" not in told.out
    assert f"written on hubspot by run-2: {BECAUSE}" in " ".join(told.out.split())


def test_the_newest_comes_first_for_a_program(alone):
    (record,) = run(alone, "explain", "123", "--field", "revops_fit_score", "--json").data["records"]
    (field,) = record["fields"]
    assert [(each["run"], each["before"], each["after"]) for each in field["written"]] == [
        ("run-2", "20", "45"),
        ("run-1", None, "20"),
    ]
