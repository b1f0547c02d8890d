"""`revloop status`: the last run, what waits for a person, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.core.plan import WAITING
from connector.report.run import counted, data_of, state_of
from connector.report.screen import Screen
from connector.state.runs import Run
from connector.state.store import Store

ENDINGS = {
    0: "done",
    1: "done; some records are held",
    2: "stopped: the settings, a token or a permission need you",
    3: "stopped for now: it goes on with the next run",
    4: "stopped before the first write: a person has to look",
    70: "stopped by a mistake in revloop",
    130: "interrupted cleanly",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project stands."""

    run: Run | None
    holder: str | None
    links: Mapping[str, int]
    inbox: int
    waiting: int
    conflicts: int
    last: Mapping[str, Any] | None  # the status file
    council: str | None = None  # the month whose lead council is due

    @property
    def next(self) -> list[str]:
        """What to type next, most urgent first."""
        if self.run is None:
            return ["revloop check", "revloop plan"]
        found = []
        code = self.last.get("exit_code") if self.last else None
        if code == 2:  # noqa: PLR2004 - the settings need somebody
            found.append("revloop check")
        if code == 4:  # noqa: PLR2004 - the brakes
            found.append("revloop plan")
        if self.conflicts:
            found.append("revloop conflicts list")
        if self.inbox:
            found.append("revloop errors")
        if self.council:
            found.append(f"revloop report council --month {self.council}")
        return found or ["revloop sync --every 15m"]

    def data(self) -> dict[str, Any]:
        """The standing for a program."""
        return {
            "last_run": data_of(self.run, self.holder) if self.run else None,
            "running": self.holder,
            "links": dict(self.links),
            "open": {"inbox": self.inbox, "waiting": self.waiting, "conflicts": self.conflicts},
            "status": self.last,
            "council_due": self.council,
            "next": self.next,
        }

    def print(self, screen: Screen) -> None:
        """The standing for a person."""
        if self.run is None:
            screen.say("There has been no run yet.")
        else:
            screen.say(f"Last run {self.run.id} ({self.run.kind}): {state_of(self.run, self.holder)}")
        if self.last:
            code = self.last.get("exit_code")
            ending = ENDINGS.get(code, "") if isinstance(code, int) else ""
            screen.say(f"{self.last.get('at')}: exit code {code}, {ending}")
            for reason in self.last.get("reasons") or ():
                screen.say(f"  {reason}", "red")
        screen.say("Linked: " + ", ".join(f"{count:,} {object_}" for object_, count in self.links.items()))
        screen.say(
            f"For a person: {counted(self.conflicts, 'conflict')}, {counted(self.inbox, 'entry', 'entries')} in the "
            f"inbox ({self.waiting:,} more end by themselves)"
        )
        if self.council:
            screen.say(f"The lead council of {self.council} is due and was not made yet.", "yellow")
        screen.say("Next: " + " · ".join(self.next), "bold")


def standing(
    store: Store,
    objects: tuple[str, ...],
    last: Mapping[str, Any] | None,
    holder: str | None,
    council: str | None = None,
) -> Standing:
    """Look at the store; `holder` is the run that is alive now, if any, `council` the month whose report is due."""
    counts, run = store.inbox.counts(), store.runs.last()
    return Standing(
        run=run,
        holder=holder,
        links={object_: store.links.count(object_) for object_ in objects},
        inbox=sum(count for code, count in counts.items() if code != WAITING),
        waiting=counts.get(WAITING, 0),
        conflicts=store.conflicts.count(),
        last=last if last is not None and not _older(last, run) else None,
        council=council,
    )


def _older(last: Mapping[str, Any], run: Run | None) -> bool:
    """Whether the status file is of a run before the last one: a killed run leaves none of its own."""
    try:
        at = datetime.fromisoformat(str(last.get("at")))
    except ValueError:
        return False
    return run is not None and last.get("run") != run.id and at < run.started.replace(microsecond=0)
