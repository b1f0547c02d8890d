"""The part of the written agreement that says what makes an MQL and an SQL."""

from __future__ import annotations

from collections.abc import Mapping

from connector.report.council_sheet import Block, Cell
from connector.report.sla_words import Words, points, told
from connector.revops.scoring_config import (
    ENGAGEMENT_LEVELS,
    FIT_GRADES,
    BantPositive,
    FitRule,
    Grade,
    Label,
    ScoringConfig,
    SqlRule,
)


def scoring_blocks(config: ScoringConfig, words: Words) -> list[Block]:
    """MQL, matrix, SQL, criteria, and all points."""
    return [
        _mql(config, words),
        _matrix(config, words),
        *([_sql(config, words), _criteria(config, words)] if config.sql else []),
        _fit(config, words),
        _engagement(config, words),
    ]


def _mql(config: ScoringConfig, words: Words) -> Block:
    rows = (
        ((words.of("temperature"),), told(words.either(words.of(each) for each in config.mql_temperatures))),
        ((words.of("active"),), told(words.of("engaged", config.engaged_within_days))),
        ((words.of("left_out"),), told(", ".join(words.of(each) for each in config.suppress) or words.of("none"))),
    )
    return Block("mql", words.of("mql"), (words.of("what"), words.of("agreed")), rows)


def _matrix(config: ScoringConfig, words: Words) -> Block:
    rows = tuple(
        ((_reached(grade, config.grades, words),), told(*(words.of(each) for each in config.matrix[grade])))
        for grade in FIT_GRADES
        if grade in config.matrix
    )
    heads = ("Fit", *(_reached(level, config.levels, words) for level in ENGAGEMENT_LEVELS))
    return Block("matrix", words.of("matrix"), heads, rows)


def _reached(name: str, thresholds: Mapping[str, int], words: Words) -> str:
    """`A (ab 75)`."""
    return f"{name} ({words.of('from', thresholds[name])})" if name in thresholds else name


def _sql(config: ScoringConfig, words: Words) -> Block:
    rows = [((words.of(rule.type),), told(_rule(rule, config, words))) for rule in config.sql]
    if len(config.sql) > 1:
        rows.append(((words.of("combine"),), told(words.of(config.combine))))
    rows.append(((words.of("by_hand"),), told(words.of("by_hand_means"))))
    return Block("sql", words.of("sql"), (words.of("rule"), words.of("means")), tuple(rows))


def _rule(rule: SqlRule, config: ScoringConfig, words: Words) -> str:
    labels = {each.id: each.label for each in config.criteria}
    among = ", ".join(words.label(labels[each]) for each in rule.criteria)
    if isinstance(rule, BantPositive):
        enough = "A" if rule.positive_min == "A" else words.of("or_better")
        events = words.either(_events(rule.active_events, config, words))
        return words.of("bant_positive_means", rule.min_positive, among, enough, events, rule.within_days)
    return words.of("bant_grades_means", rule.min_a, rule.min_ab, among)


def _events(names: tuple[str, ...], config: ScoringConfig, words: Words) -> list[str]:
    """Engagement rules and groups by what they are called."""
    labels: dict[str, Label] = {each.id: each.label for each in config.engagement}
    labels |= {name: group.label for name, group in config.groups.items()}
    return [words.label(labels[name]) if name in labels else name for name in names]


def _criteria(config: ScoringConfig, words: Words) -> Block:
    wanted = {name for rule in config.sql for name in rule.criteria}
    rows = tuple(
        ((words.label(each.label),), told(*(_grade(grade, config, words) for grade in (each.a, each.b))))
        for each in config.criteria
        if each.id in wanted
    )
    return Block("criteria", words.of("criteria"), (words.of("criterion"), "A", "B"), rows)


def _grade(grade: Grade, config: ScoringConfig, words: Words) -> str:
    found = [*grade.values, *grade.levels]
    if grade.at_least is not None:
        found.append(words.of("from", points(grade.at_least)))
    if grade.events:
        found.append(words.of("within", words.either(_events(grade.events, config, words)), grade.within_days))
    return ", ".join(found) or words.of("none")


def _fit(config: ScoringConfig, words: Words) -> Block:
    rows = tuple(((words.label(rule.label),), told(_fit_points(rule, words))) for rule in config.fit)
    return Block("fit", words.of("fit"), (words.of("feature"), words.of("points")), rows)


def _fit_points(rule: FitRule, words: Words) -> str:
    if rule.bands:
        return "; ".join(f"{words.of('from', points(low))}: {points(given)}" for low, given in rule.bands)
    if rule.when:
        return f"{words.of(rule.when)}: {points(rule.flat)}"
    return "; ".join(f"{name}: {points(given)}" for name, given in rule.points.items())


def _engagement(config: ScoringConfig, words: Words) -> Block:
    rows = []
    for rule in config.engagement:
        cap, half = rule.cap, rule.half_life_days
        cells = (
            Cell(points(rule.points)),
            Cell(points(cap) if cap is not None else words.of("none")),
            Cell(words.of("days", points(half)) if half is not None else words.of("none")),
            Cell(words.of("days", rule.no_event_days or rule.window_days)),
        )
        rows.append(((words.label(rule.label),), cells))
    heads = tuple(words.of(key) for key in ("signal", "points", "most", "half_life", "window"))
    return Block("engagement", words.of("engagement"), heads, tuple(rows))
