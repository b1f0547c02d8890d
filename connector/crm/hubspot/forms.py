"""Form submissions: every form's newest ones, back to the last read. Neither address has a dated version yet.

Source: HubSpot's forms guides: submissions come newest first, 50 a page. Archived forms are not read. A submission
names no contact: the e-mail address in it does, and nothing else that a person typed is looked at or kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connector.crm.fan import spread
from connector.crm.hubspot.activities import Removed, activity, instant
from connector.crm.hubspot.client import Client, listed
from connector.crm.hubspot.lookups import Lookups
from connector.crm.hubspot.names import FORMS, SUBMISSIONS
from connector.crm.hubspot.records import NOT_FOUND
from connector.crm.page_address import page
from connector.model import Activity, ActivityPage, ActivitySource

FORMS_PAGE, PAGE = 100, 50


@dataclass(frozen=True, slots=True)
class _Form:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a form's submissions; `after` is None where nothing newer than asked for may follow."""

    form: _Form
    submissions: list[Mapping[str, Any]]
    after: str | None


class Forms:
    """Submissions of all forms; the first pages of several forms are read at once."""

    name: ActivitySource = "form"
    lag = timedelta(0)
    removed: Removed | None = None
    advice = "form submissions are not read: give the token the scope `forms`"

    def __init__(self, client: Client, lookups: Lookups, pool: Executor, width: int) -> None:
        self._client = client
        self._lookups = lookups
        self._pool = pool
        self._width = width

    def read(self, since: datetime) -> Iterator[ActivityPage]:
        """Submissions since an instant."""
        for first in spread(self._pool, lambda form: self._page(form, None, since), self._forms(), self._width):
            page_ = first
            while True:
                yield ActivityPage(self._activities(page_))
                if page_.after is None:
                    break
                page_ = self._page(page_.form, page_.after, since)

    def _forms(self) -> list[_Form]:
        found: list[_Form] = []
        after: str | None = None
        while True:
            body = listed(self._client.get(FORMS, limit=FORMS_PAGE, after=after), "the forms")
            found += [_Form(str(raw["id"]), str(raw.get("name") or "")) for raw in body["results"]]
            after = ((body.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return found

    def _page(self, form: _Form, after: str | None, since: datetime) -> _Page:
        path = f"{SUBMISSIONS}/{quote(form.id, safe='')}"
        answer = self._client.get(path, limit=PAGE, after=after)
        if answer.status == NOT_FOUND:  # the form was deleted a moment ago, or is of a kind that keeps none
            return _Page(form, [], None)
        body = listed(answer, "the submissions of a form")
        fresh = [raw for raw in body["results"] if (at := instant(raw.get("submittedAt"))) and at >= since]
        following = ((body.get("paging") or {}).get("next") or {}).get("after")
        return _Page(form, fresh, following if following and len(fresh) == len(body["results"]) else None)

    def _activities(self, page_: _Page) -> list[Activity]:
        whose = [_address(raw) for raw in page_.submissions]
        contacts = self._lookups.contacts(set(whose))
        found = []
        for raw, address in zip(page_.submissions, whose, strict=True):
            contact, at = contacts.get(address), instant(raw["submittedAt"])
            if contact and at and raw.get("conversionId"):
                found.append(activity("form", str(raw["conversionId"]), contact, at, _fields(raw, page_.form)))
        return found


def _address(submission: Mapping[str, Any]) -> str:
    """The e-mail address of the contact who sent the form; that of a company or ticket is another's."""
    for value in submission.get("values") or ():
        if value.get("name") == "email" and value.get("objectTypeId") in (None, "0-1"):
            return str(value.get("value") or "").strip().lower()
    return ""


def _fields(submission: Mapping[str, Any], form: _Form) -> dict[str, Any]:
    return {
        "conversionId": str(submission["conversionId"]),
        "submittedAt": submission["submittedAt"],
        "pageUrl": page(submission.get("pageUrl")),
        "title": form.name,
        "formId": form.id,
    }
