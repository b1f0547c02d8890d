"""The installed validation rules, held against a record about to be stored.

Rules see the record with its derived fields, after required fields and before unique values and duplicates
(Apex guide, «Triggers and Order of Execution»). Every rule that fires is told.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.sandbox.salesforce import access
from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.formula import EvaluationError
from connector.sandbox.salesforce.metadata.rulebook import Rule
from connector.sandbox.salesforce.store import Row


def validate(batch: Batch, change: Change) -> None:
    """Refuse a record for which rules of its object fire.

    Raises:
        ApiError: FIELD_CUSTOM_VALIDATION_EXCEPTION, one for each rule.
    """
    rules = batch.layouts.rules(change.sobject)
    if not rules:
        return
    moment = _Saving(batch, change)
    refused = [error for rule in rules if (error := _refusal(rule, moment)) is not None]
    if refused:
        refused[0].further = refused[1:]
        raise refused[0]


def _refusal(rule: Rule, moment: _Saving) -> ApiError | None:
    fields = [rule.field] if rule.field else []
    try:
        fires = rule.fires(moment)
    except EvaluationError as error:
        message = f'The formula in the "{rule.name}" validation rule is invalid: {error}'
        return ApiError("FIELD_INTEGRITY_EXCEPTION", message, fields)
    return ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields) if fires else None


class _Saving:
    """A record on its way into the store, as formulas see it."""

    def __init__(self, batch: Batch, change: Change) -> None:
        self._batch = batch
        self.new: dict[str, Any] = change.new
        self.old: dict[str, Any] | None = change.old

    @property
    def now(self) -> datetime:
        return self._batch.store.clock.now()

    @property
    def zone(self) -> tzinfo:
        try:
            return ZoneInfo(str(self.user().get("TimeZoneSidKey") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def parent(self, sobject: str, record: str | None) -> Row | None:
        store = self._batch.store
        found = store.schema.sobject(sobject)
        if found is None:
            return None
        if sobject == "Organization":
            return store.rows(found)[0]
        return store.row(found, record) if record else None

    def user(self) -> Row:
        return self.parent("User", self._batch.actor.user) or {}

    def permitted(self, permission: str) -> bool:
        asked = self._batch.permissions
        if permission not in asked:
            asked[permission] = access.permitted(self._batch.store, self._batch.actor.user, permission)
        return asked[permission]
