"""What `revloop check` found, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from connector.install.finding import Finding
from connector.report.run import counted
from connector.report.screen import Screen

_ORDER = ("error", "warning", "info")
_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


def print_findings(screen: Screen, findings: Sequence[Finding]) -> None:
    """A table, and a sentence that says whether a run may begin."""
    ordered = sorted(findings, key=lambda each: _ORDER.index(each.level))
    rows = [(Text(each.level, style=_STYLES[each.level]), each.where, each.what, each.do) for each in ordered]
    screen.table("Check", ("", "where", "what", "what to do"), rows)
    counts = {level: sum(each.level == level for each in findings) for level in _ORDER}
    if counts["error"]:
        screen.say(
            f"{counted(counts['error'], 'error')}: correct what is wrong, then type `revloop check` again.", "bold red"
        )
    else:
        screen.say(f"No errors, {counted(counts['warning'], 'warning')}. Next: revloop plan", "green")


def findings_data(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings for a program."""
    return {"findings": [asdict(each) for each in findings]}
