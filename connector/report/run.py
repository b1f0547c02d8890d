"""How runs ended: the JSON object of a run, its few sentences, and the table of the runs before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.engine.seams import Result
from connector.report.screen import Screen
from connector.state.runs import Run

_PLAN = ("create", "update", "archive", "noop", "held", "conflicts")


def object_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object that a run ends with; other programs read it, so that nothing is added here lightly."""
    return {
        "run": summary["run"],
        "plan": {name: summary["plan"][name] for name in _PLAN},
        "writes": summary["writes"],
        "calls": summary["calls"],
        "seconds": summary["seconds"],
    }


def print_result(screen: Screen, result: Result) -> None:
    """What a run did, what it left for a person, and what to type next."""
    summary = result.summary
    plan, details, writes = summary["plan"], summary.get("details", {}), summary["writes"]
    made, changed = sum(plan["create"].values()), sum(plan["update"].values())
    screen.say(
        f"Run {result.run}: {counted(writes['hubspot'], 'record')} written to HubSpot, "
        f"{writes['salesforce']:,} to Salesforce "
        f"in {summary['seconds']:.1f} s ({made:,} to create, {changed:,} to change, {details.get('adopt', 0):,} "
        f"linked or agreed, {plan['noop']:,} unchanged{_rows(details)})."
    )
    if result.reasons:
        screen.say("The brakes stopped it before the first write:", "bold red")
        for reason in result.reasons:
            screen.say(f"  {reason}")
        screen.say(f"Look at it with `revloop plan`; to go on all the same: revloop apply {plan['id']} --allow")
        return
    left = _left_over(summary)
    for words in left:
        screen.say(words)
    if not left:
        screen.say("Nothing waits for a person.", "green")


def _rows(details: Mapping[str, Any]) -> str:
    """What attribution writes, where it does."""
    put, drop = (sum(details.get(kind, {}).values()) for kind in ("put", "drop"))
    return f", {counted(put, 'row')} of attribution to write and {drop:,} to remove" if put or drop else ""


def _left_over(summary: Mapping[str, Any]) -> list[str]:
    later, inbox, conflicts = summary["later"], summary["open"]["inbox"], summary["open"]["conflicts"]
    found = [
        (later, f"{counted(later, 'write')} left for the next run"),
        (conflicts, f"{counted(conflicts, 'conflict')} for a person to decide: revloop conflicts list"),
        (inbox, f"{counted(inbox, 'entry', 'entries')} in the inbox, with what to do: revloop errors"),
    ]
    return [words for count, words in found if count]


def print_runs(screen: Screen, runs: Sequence[Run], holder: str | None) -> None:
    """The newest runs, newest first; `holder` is the run that goes on now."""
    rows = [
        (
            run.id,
            run.kind,
            at(run.started),
            _length(run),
            state_of(run, holder),
            "" if run.exit_code is None else str(run.exit_code),
            _written(run, "hubspot"),
            _written(run, "salesforce"),
        )
        for run in runs
    ]
    columns = ("run", "kind", "began", "seconds", "ended", "exit", "written to HubSpot", "to Salesforce")
    screen.table("Runs", columns, rows)
    if not rows:
        screen.say("There has been no run yet: revloop plan")


def data_of(run: Run, holder: str | None) -> dict[str, Any]:
    """A run for a program."""
    return {
        "run": run.id,
        "kind": run.kind,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "status": state_of(run, holder),
        "exit_code": run.exit_code,
        "summary": run.summary,
    }


def state_of(run: Run, holder: str | None) -> str:
    """How a run ended; one that never did and holds nothing any more was killed."""
    if run.ended is None and run.id != holder:
        return "killed"
    return run.status


def at(moment: datetime) -> str:
    """A time as a person reads it, in their own zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _length(run: Run) -> str:
    return f"{(run.ended - run.started).total_seconds():.1f}" if run.ended else ""


def _written(run: Run, side: str) -> str:
    writes = run.summary.get("writes")
    return f"{writes[side]:,}" if writes else ""


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 record, 2 records."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
