"""What getDeleted says of one object: who is gone, and up to when the org's changes are certainly visible.

`latestDateCovered` is the start of the oldest transaction still open, so a read may call everything before it seen.
Source: REST API guide, «Get Deleted».
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.crm.http import CallDeniedError
from connector.crm.salesforce import moments
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, Org, query_refused
from connector.errors import LaterError

BRIEF = timedelta(hours=1)
"""What getDeleted is asked for when only its `latestDateCovered` is wanted."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """`complete` says that getDeleted still knows everything since the asked start."""

    ids: frozenset[str]
    covered: datetime
    complete: bool


def deleted(org: Org, vendor_object: str, start: datetime, end: datetime) -> Deleted:
    """Ask for one object and a span of at most 15 days.

    Raises:
        CallDeniedError: the object does not exist or may not be seen.
        LaterError: the org took too long.
    """
    params = {"start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds")}
    try:
        told = org.ask(f"sobjects/{vendor_object}/deleted/", params=params, needs="latestDateCovered")
    except Fault as fault:
        raise _refused(fault, vendor_object) from None
    earliest = told.get("earliestDateAvailable")
    return Deleted(
        frozenset(to18(one["id"]) for one in told["deletedRecords"]),
        moments.read(told["latestDateCovered"]),
        not earliest or moments.read(earliest) <= start,
    )


def _refused(fault: Fault, vendor_object: str) -> CallDeniedError | LaterError:
    if fault.status == 404:  # noqa: PLR2004 - not found
        return CallDeniedError(f"Salesforce shows no object {vendor_object}: check its name and the permission set")
    return query_refused(fault, f"FROM {vendor_object}")
