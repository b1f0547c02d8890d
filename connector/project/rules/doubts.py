"""What the rule files allow and probably do not mean: told by `revloop check`, never a reason to stop."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from connector.project.mistakes import nearest, quoted
from connector.project.rules.files import Rules
from connector.project.rules.together import FROM_SIGNALS, clocks

CONSENT = "tracking_consent"
_LONG = timedelta(hours=24)
_OFFICE_DAY = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at: `file:line`, what is odd, and what to do if it is not meant."""

    where: str
    what: str
    do: str


def doubts(rules: Rules, mapped: Collection[str]) -> tuple[Doubt, ...]:
    """Every doubt, file by file.

    Args:
        rules: the files, found to be right.
        mapped: the names of all fields of the person and company mappings.
    """
    return (
        *_long_hours(rules),
        *_lifecycle(rules),
        *_rejection(rules),
        *_scoring(rules, mapped),
        *_attribution(rules, mapped),
        *_unasked(rules),
    )


def _long_hours(rules: Rules) -> Iterator[Doubt]:
    """Domain §15, rule 7."""
    for clock in clocks(rules):
        for path, length in clock.lengths:
            if clock.mode == "business_hours" and length >= _LONG:
                hours, days = length.total_seconds() / 3600, length / _OFFICE_DAY
                what = f"{hours:g}h of business_hours are {days:g} working days of 8 hours"
                yield Doubt(clock.section.where(*path), what, "write 16h for two working days")


def _lifecycle(rules: Rules) -> Iterator[Doubt]:
    section = rules.lifecycle
    for i, sla in enumerate(section.lines.sla if section else ()):
        assert section is not None
        if rules.scoring is None and set(sla.target) - {"*"}:
            what = "the target differs by temperature, but scoring is off: who has no temperature has no such clock"
            yield Doubt(section.where("sla", i, "target"), what, "write one target, or switch scoring on")
        if rules.rejection is None and set(sla.start) == {"handover"}:
            what = "only the rejection loop knows a handover, and it is off: this clock never starts"
            yield Doubt(section.where("sla", i, "start"), what, "name another start, or switch rejection on")


def _rejection(rules: Rules) -> Iterator[Doubt]:
    section = rules.rejection
    if section is None:
        return
    escalation = section.lines.escalation
    if "head_of_sales" in escalation.levels and escalation.head_of_sales is None:
        what = "the level `head_of_sales` has no address, so it waits in the inbox"
        yield Doubt(section.where("escalation", "levels"), what, "add `head_of_sales:` under `escalation:`")
    if rules.lifecycle is None:
        what = "the lifecycle is off, so nobody becomes MQL or SQL by rule: only a handover set by hand is escalated"
        yield Doubt(section.where("escalation"), what, "switch lifecycle on")


def _scoring(rules: Rules, mapped: Collection[str]) -> Iterator[Doubt]:
    section, signals = rules.scoring, rules.signals.lines if rules.signals else None
    if section is None:
        return
    consent = section.lines.consent
    if consent.tracked_events and consent.require not in mapped:
        what = (
            f"no mapping line is called {quoted(consent.require)}{nearest(consent.require, mapped)}: nobody counts as "
            "having agreed to tracking, so page views, opens and clicks give no points"
        )
        do = "map the property that holds the consent (docs/rules.md, Consent)"
        yield Doubt(section.where("consent", "require"), what, do)
    for i, rule in enumerate(section.lines.engagement.rules if signals else ()):
        assert signals is not None
        where = section.where("engagement", "rules", i)
        if rule.event == "page_view" and signals.pages == "off":
            what = "page views are off in rules/signals.yaml: this rule gives nobody points"
            yield Doubt(where, what, "delete the rule, or let `pages:` say where page views come from")
        if rule.event and rule.window_days > signals.keep_days:
            what = f"it looks back {rule.window_days} days, but activities are kept for {signals.keep_days}"
            yield Doubt(where, what, "write a shorter `window_days`, or a larger `keep_days` in rules/signals.yaml")


def _attribution(rules: Rules, mapped: Collection[str]) -> Iterator[Doubt]:
    """Without scoring rules nobody else asks for consent."""
    section = rules.attribution
    if section is not None and rules.scoring is None and CONSENT not in mapped:
        what = (
            f"no mapping line is called {CONSENT}{nearest(CONSENT, mapped)}: nobody counts as having agreed to "
            "tracking, so only forms and campaign answers are touches"
        )
        yield Doubt(section.where(), what, "map the property that holds the consent (docs/rules.md, Consent)")


def _unasked(rules: Rules) -> Iterator[Doubt]:
    """Meanings that no rule asks for, such as a misspelt one."""
    section, scoring = rules.signals, rules.scoring
    if section is None or scoring is None:
        return
    asked = {rule.event for rule in scoring.lines.engagement.rules if rule.event} | FROM_SIGNALS
    for i, line in enumerate(section.lines.meanings):
        if line.means not in asked:
            what = f"no rule asks for {quoted(line.means)}{nearest(line.means, asked)}"
            yield Doubt(section.where("meanings", i), what, "correct the word, delete the line, or add a rule")
