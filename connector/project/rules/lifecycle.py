"""`rules/lifecycle.yaml`: stages, their names in both CRMs, the ways down and the promises, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from connector.model import Side
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.lifecycle_file import DEFAULT, ExceptionLines, LifecycleFile, SlaLines
from connector.project.rules.section import Found, Section, read_section, twice
from connector.project.yaml_lines import Document, Path_
from connector.revops.lifecycle import HUBSPOT_STAGES, RANKS, STAGES, Lifecycle, Sla, highest, rank
from connector.revops.lifecycle_sla import STARTS, STOPS
from connector.revops.scoring_config import TEMPERATURES

ROOT = "lifecycle"

_STATUSES = (*STAGES[:-1], "rejected", "recycled")


def read_lifecycle(document: Document, mistakes: Mistakes) -> Section[LifecycleFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense."""
    section = read_section(document, ROOT, LifecycleFile, mistakes)
    if section is not None:
        section.note([*_stage_mistakes(section.lines), *_sla_mistakes(section.lines)])
    return section


def _stage_mistakes(file: LifecycleFile) -> Found:
    stages = _stages(file)
    ranks = [RANKS[stage] for stage in stages]
    if ranks != sorted(set(ranks)):
        text = f"the stages stand in the order {', '.join(STAGES)}, each once; leave out the ones you do not use"
        yield ("stages",), text
    names = dict(HUBSPOT_STAGES) | file.hubspot
    for stage, name in file.hubspot.items():
        if stage not in RANKS:
            yield ("hubspot", stage), f"{quoted(stage)} is no stage{nearest(stage, STAGES)}; write {', '.join(STAGES)}"
            continue
        if stage not in stages:
            yield ("hubspot", stage), f"the stage '{stage}' is not in `stages`: add it there, or take this out"
        same = next((other for other in STAGES if other != stage and names.get(other) == name), None)
        if same is not None:
            yield ("hubspot", stage), f"'{same}' has the same internal name: each stage needs one of its own"
    yield from _status_mistakes(("hubspot_status",), file.hubspot_status)
    yield from _status_mistakes(("salesforce", "lead_status"), file.salesforce.lead_status)
    if "recycled" in (file.salesforce.lead_status or ()):
        text = "Salesforce keeps the status sales chose: write `recycled` under `hubspot_status` only"
        yield ("salesforce", "lead_status", "recycled"), text
    yield from _way_mistakes(file.exceptions, stages)


def _status_mistakes(path: Path_, statuses: Mapping[str, str] | None) -> Found:
    for key in statuses or ():
        if key not in _STATUSES:
            near = nearest(key, _STATUSES)
            yield (*path, key), f"{quoted(key)} is no stage with a lead status{near}; write {', '.join(_STATUSES)}"


def _way_mistakes(ways: ExceptionLines, stages: tuple[str, ...]) -> Found:
    for key, stage, below_ in (
        ("recycle_to", ways.recycle_to, "mql"),
        ("lost_to", ways.lost_to, "opportunity"),
        ("churned_to", ways.churned_to, "evangelist"),
    ):
        fitting = [each for each in stages if RANKS[each] < RANKS[below_]]
        written = key in ways.model_fields_set
        if not fitting or (written and stage not in fitting):
            listed = ", ".join(fitting) or f"a stage below {below_}, and add it to `stages`"
            yield ("exceptions", key), f"'{key}' must be a stage of `stages` below {below_}: write {listed}"


def _sla_mistakes(file: LifecycleFile) -> Found:
    text = "the id {} stands twice: each promise needs one of its own"
    yield from twice(("sla",), [each.id for each in file.sla], "id", text)
    for i, sla in enumerate(file.sla):
        for key in sla.target:
            if key != "*" and key not in TEMPERATURES:
                text = f"{quoted(key)} is no temperature{nearest(key, TEMPERATURES)}; write hot, warm or cold"
                yield ("sla", i, "target", key), text
        for key, words, choices in (("start", sla.start, STARTS), ("stop", sla.stop, STOPS)):
            for word in words:
                if word not in choices:
                    text = f"{quoted(word)} {key}s no clock{nearest(word, choices)}; write {', '.join(choices)}"
                    yield ("sla", i, key), text
        both = sorted(set(sla.start) & set(sla.stop))
        if both:
            yield ("sla", i, "stop"), f"'{both[0]}' starts this clock and stops it: it would never run"


def compile_lifecycle(
    section: Section[LifecycleFile], time_zone: str, rejected: Mapping[Side, Collection[str]]
) -> Lifecycle:
    """The agreement of a file that was found to be right.

    Args:
        section: the file.
        time_zone: the project's.
        rejected: the lead statuses that mean «sent back», from `rules/rejection.yaml`; a side that is not there has
            the default ones.
    """
    file = section.lines
    stages = _stages(file)
    mapped = dict(HUBSPOT_STAGES) | file.hubspot
    of_lead = _statuses(file.salesforce.lead_status, DEFAULT.salesforce_status)
    sent_back = of_lead.get("rejected")
    of_salesforce = {*rejected.get("salesforce", ()), *([sent_back] if sent_back else [])}
    return Lifecycle(
        stages=stages,
        hubspot={stage: name for stage, name in mapped.items() if stage in stages},
        hubspot_status=_statuses(file.hubspot_status, DEFAULT.hubspot_status),
        hubspot_rejected=frozenset(rejected.get("hubspot", DEFAULT.hubspot_rejected)),
        sal_statuses=frozenset(file.sal_statuses),
        salesforce_status=of_lead,
        salesforce_rejected=frozenset(of_salesforce),
        convert=file.salesforce.convert,
        write_lead_status=file.write_lead_status,
        backfill=file.backfill,
        recycle_to=_settled(file.exceptions.recycle_to, stages),
        recycle_days=file.exceptions.recycle_days,
        lost_to=_settled(file.exceptions.lost_to, stages),
        churned_to=_settled(file.exceptions.churned_to, stages),
        zone=time_zone,
        sla=tuple(_sla(each) for each in file.sla),
        sql_per_quarter=file.marketing.sql_per_quarter if file.marketing else None,
        year_starts=file.marketing.year_starts if file.marketing else 1,
        where={key: section.where(*path) for key, path in _places()},
    )


def _stages(file: LifecycleFile) -> tuple[str, ...]:
    return STAGES if file.stages is None else file.stages


def _settled(stage: str, stages: Collection[str]) -> str:
    """A default that the company does not use: the nearest stage below, else the lowest one."""
    return highest([each for each in stages if RANKS[each] <= RANKS[stage]]) or min(stages, key=rank)


def _statuses(written: Mapping[str, str] | None, default: Mapping[str, str]) -> Mapping[str, str]:
    return default if written is None else written


def _places() -> Iterator[tuple[str, Path_]]:
    """Where the names that are compared with the live CRMs stand."""
    yield from ((f"hubspot.{stage}", ("hubspot", stage)) for stage in STAGES)
    yield "hubspot_status", ("hubspot_status",)
    yield "salesforce", ("salesforce", "lead_status")


def _sla(lines: SlaLines) -> Sla:
    return Sla(lines.id, lines.start, lines.stop, lines.target, lines.clock, lines.escalate, lines.reset_on_reassign)
