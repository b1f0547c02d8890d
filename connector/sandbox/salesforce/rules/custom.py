"""Custom objects: a record's name is counted up, or is its id until somebody gives it one."""

from __future__ import annotations

import re

from connector.sandbox.salesforce.batch import Batch, Change

_COUNTER = re.compile(r"\{(0+)\}")


def before(batch: Batch, change: Change) -> None:
    """Give a new record its automatic number; a record without a name is named as its id."""
    name = change.sobject.field("Name")
    if name is None:
        return
    if name.auto_number:
        if change.old is None and not ("Name" in change.given and change.new.get("Name")):
            change.new["Name"] = _number(batch, change.sobject.name, name.default or "{0}")
    elif not change.new.get("Name"):
        change.new["Id"] = change.new.get("Id") or batch.store.new_id(change.sobject.key_prefix)
        change.new["Name"] = change.new["Id"]


def _number(batch: Batch, sobject: str, template: str) -> str:
    """The next number of an object in its display format, such as `TP-{0000}`."""
    key = f"number:{sobject}"
    row = batch.store.db.execute("SELECT value FROM _meta WHERE key = ?", (key,)).fetchone()
    number = int(row[0]) + 1 if row else 1
    batch.store.db.execute("INSERT OR REPLACE INTO _meta VALUES (?, ?)", (key, str(number)))
    return _COUNTER.sub(lambda found: str(number).zfill(len(found[1])), template)
