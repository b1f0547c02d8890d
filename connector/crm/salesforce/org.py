"""simple-salesforce's client, sending through our own door, and how Salesforce's answers are judged.

The library builds the paths of `query`, `queryAll`, `query_more` and `restful`. What it leaves out or gets wrong
is replaced in the one method that sends: https is not forced onto the local sandbox, a refused session is renewed
once and with all headers, calls have timeouts and retries, bodies are decoded fast, and an error becomes a `Fault`
that holds no URL. Its SFType, bulk and metadata parts send for themselves: they find no session here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
from simple_salesforce.api import Salesforce

from connector.crm.http import Answer, CallDeniedError, Door
from connector.crm.pace import Allowance
from connector.crm.retry import Busy, Denied, Expired, Fine, Heard, Policy, Spent, Verdict
from connector.crm.salesforce.problems import SPENT, Problem, message, problems
from connector.errors import LaterError

VENDOR = "Salesforce"
_NO_COLUMN = re.compile(r"No such column '([\w.]{1,120})'")
_FROM = re.compile(r"\bFROM (\w+)")
CONCURRENT_WAIT = 3.0
"""Seconds until one of the org's long-running requests has probably ended; Salesforce names none."""


class Fault(Exception):  # noqa: N818 - an answer about the content, settled by the adapter
    """A 4xx answer that is not about credentials or limits; its text holds codes only."""

    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.problems = problems(body)
        self.problem = self.problems[0] if self.problems else Problem(f"HTTP_{status}")
        super().__init__(f"status {status}, {self.problem.code}")


def judge(heard: Heard) -> Verdict | None:
    """What Salesforce's own error bodies mean; None leaves the answer to the general rules.

    Sources: REST API guide, «Status Codes and Error Responses»; app limits cheat sheet, «API Request Limits».
    """
    found = problems(heard.body)
    first = found[0] if found else Problem("")
    match heard.status:
        case 401 if first.code == "INVALID_SESSION_ID":
            return Expired("the Salesforce session is not accepted: check the app's policies and the user")
        case 403:
            return _forbidden(first, known=bool(found))
        case 406 | 420:  # answers of the edge in front of the org, gone in a moment
            return Busy()
        case 410:
            return Denied("this API version is retired: set a newer salesforce.version")
        case 400 | 500 if first.locked:
            return Fine()  # repeated by the adapter, in smaller batches
        case _:
            return None


def _forbidden(first: Problem, *, known: bool) -> Verdict | None:
    if first.code == SPENT and first.text.startswith("Concurrent"):
        return Busy(CONCURRENT_WAIT, everybody=True)
    if first.code == SPENT:
        return Spent("the org's API calls of the last 24 hours are used up: run again later, or raise the limit")
    if first.code == "TXN_SECURITY_METERING_ERROR":
        return Busy()
    return Denied(f"the integration user may not do this ({first.code}): check its permission set") if known else None


def policy() -> Policy:
    """The retry rules of Salesforce."""
    return Policy(VENDOR, judge)


def usage_of(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Calls used and allowed in the rolling 24 hours from `Sforce-Limit-Info`."""
    usage: Any = Salesforce.parse_api_usage(headers.get("Sforce-Limit-Info") or "").get("api-usage")
    return (usage.used, usage.total) if usage else None


class _NoSession(requests.Session):
    """Keeps the parts of the library that send for themselves from going round the door."""

    def request(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise RuntimeError("calls to Salesforce go through the door")


class Org(Salesforce):
    """One org: `query`, `query_more` and `restful` as in the library, with `repeat` for calls that may be repeated.

    Every method raises `Fault` for answers about the content, `SettingsError` and `LaterError` as the port says,
    and `LostAnswer` where a call may or may not have been carried out.
    """

    def __init__(self, door: Door, version: str, headers: Mapping[str, str], allowance: Allowance) -> None:
        super().__init__(
            session_id="held by the door", instance_url=door.base_url, version=version, session=_NoSession()
        )
        self.door = door
        self._sent = dict(headers)
        self._allowance = allowance

    def path(self, rest: str) -> str:
        """The path of a resource, for calls that the door streams or takes as bytes."""
        return f"/services/data/v{self.sf_version}/{rest}"

    def _call_salesforce(
        self,
        method: str,
        url: str,
        name: str = "",  # noqa: ARG002 - the library's signature
        retries: int = 0,  # noqa: ARG002 - the library's signature
        max_retries: int = 3,  # noqa: ARG002 - the library's signature
        **kwargs: Any,
    ) -> Any:
        """Send through the door; `allowed` lets a call pass that finishes what was begun, whatever the budget."""
        if not kwargs.pop("allowed", False):
            self._allowance.check()
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {**self._sent, **kwargs.pop("headers", {})}
        repeat = kwargs.pop("repeat", method == "GET")
        answer = self.door.call(method, target, repeat=repeat, headers=headers, **kwargs)
        if answer.status >= 300:  # noqa: PLR2004 - redirects and errors as HTTP defines them
            raise Fault(answer.status, answer.body)
        return _Reply(answer)

    def parse_result_to_json(self, result: Any) -> Any:
        """The body as the door decoded it; `restful` measures it, so an empty one (201 of an upload) is ()."""
        return () if result.answer.body is None else result.answer.body

    def ask(self, path: str, method: str = "GET", *, needs: str = "", **kwargs: Any) -> Any:
        """The body of any call below the version's root, None when there is none; it must hold the key `needs`."""
        body = self.restful(path, method=method, **kwargs)
        return _holding(body, needs) if needs else body

    def select(self, soql: str, *, deleted: bool = False) -> dict[str, Any]:
        """The first page of a query.

        Raises:
            CallDeniedError: a field or object of the query does not exist or may not be seen.
        """
        try:
            page = self.query(soql, include_deleted=deleted)
        except Fault as fault:
            raise query_refused(fault, soql) from None
        return _holding(page, "records")

    def more(self, url: str) -> dict[str, Any]:
        """A further page of a query."""
        try:
            page = self.query_more(url, identifier_is_url=True)
        except Fault as fault:
            raise LaterError(f"Salesforce gave up the query ({fault.problem.code}): run again", 60.0) from None
        return _holding(page, "records")


def _holding(body: Any, key: str) -> dict[str, Any]:
    """The body, if it is what was asked for: something between us and the org may answer in its place."""
    if isinstance(body, dict) and key in body:
        return body
    raise LaterError(f"Salesforce answered without {key!r}: check what stands between, then run again", 60.0)


class _Reply:
    """What the library looks at of an answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.status_code = answer.status


def query_refused(fault: Fault, soql: str) -> CallDeniedError | LaterError:
    """Why a query is not answered, without the query's values."""
    found = fault.problem
    sobject = _FROM.findall(soql)[-1:]
    where = f" of {sobject[0]}" if sobject else ""
    if found.code == "QUERY_TIMEOUT":
        return LaterError(f"Salesforce took too long for a query{where}: run again, or in quieter hours", 300.0)
    if column := _NO_COLUMN.search(found.text):
        return CallDeniedError(
            f"Salesforce shows no field {column[1]}{where}: check its name, and that the permission set lets the "
            "integration user read it; `revloop check` shows every such line of the mappings"
        )
    if found.code == "INVALID_TYPE":
        return CallDeniedError(
            f"Salesforce shows no such object{where}: check its name and the permission set; "
            "`revloop check` looks at all of them"
        )
    return CallDeniedError(f"Salesforce refuses a query{where} ({found.code}): {message(found)}")
