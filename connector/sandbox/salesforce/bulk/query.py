"""Bulk query: the rows of a query as CSV, without what the vendor refuses in bulk.

Source: Bulk API 2.0 guide, «Create a Query Job»: no GROUP BY, OFFSET or TYPEOF, no aggregates, no child
queries, no compound fields.
"""

from __future__ import annotations

import asyncio
import re
import time

from connector.sandbox.salesforce.bulk.jobs import Job
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call
from connector.sandbox.salesforce.rest.query import select
from connector.sandbox.salesforce.soql import Result

_OFFSET = re.compile(r"\bOFFSET\s+\d+\s*$", re.IGNORECASE).search


def checked(call: Call, soql: str, include_deleted: bool) -> Result:
    """The result of a query that bulk accepts.

    Raises:
        ApiError: the query is refused.
    """
    result = select(call, soql, include_deleted=include_deleted)
    types = {column.type for column in result.columns}
    if "address" in types:
        raise ApiError("INVALID_FIELD", "Selecting compound data not supported in Bulk Query")
    if result.aggregate or result.grouped or "subquery" in types or not result.columns or _OFFSET(soql):
        raise ApiError(
            "API_ERROR", "Aggregate Relationships, GROUP BY, OFFSET and nested queries are not supported in Bulk Query"
        )
    return result


async def work(call: Call, job: Job) -> None:
    """Collect the rows of a query job."""
    begun = time.monotonic()
    async with call.org.lock:
        job.state, job.changed, job.started = "InProgress", call.org.store.stamp(), True
    await asyncio.sleep(0)
    try:
        async with call.org.lock:
            result = select(call, job.query or "", include_deleted=job.operation == "queryAll")
            job.header = [column.name for column in result.columns]
            rows = result.flat()
            job.rows = list(rows)
        job.state = "JobComplete" if job.state == "InProgress" else job.state
    except ApiError as error:
        job.state, job.error = "Failed", error.message
    finally:
        if job.state == "InProgress":  # an error of the sandbox itself, or its end
            job.state, job.error = "Failed", "InternalServerError : the job broke off"
    job.milliseconds = int((time.monotonic() - begun) * 1000)
    job.changed = call.org.store.stamp()
