"""Opportunities: what follows from the stage and the close date, and the contact given on creation."""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.rules import role
from connector.sandbox.salesforce.store import Row, known

_CATEGORY_NAMES = {"BestCase": "Best Case", "Forecast": "Commit", "MostLikely": "Most Likely"}
_CATEGORIES = {name: category for category, name in _CATEGORY_NAMES.items()}
_UNKNOWN_STAGE: Row = {"IsClosed": 0, "IsWon": 0, "ForecastCategory": "Pipeline", "DefaultProbability": 0.0}


def before(batch: Batch, change: Change) -> None:
    """Fill the fields that Salesforce derives from stage, amount, probability and close date."""
    new = change.new
    if change.altered("StageName"):
        _enter_stage(batch, change)
    elif change.altered("ForecastCategoryName"):
        new["ForecastCategory"] = _CATEGORIES.get(new["ForecastCategoryName"], new["ForecastCategoryName"])
    amount, probability = new.get("Amount"), new.get("Probability")
    new["ExpectedRevenue"] = None
    if amount is not None and probability is not None:
        new["ExpectedRevenue"] = round(amount * probability / 100, 2)
    closing = new.get("CloseDate")
    if closing:
        year, month = int(closing[:4]), int(closing[5:7])
        new["FiscalYear"], new["FiscalQuarter"] = year, (month + 2) // 3
        new["Fiscal"] = f"{year} {new['FiscalQuarter']}"


def after(batch: Batch, change: Change) -> None:
    """A contact given on creation becomes the primary contact role."""
    if change.old is None and change.new.get("ContactId"):
        roles = known(batch.store.schema, "OpportunityContactRole")
        row = batch.fresh(roles, {"OpportunityId": change.id, "ContactId": change.new["ContactId"], "IsPrimary": 1})
        role.clear_other_primaries(batch, row)


def stages(batch: Batch) -> dict[str, Row]:
    """The opportunity stages by lower-case API name."""
    if not batch.stages:
        sobject = known(batch.store.schema, "OpportunityStage")
        batch.stages.update({row["ApiName"].lower(): row for row in batch.store.rows(sobject)})
    return batch.stages


def _enter_stage(batch: Batch, change: Change) -> None:
    new = change.new
    stage = stages(batch).get(str(new.get("StageName")).lower(), _UNKNOWN_STAGE)
    new["IsClosed"], new["IsWon"] = stage["IsClosed"], stage["IsWon"]
    if "ForecastCategoryName" in change.given and new.get("ForecastCategoryName"):
        new["ForecastCategory"] = _CATEGORIES.get(new["ForecastCategoryName"], new["ForecastCategoryName"])
    else:
        new["ForecastCategory"] = stage["ForecastCategory"]
        new["ForecastCategoryName"] = _CATEGORY_NAMES.get(stage["ForecastCategory"], stage["ForecastCategory"])
    if "Probability" not in change.given or new.get("Probability") is None:
        new["Probability"] = stage["DefaultProbability"]
    if change.old is not None:
        new["LastStageChangeDate"] = batch.stamp
