"""What came of rows of custom objects: confirmed in one transaction with the ledger, refusals in words for an admin."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Literal

from connector.engine.carriers import CODE
from connector.engine.row_targets import Ready
from connector.engine.seams import Work
from connector.model import Action, Done, Later, Outcome, Refused, Side
from connector.state.ledger import LedgerRow
from connector.state.plans import State

logger = logging.getLogger("revloop.apply")

_CALLED = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_FULL = re.compile(
    r"\blimit\b.*\b(records|objects|storage)\b|\b(records?|objects?|storage)\b.*\blimit\b", re.IGNORECASE
)
GONE = "GONE"


class RowConfirm:
    """Settles the rows of one plan, one side and carrier; `called` is what people call the carrier there."""

    def __init__(self, work: Work, plan: str, side: Side, vendor_object: str, called: str) -> None:
        self._work, self._plan, self._side, self._vendor_object = work, plan, side, vendor_object
        self._called = called

    def wrote(self, rows: Sequence[tuple[Ready, Outcome]], *, pointing: bool) -> None:
        """Rows that stand now; those that still have to be associated stay sent."""
        done = [(ready, outcome) for ready, outcome in rows if isinstance(outcome, Done)]
        with self._work.store.transaction():
            self._carried(done, pointing=pointing)
            self._log([(ready.action, outcome) for ready, outcome in done], "put")
            self._settle([ready.action for ready, _ in done if pointing or not ready.points])
            self._rest([(ready.action, outcome) for ready, outcome in rows])

    def associated(self, rows: Sequence[tuple[Ready, Outcome]], *, fresh: set[str]) -> None:
        """Rows that point to what they should; `fresh` are the ids of actions whose fields were written before."""
        done = [(ready, outcome) for ready, outcome in rows if isinstance(outcome, Done)]
        with self._work.store.transaction():
            self._carried(done, pointing=True)
            self._log([(ready.action, outcome) for ready, outcome in done if ready.action.id not in fresh], "put")
            self._settle([ready.action for ready, _ in done])
            self._rest([(ready.action, outcome) for ready, outcome in rows])

    def removed(self, rows: Sequence[tuple[Action, Outcome]]) -> None:
        """Rows that are no more; one that somebody removed before us is no more, too."""
        ours = [(action, outcome) for action, outcome in rows if isinstance(outcome, Done)]
        over = [action for action, outcome in rows if isinstance(outcome, Done) or _gone(outcome)]
        with self._work.store.transaction():
            for carrier in {action.object for action in over}:
                keys = [action.record or "" for action in over if action.object == carrier]
                self._work.store.carried.removed(self._side, carrier, keys)
            self._log(ours, "drop")
            self._settle(over)
            self._rest([(action, outcome) for action, outcome in rows if not _gone(outcome)])

    def held(self, actions: Sequence[Action], note: str) -> None:
        """Rows that are not written in this run."""
        self._work.store.plans.settle(self._plan, [(action.id, "held", note) for action in actions])

    # --- parts ---------------------------------------------------------------------------------------

    def _carried(self, done: Sequence[tuple[Ready, Done]], *, pointing: bool) -> None:
        self._work.store.carried.wrote(
            [
                (
                    self._side, ready.action.object, ready.action.record or "", ready.action.link,
                    outcome.id or (ready.before.record if ready.before else ""), ready.body(pointing=pointing),
                )
                for ready, outcome in done
            ]
        )  # fmt: skip

    def _log(self, done: Sequence[tuple[Action, Done]], kind: Literal["put", "drop"]) -> None:
        now = self._work.seams.clock()
        self._work.store.ledger.write(
            [
                LedgerRow(
                    self._work.run, action.id, kind, self._side, self._vendor_object, outcome.id, action.link,
                    action.changes, now, "done",
                )
                for action, outcome in done
            ]
        )  # fmt: skip
        self._work.writes[self._side] += len(done)
        if done:
            facts = {"run": self._work.run, "kind": kind, "side": self._side, "object": self._vendor_object}
            logger.info("written", extra={**facts, "count": len(done)})

    def _settle(self, actions: Sequence[Action]) -> None:
        self._work.store.plans.settle(self._plan, [(action.id, "done", "") for action in actions])

    def _rest(self, rows: Sequence[tuple[Action, Outcome]]) -> None:
        """Refusals, delays and lost answers."""
        others: list[tuple[str, State, str]] = []
        refused: dict[str, list[tuple[Action, Refused]]] = {}
        for action, outcome in rows:
            if isinstance(outcome, Refused):
                refused.setdefault(action.link, []).append((action, outcome))
                others.append((action.id, "refused", outcome.code))
            elif isinstance(outcome, Later):
                others.append((action.id, "later", outcome.reason))
            elif not isinstance(outcome, Done):
                others.append((action.id, "unknown", outcome.reason))
        self._work.store.plans.settle(self._plan, others)
        held = [self._entry(owner, some) for owner, some in refused.items()]
        self._work.store.inbox.hold(self._work.run, self._work.seams.clock(), list(dict.fromkeys(held)))

    def _entry(
        self, owner: str, refused: Sequence[tuple[Action, Refused]]
    ) -> tuple[str, Side, str, str | None, str, str]:
        """One entry for a person or deal; one for the whole CRM where it is full."""
        facts = {"run": self._work.run, "side": self._side, "object": self._vendor_object, "code": refused[0][1].code}
        logger.warning("refused", extra={**facts, "count": len(refused), "link": owner})
        if any(full(outcome) for _, outcome in refused):
            words = (
                f"{_CALLED[self._side]} takes no more rows of {self._called} ({refused[0][1].message}): make room "
                "there or raise the limit; nothing is lost, the next run writes what is missing"
            )
            return "attribution", self._side, "", None, CODE, words
        object_, _, _ = owner.partition(":")
        link = self._work.store.links.get([owner]).get(owner)
        record = link.record_id(self._side) if link else owner.rpartition(":")[2]
        what = "to write" if refused[0][0].kind == "put" else "to remove"
        words = f"{_CALLED[self._side]} refused {what} rows of {self._called}: {refused[0][1].message}"
        return object_, self._side, record, owner, CODE, words


def full(outcome: Outcome) -> bool:
    """Whether a CRM has no room for another row: neither vendor names one code for it."""
    if not isinstance(outcome, Refused):
        return False
    return "LIMIT" in outcome.code.upper() or _FULL.search(outcome.message) is not None


def _gone(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code == GONE
