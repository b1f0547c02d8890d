"""A score line by line, and what a rule change would move, for a person and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from connector.engine.derive.preview import Moved, Moves
from connector.model import SIDES
from connector.report.names import Names
from connector.report.run import counted
from connector.report.screen import Screen
from connector.revops.agreement import Locale
from connector.revops.scoring_explained import Explanation, Line, Part
from connector.revops.scoring_result import Score

Pair = tuple[str | None, str | None]


def print_score(screen: Screen, named: str, score: Score, locale: Locale) -> None:
    """One person: every component, the two sums, what they mean, and the sentence that stands in the CRMs."""
    told = score.explanation
    screen.say(named, "bold")
    for name, part, grade in (
        ("Fit", told.fit, told.fit_grade),
        ("Engagement", told.engagement, told.engagement_level),
    ):
        _part(screen, name, part, grade, locale)
    for line in _notes(told, locale):
        screen.say(f"  {line}", "yellow")
    screen.table(
        "", ("", "", "why"),
        [
            ("temperature", score.temperature, f"{told.fit_grade or '-'} and {told.engagement_level or '-'}"),
            ("MQL", "yes" if score.mql.met else "no", score.mql.why),
            ("SQL", "yes" if score.sql.met else "no", score.sql.rule or score.sql.why),
            *((getattr(label, locale), grade or "-", "criterion") for label, grade in told.graded),
        ],
    )  # fmt: skip
    screen.say(score.text(locale), "dim")
    screen.say()


def score_data(records: dict[str, str | None], score: Score, locale: Locale) -> dict[str, Any]:
    """The same for a program; points as exact text."""
    told = score.explanation
    return {
        "records": records,
        **score.numbers(),
        **score.told(locale),
        "mql": score.mql._asdict(),
        "sql": score.sql._asdict(),
        "suppressed": list(score.suppressed),
        "unknown": [getattr(each, locale) for each in told.unknown],
        "fit": _plain(told.fit),
        "engagement": _plain(told.engagement),
    }


def print_moves(screen: Screen, moves: Moves, names: Names) -> None:
    """How many go from where to where, and the largest moves."""
    when = moves.as_of.isoformat(timespec="minutes")
    screen.say(
        f"{counted(moves.persons, 'person')} scored as of {when}; {counted(moves.changed, 'person')} would move.",
        "bold",
    )
    _counter(screen, "Stages", moves.stages)
    _counter(screen, "Temperatures", moves.temperatures)
    rows = [
        (
            str(names.named("person", each.records)),
            _arrow(each.fit),
            _arrow(each.engagement),
            _arrow(each.temperature),
            _arrow(each.stage),
        )
        for each in moves.largest
    ]
    screen.table("Largest moves", ("person", "fit", "engagement", "temperature", "stage"), rows)
    screen.say("Nothing was written. `revloop plan` shows every field; `revloop sync` writes it.", "dim")


def moves_data(moves: Moves) -> dict[str, Any]:
    """The same for a program: ids, no names."""
    return {
        "as_of": moves.as_of,
        "persons": moves.persons,
        "changed": moves.changed,
        "stages": _pairs(moves.stages),
        "temperatures": _pairs(moves.temperatures),
        "largest": [_moved(each) for each in moves.largest],
    }


def _part(screen: Screen, name: str, part: Part | None, grade: str | None, locale: Locale) -> None:
    if part is None:
        screen.say(f"  {name}: emptied, this person must not be profiled", "yellow")
        return
    rows = [(getattr(each.label, locale), f"{each.shown:+}", _detail(each), each.rule) for each in part.lines]
    rows.append(("together", f"{part.total}", f"rounded {part.score}, {grade}", ""))
    screen.table(name, ("component", "points", "from", "rule"), rows)


def _detail(line: Line) -> str:
    if line.kind == "event":
        told = f"{counted(line.count, 'event')}, the last {counted(line.newest or 0, 'day')} ago"
    elif line.kind == "silence":
        told = f"nothing for more than {counted(line.newest or 0, 'day')}"
    else:
        told = line.detail
    return f"{told}, at most {line.cap.normalize():f}" if line.cap is not None else told


def _notes(told: Explanation, locale: Locale) -> list[str]:
    found = []
    if told.unknown:
        found.append(f"unknown: {', '.join(getattr(each, locale) for each in told.unknown)}")
    if not told.tracked:
        found.append("no consent to tracking: only declared events count")
    if told.future:
        found.append(f"{counted(told.future, 'event')} in the future not counted")
    if told.suppressed:
        found.append(f"suppressed: {', '.join(told.suppressed)}")
    found += [f"{grade} is kept by the margin (threshold {threshold})" for grade, threshold in told.held]
    return found


def _plain(part: Part | None) -> list[dict[str, Any]] | None:
    if part is None:
        return None
    return [{"rule": each.rule, "points": str(each.shown), "exact": str(each.points)} for each in part.lines]


def _counter(screen: Screen, title: str, counts: Counter[Pair]) -> None:
    rows = [
        (before or "-", after or "-", f"{count:,}", "" if before == after else "moves")
        for (before, after), count in sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))
    ]
    screen.table(title, ("from", "to", "persons", ""), rows)


def _pairs(counts: Counter[Pair]) -> list[dict[str, Any]]:
    return [
        {"from": before, "to": after, "persons": count}
        for (before, after), count in sorted(counts.items(), key=lambda each: str(each[0]))
    ]


def _arrow(pair: tuple[object, object]) -> str:
    before, after = ("-" if each is None else str(each) for each in pair)
    return after if before == after else f"{before} → {after}"


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "records": {side: moved.records[side] for side in SIDES},
        "stage": moved.stage,
        "temperature": moved.temperature,
        "fit": moved.fit,
        "engagement": moved.engagement,
    }
