"""How a person looked when sales got them, and which of their deals were won: what the lead council counts by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.engine.derive.people import Person, by_source, raw_of
from connector.model import SIDES
from connector.revops.council_memory import Won, won_deals
from connector.revops.inputs import FACTS
from connector.revops.lifecycle_sightings import Deal
from connector.revops.scoring_values import count

SIZES = (10, 50, 200, 500, 1000, 5000)
"""Upper ends of the classes of company sizes: a report counts by class, never by one company's number."""

_CAMPAIGN_IN = {
    "PAID_SEARCH": "hs_analytics_source_data_1",
    "EMAIL_MARKETING": "hs_analytics_source_data_1",
    "OTHER_CAMPAIGNS": "hs_analytics_source_data_1",
    "SOCIAL_MEDIA": "hs_analytics_source_data_2",
    "PAID_SOCIAL": "hs_analytics_source_data_2",
}
"""Where HubSpot names the campaign of a source; the drill-downs of other sources are search words, pages and hosts.

https://knowledge.hubspot.com/reports/what-do-the-properties-original-source-data-1-and-2-mean
"""

_BY_HAND = "manual"


def handover_facts(person: Person, scored: Mapping[str, Any], at: datetime, *, scored_then: bool) -> dict[str, Any]:
    """The facts of a hand-over.

    Args:
        person: the person, as both CRMs show them.
        scored: what is remembered of the score.
        at: the hand-over.
        scored_then: whether this was the score at the hand-over; what happened before the rules began has none.
    """
    found: dict[str, Any] = {
        "source": _source(person),
        "campaign": _campaign(person, at),
        "industry": _fact(person, "industry"),
        "country": _fact(person, "country"),
        "company_size": size_class(_fact(person, "employees")),
    }
    if scored_then and scored.get("grade") and scored.get("level"):
        rule = scored.get("sql_rule")
        found |= {
            "band": f"{scored['grade']}/{scored['level']}",
            "temperature": scored.get("temperature"),
            "fit_score": scored.get("fit"),
            "engagement_score": scored.get("engagement"),
            "sql_rule": rule if rule != _BY_HAND else None,
            "components": list(scored.get("components") or ()) if rule != _BY_HAND else None,
        }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def remembered_won(
    person: Person, scored: Mapping[str, Any], deals: Sequence[Deal], began: datetime
) -> tuple[Won, ...]:
    """The person's won ones of its `deals`; those closed before the rules began are none: nobody was scored then."""
    return won_deals(person.memory.won, _won(person, scored, deals, began))


def size_class(employees: str | None) -> str | None:
    """`51-200` for 75; what is no number (a class already) stays as it is."""
    number = count(employees)
    if number is None:
        return employees or None
    low = 1
    for high in SIZES:
        if number <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def _won(person: Person, scored: Mapping[str, Any], deals: Sequence[Deal], began: datetime) -> Iterator[Won]:
    for unit, deal in zip(person.deals, deals, strict=True):
        if deal.won and deal.at is not None and deal.at >= began:
            records = tuple(f"{side}:{record}" for side in SIDES if (record := unit.record(side)))
            yield Won(
                unit.key,
                deal.at,
                records,
                hot=bool(scored.get("hot")),
                fit_score=scored.get("max_fit"),
                engagement_score=scored.get("max_engagement"),
            )


def _source(person: Person) -> str | None:
    """HubSpot's original source; for a person whom only Salesforce knows, its lead source."""
    found = raw_of(person, "hubspot").get("hs_analytics_source") or raw_of(person, "salesforce").get("LeadSource")
    return str(found) if found else None


def _campaign(person: Person, at: datetime) -> str | None:
    """The campaign that brought the person: as HubSpot knows it, else the last one answered before the hand-over."""
    raw = raw_of(person, "hubspot")
    drill_down = _CAMPAIGN_IN.get(str(raw.get("hs_analytics_source")), "")
    found = raw.get("hs_analytics_first_touch_converting_campaign") or raw.get(drill_down)
    if found:
        return str(found)
    answered = [
        (each.at, each.id, str(name))
        for each in by_source(person.activities, "campaign_member")
        if each.fields.get("HasResponded") is True
        and each.at[:10] <= at.date().isoformat()
        and (name := (each.fields.get("Campaign") or {}).get("Name"))
    ]
    return max(answered)[2] if answered else None


def _fact(person: Person, name: str) -> str | None:
    """The mapping's word before the vendors' own fields, the person's before the company's."""
    mapped = person.unit.value(name) or (person.company.value(name) if person.company else None)
    return mapped or FACTS[name].of(person.records())
