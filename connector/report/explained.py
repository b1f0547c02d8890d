"""An explanation as a person reads it."""

from __future__ import annotations

from connector.model import SIDES
from connector.report.explanation import Explanation, FieldStory
from connector.report.names import Names
from connector.report.run import at
from connector.report.screen import Screen
from connector.report.waiting import advice

_SIDES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


def print_explanation(screen: Screen, told: Explanation, names: Names, *, whole: bool) -> None:
    """Ids, fields, what is held, why it does not sync; with `whole` the history of the fields too."""
    subject = told.subject
    named = names.named(subject.object, subject.ids)
    screen.say(f"{subject.object} {named.name}", "bold")
    for side in SIDES:
        id_ = subject.ids[side]
        kind = told.vendor_objects[side] or ""
        screen.say(f"  {_SIDES[side]:<10} {kind + ' ' if kind else ''}{id_ or 'has no counterpart there'}")
    for reason in told.reasons:
        screen.say(f"  {reason}", "yellow")
    for each in told.held:
        screen.say(f"  held in {_SIDES[each.side]} ({each.code}): {each.message}; {advice(each.code)}", "yellow")
    _fields(screen, told, names)
    if whole:
        for story in told.fields:
            _history(screen, told, story, names)


def _fields(screen: Screen, told: Explanation, names: Names) -> None:
    object_ = told.subject.object
    rows = [
        (
            each.name,
            names.value(object_, each.name, each.hubspot),
            names.value(object_, each.name, each.salesforce),
            each.origin,
        )
        for each in told.fields
        if each.hubspot or each.salesforce or each.written or each.conflicts
    ]
    screen.table("", ("field", "HubSpot", "Salesforce", "where it comes from"), rows)


def _history(screen: Screen, told: Explanation, story: FieldStory, names: Names) -> None:
    """Everything we wrote into a field, and every conflict about it, newest first."""
    object_ = told.subject.object
    entries = [
        (
            each.at,
            f"{each.kind} on {_SIDES[each.side]}",
            names.value(object_, story.name, each.before),
            names.value(object_, story.name, each.after),
            each.because,
            each.run,
        )
        for each in story.written
    ]
    entries += [
        (
            row.at,
            f"conflict {row.number}, {row.state}",
            f"HubSpot {names.value(object_, story.name, row.hubspot)}",
            f"Salesforce {names.value(object_, story.name, row.salesforce)}",
            row.because,
            row.run,
        )
        for row in story.conflicts
    ]
    rows = [(at(when), *rest) for when, *rest in sorted(entries, key=lambda entry: entry[0], reverse=True)]
    columns = ("when", "what", "before", "after", "because", "run")
    screen.table(f"History of {story.name}", columns, rows)
    if not rows:
        screen.say(f"Nothing was ever written to {story.name} by revloop.", "dim")
