"""What is asked of the org as a whole: versions, resources, limits and record counts.

Source: REST API guide, «Versions», «Resources by Version», «Limits», «Record Count».
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.errors import not_found
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.org import NEWEST, OLDEST, Org
from connector.sandbox.salesforce.seed import ORG_ID

_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = ("composite", "jobs", "limits", "metadata", "query", "queryAll", "sobjects", "tooling")
_FIXED_LIMITS = {
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
    "HourlyTimeBasedWorkflow": 1_000,
    "SingleEmail": 5_000,
}


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("GET", "", _resources)
    paths.add("GET", "/limits", _limits)
    paths.add("GET", "/limits/recordCount", _counts)


def versions() -> list[dict[str, str]]:
    """The API versions, oldest first; 65.0 is Winter '26 and each year has three."""
    listed = []
    for number in range(OLDEST, NEWEST + 1):
        years, season = divmod(number - 66, 3)
        year = 26 + years + (season == 2)  # noqa: PLR2004 - a Winter release bears the next year
        label = f"{_SEASONS[season]} '{year:02}"
        listed.append({"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"})
    return listed


def _resources(call: Call) -> Reply:
    base = f"/services/data/v{call.version}"
    listed = {name: f"{base}/{name}" for name in _RESOURCES}
    return Reply({**listed, "identity": f"{call.base}/id/{ORG_ID}/{call.user}"})


def _limits(call: Call) -> Reply:
    org = call.org
    limits = {name: {"Max": most, "Remaining": most} for name, most in _FIXED_LIMITS.items()}
    for name, spent in (("DailyBulkApiBatches", org.jobs.batches), ("DailyBulkV2QueryJobs", org.jobs.queries)):
        limits[name]["Remaining"] -= spent
    used = org.quota.used(org.store.now())
    limits["DailyApiRequests"] = {"Max": org.quota.most, "Remaining": max(0, org.quota.most - used)}
    return Reply(dict(sorted(limits.items())))


def _counts(call: Call) -> Reply:
    """The living records of the asked objects, or of all; objects without records are left out."""
    store = call.org.store
    asked = {name.strip().lower() for name in call.query.get("sObjects", "").split(",") if name.strip()}
    counts = []
    for sobject in call.sight.schema:
        if asked and sobject.name.lower() not in asked:
            continue
        alive = call.org.layouts.of(sobject).alive.replace("AND", "WHERE")
        (count,) = store.db.execute(f'SELECT COUNT(*) FROM "{sobject.name}" {alive}').fetchone()  # noqa: S608 - a schema name
        if count:
            counts.append({"count": count, "name": sobject.name})
    return Reply({"sObjects": counts})


def user_info(org: Org, user: str, base: str) -> dict[str, Any]:
    """The answer of the userinfo and identity resources.

    Raises:
        ApiError: 404, no such user.
    """
    found = org.store.db.execute(
        'SELECT Username, Name, Email, IsActive, TimeZoneSidKey FROM "User" WHERE Id = ?', (user,)
    ).fetchone()
    if found is None:
        raise not_found()
    username, name, email, active, zone = found
    return {
        "sub": f"{base}/id/{ORG_ID}/{user}",
        "user_id": user,
        "organization_id": ORG_ID,
        "username": username,
        "preferred_username": username,
        "nick_name": username,
        "display_name": name,
        "name": name,
        "email": email,
        "email_verified": True,
        "active": bool(active),
        "zoneinfo": zone,
        "user_type": "STANDARD",
        "urls": {
            "rest": f"{base}/services/data/v{{version}}/",
            "query": f"{base}/services/data/v{{version}}/query/",
            "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
        },
    }
