"""Writes by Bulk API 2.0 ingest: one job for up to 10,000 records, results matched to the writes by key.

Empty cells leave a field alone, `#N/A` empties it, so one CSV serves writes of different fields. The job's id is
told before anything is uploaded; a job whose upload got lost is aborted and made anew, since it has not begun.
Once it may have begun, every record without a result is unknown. Source: Bulk API 2.0 guide, «Bulk API 2.0 Ingest».
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connector.crm.http import LostAnswer
from connector.crm.salesforce.bulk_read import OPEN, READ_ATTEMPTS, lines, wait_for
from connector.crm.salesforce.collections import Collections, Order, or_later, parent, settle
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, Org
from connector.crm.salesforce.problems import bulk_problem
from connector.errors import ConnectorError, LaterError, SettingsError
from connector.model import Done, Later, Outcome, Unknown, Write

ROWS = 10_000
LARGEST_UPLOAD = 90_000_000
"""Bytes of CSV in one job: the vendor takes 100 MB."""
EMPTIES = "#N/A"
STARTS = 3


class BulkWriter:
    """Upserts and updates many records of one object."""

    def __init__(self, org: Org, collections: Collections, pause: Callable[[float], None]) -> None:
        self._org = org
        self._collections = collections
        self._pause = pause

    def write(self, order: Order, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write records; see `Collections.write` for what it raises."""
        body, plain = _csv(order, writes)
        if not plain:
            return self._collections.write(order, writes)
        if len(body) > LARGEST_UPLOAD:
            middle = len(writes) // 2
            first, second = writes[:middle], writes[middle:]
            written = self.write(order, first, on_job)
            return written + or_later(lambda: self.write(order, second, on_job), len(second))
        outcomes: dict[int, Outcome] = {}
        job = self._start(order, body, on_job)
        ended: Mapping[str, Any] = {}
        with suppress(LaterError, SettingsError, Fault):  # the job goes on without us: no result yet means unknown
            ended = wait_for(self._org, f"jobs/ingest/{job}", self._pause)
            if ended["state"] == OPEN:
                self._abort(job)
                outcomes.update(dict.fromkeys(plain, Later("the bulk job did not begin", 60.0)))
            self._take_results(order, writes, job, outcomes)
        untouched = all(isinstance(one, Later) for one in outcomes.values())
        if untouched and ended.get("state") == "Failed" and "InvalidBatch" in str(ended.get("errorMessage")):
            raise SettingsError(
                f"Salesforce takes no bulk {order.kind} of {order.vendor_object}: a mapped field does not exist or may "
                "not be written; check the names and the permission set"
            )
        for at in plain:
            outcomes.setdefault(at, Unknown("the bulk job's result could not be read"))
        self._collections.retry_locked(order, writes, outcomes)
        rest = [at for at in range(len(writes)) if at not in plain]
        if rest:  # text that reads "#N/A" itself cannot be said in CSV
            found = or_later(lambda: self._collections.write(order, [writes[at] for at in rest]), len(rest))
            outcomes.update(zip(rest, found, strict=True))
        self._collections.tell_gone(order, writes, outcomes)
        return [outcomes[at] for at in range(len(writes))]

    def finish(self, job: str) -> bool:
        """Wait for a job to end, or abort one that has not begun; False when the org no longer knows it."""
        try:
            if self._state(job) == OPEN:
                self._abort(job)
            else:
                wait_for(self._org, f"jobs/ingest/{job}", self._pause)
        except Fault as fault:
            if fault.status == 404:  # noqa: PLR2004 - not found
                return False
            raise LaterError(f"a Salesforce bulk job cannot be ended ({fault.problem.code}): run again", 60.0) from None
        return True

    def _start(self, order: Order, body: bytes, on_job: Callable[[str], None]) -> str:
        """A job that has been told to begin.

        Raises:
            SettingsError, LaterError: it has not begun.
        """
        for attempt in range(STARTS):
            job = self._open(order)
            on_job(job)
            try:
                self._upload(job, body)
            except (LostAnswer, Fault):
                with suppress(ConnectorError, Fault):
                    self._abort(job)
                self._pause(2.0**attempt)
                continue
            self._begin(job)
            return job
        raise LaterError("Salesforce did not take the upload of a bulk job: run again", 60.0)

    def _open(self, order: Order) -> str:
        asked = {"object": order.vendor_object, "operation": order.kind, "contentType": "CSV", "lineEnding": "LF"}
        if order.stamp:
            asked["externalIdFieldName"] = order.stamp
        try:
            # a job whose id was lost stays open and empty and is removed by the vendor
            return str(self._org.ask("jobs/ingest", "POST", json=asked, repeat=True, needs="id")["id"])
        except Fault as fault:
            raise SettingsError(
                f"Salesforce takes no bulk {order.kind} of {order.vendor_object} ({fault.problem.code}): check the "
                "object, the external id field and the permission set"
            ) from None

    def _upload(self, job: str, body: bytes) -> None:
        self._org.ask(
            f"jobs/ingest/{job}/batches", "PUT", data=body, headers={"Content-Type": "text/csv"}, allowed=True
        )

    def _begin(self, job: str) -> None:
        """Close the upload; where that is in doubt, the polls after it tell whether the job has begun.

        Raises:
            SettingsError, LaterError: it has certainly not begun.
        """
        for attempt in range(STARTS):
            try:
                self._org.ask(
                    f"jobs/ingest/{job}", "PATCH", json={"state": "UploadComplete"}, repeat=True, allowed=True
                )
            except (LostAnswer, Fault):
                with suppress(LaterError, Fault):
                    if self._state(job) == OPEN:
                        continue
            except (LaterError, SettingsError):
                if attempt == 0:
                    raise
            return

    def _state(self, job: str) -> str:
        return str(self._org.ask(f"jobs/ingest/{job}", allowed=True, needs="state")["state"])

    def _abort(self, job: str) -> None:
        self._org.ask(f"jobs/ingest/{job}", "PATCH", json={"state": "Aborted"}, repeat=True, allowed=True)

    def _take_results(self, order: Order, writes: Sequence[Write], job: str, outcomes: dict[int, Outcome]) -> None:
        key = order.stamp or "Id"
        places = _places(order, writes)

        def place(row: Mapping[str, str]) -> int | None:
            waiting = places.get(_key(order, row.get(key) or row.get("sf__Id", "")))
            return waiting.pop(0) if waiting else None

        for row in self._results(f"jobs/ingest/{job}/successfulResults/"):
            if (at := place(row)) is not None:
                outcomes[at] = Done(to18(row["sf__Id"]), created=row.get("sf__Created") == "true")
        for row in self._results(f"jobs/ingest/{job}/failedResults/"):
            if (at := place(row)) is not None:
                outcomes[at] = settle([bulk_problem(row["sf__Error"])])
        for row in self._results(f"jobs/ingest/{job}/unprocessedrecords/"):
            if (at := place(row)) is not None:
                outcomes[at] = Later("the bulk job ended before this record's turn", 60.0)

    def _results(self, path: str) -> Iterable[dict[str, str]]:
        """Rows of a result, read whole: at most 10,000 that we sent ourselves."""
        for attempt in range(READ_ATTEMPTS):
            try:
                with self._org.door.stream(self._org.path(path), headers={"Accept": "text/csv"}) as (answer, body):
                    if answer.status >= 300:  # noqa: PLR2004 - errors as HTTP defines them
                        raise Fault(answer.status, answer.body)
                    return list(csv.DictReader(lines(body)))
            except LostAnswer:
                if attempt == READ_ATTEMPTS - 1:
                    raise
                self._pause(2.0**attempt)
        return []


