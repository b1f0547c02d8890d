"""Touches and credits as rows of the custom objects that carry them: canonical text by field name of `carriers`.

A field that is empty is not in the row. Which rows should stand where is decided by the engine; nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connector.revops.attribution_channels import UTM, channel_of
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_credits import Credit
from connector.revops.attribution_time import seconds
from connector.revops.attribution_touch import Touch
from connector.revops.carriers import CREDIT, KEY, TOUCHPOINT, Carrier

Row = dict[str, str]

SILENT = frozenset({"revision", "computed_at", "config"})
"""Fields that tell of the writing itself: they are written along with another change and never cause one."""

_HASH_SHOWN = 12
_LENGTHS = {(carrier.name, field.name): field.length for carrier in (TOUCHPOINT, CREDIT) for field in carrier.fields}


def clipped(text: str, length: int) -> str:
    """A text as both CRMs give it back: no longer than its field, without space around it."""
    return text.strip()[:length].strip()


def plain_touch(touch: Touch) -> Touch:
    """A touch whose texts fit their fields, so that what is written is what is read, everywhere."""
    return replace(
        touch,
        subchannel=clipped(touch.subchannel, _LENGTHS["touchpoint", "subchannel"]),
        campaign=clipped(touch.campaign, _LENGTHS["touchpoint", "campaign_name"]),
        path=clipped(touch.path, _LENGTHS["touchpoint", "landing_path"]),
        utm=tuple(clipped(each, _LENGTHS["touchpoint", "utm_source"]) for each in touch.utm),
    )


def touch_row(touch: Touch, *, first: bool, lead: bool) -> Row:
    """The touchpoint of a touch.

    Args:
        touch: with texts that fit (`plain_touch`).
        first: it is its person's first.
        lead: it is the one that made its person a lead.
    """
    row = {
        KEY: touch.key,
        "occurred_at": touch.occurred_at,
        "precision": touch.precision,
        "channel": touch.channel,
        "subchannel": touch.subchannel,
        "campaign_name": touch.campaign,
        "source_system": touch.system,
        "source_record": touch.record,
        "landing_path": touch.path,
        **dict(zip(UTM, touch.utm, strict=True)),
        "is_first": _bool(first),
        "is_lead_creation": _bool(lead),
    }
    return _filled(row, TOUCHPOINT)


def touch_memory(touch: Touch) -> dict[str, Any]:
    """What a touchpoint does not show and a touch needs: kept beside the row, in our state only."""
    return {
        "event": touch.event,
        "code": touch.code,
        "campaign_id": touch.campaign_id,
        "tracked": touch.tracked,
        "flagged": touch.flagged,
    }


def touch_from(
    row: Mapping[str, str], memory: Mapping[str, Any], person: str, config: AttributionConfig
) -> Touch | None:
    """The touch that a row was made of, in the channel that its code has under the rules of now."""
    at = seconds(row.get("occurred_at"))
    if at is None or "code" not in memory:
        return None
    return Touch(
        key=row[KEY],
        person=person,
        at=at,
        channel=channel_of(memory["code"], config.channels),
        code=memory["code"],
        system=row.get("source_system", ""),
        record=row.get("source_record", ""),
        event=memory["event"],
        precision="day" if row.get("precision") == "day" else "exact",
        subchannel=row.get("subchannel", ""),
        campaign=row.get("campaign_name", ""),
        campaign_id=memory["campaign_id"],
        path=row.get("landing_path", ""),
        utm=tuple(row.get(name, "") for name in UTM),
        tracked=memory["tracked"],
        flagged=memory["flagged"],
    )


def credit_row(credit: Credit, computed_at: str) -> Row:
    """The credit as both CRMs hold it; `computed_at` is an instant in ISO 8601."""
    row = {
        KEY: credit.key,
        "model": credit.model,
        "channel": credit.channel,
        "milestones": ";".join(credit.milestones),
        "weight_pct": _number(credit.weight),
        "amount": _number(credit.amount),
        "currency": credit.currency,
        "reporting_amount": _number(credit.reporting_amount),
        "revision": str(credit.revision),
        "superseded": _bool(credit.superseded),
        "computed_at": computed_at,
        "config": credit.config[:_HASH_SHOWN],
    }
    return _filled(row, CREDIT)


def credit_from(row: Mapping[str, str], deal: str, touch: str) -> Credit:
    """The credit that a row was made of; `config` is as short as the row has it."""
    return Credit(
        key=row[KEY],
        deal=deal,
        model=row["model"],
        touch=touch,
        channel=row["channel"],
        milestones=tuple(each for each in row.get("milestones", "").split(";") if each),
        weight=Decimal(row["weight_pct"]),
        amount=_decimal(row.get("amount")),
        currency=row["currency"],
        reporting_amount=_decimal(row.get("reporting_amount")),
        config=row.get("config", ""),
        revision=int(row["revision"]),
        superseded=row.get("superseded") == "true",
    )


def _filled(row: Mapping[str, str], carrier: Carrier) -> Row:
    """The row without its empty fields, none longer than its field takes."""
    texts = {field.name for field in carrier.fields if field.kind == "text"}
    kept = {
        name: clipped(value, _LENGTHS[carrier.name, name]) if name in texts else value for name, value in row.items()
    }
    return {name: value for name, value in kept.items() if value}


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _number(amount: Decimal | None) -> str:
    """A number in canonical form: no zeros behind the last digit."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
