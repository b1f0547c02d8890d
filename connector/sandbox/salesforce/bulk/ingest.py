"""Bulk ingest: the CSV rows of a job are written in chunks of 200, a slice of them at a time.

Sources: Bulk API 2.0 guide, «Prepare CSV Files», «Create a Job», «Upload Job Data», «Get Job Info»; an empty
cell leaves the field alone, `#N/A` empties it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import time
from typing import TYPE_CHECKING, Any

from connector.sandbox.salesforce import dml, removal
from connector.sandbox.salesforce.batch import Actor, Batch
from connector.sandbox.salesforce.bulk.jobs import DELIMITERS, LINE_ENDINGS, Job
from connector.sandbox.salesforce.checks import visible
from connector.sandbox.salesforce.dml import Outcome
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

CHUNK, SLICE, INTERNAL_BATCH = 200, 1000, 10_000
EMPTY = "#N/A"
csv.field_size_limit(10_000_000)


async def work(org: Org, job: Job, count_writes: Any) -> None:
    """Work off a job whose upload is complete; `count_writes` is told the records written."""
    begun = time.monotonic()
    try:
        async with org.lock:
            job.state, job.changed, job.started = "InProgress", org.store.stamp(), True
            _open(org, job)
        await asyncio.sleep(0)
        while job.waiting and job.state == "InProgress":
            async with org.lock:
                written = _slice(org, job)
            count_writes(written)
            await asyncio.sleep(0)
        job.state = "JobComplete" if job.state == "InProgress" else job.state
    except ApiError as error:
        job.state, job.error = "Failed", error.message
    finally:
        if job.state == "InProgress":  # an error of the sandbox itself, or its end
            job.state, job.error = "Failed", "InternalServerError : the job broke off"
    job.milliseconds = int((time.monotonic() - begun) * 1000)
    job.changed = org.store.stamp()


def _open(org: Org, job: Job) -> None:
    """Read the CSV into waiting rows, last row first, and check its header.

    Raises:
        ApiError: the whole job fails with this message.
    """
    text = (job.data or b"").decode("utf-8-sig", "replace")
    job.data = None
    _check_line_ending(job, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter])
    job.header = next(reader, [])
    job.waiting = [row for row in reader if row]
    job.waiting.reverse()
    org.jobs.batches += 1 + len(job.waiting) // INTERNAL_BATCH
    sobject, batch = _target(org, job)
    layout = org.layouts.of(sobject)
    for name in job.header:
        try:
            visible(batch, sobject, name, layout.column(name))
        except ApiError:
            raise ApiError("InvalidBatch", f"InvalidBatch : Field name not found : {name}") from None
    if job.operation in ("delete", "hardDelete") and [name.lower() for name in job.header] != ["id"]:
        raise ApiError("InvalidBatch", "InvalidBatch : The 'delete' batch must contain only ids")
    needed = {"update": "id", "upsert": (job.external_id or "").lower()}.get(job.operation)
    if needed and needed not in [name.lower() for name in job.header]:
        raise ApiError("InvalidBatch", f"InvalidBatch : Field name not found : {needed}")


def _check_line_ending(job: Job, text: str) -> None:
    head, found, _ = text.partition("\n")
    windows = head.endswith("\r")
    if found and windows != (job.line_ending == "CRLF"):
        raise ApiError(
            "ClientInputError",
            f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {job.line_ending}",
        )


def _target(org: Org, job: Job) -> tuple[SObject, Batch]:
    """The job's object and a batch, both as they are now: between two slices the schema may have changed."""
    sobject = org.sobject(job.object, job.user)
    return sobject, org.batch(Actor(job.user, access=org.sight(job.user).access), csv=True)


def _slice(org: Org, job: Job) -> int:
    """Write the next rows in one transaction; gives how many were written."""
    written = 0
    with org.store.transaction():
        for _ in range(SLICE // CHUNK):
            rows = job.waiting[-CHUNK:][::-1]
            del job.waiting[-CHUNK:]
            sobject, batch = _target(org, job)
            written += _chunk(batch, job, sobject, rows)
    return written


def _chunk(batch: Batch, job: Job, sobject: SObject, rows: list[list[str]]) -> int:
    records = [_record(job, row) for row in rows]
    twice = _repeated_keys(job, records)
    written = 0
    for row, record in zip(rows, records, strict=True):
        own = _take(record, "id") or ""
        try:
            if len(row) != len(job.header):
                raise ApiError("INVALID_FIELD", "The row has another number of cells than the header", [])  # noqa: TRY301 - the row is refused like any other
            outcome = _write(batch, job, sobject, record, twice)
        except ApiError as error:
            job.failed.append((own, error.bulk(), row))
        else:
            written += 1
            job.successful.append((outcome.id or "", bool(outcome.created), row))
    return written


def _record(job: Job, row: list[str]) -> Row:
    """A row's cells by column name: empty cells left out, `#N/A` as None."""
    return {
        name: None if cell == EMPTY else cell
        for name, cell in zip(job.header, row, strict=False)
        if cell or name.lower() == "id"
    }


def _repeated_keys(job: Job, records: list[Row]) -> set[Any]:
    """The keys that occur more than once in a chunk: every one of those rows is refused."""
    if job.operation not in ("upsert", "update"):
        return set()
    key = job.external_id if job.operation == "upsert" else "Id"
    return dml.repeated([_take(record, (key or "").lower()) for record in records])


def _take(record: Row, name: str) -> Any:
    return next((value for key, value in record.items() if key.lower() == name), None)


def _write(batch: Batch, job: Job, sobject: SObject, record: Row, twice: set[Any]) -> Outcome:
    if job.operation == "insert":
        return Outcome(dml.create(batch, sobject, record), created=True)
    own = _take(record, "id")
    if job.operation in ("delete", "hardDelete"):
        return Outcome(removal.delete(batch, sobject, own))
    if job.operation == "update":
        if str(own).lower() in twice:
            raise ApiError("DUPLICATE_VALUE", f"Duplicate id specified: {own}", ["Id"])
        return Outcome(dml.update(batch, sobject, own, record))
    key = dml.upsert_key(sobject, job.external_id or "")
    value = _take(record, key.name.lower())
    if value is not None and value.lower() in twice:
        raise ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [key.name])
    rest = {name: cell for name, cell in record.items() if name.lower() not in ("id", key.name.lower())}
    return dml.upsert(batch, sobject, key, value, rest)


def as_csv(job: Job, header: list[str], rows: Any) -> bytes:
    """CSV in the job's own delimiter and line ending, every cell quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=DELIMITERS[job.delimiter],
        lineterminator=LINE_ENDINGS[job.line_ending],
        quoting=csv.QUOTE_ALL,
    )
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
