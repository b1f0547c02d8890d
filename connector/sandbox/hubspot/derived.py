"""Values that HubSpot sets by itself when others change: stage dates, closed flags, owner dates.

Lifecycle stages only move forward unless cleared first; what the API answers to a backward move is not
published, observers say that the stage silently stays (facts §9), and so it does here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.pipelines import PIPELINED, find_pipeline, find_stage
from connector.sandbox.hubspot.values import number

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal


def follow(
    portal: Portal,
    object_type: ObjectType,
    before: dict[str, str],
    changed: dict[str, str],
    *,
    by_user: bool,
) -> None:
    """Complete `changed` with what follows from it; a backward lifecycle stage is taken out."""
    at = instants.shown(portal.now())
    if "lifecyclestage" in changed:
        _lifecycle(portal, object_type, before, changed, at, by_user=by_user)
    if changed.get("hubspot_owner_id") and "hubspot_owner_assigneddate" in portal.properties[object_type.type_id]:
        changed["hubspot_owner_assigneddate"] = at
    if object_type.name == "contact" and "email" in changed:
        changed["hs_email_domain"] = changed["email"].rpartition("@")[2]
    if object_type.name == "task" and "hs_task_status" in changed:
        done = changed["hs_task_status"] == "COMPLETED"
        changed["hs_task_is_completed"] = "1" if done else "0"
        changed["hs_task_completion_date"] = at if done else ""
    if object_type.type_id in PIPELINED:
        _stage(portal, object_type, before, changed, at)
    if object_type.name == "deal":
        _money(portal, before, changed)


def _lifecycle(
    portal: Portal,
    object_type: ObjectType,
    before: dict[str, str],
    changed: dict[str, str],
    at: str,
    *,
    by_user: bool,
) -> None:
    options = portal.properties[object_type.type_id]["lifecyclestage"].options
    order = {item["value"]: item["displayOrder"] for item in options}
    wanted, present = changed["lifecyclestage"], before.get("lifecyclestage", "")
    backward = wanted and present and order.get(wanted, 0) < order.get(present, 0)
    if backward and not by_user:
        del changed["lifecyclestage"]
        return
    stamp = f"hs_lifecyclestage_{wanted}_date"
    if wanted and stamp in portal.properties[object_type.type_id]:
        changed[stamp] = at


def _stage(portal: Portal, object_type: ObjectType, before: dict[str, str], changed: dict[str, str], at: str) -> None:
    pipeline_name, stage_name = PIPELINED[object_type.type_id]
    stage_id = changed.get(stage_name)
    if not stage_id:
        return
    changed["hs_v2_date_entered_current_stage"] = at
    if object_type.name != "deal":
        return
    pipeline_id = changed.get(pipeline_name) or before.get(pipeline_name, "")
    pipeline = find_pipeline(portal.pipelines[object_type.type_id], pipeline_id)
    stage: dict[str, Any] = (find_stage(pipeline, stage_id) if pipeline else None) or {"metadata": {}}
    probability = stage["metadata"].get("probability", "0.0")
    closed = stage["metadata"].get("isClosed") == "true"
    changed["hs_deal_stage_probability"] = number(probability)
    changed["hs_is_closed"] = str(closed).lower()
    changed["hs_is_closed_won"] = str(closed and Decimal(probability) == 1).lower()
    changed["hs_is_closed_lost"] = str(closed and Decimal(probability) == 0).lower()
    if closed and not (changed.get("closedate") or before.get("closedate")):
        changed["closedate"] = at


def _money(portal: Portal, before: dict[str, str], changed: dict[str, str]) -> None:
    if not {"amount", "deal_currency_code", "hs_deal_stage_probability"} & changed.keys():
        return
    amount = changed.get("amount", before.get("amount", ""))
    if not amount:
        changed.update({name: "" for name in ("amount_in_home_currency", "hs_projected_amount") if name in before})
        return
    currency = changed.get("deal_currency_code") or before.get("deal_currency_code") or portal.currency
    rate = portal.exchange_rate(currency)
    if rate is None:
        return
    home = Decimal(amount) * rate
    share = changed.get("hs_deal_stage_probability") or before.get("hs_deal_stage_probability") or "0"
    changed["amount_in_home_currency"] = number(format(home, "f"))
    changed["hs_projected_amount"] = number(format(home * Decimal(share), "f"))
