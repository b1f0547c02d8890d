"""The addresses of bulk jobs: create, upload, close, poll, results, list, delete; for ingest and for query."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

from connector.sandbox.salesforce.bulk import ingest
from connector.sandbox.salesforce.bulk import query as bulk_query
from connector.sandbox.salesforce.bulk.jobs import DELIMITERS, ENDED, INGEST, LINE_ENDINGS, QUERY, Job
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call, Paths, Reply

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_LARGEST = 150_000_000
_PAGE = 50_000
CSV = "text/csv"


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    for name, kind in (("ingest", INGEST), ("query", QUERY)):
        paths.add("GET", f"/jobs/{name}", partial(_list, kind))
        paths.add("GET", f"/jobs/{name}/{{job}}", partial(_poll, kind))
        paths.add("DELETE", f"/jobs/{name}/{{job}}", partial(_remove, kind))
        paths.add("PATCH", f"/jobs/{name}/{{job}}", partial(_change, kind))
    paths.add("POST", "/jobs/ingest", _create)
    paths.add("PUT", "/jobs/ingest/{job}/batches", _upload)
    paths.add("GET", "/jobs/ingest/{job}/successfulResults", _successful)
    paths.add("GET", "/jobs/ingest/{job}/failedResults", _failed)
    paths.add("GET", "/jobs/ingest/{job}/unprocessedRecords", _unprocessed)
    paths.add("POST", "/jobs/query", _create_query)
    paths.add("GET", "/jobs/query/{job}/results", _results)
    paths.add("GET", "/jobs/query/{job}/resultPages", _pages)


def _job(call: Call, kind: str) -> Job:
    return call.org.jobs.find(call.parts["job"], kind)


def _new(call: Call, kind: str, body: dict[str, Any], sobject: str, state: str) -> Job:
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise ApiError("INVALIDJOB", f"Unknown columnDelimiter or lineEnding: {delimiter}, {ending}")
    if body.get("contentType", "CSV") != "CSV":
        raise ApiError("INVALIDJOB", "The only contentType supported is CSV")
    job = Job(
        call.org.store.new_id("750"),
        kind,
        body["operation"],
        sobject,
        call.user,
        call.org.store.stamp(),
        call.version,
        state,
        delimiter,
        ending,
    )
    call.org.jobs.add(job)
    return job


def _create(call: Call) -> Reply:
    body = call.object()
    if body.get("operation") not in _OPERATIONS:
        raise ApiError("INVALIDJOB", f"Unknown operation: {body.get('operation')}")
    sobject = call.sight.schema.sobject(str(body.get("object")))
    if sobject is None:
        raise ApiError("INVALIDENTITY", f"InvalidEntity : Unable to find object: {body.get('object')}")
    key = body.get("externalIdFieldName")
    if body["operation"] == "upsert":
        if not key:
            raise ApiError(
                "INVALIDJOB", "InvalidJob : External ID was blank. An External ID must be specified for upsert."
            )
        found = sobject.field(str(key))
        if found is None or not (found.external_id or found.id_lookup):
            raise ApiError(
                "INVALIDJOB",
                f"InvalidJob : Field name provided, {key} does not match an External ID, Salesforce Id, or indexed "
                f"field for {sobject.name}",
            )
    job = _new(call, INGEST, body, sobject.name, "Open")
    job.external_id = str(key) if key else None
    return Reply(job.shown())


def _upload(call: Call) -> Reply:
    job = _job(call, INGEST)
    if CSV not in call.headers.get("content-type", CSV):
        raise ApiError("UNSUPPORTED_MEDIA_TYPE", "The Content-Type of an upload is text/csv", status=415)
    if job.state != "Open" or job.data is not None:
        raise ApiError(
            "INVALIDJOBSTATE",
            f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' the job and create a new one.",
        )
    if len(call.body) > _LARGEST:
        raise ApiError("EXCEEDEDQUOTA", "Job data is larger than 150 MB", status=413)
    job.data = call.body
    return Reply(None, 201)


def _poll(kind: str, call: Call) -> Reply:
    return Reply(_job(call, kind).told())


def _change(kind: str, call: Call) -> Reply:
    job, state = _job(call, kind), call.object().get("state")
    if state == "Aborted" and job.state not in ENDED:
        job.state, job.changed = "Aborted", call.org.store.stamp()
        return Reply(job.shown())
    if state != "UploadComplete" or kind == QUERY or job.state != "Open":
        raise ApiError("INVALIDJOBSTATE", f"Transition from state {job.state} to {state} isn't allowed.")
    job.state, job.changed = "UploadComplete", call.org.store.stamp()
    call.org.jobs.start(ingest.work(call.org, job, call.count_writes))
    return Reply(job.shown())


def _list(kind: str, call: Call) -> Reply:
    asked = call.query.get("jobType", kind)
    jobs = [job.shown() | {"jobType": kind} for job in call.org.jobs.of(kind)] if asked == kind else []
    return Reply({"done": True, "records": jobs, "nextRecordsUrl": None})


def _remove(kind: str, call: Call) -> Reply:
    call.org.jobs.remove(_job(call, kind))
    return Reply(None, 204)


def _ended(call: Call, kind: str) -> Job:
    job = _job(call, kind)
    if job.state not in ENDED:
        raise ApiError("INVALIDJOBSTATE", f"Results of a job in state {job.state} aren't available yet.")
    return job


def _csv(body: bytes, headers: dict[str, str] | None = None) -> Reply:
    return Reply(body, 200, headers or {}, media=CSV)


def _successful(call: Call) -> Reply:
    job = _ended(call, INGEST)
    rows = ([own, str(created).lower(), *row] for own, created, row in job.successful)
    return _csv(ingest.as_csv(job, ["sf__Id", "sf__Created", *job.header], rows))


def _failed(call: Call) -> Reply:
    job = _ended(call, INGEST)
    rows = ([own, error, *row] for own, error, row in job.failed)
    return _csv(ingest.as_csv(job, ["sf__Id", "sf__Error", *job.header], rows))


def _unprocessed(call: Call) -> Reply:
    job = _ended(call, INGEST)
    return _csv(ingest.as_csv(job, job.header, reversed(job.waiting)))


def _create_query(call: Call) -> Reply:
    body = call.object()
    if body.get("operation") not in ("query", "queryAll"):
        raise ApiError("INVALIDJOB", f"Unknown operation: {body.get('operation')}")
    result = bulk_query.checked(call, str(body.get("query") or ""), body["operation"] == "queryAll")
    job = _new(call, QUERY, body, result.sobject.name, "UploadComplete")
    job.query = str(body["query"])
    call.org.jobs.queries += 1
    call.org.jobs.start(bulk_query.work(call, job))
    return Reply(job.shown())


def _complete(call: Call) -> Job:
    job = _job(call, QUERY)
    if job.version != call.version:
        raise ApiError("VERSION_MISMATCH", "Use the API version with which the job was created", status=409)
    if job.state != "JobComplete" or not job.seen_working:
        raise ApiError("INVALIDJOBSTATE", f"Results of a job in state {job.state} aren't available.")
    return job


def _results(call: Call) -> Reply:
    job = _complete(call)
    start = _start(call.query.get("locator"))
    size = int(call.query.get("maxRecords") or _PAGE)
    page = job.rows[start : start + size]
    after = start + size
    locator = _locator(after) if after < len(job.rows) else "null"
    headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(page))}
    return _csv(ingest.as_csv(job, job.header, page), headers)


def _pages(call: Call) -> Reply:
    job = _complete(call)
    base = f"/services/data/v{job.version}/jobs/query/{job.id}/results?locator="
    starts = range(0, max(1, len(job.rows)), _PAGE)
    return Reply({"resultPages": [{"resultUrl": base + _locator(start)} for start in starts], "done": True})


def _locator(start: int) -> str:
    return base64.b64encode(str(start).encode()).decode().rstrip("=")


def _start(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error):
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator") from None
