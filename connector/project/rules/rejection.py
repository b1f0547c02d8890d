"""`rules/rejection.yaml` and `rules/rejection_reasons.yaml` become frozen rules, or mistakes with file and line.

Whether the CRMs know the statuses is asked by `check`; here nothing opens a connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.rejection_file import ReasonLine, ReasonsFile, RejectionFile
from connector.project.rules.section import Found, Section, read_section, twice, words_of
from connector.project.yaml_lines import Document
from connector.revops.rejection_config import Absence, Cost, Enforcement, Escalation, RejectionConfig, Reports
from connector.revops.rejection_reasons import BANT, DATA_QUALITY, Locale, Reason, Reasons

ROOT = "rejection"
REASONS = "reasons"


def read_reasons(document: Document, mistakes: Mistakes) -> Section[ReasonsFile] | None:
    """The file with the reasons, with everything noted that is wrong in it; None where no rest makes sense.

    Codes are unique, and each BANT letter and data quality has a reason that may be chosen (domain §15, rule 8).
    """
    section = read_section(document, None, ReasonsFile, mistakes)
    if section is None:
        return None
    text = "the code {} stands twice: records hold it, so keep one and rename the other"
    section.note(twice((REASONS,), [each.code for each in section.lines.reasons], "code", text))
    if len(section.lines.reasons) == len(section.data[REASONS]):
        section.note(_covered(section.lines.reasons))  # an unreadable reason would be missed here too
    return section


def compile_reasons(section: Section[ReasonsFile]) -> Reasons:
    """The reasons of a file, in its order."""
    return Reasons({line.code: _reason(line) for line in section.lines.reasons})


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


def _covered(reasons: Iterable[ReasonLine]) -> Found:
    there = {each.category for each in reasons if not each.retired}
    for category in (*BANT, DATA_QUALITY):
        if category not in there:
            text = f"no reason has the category '{category}': the reports need one; add it, or take back `retired`"
            yield (REASONS,), text


def reasons_file(document: Document | None) -> str:
    """The path, inside the project, of the file with the reasons that a rules file names."""
    part = document.data.get(ROOT) if document is not None and isinstance(document.data, dict) else None
    named = part.get("reasons_file") if isinstance(part, dict) else None
    default: str = RejectionFile.model_fields["reasons_file"].default
    return named if isinstance(named, str) else default


def read_rejection(
    document: Document, reasons: Section[ReasonsFile] | None, mistakes: Mistakes
) -> Section[RejectionFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense.

    Args:
        document: the file.
        reasons: the other file, which this one's reports refer to.
        mistakes: takes everything that is wrong, each with its line.
    """
    section = read_section(document, ROOT, RejectionFile, mistakes)
    if section is None:
        return None
    if reasons is not None:
        section.note(_unknown_reasons(section.lines, words_of(reasons.data[REASONS], "code")))
    escalation = section.lines.escalation
    if "reassign" in escalation.levels and escalation.reassign_to is None:
        text = "the level `reassign` needs `reassign_to`: the address of who gets the lead"
        section.note([(("escalation", "levels"), text)])
    return section


def _unknown_reasons(lines: RejectionFile, known: Collection[str]) -> Found:
    for code in lines.reports.suppress or ():
        if code not in known:
            yield ("reports", "suppress", code), f"there is no reason {quoted(code)}{nearest(code, known)}"


def compile_rejection(section: Section[RejectionFile], reasons: Reasons, locale: Locale) -> RejectionConfig:
    """The rules of a file that was found to be right; `locale` is the language of tasks and messages."""
    lines = section.lines
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
        locale=locale,
    )
