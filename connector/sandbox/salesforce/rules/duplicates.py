"""Duplicate rules: a lead or contact with an e-mail address that a living lead or contact already has.

`block` refuses always, `alert` refuses unless the caller sent `Sforce-Duplicate-Rule-Header: allowSave=true`.
A lead is compared with leads and contacts, a contact with contacts, as the standard rules do.
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError

_COMPARED = {"Lead": ("Lead", "Contact"), "Contact": ("Contact",)}
_ALERT = "You're creating a duplicate record. We recommend you use an existing record instead."
_BLOCK = "Use one of these records?"


def refuse_duplicate(batch: Batch, change: Change) -> None:
    """Raise DUPLICATES_DETECTED as the org's duplicate rule says.

    Raises:
        ApiError: another record has the e-mail address.
    """
    rule = batch.settings.duplicate_rule
    compared = _COMPARED.get(change.sobject.name)
    if rule == "off" or compared is None or (rule == "alert" and batch.actor.allow_duplicates):
        return
    email = change.new.get("Email")
    if not email or not change.altered("Email"):
        return
    matches = [_match(batch, kind, email, change.new.get("Id")) for kind in compared]
    found = [match for match in matches if match["size"]]
    if found:
        message = _ALERT if rule == "alert" else _BLOCK
        raise ApiError("DUPLICATES_DETECTED", message, extra={"duplicateResut": _result(change, rule, message, found)})


def _match(batch: Batch, kind: str, email: str, own: str | None) -> dict[str, Any]:
    alive = "IsDeleted = 0" if kind == "Contact" else "IsDeleted = 0 AND IsConverted = 0"
    found = batch.store.db.execute(
        f'SELECT Id FROM "{kind}" WHERE Email = ? AND Id <> ? AND {alive} LIMIT 10',  # noqa: S608 - two names
        (email, own or ""),
    ).fetchall()
    return {
        "entityType": kind,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {
                    "attributes": {"type": kind, "url": f"/services/data/v68.0/sobjects/{kind}/{record}"},
                    "Id": record,
                },
            }
            for (record,) in found
        ],
        "rule": f"Standard_{kind}_Match_Rule_v1_1",
        "size": len(found),
        "success": True,
    }


def _result(change: Change, rule: str, message: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    kind = change.sobject.name
    return {
        "allowSave": rule == "alert",
        "duplicateRule": f"Standard_{kind}_Duplicate_Rule",
        "duplicateRuleEntityType": kind,
        "errorMessage": message,
        "matchResults": found,
    }
