"""What an install would do or did, and what is left for a person: as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from connector.install.finding import Finding
from connector.install.removing import Removal
from connector.install.steps import Step
from connector.install.whole import Installed, Looked
from connector.model import Side
from connector.report.run import counted
from connector.report.screen import Cell, Screen

_CALLED: dict[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
_EACH_TOLD = {"options", "validation rule", "custom object", "permission set"}
"""Kinds of which every single one gets its own line."""


def print_plan(screen: Screen, looked: Looked) -> None:
    """What an install would do."""
    _steps(screen, "Missing or different", looked.steps)
    _findings(screen, looked.findings)
    if looked.steps:
        screen.say(f"Nothing was changed. To create {counted(len(looked.steps), 'part')}: revloop install", "bold")
    else:
        screen.say("Everything is there: an install would change nothing.", "green")


def print_installed(screen: Screen, installed: Installed) -> None:
    """What an install did, and what is still missing."""
    left = installed.now.steps
    done = [each for each in installed.done if each not in left]
    screen.table("Created", ("", "what", "of", "count"), [_row(each)[:4] for each in _together(done, alone=False)])
    _steps(screen, "Still missing", left)
    _findings(screen, installed.now.findings)
    if not installed.done:
        screen.say("Everything was there already: nothing was changed.", "green")
    elif left:
        screen.say(f"{counted(len(left), 'part')} could not be created: type `revloop install` again.", "bold red")
    else:
        screen.say(f"{counted(len(installed.done), 'part')} created. Next: revloop check", "green")


def print_removal(screen: Screen, removal: Removal, *, done: bool) -> None:
    """What a removal would take away, or took."""
    rows = [
        (_CALLED[each.side], each.kind, each.where, each.name, "?" if each.filled is None else f"{each.filled:,}")
        for each in removal.losses
    ]
    title = "Taken away" if done else "Would be taken away, with what is filled in"
    screen.table(title, ("", "what", "of", "name", "filled"), rows)
    if not removal.losses:
        screen.say("Nothing of revloop is installed.", "green")
        return
    if any(each.filled is None for each in removal.losses):
        screen.say("? long texts, which Salesforce cannot count: they are not in the sum")
    if done:
        screen.say(
            "Taken away. HubSpot keeps archived properties for 90 days, Salesforce deleted fields for 15.", "bold"
        )
    else:
        screen.say(
            f"Nothing was deleted. To delete all of this with {removal.words}: "
            f"revloop install --remove --confirm {removal.count}",
            "bold",
        )


def plan_data(looked: Looked) -> dict[str, Any]:
    """The plan for a program."""
    return {"missing": _data(looked.steps), "by_hand": _data(looked.findings)}


def installed_data(installed: Installed) -> dict[str, Any]:
    """What was done, for a program."""
    left = installed.now.steps
    return {
        "created": _data(each for each in installed.done if each not in left),
        "missing": _data(left),
        "by_hand": _data(installed.now.findings),
    }


def removal_data(removal: Removal, *, done: bool) -> dict[str, Any]:
    """The removal for a program; `confirm` is the number to confirm."""
    return {"removed" if done else "would_remove": _data(removal.losses), "confirm": removal.count}


def _data(listed: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(each) for each in listed]


def _steps(screen: Screen, title: str, steps: Sequence[Step]) -> None:
    """One line for each kind and object, with all names; what needs a word of its own gets a line of its own."""
    screen.table(title, ("", "what", "of", "count", "names"), [_row(each) for each in _together(steps)])


def _together(steps: Sequence[Step], *, alone: bool = True) -> list[list[Step]]:
    found: dict[tuple[str, ...], list[Step]] = {}
    for each in steps:
        name = each.name if alone and each.kind in _EACH_TOLD else ""
        found.setdefault((each.side, each.kind, each.where, name), []).append(each)
    return list(found.values())


def _row(steps: Sequence[Step]) -> tuple[Cell, ...]:
    first = steps[0]
    names = ", ".join(each.name for each in steps)
    told = f"{names}: {first.what}" if first.kind in _EACH_TOLD and first.what else names
    return _CALLED[first.side], first.kind, first.where, str(len(steps)), told


def _findings(screen: Screen, findings: Sequence[Finding]) -> None:
    ordered = sorted(findings, key=lambda each: list(_STYLES).index(each.level))
    rows = [(Text(each.level, style=_STYLES[each.level]), each.where, each.what, each.do) for each in ordered]
    screen.table("By hand", ("", "where", "what", "what to do"), rows)
