"""Why a score is what it is, line by line, as data; `scoring_text` puts it into words.

The points of the lines are shown with two decimals that add up exactly to the shown sum (domain §1.6): each is
rounded down, and the missing hundredths go to the largest remainders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from connector.revops.scoring_config import BANT, EMPTYING, Label, ScoringConfig, SqlRule
from connector.revops.scoring_fit import UNIT, FitHit

if TYPE_CHECKING:
    from connector.revops.scoring_result import Decision, Score

_HUNDREDTH = UNIT // 100


@dataclass(frozen=True, slots=True)
class Line:
    """One component: `points` exact, `shown` as printed; `kind` says which words go with it.

    `detail` is the class or band of a fit rule; `count` and `newest` (days) belong to events; `dated` is False for
    the event that is told as "30 days ago" instead of "last 30 days ago".
    """

    kind: str  # fit, event, silence, group
    rule: str
    label: Label
    points: Decimal
    shown: Decimal
    detail: str = ""
    count: int = 0
    newest: int | None = None
    last: bool = True
    cap: Decimal | None = None  # the cap that cut the points, if one did


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of fit or engagement: they add up to `total`, which clamped and rounded is `score`."""

    score: int
    total: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is told about one score."""

    fit: Part | None
    engagement: Part | None
    unknown: tuple[Label, ...]
    tracked: bool
    future: int
    suppressed: tuple[str, ...]
    fit_grade: str | None
    engagement_level: str | None
    held: tuple[tuple[str, int], ...]  # grades and levels kept by the margin, with the threshold they missed
    temperature: str
    mql: Decision
    sql: Decision
    graded: tuple[tuple[Label, str], ...]  # the criteria that the SQL rules look at


def explain(score: Score) -> Explanation:
    """Make the explanation of a score."""
    scorer, found, _, tracked = score.trace
    config = scorer.config
    emptied = not EMPTYING.isdisjoint(score.suppressed)
    hits = sorted(found)
    return Explanation(
        fit=None if emptied else _fit(score, hits, config),
        engagement=None if emptied else _engagement(score, config),
        unknown=tuple(config.fit[hit.rule].label for hit in hits if not hit.known),
        tracked=emptied or tracked,
        future=score.future_events,
        suppressed=score.suppressed,
        fit_grade=score.fit_grade,
        engagement_level=score.engagement_level,
        held=() if emptied else _held(score, config),
        temperature=score.temperature,
        mql=score.mql,
        sql=score.sql,
        graded=() if emptied else _graded(score, config),
    )


def _fit(score: Score, found: Sequence[FitHit], config: ScoringConfig) -> Part:
    hits = [hit for hit in found if hit.known and (hit.shown or hit.points)]
    total, shown = adjusted([hit.points for hit in hits])
    lines = [
        Line("fit", rule.id, rule.label, _decimal(hit.points), cents, detail=hit.shown)
        for hit, cents in zip(hits, shown, strict=True)
        for rule in (config.fit[hit.rule],)
    ]
    assert score.fit_score is not None
    return Part(score.fit_score, total, tuple(lines))


def _engagement(score: Score, config: ScoringConfig) -> Part:
    scorer, _, sums, _ = score.trace
    drafts: list[tuple[int, Line]] = []
    nothing = Decimal(0)
    for number, points, count, newest, uncapped in sums:
        rule = config.engagement[number]
        kind = "silence" if rule.no_event_days is not None else "event"
        cap = rule.cap if points != uncapped else None
        last = count > 1 or rule.event in config.tracked_events
        drafts.append(
            (points, Line(kind, rule.id, rule.label, _decimal(points), nothing, "", count, newest, last, cap))
        )
    for name, cut_off in scorer.engagement.cuts(sums).items():
        group = config.groups[name]
        drafts.append((cut_off, Line("group", name, group.label, _decimal(cut_off), nothing, cap=group.cap)))
    drafts.sort(key=lambda each: (-each[0], each[1].rule))
    total, shown = adjusted([points for points, _ in drafts])
    lines = [_with_shown(line, cents) for (_, line), cents in zip(drafts, shown, strict=True)]
    assert score.engagement_score is not None
    return Part(score.engagement_score, total, tuple(lines))


def _with_shown(line: Line, shown: Decimal) -> Line:
    return Line(line.kind, line.rule, line.label, line.points, shown, line.detail, line.count, line.newest, line.last,
                line.cap)  # fmt: skip


def adjusted(points: Sequence[int]) -> tuple[Decimal, list[Decimal]]:
    """The sum rounded half up to hundredths, and each part in hundredths so that they add up to it.

    Takes parts of a point (1/`UNIT`). Of equal remainders the earlier part gets the hundredth.
    """
    exact = sum(points)
    half = _HUNDREDTH // 2
    total = (exact + half) // _HUNDREDTH if exact >= 0 else -((-exact + half) // _HUNDREDTH)
    shown = [each // _HUNDREDTH for each in points]
    by_remainder = sorted(range(len(points)), key=lambda i: (-(points[i] % _HUNDREDTH), i))
    for i in by_remainder[: total - sum(shown)]:
        shown[i] += 1
    return _cents(total), [_cents(each) for each in shown]


def _cents(number: int) -> Decimal:
    return Decimal(number).scaleb(-2)


def _decimal(points: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return Decimal(points) / UNIT


def _held(score: Score, config: ScoringConfig) -> tuple[tuple[str, int], ...]:
    assert score.fit_score is not None
    assert score.engagement_score is not None
    pairs = (
        (score.fit_grade, score.fit_score, config.grades),
        (score.engagement_level, score.engagement_score, config.levels),
    )
    return tuple(
        (name, thresholds[name])
        for name, number, thresholds in pairs
        if name is not None and name in thresholds and number < thresholds[name]
    )


def _graded(score: Score, config: ScoringConfig) -> tuple[tuple[Label, str], ...]:
    """The criteria of the rules that fired; of all rules when none did."""
    fired = (score.sql.rule or "").split("+") if score.sql.fires else []
    rules: list[SqlRule] = [each for each in config.sql if not fired or each.type in fired]
    wanted = {name for rule in rules for name in rule.criteria} or set(BANT)
    grades = score.grades
    return tuple((each.label, grades[each.id]) for each in config.criteria if each.id in wanted)
