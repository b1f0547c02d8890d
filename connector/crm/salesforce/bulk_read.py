"""Large reads by Bulk API 2.0 query: one job, results streamed page by page and row by row.

A page is never held whole: pieces of the body become lines, lines become chunks of rows. A page that breaks off is
asked for again and the rows already given are skipped; the results of a finished job are a file and keep their
order. Source: Bulk API 2.0 guide, «Get Results for a Query Job».
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from connector.crm.http import Answer, LostAnswer
from connector.crm.salesforce.org import Fault, Org, query_refused
from connector.errors import ConnectorError, LaterError

CHUNK_ROWS = 2000
READ_ATTEMPTS = 4
FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.2, 5.0, 1.5
PATIENCE = 3600.0
"""Seconds that a job is waited for; a larger org's job goes on and is given up by us."""
DONE = "JobComplete"
OPEN = "Open"
ENDED = frozenset({DONE, "Failed", "Aborted", OPEN})
"""States that a job does not leave by itself; an open one waits for its upload."""

# A long text area holds 131,072 letters, exactly what the csv module refuses by default.
csv.field_size_limit(1 << 24)


def wait_for(org: Org, path: str, pause: Callable[[float], None]) -> dict[str, Any]:
    """Poll a job until it has ended, or is found open, and give its last state.

    Raises:
        LaterError: it did not end within an hour.
    """
    wait, waited = FIRST_WAIT, 0.0
    while True:
        job: dict[str, Any] = org.ask(path, allowed=True, needs="state")
        if job["state"] in ENDED:
            return job
        if waited > PATIENCE:
            raise LaterError("a Salesforce bulk job has not ended within an hour: run again later", 1800.0)
        pause(wait)
        waited += wait
        wait = min(wait * GROWTH, LONGEST_WAIT)


def bulk_rows(
    org: Org, soql: str, pause: Callable[[float], None], *, deleted: bool, page_rows: int
) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Run a query as a job: chunks of rows as text, each with the header; `page_rows` come with one call.

    Raises:
        SettingsError: the query is refused.
        LaterError: the job failed, or its results cannot be read.
    """
    operation = "queryAll" if deleted else "query"
    try:
        job = org.ask("jobs/query", "POST", json={"operation": operation, "query": soql}, repeat=True, needs="id")
    except Fault as fault:
        raise query_refused(fault, soql) from None
    path = f"jobs/query/{job['id']}"
    try:
        ended = wait_for(org, path, pause)
        if ended["state"] != DONE:
            raise LaterError(f"a Salesforce bulk query ended as {ended['state']}: run again", 60.0)
        yield from _results(org, path, pause, page_rows)
    finally:
        # results hold personal data and would stay for 7 days; what is not deleted now goes then
        with suppress(ConnectorError, Fault):
            org.ask(path, "DELETE", repeat=True, allowed=True)


def _results(
    org: Org, path: str, pause: Callable[[float], None], page_rows: int
) -> Iterator[tuple[list[str], list[list[str]]]]:
    locator: str | None = ""
    while locator is not None:
        page = _Page(org, path, locator, page_rows)
        for attempt in range(READ_ATTEMPTS):
            try:
                yield from page.chunks()
                break
            except LostAnswer:
                if attempt == READ_ATTEMPTS - 1:
                    raise
                pause(2.0**attempt)
        locator = page.following


class _Page:
    """One page of results, which remembers how many rows it has given."""

    def __init__(self, org: Org, path: str, locator: str, rows: int) -> None:
        self._org = org
        self._path = org.path(f"{path}/results")
        self._params = {"maxRecords": rows, **({"locator": locator} if locator else {})}
        self._given = 0
        self.following: str | None = None

    def chunks(self) -> Iterator[tuple[list[str], list[list[str]]]]:
        """Rows not given yet.

        Raises:
            LostAnswer: the page broke off; ask again.
        """
        with self._org.door.stream(self._path, params=self._params, headers={"Accept": "text/csv"}) as (answer, body):
            self._check(answer)
            rows = csv.reader(lines(body))
            header = next(rows, [])
            for _ in islice(rows, self._given):
                pass
            while chunk := list(islice(rows, CHUNK_ROWS)):
                self._given += len(chunk)
                yield header, chunk
            if self._given < int(answer.headers.get("Sforce-NumberOfRecords", self._given)):
                raise LostAnswer("a page of Salesforce bulk results came short: run again", 5.0)
            locator = answer.headers.get("Sforce-Locator", "null")
            self.following = None if locator == "null" else locator

    def _check(self, answer: Answer) -> None:
        if answer.status >= 300:  # noqa: PLR2004 - errors as HTTP defines them
            raise LaterError(f"Salesforce does not give the results of a bulk query (status {answer.status})", 60.0)


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    r"""Lines with their `\n`, from pieces of UTF-8; no other character ends a line, since values hold U+2028 too."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + decoder.decode(piece)).split("\n")
        for line in whole:
            yield line + "\n"
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest
