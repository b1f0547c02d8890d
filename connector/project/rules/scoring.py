"""From `rules/scoring.yaml` to the frozen rules that `revops/scoring` takes."""

from __future__ import annotations

from connector.project.mistakes import Mistakes
from connector.project.rules.scoring_checks import contradictions
from connector.project.rules.scoring_file import (
    CriterionLine,
    EventLine,
    FitLine,
    GradeLine,
    ScoringFile,
    SqlLine,
)
from connector.project.rules.section import Section, read_section
from connector.project.written import LabelLine
from connector.project.yaml_lines import Document
from connector.revops.scoring_config import (
    BANT,
    BantGrades,
    BantPositive,
    Criterion,
    EngagementRule,
    FitRule,
    Grade,
    Group,
    Label,
    ScoringConfig,
    SqlRule,
    TitleLine,
)

ROOT = "scoring"


def read_scoring(document: Document, mistakes: Mistakes) -> Section[ScoringFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense."""
    section = read_section(document, ROOT, ScoringFile, mistakes)
    if section is not None:
        section.note(contradictions(section))
    return section


def compile_scoring_file(section: Section[ScoringFile], time_zone: str) -> ScoringConfig:
    """The rules of a file that was found to be right; without a time zone of their own they have the project's."""
    file = section.lines
    names = file.fields.model_dump(exclude_none=True)
    return ScoringConfig(
        fit=tuple(_fit(line) for line in file.fit.rules),
        engagement=tuple(_engagement(line) for line in file.engagement.rules),
        grades={"A": file.fit.grades.A, "B": file.fit.grades.B, "C": file.fit.grades.C},
        levels={"E1": file.engagement.levels.E1, "E2": file.engagement.levels.E2},
        matrix={"A": file.matrix.A, "B": file.matrix.B, "C": file.matrix.C, "D": file.matrix.D},
        timezone=file.timezone or time_zone,
        downgrade_margin=file.downgrade_margin,
        groups={name: Group(_label(each.label, name), each.cap) for name, each in file.engagement.groups.items()},
        suppress=file.suppress,
        tracked_events=file.consent.tracked_events,
        mql_temperatures=file.mql.temperature,
        engaged_within_days=file.mql.engaged_within_days,
        criteria=tuple(_criterion(name, each) for name, each in file.criteria.items()),
        sql=tuple(_sql(line) for line in file.sql.rules if line.enabled),
        combine=file.sql.combine,
        titles=tuple(TitleLine(line.class_, line.words) for line in file.titles),
        freemail=file.email.freemail,
        competitors=file.email.competitors,
        fields={**names, "tracking_consent": file.consent.require},
    )


def _label(line: LabelLine | None, name: str) -> Label:
    return Label(name, name) if line is None else Label(line.de, line.en)


def _fit(line: FitLine) -> FitRule:
    points = {name: each for name, each in line.points.items() if name != "*"}
    rule = FitRule(line.id, line.field, _label(line.label, line.id), line.bands, line.read, line.values, points)
    if line.when is None:
        return rule
    return FitRule(line.id, line.field, rule.label, when=line.when, flat=line.points["*"])


def _engagement(line: EventLine) -> EngagementRule:
    return EngagementRule(
        id=line.id,
        event=line.event or "",
        points=line.points,
        label=_label(line.label, line.id),
        match=line.match,
        cap=line.cap,
        group=line.group,
        half_life_days=line.half_life_days,
        window_days=line.window_days,
        max_count=line.max_count,
        no_event_days=line.no_event_days,
    )


def _criterion(name: str, line: CriterionLine) -> Criterion:
    label = _label(line.label, name)
    if line.rule is not None:
        return Criterion(name, label, "rule", line.rule, _grade(line.a), _grade(line.b))
    if line.field is not None:
        return Criterion(name, label, "field", line.field, _grade(line.a), _grade(line.b), line.empty)
    return Criterion(name, label, "engagement", "", _grade(line.a), _grade(line.b))


def _grade(line: GradeLine) -> Grade:
    return Grade(line.values, line.at_least, line.events, line.within_days, line.levels)


def _sql(line: SqlLine) -> SqlRule:
    criteria = line.criteria or BANT
    if line.type == "bant_grades":
        return BantGrades(criteria, line.min_a if line.min_a is not None else 3, line.min_ab or 4)
    return BantPositive(
        criteria, line.min_positive or 3, line.positive_min or "B", line.active_events or (), line.within_days or 30
    )
