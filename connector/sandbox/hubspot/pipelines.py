"""Pipelines and their stages: the default ones, and questions about a stage.

Changing them over HTTP is `api_pipelines.py`.
"""

from __future__ import annotations

from typing import Any

PIPELINED = {"0-3": ("pipeline", "dealstage"), "0-136": ("hs_pipeline", "hs_pipeline_stage")}
"""The properties that hold a record's pipeline and stage."""

_DEAL = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
_LEAD = (
    ("new-stage-id", "New", "NEW"),
    ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
    ("connected-stage-id", "Connected", "IN_PROGRESS"),
    ("qualified-stage-id", "Qualified", "QUALIFIED"),
    ("unqualified-stage-id", "Disqualified", "UNQUALIFIED"),
)


def fresh(type_id: str, at: str) -> list[dict[str, Any]]:
    """The pipelines of a new account for one object type."""
    if type_id == "0-3":
        stages = [stage(key, label, order, deal_metadata(p), at) for order, (key, label, p) in enumerate(_DEAL)]
        return [pipeline("default", "Sales Pipeline", 0, stages, at)]
    if type_id == "0-136":
        stages = [stage(key, label, n, {"leadState": state}, at) for n, (key, label, state) in enumerate(_LEAD)]
        return [pipeline("lead-pipeline-id", "Lead pipeline", 0, stages, at)]
    return []


def deal_metadata(probability: str) -> dict[str, str]:
    """The metadata of a deal stage; 0.0 is lost, 1.0 is won."""
    return {"isClosed": str(float(probability) in (0.0, 1.0)).lower(), "probability": probability}


def stage(key: str, label: str, order: int, metadata: dict[str, str], at: str) -> dict[str, Any]:
    """One stage as HubSpot shows it."""
    return {
        "label": label,
        "displayOrder": order,
        "metadata": metadata,
        "id": key,
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def pipeline(key: str, label: str, order: int, stages: list[dict[str, Any]], at: str) -> dict[str, Any]:
    """One pipeline as HubSpot shows it."""
    return {
        "label": label,
        "displayOrder": order,
        "id": key,
        "stages": stages,
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
    }


def find_pipeline(known: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    """One pipeline by id."""
    return next((one for one in known if one["id"] == key and not one["archived"]), None)


def find_stage(one: dict[str, Any], key: str) -> dict[str, Any] | None:
    """One stage of a pipeline by id."""
    return next((stage for stage in one["stages"] if stage["id"] == key and not stage["archived"]), None)


def as_options(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pipelines or stages as the options of their property."""
    return [
        {"label": item["label"], "value": item["id"], "displayOrder": order, "hidden": False}
        for order, item in enumerate(items)
        if not item["archived"]
    ]
