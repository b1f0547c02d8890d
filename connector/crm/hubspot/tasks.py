"""Tasks on contacts and leads: opened with their association, found by it, closed by id.

A task is found through the associations of its record and a read by id, never by search, whose index lags: a task
that was opened a second ago is seen. What a lost answer made is found by the marker in its body.
HubSpot knows no cancelled task. Its guide names `COMPLETED` as the end of a task and no other; a `DEFERRED` one counts
as not completed (`hs_task_is_completed`) and would go on reminding its owner. So a cancelled task is completed.
Sources: tasks guide, associations guide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from connector.crm.hubspot import writing
from connector.crm.hubspot.association_types import Types
from connector.crm.hubspot.client import Client
from connector.crm.hubspot.lookups import Lookups
from connector.crm.hubspot.names import Paths
from connector.model import Done, Outcome, TaskChange, TaskDraft, TaskSeen, Write

OPEN, CLOSED = "NOT_STARTED", "COMPLETED"
BODY, STATUS = "hs_task_body", "hs_task_status"
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def seen(lookups: Lookups, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
    """The tasks of these records whose body holds `marker`."""
    linked = lookups.linked(vendor_object, "tasks", records) if records else {}
    numbers = list(dict.fromkeys(number for tasks in linked.values() for number in tasks))
    found = {str(raw["id"]): raw.get("properties") or {} for raw in lookups.raw("tasks", numbers, [BODY, STATUS])}
    return [
        TaskSeen(number, record, text, found[number].get(STATUS) != CLOSED)
        for record, tasks in linked.items()
        for number in tasks
        if number in found and marker in (text := plain(found[number].get(BODY) or ""))
    ]


def opened(client: Client, paths: Paths, types: Types, drafts: Sequence[TaskDraft]) -> list[Outcome]:
    """Make tasks; nothing is repeated.

    Raises:
        SettingsError: tasks of these objects cannot be made; nothing was done.
        LaterError: nothing was done.
    """
    path = paths.objects("tasks", "/batch/create")
    links = {draft.ref: [_link(types, draft)] for draft in drafts}
    writes = [Write(draft.ref, None, _properties(draft)) for draft in drafts]
    outcomes = writing.in_parts(lambda part: writing.insert(client, path, "tasks", part, links, by=BODY), writes)
    return [replace(one, created=True) if isinstance(one, Done) else one for one in outcomes]


def changed(client: Client, paths: Paths, changes: Sequence[TaskChange]) -> list[Outcome]:
    """Complete, cancel or reopen tasks."""
    path = paths.objects("tasks", "/batch/update")
    writes = [Write(change.ref, change.id, _change(change)) for change in changes]
    return writing.in_parts(lambda part: writing.update(client, path, "tasks", part, repeat=True), writes)


def plain(body: str) -> str:
    """The text of a task's body, which HubSpot keeps as HTML."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", body)))


def _link(types: Types, draft: TaskDraft) -> dict[str, Any]:
    category, number = types.default("tasks", draft.vendor_object)
    return {"to": {"id": draft.record}, "types": [{"associationCategory": category, "associationTypeId": number}]}


def _properties(draft: TaskDraft) -> dict[str, str]:
    properties = {
        "hs_timestamp": _moment(draft.due_at),
        "hs_task_subject": draft.subject,
        BODY: escape(draft.body, quote=False).replace("\n", "<br>"),
        STATUS: OPEN,
        "hs_task_type": "TODO",
    }
    if draft.urgent:
        properties["hs_task_priority"] = "HIGH"
    if draft.owner:
        properties["hubspot_owner_id"] = draft.owner
    return properties


def _change(change: TaskChange) -> dict[str, str]:
    properties = {STATUS: OPEN if change.state == "open" else CLOSED}
    if change.due_at:
        properties["hs_timestamp"] = _moment(change.due_at)
    return properties


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
