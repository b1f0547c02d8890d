"""The bulk jobs of the org: what each is, in which state, and its JSON; kept in memory for the org's life.

How rows are taken in is decided in `ingest.py`, how a query is given out in `query.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.salesforce import times
from connector.sandbox.salesforce.errors import ApiError, not_found

DELIMITERS = {
    "COMMA": ",",
    "SEMICOLON": ";",
    "TAB": "\t",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
ENDED = ("JobComplete", "Failed", "Aborted")
INGEST, QUERY = "V2Ingest", "V2Query"


@dataclass(slots=True)
class Job:
    """One job. Result rows are lists of cells in the order of `header`."""

    id: str
    type: str
    operation: str
    object: str
    user: str
    created: str
    version: str
    state: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id: str | None = None
    query: str | None = None
    changed: str = ""
    data: bytes | None = field(default=None, repr=False)
    header: list[str] = field(default_factory=list)
    waiting: list[list[str]] = field(default_factory=list, repr=False)
    successful: list[tuple[str, bool, list[str]]] = field(default_factory=list, repr=False)
    failed: list[tuple[str, str, list[str]]] = field(default_factory=list, repr=False)
    rows: list[list[str]] = field(default_factory=list, repr=False)
    error: str | None = None
    started: bool = False
    seen_working: bool = False
    milliseconds: int = 0

    @property
    def processed(self) -> int:
        """How many rows are done with, well or badly."""
        return len(self.rows) if self.type == QUERY else len(self.successful) + len(self.failed)

    def shown(self) -> dict[str, Any]:
        """The job's JSON as creation and state changes answer it."""
        ingest = self.type == INGEST
        body: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": times.answered(self.created),
            "systemModstamp": times.answered(self.changed or self.created),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        if self.external_id:
            body["externalIdFieldName"] = self.external_id
        if ingest and self.state == "Open":
            body["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        return body

    def told(self) -> dict[str, Any]:
        """The job's JSON as a poll answers it: the first poll of a running job finds it in progress."""
        body = self.shown()
        if self.started and not self.seen_working and self.state in ("InProgress", "JobComplete"):
            body["state"] = "InProgress"
            self.seen_working = True
        body |= {
            "jobType": self.type,
            "numberRecordsProcessed": self.processed,
            "retries": 0,
            "totalProcessingTime": self.milliseconds,
        }
        if self.type == INGEST:
            body["numberRecordsFailed"] = len(self.failed)
            body["apiActiveProcessingTime"] = self.milliseconds
            body["apexProcessingTime"] = 0
        if self.error:
            body["errorMessage"] = self.error
        return body


class Jobs:
    """All jobs, and the tasks that work them off."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._to_start: list[Coroutine[Any, Any, None]] = []
        self.batches = 0
        self.queries = 0

    def add(self, job: Job) -> None:
        """Keep a new job."""
        self._jobs[job.id] = job

    def find(self, number: str, kind: str) -> Job:
        """The job of this id and type.

        Raises:
            ApiError: 404, there is none.
        """
        job = self._jobs.get(number) or next((one for key, one in self._jobs.items() if key[:15] == number), None)
        if job is None or job.type != kind:
            raise not_found()
        return job

    def of(self, kind: str) -> list[Job]:
        """All jobs of a type, newest first."""
        return [job for job in reversed(self._jobs.values()) if job.type == kind]

    def remove(self, job: Job) -> None:
        """Forget a job.

        Raises:
            ApiError: it is still being worked on.
        """
        if job.state in ("UploadComplete", "InProgress"):
            raise ApiError("INVALIDJOBSTATE", f"Deleting a job in state {job.state} isn't allowed.")
        del self._jobs[job.id]

    def clear(self) -> None:
        """Forget every job; running ones stop."""
        for task in self._tasks:
            task.cancel()
        self._jobs.clear()
        self.batches = self.queries = 0

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have a job worked off as soon as the call is answered."""
        self._to_start.append(work)

    def launch(self) -> None:
        """Begin what `start` was given; needs a running event loop."""
        while self._to_start:
            task = asyncio.get_running_loop().create_task(self._to_start.pop())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel what is being worked on and wait for it to end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
