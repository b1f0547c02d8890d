"""What objects and fields there are: the global describe, describe."""

from __future__ import annotations

from connector.sandbox.salesforce import customize, times
from connector.sandbox.salesforce.describe import describe, listed
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.rest.records import since_header


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("GET", "/sobjects", _global)
    paths.add("GET", "/sobjects/{sobject}", _basic)
    paths.add("GET", "/sobjects/{sobject}/describe", _describe)


def _global(call: Call) -> Reply:
    headers = {"Last-Modified": customize.last_modified(call.org.store)}
    if _unchanged(call):
        return Reply(None, 304, headers)
    objects = [listed(sobject, call.version) for sobject in call.sight.schema]
    return Reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}, 200, headers)


def _basic(call: Call) -> Reply:
    sobject = call.seen(call.parts["sobject"])
    return Reply({"objectDescribe": listed(sobject, call.version), "recentItems": []})


def _describe(call: Call) -> Reply:
    sobject = call.seen(call.parts["sobject"])
    headers = {"Last-Modified": customize.last_modified(call.org.store)}
    if _unchanged(call):
        return Reply(None, 304, headers)
    return Reply(describe(call.sight.schema, sobject, call.version), 200, headers)


def _unchanged(call: Call) -> bool:
    """Whether a conditional describe may be answered by 304; a stale copy to be kept is refused by 412."""
    stored = times.http_date(customize.changed(call.org.store))
    kept = since_header(call, "if-unmodified-since")
    if kept and stored > kept:
        raise ApiError("PRECONDITION_FAILED", "The describe has changed since then", status=412)
    since = since_header(call, "if-modified-since")
    return bool(since and stored <= since)