def _csv(order: Order, writes: Sequence[Write]) -> tuple[bytes, frozenset[int]]:
    """The upload, and the places of the writes that are in it."""
    plain = frozenset(at for at, one in enumerate(writes) if EMPTIES not in one.fields.values())
    key = [] if order.stamp else ["Id"]
    names = dict.fromkeys([*key, *([order.stamp] if order.stamp else []), *_names(writes)])
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(names)
    for at in sorted(plain, key=lambda at: parent(writes[at])):
        fields = writes[at].fields
        own = [to18(writes[at].id or "")] if key else []
        rows.writerow([*own, *(_cell(fields[one]) if one in fields else "" for one in list(names)[len(own) :])])
    return text.getvalue().encode(), plain


def _names(writes: Iterable[Write]) -> list[str]:
    return sorted({name for one in writes for name in one.fields})


def _cell(value: Any) -> str:
    if value is None or value == "":
        return EMPTIES
    return str(value).lower() if isinstance(value, bool) else str(value)


def _places(order: Order, writes: Sequence[Write]) -> dict[str, list[int]]:
    """Key -> places of the writes that carry it."""
    places: dict[str, list[int]] = {}
    for at, one in enumerate(writes):
        value = one.fields.get(order.stamp) if order.stamp else one.id
        places.setdefault(_key(order, str(value or "")), []).append(at)
    return places


def _key(order: Order, value: str) -> str:
    return value if order.stamp else to18(value)
