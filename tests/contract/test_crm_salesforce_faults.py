"""The Salesforce adapter when calls fail: lost answers, cut bodies, locks, limits, sessions that end."""

import logging
import time

import pytest
from crm_salesforce import CANARY, STAMP, contacts, crm_fixture, everything, org_fixture, running_org_fixture, write  # noqa: F401 - fixtures

from connector.crm.auth import FixedToken, RenewedToken, salesforce_client_credentials
from connector.crm.port import Query
from connector.errors import LaterError, SettingsError
from connector.model import Done, Later, Unknown

LOCK = [
    {"message": "unable to obtain exclusive access to this record", "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}
]
SPENT = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
BUSY = [{"message": "ConcurrentPerOrgLongTxn Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
COLLECTIONS = "/composite/sobjects"


def stamped(count):
    return [write(at, **{STAMP: f"{at}", "LastName": f"Person {at}"}) for at in range(count)]


def persons(count):
    return [{"LastName": f"Person {at}"} for at in range(count)]


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_a_create_whose_answer_is_lost_is_repeated_and_makes_nothing_twice(org, crm, kind):
    org.fault(kind=kind, method="PATCH", path=COLLECTIONS, nth=2, times=2)
    outcomes = crm.create("Contact", STAMP, stamped(600), org.jobs.append)
    assert all(isinstance(one, Done) for one in outcomes)
    assert len(org.records("Contact")) == 600


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_an_update_whose_answer_is_lost_is_unknown_for_its_records_only(org, crm, kind):
    ids = org.load("Contact", persons(300))
    org.fault(kind=kind, method="PATCH", path=COLLECTIONS)
    outcomes = crm.update("Contact", [write(at, record, Title="x") for at, record in enumerate(ids)], org.jobs.append)
    kinds = [type(one) for one in outcomes]
    assert {kinds.count(Unknown), kinds.count(Done)} == {100, 200}
    assert sum(row["Title"] == "x" for row in org.records("Contact")) == 300


def test_an_unavailable_org_is_asked_again(org, crm):
    org.load("Contact", persons(3))
    org.fault(kind="status", path="/query", status=503, answer=[{"errorCode": "SERVER_UNAVAILABLE"}], times=2)
    found, _ = everything(crm.changes(contacts(), None))
    assert len(found) == 3
    assert org.pauses


@pytest.mark.parametrize("kind", ["lost", "cut"])
def test_a_page_that_breaks_off_is_read_again(org, crm, kind):
    ids = org.load("Contact", persons(4500))
    org.fault(kind=kind, method="GET", path="/query/", nth=1)
    found, _ = everything(crm.changes(contacts(), None))
    assert set(found) == set(ids)


def test_bulk_results_that_break_off_are_read_on_where_they_stopped(org):
    ids = org.load("Contact", [{"LastName": f"Person {at}", "Description": "d" * 500} for at in range(9000)])
    org.fault(kind="cut", method="GET", path="/results", times=2)
    with org.crm(bulk_read=0) as crm:
        pages = list(crm.changes(contacts("LastName", "Description"), None))
    found = [one.id for page in pages for one in page.records]
    assert (len(found), set(found)) == (9000, set(ids))


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost", "method": "PUT", "path": "/batches"},
        {"kind": "status", "method": "PUT", "path": "/batches", "status": 503},
        {"kind": "lost", "method": "PATCH", "path": "/jobs/ingest"},
        {"kind": "lost", "method": "POST", "path": "/jobs/ingest"},
        {"kind": "cut", "method": "GET", "path": "/successfulResults"},
        {"kind": "status", "method": "GET", "path": "/jobs/ingest/[^/]*$", "status": 502, "times": 2},
    ],
)
def test_a_job_survives_every_single_fault(org, fault):
    org.fault(**fault)
    with org.crm(bulk_write=0) as crm:
        outcomes = crm.create("Contact", STAMP, stamped(500), org.jobs.append)
    assert all(isinstance(one, Done) for one in outcomes)
    assert len(org.records("Contact")) == 500


def test_a_job_that_cannot_be_begun_is_aborted_and_left_for_later(org):
    broken = {"kind": "status", "method": "PATCH", "path": "/jobs/ingest", "status": 400, "answer": []}
    org.fault(**broken, body="UploadComplete", times=9)
    with org.crm(bulk_write=0) as crm:
        outcomes = crm.create("Contact", STAMP, stamped(5), org.jobs.append)
    assert [type(one) for one in outcomes] == [Later] * 5
    assert any(b"Aborted" in one.body for one in org.sandbox.talk)
    assert org.records("Contact") == []


def test_a_job_whose_end_cannot_be_seen_is_unknown_and_can_be_finished_later(org):
    org.fault(kind="status", method="GET", path="/jobs/ingest/", status=503, times=6)
    with org.crm(bulk_write=0) as crm:
        outcomes = crm.create("Contact", STAMP, stamped(30), org.jobs.append)
        assert [type(one) for one in outcomes] == [Unknown] * 30
        org.sandbox.order("faults", method="DELETE")
        assert crm.finish_job(org.jobs[0]) is True
        assert len(crm.find("Contact", STAMP, [f"{at}" for at in range(30)], (STAMP,))) == 30


def test_what_is_locked_is_tried_again_in_smaller_batches(org, crm):
    ids = org.load("Contact", persons(120))
    org.fault(kind="status", method="PATCH", path=COLLECTIONS, status=400, answer=LOCK, times=2)
    outcomes = crm.update("Contact", [write(at, one, Title="x") for at, one in enumerate(ids)], org.jobs.append)
    assert outcomes == [Done(one) for one in ids]
    sizes = [one.body.count(b'"attributes"') for one in org.sandbox.talk if one.method == "PATCH"]
    assert sizes == [120, 50, 50, 20, 10, 10, 10, 10, 10]


def test_what_stays_locked_is_left_for_later(org, crm):
    (record,) = org.load("Contact", persons(1))
    org.fault(kind="status", method="PATCH", path=COLLECTIONS, status=500, answer=LOCK, times=99)
    (outcome,) = crm.update("Contact", [write(1, record, Title="x")], org.jobs.append)
    assert isinstance(outcome, Later)
    assert "locked" in outcome.reason


def test_a_spent_day_is_asked_for_once_and_stops_the_run(org, crm):
    org.fault(kind="status", method="PATCH", path=COLLECTIONS, status=403, answer=SPENT, times=9)
    with pytest.raises(LaterError, match="last 24 hours") as caught:
        crm.create("Contact", STAMP, stamped(3), org.jobs.append)
    assert caught.value.after >= 600
    assert len([one for one in org.sandbox.talk if one.method == "PATCH"]) == 1
    assert org.records("Contact") == []


def test_what_was_written_before_the_quota_ended_is_known(org):
    with org.crm(width=1) as crm:
        org.fault(kind="status", method="PATCH", path=COLLECTIONS, status=403, answer=SPENT, nth=2, times=9)
        outcomes = crm.create("Contact", STAMP, stamped(600), org.jobs.append)
    assert [type(one) for one in outcomes] == [Done] * 200 + [Later] * 400
    assert len(org.records("Contact")) == 200


def test_what_a_job_has_written_is_known_when_the_quota_ends_after_it(org):
    org.fault(kind="status", method="PATCH", path=COLLECTIONS, status=403, answer=SPENT, times=9)
    with org.crm(bulk_write=0) as crm:
        writes = [*stamped(3), write("x", **{STAMP: "x", "LastName": "#N/A"})]
        outcomes = crm.create("Contact", STAMP, writes, org.jobs.append)
    assert [type(one) for one in outcomes] == [Done, Done, Done, Later]


def test_too_many_long_calls_at_once_is_waited_out(org, crm):
    org.fault(kind="status", path="/query", status=403, answer=BUSY, times=2)
    crm.account()
    assert 3.0 in org.pauses


def test_the_configured_share_of_the_day_is_not_exceeded(org):
    org.sandbox.order("quota", {"max": 1000, "remaining": 503})
    with org.crm(budget=0.5) as crm:
        asking = (crm.account() for _ in range(9))
        with pytest.raises(LaterError, match="budget of 50%"):
            list(asking)
        assert crm.usage().left >= 495
    org.sandbox.order("quota", {"max": 5_000_000})


def test_an_ended_session_is_renewed_once_for_all_threads(org):
    org.sandbox.order("clients", {"client_id": "app", "secret": "canary-secret"})
    org.sandbox.order("sessions", {"strict": True})
    org.load("Contact", persons(1000))
    flow = salesforce_client_credentials(
        org.sandbox.url, "app", "canary-secret", pause=org.pause, monotonic=time.monotonic
    )
    token = RenewedToken(flow, time.monotonic)
    try:
        with org.crm(token=token) as crm:
            ids = list(everything(crm.changes(contacts(), None))[0])
            org.sandbox.order("sessions", {"revoke": True})
            outcomes = crm.update("Contact", [write(at, one, Title="x") for at, one in enumerate(ids)], org.jobs.append)
    finally:
        token.close()
    assert outcomes == [Done(one) for one in ids]
    assert len([one for one in org.sandbox.talk if one.path.endswith("/token")]) == 2


def test_a_session_that_cannot_be_renewed_is_a_settings_error(org, caplog):
    caplog.set_level(logging.DEBUG)
    org.sandbox.order("sessions", {"strict": True})
    canary = "00D000000000001EAA!canary.token"
    with org.crm(token=FixedToken(canary)) as crm:
        with pytest.raises(SettingsError, match="token") as caught:
            crm.find("Contact", "Email", [CANARY], ("Email",))
        said = f"{caught.value}{caught.value!r}{crm!r}{caplog.text}"
    assert "canary" not in said


def test_a_proxys_page_is_not_taken_for_an_answer(org, crm):
    org.fault(kind="status", path="/query", status=200, answer="<html>Please log in</html>")
    with pytest.raises(SettingsError, match="HTML page"):
        crm.account()


def test_a_reading_that_is_left_early_gives_its_connections_back(org, crm):
    org.load("Contact", persons(4100))
    pages = iter(crm.changes(contacts(), None))
    next(pages)
    pages.close()
    assert len(everything(crm.changes(contacts(), None))[0]) == 4100
    with org.crm(bulk_read=0) as by_job:
        pages = iter(by_job.changes(Query("Contact", ("LastName",)), None))
        next(pages)
        pages.close()
    assert any(one.method == "DELETE" and "/jobs/query/" in one.path for one in org.sandbox.talk)
