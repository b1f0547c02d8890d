"""How a project's cases came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from connector.engine.cases.run import Failure
from connector.report.run import counted
from connector.report.screen import Screen

Results = Sequence[tuple[str, Sequence[Failure]]]


def print_cases(screen: Screen, results: Results) -> None:
    """One line per case, then what came out otherwise, each with its place."""
    for name, failures in results:
        screen.say(f"{'ok    ' if not failures else 'FAILED'} {name}", "" if not failures else "red")
    rows = [
        (each.where, each.what, each.expected, each.found) for _, failures in results for each in failures
    ]  # fmt: skip
    screen.table("Came out otherwise", ("where", "what", "expected", "found"), rows)
    failed = sum(1 for _, failures in results if failures)
    screen.say(f"{counted(len(results), 'case')}, {failed} failed.", "bold")


def cases_data(results: Results) -> dict[str, Any]:
    """The same for a program."""
    return {
        "cases": [{"name": name, "failures": [asdict(each) for each in failures]} for name, failures in results],
        "failed": sum(1 for _, failures in results if failures),
    }
