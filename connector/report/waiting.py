"""What waits for a person: the inbox and the conflicts, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.core.plan import WAITING
from connector.engine.carriers import CODE
from connector.report.names import Names
from connector.report.run import at
from connector.report.screen import Screen, shown
from connector.state.conflicts import ConflictRow
from connector.state.inbox import Held

ADVICE = {
    "TWINS": "merge the doubles in their CRM, or give them different keys",
    "OWNER": "give the owner an active user with the same e-mail address on the other side, or another owner",
    "VALUE": "correct the value in its CRM, or add it to `values` in the mapping",
    "REQUIRED": "fill the field in this record",
    "DUPLICATE": "merge the two records, or correct the value that both have",
    "DUPLICATES_DETECTED": "merge in Salesforce, or set salesforce.duplicate_rules: save",
    "GONE": "nothing: the next run follows the deletion or merge",
    "STAMP": "look at both records: revloop explain ID",
    "KEPT": "look at the lifecycle settings of the portal: it keeps a stage that the rules lowered",
    "REJECTION": "give the reason, or take the rejection back, in either CRM",
    "TASK": "do what the message says; the next run tries again",
    "NOTIFY": "correct the channel under `notify` in connector.yaml: revloop check --send-test",
    "NO_RECIPIENT": "name whoever the message says is missing, in the CRM or in rules/rejection.yaml",
    "REVERT_LOOP": "find who or what sets the status, and have a reason chosen",
    "PRIOR_STATUS_UNKNOWN": "choose a reason, or set the right status by hand",
    CODE: "do what the message says; the next run writes what is missing",
    WAITING: "nothing: it ends once the other record is linked",
}
"""By code; what else a CRM refuses says in its message what to do."""

_OTHERWISE = "correct the record as the message says; the next run tries again"
_SIDES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


def advice(code: str) -> str:
    """What to do about a code."""
    return ADVICE.get(code, _OTHERWISE)


def print_inbox(screen: Screen, held: Sequence[Held], waiting: int) -> None:
    """The inbox; `waiting` entries are left out because they end by themselves."""
    rows = [
        (
            at(each.since)[:16],
            each.object,
            _SIDES[each.side],
            each.record,
            each.code,
            shown(each.message, 300),
            advice(each.code),
        )
        for each in held
    ]
    screen.table("Held records", ("since", "object", "side", "record", "code", "why", "what to do"), rows)
    if not rows:
        screen.say("No record is held.", "green")
    if waiting:
        screen.say(f"{waiting:,} more wait for another record and need nobody; --all shows them.", "dim")


def inbox_data(held: Sequence[Held]) -> list[dict[str, Any]]:
    """The inbox for a program."""
    return [
        {
            "since": each.since.isoformat(),
            "object": each.object,
            "side": each.side,
            "record": each.record,
            "code": each.code,
            "message": each.message,
            "do": advice(each.code),
            "run": each.run,
        }
        for each in held
    ]


def print_conflicts(screen: Screen, rows: Sequence[ConflictRow], names: Names) -> None:
    """The conflicts that nobody has answered yet."""
    table = [
        (
            str(each.number),
            each.object,
            str(names.of_link(each.link)),
            each.field,
            names.value(each.object, each.field, each.hubspot),
            names.value(each.object, each.field, each.salesforce),
        )
        for each in rows
    ]
    screen.table("Conflicts", ("number", "object", "record", "field", "HubSpot", "Salesforce"), table)
    if table:
        screen.say("Decide with: revloop conflicts resolve NUMBER --take hubspot|salesforce")
    else:
        screen.say("No conflict waits for a person.", "green")


def print_conflict(screen: Screen, row: ConflictRow, names: Names) -> None:
    """One conflict with everything known of it."""
    lines = (
        ("record", str(names.of_link(row.link)).replace("\n", "  ")),
        ("field", f"{row.object}.{row.field}"),
        ("HubSpot", names.value(row.object, row.field, row.hubspot)),
        ("Salesforce", names.value(row.object, row.field, row.salesforce)),
        ("before", names.value(row.object, row.field, row.base)),
        ("why", row.because),
        ("since", f"{at(row.at)} in {row.run}"),
        ("state", _state(row)),
    )
    screen.table(f"Conflict {row.number}", ("", ""), lines)


def conflict_data(row: ConflictRow, names: Names) -> dict[str, Any]:
    """One conflict for a program."""
    return {
        "number": row.number,
        "object": row.object,
        "record": names.of_link(row.link).ids,
        "link": row.link,
        "field": row.field,
        "base": row.base,
        "hubspot": row.hubspot,
        "salesforce": row.salesforce,
        "because": row.because,
        "run": row.run,
        "at": row.at.isoformat(),
        "state": row.state,
        "decided": row.decided,
        "choice": row.choice,
    }


def _state(row: ConflictRow) -> str:
    words = {
        "open": f"open: revloop conflicts resolve {row.number} --take hubspot|salesforce",
        "chosen": f"a person took {row.choice}; the next run carries it out",
        "decided": f"decided for {row.decided}",
        "gone": "the values have moved on",
    }
    return words[row.state]
