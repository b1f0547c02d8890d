"""`rules/lifecycle.yaml`: stages, their names in both CRMs, the ways down and the promises, read and checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.model import Side
from connector.project.mapping_file import Words
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.calendars import below
from connector.project.settings import Name, Strict
from connector.project.yaml_lines import Document, Path_
from connector.revops.calendars import Mode
from connector.revops.lifecycle import HUBSPOT_STAGES, RANKS, STAGES, Lifecycle, Sla, Stage, highest, rank
from connector.revops.lifecycle_sla import STARTS, STOPS

ROOT = "lifecycle"

_DURATION = re.compile(r"(\d{1,5})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TEMPERATURES = ("hot", "warm", "cold")
_STATUSES = (*STAGES[:-1], "rejected", "recycled")
_LONG = timedelta(hours=24)

_DEFAULT = Lifecycle()


def _duration(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    found = _DURATION.fullmatch(raw.strip())
    if not found or not int(found[1]):
        raise ValueError("write a time above 0 such as 30m, 4h, 48h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _targets(raw: object) -> object:
    """`48h` holds for everybody; {hot: 1h, warm: 8h} by temperature."""
    return {"*": raw} if isinstance(raw, str) else raw


def _code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError("an id is 2 to 40 lower case letters, digits and _")
    return code


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Targets = Annotated[dict[str, Duration], BeforeValidator(_targets), Field(min_length=1)]


class SalesforceLines(Strict):
    """Salesforce's words."""

    lead_status: dict[str, Name] | None = None
    convert: Literal["manual", "apex"] = "manual"


class ExceptionLines(Strict):
    """Where the named exceptions lead."""

    recycle_to: Stage = "lead"
    recycle_days: Annotated[int, Field(ge=1, le=3650)] = 180
    lost_to: Stage = "sql"
    churned_to: Stage = "customer"


class SlaLines(Strict):
    """One promise."""

    id: Annotated[str, AfterValidator(_code)]
    start: Words
    stop: Words
    target: Targets
    clock: Mode = "working_days"
    escalate: Literal["manager", "head_of_sales"] | None = None
    reset_on_reassign: bool = False


class MarketingLines(Strict):
    """What marketing promises."""

    sql_per_quarter: Annotated[int, Field(ge=1)]
    year_starts: Annotated[int, Field(ge=1, le=12)] = 1


class LifecycleFile(Strict):
    """Everything below `lifecycle:`."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] | None = None
    hubspot: dict[str, Name] = Field(default_factory=dict)
    hubspot_status: dict[str, Name] | None = None
    sal_statuses: tuple[Name, ...] = tuple(sorted(_DEFAULT.sal_statuses))
    salesforce: SalesforceLines = SalesforceLines()
    write_lead_status: bool = False
    backfill: bool = False
    exceptions: ExceptionLines = ExceptionLines()
    sla: tuple[SlaLines, ...] = ()
    marketing: MarketingLines | None = None


def read_lifecycle(
    document: Document,
    mistakes: Mistakes,
    time_zone: str = "Europe/Berlin",
    *,
    rejected: Mapping[Side, Collection[str]] | None = None,
    has_calendars: bool = True,
) -> Lifecycle | None:
    """The agreement of a file.

    Args:
        document: the file as `read_yaml` gives it, with everything below the key `lifecycle`.
        mistakes: takes everything that is wrong, each with its line.
        time_zone: the project's.
        rejected: the lead statuses that mean «sent back», from `rules/rejection.yaml`.
        has_calendars: whether the project has a `rules/calendars.yaml`.

    Returns:
        None when anything in the file is wrong.
    """
    section = below(document, ROOT, mistakes)
    if section is None:
        return None
    file, rest = mistakes.validated(LifecycleFile, section)
    if file is None:
        return None
    found = [*_stage_mistakes(file), *_sla_mistakes(file, has_calendars=has_calendars)]
    for path, text in found:
        mistakes.add(section, path, text)
    if found or rest is not section or set(document.data) != {ROOT}:
        return None
    return _lifecycle(file, section, time_zone, rejected or {})


def lifecycle_warnings(document: Document, config: Lifecycle) -> list[str]:
    """What is allowed and probably not meant, as `file:line: sentence`."""
    return [
        f"{document.where((ROOT, 'sla', i, 'target'))}: {_hours(target)} of business_hours are {_office_days(target)} "
        "working days of 8 hours: write 16h for two working days"
        for i, sla in enumerate(config.sla)
        for target in sorted(set(sla.target.values()))
        if sla.clock == "business_hours" and target >= _LONG
    ]


_Found = Iterator[tuple[Path_, str]]


def _stage_mistakes(file: LifecycleFile) -> _Found:
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


def _status_mistakes(path: Path_, statuses: Mapping[str, str] | None) -> _Found:
    for key in statuses or ():
        if key not in _STATUSES:
            near = nearest(key, _STATUSES)
            yield (*path, key), f"{quoted(key)} is no stage with a lead status{near}; write {', '.join(_STATUSES)}"


def _way_mistakes(ways: ExceptionLines, stages: tuple[str, ...]) -> _Found:
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


def _sla_mistakes(file: LifecycleFile, *, has_calendars: bool) -> _Found:
    known: set[str] = set()
    for i, sla in enumerate(file.sla):
        if sla.id in known:
            yield ("sla", i, "id"), f"the id '{sla.id}' stands twice: each promise needs one of its own"
        known.add(sla.id)
        for key in sla.target:
            if key != "*" and key not in _TEMPERATURES:
                text = f"{quoted(key)} is no temperature{nearest(key, _TEMPERATURES)}; write hot, warm or cold"
                yield ("sla", i, "target", key), text
        for key, words, choices in (("start", sla.start, STARTS), ("stop", sla.stop, STOPS)):
            for word in words:
                if word not in choices:
                    text = f"{quoted(word)} {key}s no clock{nearest(word, choices)}; write {', '.join(choices)}"
                    yield ("sla", i, key), text
        both = sorted(set(sla.start) & set(sla.stop))
        if both:
            yield ("sla", i, "stop"), f"'{both[0]}' starts this clock and stops it: it would never run"
        if sla.clock != "elapsed" and not has_calendars:
            text = (
                f"the clock {sla.clock} needs a calendar: add rules/calendars.yaml (`revloop init` writes one), "
                "or write `clock: elapsed`"
            )
            yield ("sla", i, "clock"), text


def _lifecycle(
    file: LifecycleFile, section: Document, time_zone: str, rejected: Mapping[Side, Collection[str]]
) -> Lifecycle:
    stages = _stages(file)
    mapped = dict(HUBSPOT_STAGES) | file.hubspot
    of_lead = _statuses(file.salesforce.lead_status, _DEFAULT.salesforce_status)
    sent_back = of_lead.get("rejected")
    of_salesforce = {*rejected.get("salesforce", ()), *([sent_back] if sent_back else [])}
    return Lifecycle(
        stages=stages,
        hubspot={stage: name for stage, name in mapped.items() if stage in stages},
        hubspot_status=_statuses(file.hubspot_status, _DEFAULT.hubspot_status),
        hubspot_rejected=frozenset(rejected.get("hubspot", _DEFAULT.hubspot_rejected)),
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
        where={key: section.where(path) for key, path in _places()},
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


def _hours(target: timedelta) -> str:
    return f"{target.total_seconds() / 3600:g}h"


def _office_days(target: timedelta) -> str:
    return f"{target / timedelta(hours=8):g}"
