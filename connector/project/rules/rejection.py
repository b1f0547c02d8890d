"""`rules/rejection.yaml` and `rules/rejection_reasons.yaml` become frozen rules, or mistakes with file and line.

Whether the CRMs know the statuses and owners is asked by `check`; here nothing opens a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from connector.model import SIDES
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.rejection_file import (
    ReasonLine,
    ReasonsFile,
    RejectionKey,
    RejectionLines,
    ReportLines,
    Statuses,
)
from connector.project.yaml_lines import Document, Path_
from connector.revops.rejection_config import Absence, Cost, Enforcement, Escalation, RejectionConfig, Reports
from connector.revops.rejection_reasons import BANT, DATA_QUALITY, Reason, Reasons

_LONG_FOR_AN_OFFICE = timedelta(hours=24)


def read_reasons(document: Document, mistakes: Mistakes) -> Reasons | None:
    """The reasons of a file; every mistake is noted, None where a reason cannot be read.

    Codes are unique, and each BANT letter and data quality has a reason that may be chosen (domain §15, rule 8).
    """
    file, rest = mistakes.validated(ReasonsFile, document)
    if file is None:
        return None
    found: dict[str, Reason] = {}
    for i, line in enumerate(file.reasons):
        if line.code in found:
            text = f"the code {quoted(line.code)} stands twice: records hold it, so keep one and rename the other"
            mistakes.add(rest, ("reasons", i, "code"), text)
            continue
        found[line.code] = _reason(line)
    if len(rest.data["reasons"]) < len(document.data["reasons"]):
        return None  # what is missing now would be missed elsewhere too, and is said already
    _covered(found.values(), rest, mistakes)
    return Reasons(found)


def _reason(line: ReasonLine) -> Reason:
    return Reason(
        code=line.code,
        en=line.label.en,
        de=line.label.de,
        category=line.category,
        recycle_days=line.recycle_days,
        comment=line.comment,
        task=line.task,
        suppress=line.suppress,
        retired=line.retired,
    )


def _covered(reasons: Iterable[Reason], document: Document, mistakes: Mistakes) -> None:
    there = {each.category for each in reasons if not each.retired}
    for category in (*BANT, DATA_QUALITY):
        if category not in there:
            text = f"no reason has the category '{category}': the reports need one; add it, or take back `retired`"
            mistakes.add(document, ("reasons",), text)


def reasons_file(document: Document) -> str:
    """The path, inside the project, of the file with the reasons that a rules file names."""
    part = document.data.get("rejection") if isinstance(document.data, dict) else None
    named = part.get("reasons_file") if isinstance(part, dict) else None
    default: str = RejectionLines.model_fields["reasons_file"].default
    return named if isinstance(named, str) else default


def read_rejection(document: Document, reasons: Reasons | None, mistakes: Mistakes) -> RejectionConfig | None:
    """The rules of a file, with the `reasons` of the other one; every mistake is noted.

    None where the file, or the file with the reasons, cannot be used.
    """
    file, _ = mistakes.validated(RejectionKey, document)
    if file is None:
        return None
    lines, rest = mistakes.validated(RejectionLines, _under(document, "rejection"))
    if lines is None:
        return None
    if reasons is not None:
        _known_reasons(lines.reports, reasons, rest, mistakes)
    _no_status_twice(lines.statuses, rest, mistakes)
    if "reassign" in lines.escalation.levels and lines.escalation.reassign_to is None:
        text = "the level `reassign` needs `reassign_to`: the address of who gets the lead"
        mistakes.add(rest, ("escalation", "levels"), text)
    return _config(lines, reasons) if reasons is not None else None


def _under(document: Document, key: str) -> Document:
    """What stands under a key, as a document of its own with the same lines."""
    lines = {path[1:]: line for path, line in document.lines.items() if path[:1] == (key,)}
    return Document(document.name, document.data[key], lines)


def _known_reasons(reports: ReportLines, reasons: Reasons, document: Document, mistakes: Mistakes) -> None:
    for code in reports.suppress or ():
        if reasons.get(code) is None:
            path: Path_ = ("reports", "suppress", code)
            mistakes.add(document, path, f"there is no reason {quoted(code)}{nearest(code, reasons.by_code)}")


def _no_status_twice(statuses: Statuses, document: Document, mistakes: Mistakes) -> None:
    for side in SIDES:
        words = getattr(statuses, side)
        for i, word in enumerate(words):
            if word in words[:i]:
                mistakes.add(document, ("statuses", side, i), "this status stands twice: keep one")


def _config(lines: RejectionLines, reasons: Reasons) -> RejectionConfig:
    enforcement, escalation, reports = lines.enforcement, lines.escalation, lines.reports
    cost = reports.cost
    suppress = Reports().suppress if reports.suppress is None else reports.suppress
    return RejectionConfig(
        reasons=reasons,
        statuses={
            "hubspot": frozenset(lines.statuses.hubspot),
            "salesforce": frozenset(lines.statuses.salesforce),
        },
        enforcement=Enforcement(
            salesforce=enforcement.salesforce,
            hubspot=enforcement.hubspot,
            grace=enforcement.grace,
            clock=enforcement.clock,
            max_reverts=enforcement.max_reverts_30d,
            enforce_from=enforcement.enforce_from,
        ),
        escalation=Escalation(
            after=escalation.after,
            clock=escalation.clock,
            levels=escalation.levels,
            teams=escalation.teams,
            queues=escalation.queues,
            head_of_sales=escalation.head_of_sales,
            reassign_to=escalation.reassign_to,
            absences=tuple(Absence(each.who, each.from_, each.until, each.deputy) for each in escalation.absences),
            queue=escalation.queue,
            reset_on_reassign=escalation.reset_on_reassign,
        ),
        reports=Reports(
            council_day=reports.council_day,
            min_cell=reports.min_cell,
            marketing_feed=reports.marketing_feed,
            other_warning=reports.other_warning / 100,
            cost=Cost(cost.hourly_cost, cost.overhead_per_lead, (cost.hours[0], cost.hours[1]), cost.currency),
            suppress={code: word for code, word in suppress.items() if reasons.get(code)},
        ),
        locale=lines.locale,
    )


_WARNINGS: tuple[tuple[Path_, Callable[[RejectionConfig], bool], str], ...] = (
    (
        ("rejection", "escalation", "after"),
        lambda rules: rules.escalation.clock == "business_hours" and rules.escalation.after >= _LONG_FOR_AN_OFFICE,
        "24h and more of business_hours are three working days and more (48h: six): write 16h for two working days",
    ),
    (
        ("rejection", "enforcement", "grace"),
        lambda rules: rules.enforcement.clock == "business_hours" and rules.enforcement.grace >= _LONG_FOR_AN_OFFICE,
        "24h and more of business_hours are three working days and more: write 8h for one working day",
    ),
    (
        ("rejection", "escalation", "levels"),
        lambda rules: "head_of_sales" in rules.escalation.levels and rules.escalation.head_of_sales is None,
        "the level `head_of_sales` has no address, so it waits in the inbox: add `head_of_sales:` under `escalation:`",
    ),
)


def rejection_warnings(document: Document, rules: RejectionConfig) -> list[str]:
    """What is allowed and probably not meant, as `file:line: sentence`."""
    return [f"{document.where(path)}: {text}" for path, fits, text in _WARNINGS if fits(rules)]
