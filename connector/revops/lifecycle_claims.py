"""Who claims what about a person's stage: raises and exceptions, without those that are outdated or overtaken.

It sorts the claims out and puts them in order of time. Carrying them out is `lifecycle_decide`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.revops.lifecycle import WRITTEN, Lifecycle, rank
from connector.revops.lifecycle_journey import Down, Journey, Shown, iso
from connector.revops.lifecycle_sightings import Sighting

RULE = "lifecycle: "
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stage that a rule asks for, such as the score's MQL; `because` names the rule and its inputs."""

    stage: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person may want to know; `code` is stable."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Raise:
    """A stage that somebody says the person reached; `side` None is a rule of ours."""

    stage: str
    at: datetime | None
    source: str
    rule: str = ""
    side: str | None = None
    proposal: bool = False
    by_deal: bool = False
    shown_at: datetime | None = None  # the CRM's own stamp, where `at` is older

    @property
    def time(self) -> datetime:
        """`at`; a raise of unknown age is older than any other."""
        return self.at or LONG_AGO

    @property
    def because(self) -> str:
        """The rule, in words for plan and ledger."""
        if self.side is None:
            return self.rule
        since = f" since {iso(self.at)}" if self.at is not None else ""
        return f"{RULE}{self.side} shows {called(self.stage)}{since}"


def claims(
    config: Lifecycle,
    journey: Journey,
    as_of: datetime,
    sightings: Sequence[Sighting],
    proposals: Sequence[Proposal],
    downs: Sequence[Down],
) -> tuple[list[Raise | Down], list[Note]]:
    """What is left to judge, in order of time, and notes on the exceptions that are put aside."""
    known = _raises(journey, sightings, proposals)
    raises = [each for each in known if not outdated(each, journey.down) and _shown(each) not in journey.overruled]
    lowering, notes = _open_downs(config, journey, as_of, downs, raises)
    if not lowering:  # nearly every person of every run: nobody moves
        raises = [each for each in raises if _matters(journey, each)]
    steps: list[Raise | Down] = [*raises, *lowering]
    return sorted(steps, key=_order), notes


def _raises(journey: Journey, sightings: Sequence[Sighting], proposals: Sequence[Proposal]) -> list[Raise]:
    found = [
        Raise(each.stage, at, each.source, "", each.side, False, each.by_deal, each.at)
        for each in sightings
        if each.stage is not None and each.source != "rule"
        for at in (each.at if each.by_deal else _first_time(journey, each.stage, each.at),)
    ]
    asked = [Raise(each.stage, each.at, "rule", each.because, proposal=True) for each in proposals]
    return [*found, *_accepted(journey, sightings), *asked]


def _accepted(journey: Journey, sightings: Sequence[Sighting]) -> Iterator[Raise]:
    """The SAL of people where the stage beside it is our own MQL, which is no evidence."""
    for each in sightings:
        if each.taken is not None and rank(each.stage) < rank(each.taken[0]) and takes(journey, each):
            stage, at = each.taken
            yield Raise(stage, at, "crm", "", each.side, shown_at=at)


def takes(journey: Journey, seen: Sighting) -> bool:
    """Whether a sighting says that sales took the person on in this cycle, and after it was qualified."""
    since, down = journey.qualified_at, journey.down
    if seen.taken is None or since is None:
        return False
    stage, at = seen.taken
    lowered = down is not None and at <= down.at
    return at > since and not lowered and (seen.side, stage, at) not in journey.overruled


def _matters(journey: Journey, step: Raise) -> bool:
    """Whether a raise can change a journey that no exception lowers."""
    if rank(step.stage) == rank(journey.stage):
        return journey.former or step.stage not in journey.stamps
    return rank(step.stage) > rank(journey.stage)


def _first_time(journey: Journey, stage: str, at: datetime | None) -> datetime | None:
    """When a sighting was news: what we know already, or wrote there ourselves, is as old as our knowledge of it."""
    known = journey.stamps.get(stage)
    if known is None or at is None or rank(stage) > rank(journey.stage):
        return at
    return min(at, known.at)


def outdated(step: Raise, down: Down | None) -> bool:
    """Whether the last exception came after a raise."""
    if down is None:
        return False
    beaten = down.kind == "erasure" or step.side in {None, down.side}  # at one instant the other CRM's word stands
    return step.time < down.at or (step.time == down.at and beaten)


def _open_downs(
    config: Lifecycle, journey: Journey, as_of: datetime, downs: Sequence[Down], raises: Sequence[Raise]
) -> tuple[list[Down], list[Note]]:
    """The exceptions that are left to judge: each once, none of the future, none that the other CRM overtook."""
    found: list[Down] = []
    notes: list[Note] = []
    last = journey.down
    for down in sorted(set(downs), key=_order):
        if last is not None and down.at <= last.at:
            continue
        if down.at > as_of:
            notes.append(Note("exception_in_future", f"{down.kind} is dated after this run and waits"))
            continue
        overtaken = _overtaken(config, down, raises)
        if overtaken is not None:
            shown = overtaken.because.removeprefix(RULE)
            text = f"{down.kind} of {iso(down.at)} is not carried out: {shown}"
            notes.append(Note("exception_overtaken", text))
            continue
        found.append(down)
    return found, notes


def _overtaken(config: Lifecycle, down: Down, raises: Sequence[Raise]) -> Raise | None:
    """The other side's higher stage that is not older than the exception."""
    if down.kind == "erasure":
        return None
    to = rank(config.target_of(down.kind, down.to))
    later = [
        each
        for each in raises
        if each.side is not None and each.side != down.side and each.time >= down.at and rank(each.stage) > to
    ]
    return max(later, key=lambda each: (rank(each.stage), each.time, each.side), default=None)


def _order(step: Raise | Down) -> tuple[datetime, int, int, str]:
    """By time; at one instant raises go first, lower ones before higher ones."""
    if isinstance(step, Down):
        return step.at, 1, 0, f"{step.kind} {step.side} {step.reason} {step.actor} {step.to} {step.recycle_on}"
    return step.time, 0, rank(step.stage), f"{step.proposal} {step.by_deal} {step.side} {step.source} {step.rule}"


def called(stage: str | None) -> str:
    """A stage as people write it."""
    return "no stage" if stage is None else WRITTEN.get(stage, stage)


def overruled(journey: Journey, down: Down, steps: Sequence[Raise | Down]) -> tuple[Shown, ...]:
    """What the CRMs show with a stamp that does not tell that the exception came after it, such as our own writing."""
    beaten = [each for each in steps if isinstance(each, Raise) and outdated(each, down)]
    found = {*journey.overruled, *(shown for each in beaten if (shown := _shown(each)) is not None)}
    return tuple(sorted(shown for shown in found if shown[2] >= down.at))


def _shown(step: Raise) -> Shown | None:
    return None if step.side is None or step.shown_at is None else (step.side, step.stage, step.shown_at)
