"""The fields of attribution: where a person came from, who brought a deal, and what stands in for custom objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from connector.engine.derive.people import Person
from connector.engine.derive.units import Unit
from connector.engine.derive.wanted import Set, Wanted
from connector.model import Value
from connector.revops.attribution import Attribution, Attributor
from connector.revops.attribution_path import Deal
from connector.revops.attribution_rows import clipped
from connector.revops.attribution_sourced import (
    FirstChannel,
    Sourced,
    first_channel,
    last_channel,
    parse_evidence,
    sourced,
)
from connector.revops.attribution_summary import summary
from connector.revops.attribution_touch import Touch
from connector.revops.fields import SUMMARY

FIRST_CHANNEL, FIRST_CAMPAIGN = "revops_first_channel", "revops_first_campaign"
SOURCED, EVIDENCE = "revops_sourced", "revops_sourced_evidence"
_CHANNEL, _CAMPAIGN = 100, 255


def want_first(wanted: Wanted, person: Person, touches: Sequence[Touch], deals: Iterable[Deal]) -> None:
    """A person's first channel and campaign; frozen once a deal of theirs is closed."""
    known = [_before(person.unit, person.memory.wrote, name) for name in (FIRST_CHANNEL, FIRST_CAMPAIGN)]
    found = first_channel(touches, deals, FirstChannel(known[0], known[1], None))
    first = next((each for each in touches if each.key == found.touch), None)
    words = f"{first.event} told by {first.system}" if first else "frozen, a deal is closed"
    because = partial(str, f"attribution.first: {words if found.channel else 'no touch is known'}")
    wanted.fields[FIRST_CHANNEL] = Set(_text(found.channel, _CHANNEL), because)
    wanted.fields[FIRST_CAMPAIGN] = Set(_text(found.campaign, _CAMPAIGN), because)


def want_sourced(
    wanted: Wanted, unit: Unit, wrote: Mapping[str, Value], result: Attribution, attributor: Attributor
) -> None:
    """Who brought a deal, frozen at its close; last channel and top campaign as its touches are now."""
    previous = parse_evidence(_before(unit, wrote, EVIDENCE))
    found = sourced(result, attributor, previous)
    if previous is not None and replace(found, config=previous.config) == previous:
        found = previous  # other rules that come to the same answer are no reason to write
    because = partial(str, f"attribution.sourced: {_reason(found)}")
    wanted.fields[SOURCED] = Set("true" if found.sourced else "false", because)
    wanted.fields[EVIDENCE] = Set(found.evidence, because)
    wanted.fields["revops_attr_first_channel"] = Set(_text(found.channel, _CHANNEL), because)
    wanted.fields["revops_attr_last_channel"] = Set(
        _text(last_channel(result), _CHANNEL), partial(str, "attribution.last: the channel of the last touch")
    )
    model = attributor.config.primary_model
    wanted.fields["revops_attr_top_campaign"] = Set(
        _text(top_campaign(result, model), _CAMPAIGN), partial(str, f"attribution.{model}: the largest share")
    )


def want_summary(wanted: Wanted, result: Attribution, attributor: Attributor) -> None:
    """The text that stands in for custom objects on HubSpot."""
    text = summary(result, attributor.config)
    because = partial(str, "attribution: this HubSpot account has no custom objects")
    wanted.only["hubspot"][SUMMARY.name] = Set(text, because)


def top_campaign(result: Attribution, model: str) -> str | None:
    """The campaign with the largest share under a model, of equal ones the earlier; None without a campaign."""
    shares = result.shares.get(model)
    if shares is None:
        return None
    weights: dict[str, int] = {}
    for touch, weight in zip(result.touches, shares.weights, strict=True):
        if touch.campaign and weight:
            weights[touch.campaign] = weights.get(touch.campaign, 0) + weight
    return max(weights, key=weights.__getitem__, default=None)


def _before(unit: Unit, wrote: Mapping[str, Value], name: str) -> Value:
    """What was decided last; what the records hold where our memory is lost."""
    return wrote[name] if name in wrote else unit.value(name)


def _text(value: str | None, length: int) -> str | None:
    return clipped(value, length) or None if value else None


def _reason(found: Sourced) -> str:
    if not found.touch:
        return "no touch is known"
    kept = f", frozen at the close of {found.frozen[:10]}" if found.frozen else ""
    return f"the first touch came by {found.channel}{kept}"
