"""The part of the written agreement that says what a rejection needs, and when everybody works."""

from __future__ import annotations

from collections.abc import Sequence

from connector.report.council_sheet import Block
from connector.report.council_words import word
from connector.report.sla_words import Words, points, span, told
from connector.revops.agreement import Agreement
from connector.revops.calendars import Calendar, Hours
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_reasons import Reason

_HOUR = 60


def loop_blocks(agreement: Agreement, words: Words) -> list[Block]:
    """Rejection, reasons, working time; a part that is off is left out."""
    rejection = agreement.rejection
    blocks = [_rejection(rejection, words), _reasons(rejection, words)] if rejection else []
    return [*blocks, _calendar(agreement.calendars.default, words)]


def _rejection(config: RejectionConfig, words: Words) -> Block:
    enforcement, escalation, reports = config.enforcement, config.escalation, config.reports
    levels = "; ".join(
        f"{words.of('level', number, span(number * escalation.after))}: {words.of(level)}"
        for number, level in enumerate(escalation.levels, 1)
    )
    rows = (
        ("in_salesforce", words.of(enforcement.salesforce)),
        ("in_hubspot", words.of(enforcement.hubspot)),
        ("grace", f"{span(enforcement.grace)} ({words.of(enforcement.clock)})"),
        ("feedback", f"{span(escalation.after)} ({words.of(escalation.clock)}); {levels}"),
        ("council", words.of("council_means", reports.council_day)),
        ("other", words.of("other_means", f"{points(reports.other_warning * 100)}\u202f%")),
    )
    made = tuple(((words.of(key),), told(text)) for key, text in rows)
    return Block("rejection", words.of("rejection"), (words.of("what"), words.of("agreed")), made)


def _reasons(config: RejectionConfig, words: Words) -> Block:
    rows = tuple(
        (
            (each.label(words.locale),),
            told(word(each.category, words.locale), _back(each, words), _besides(each, words)),
        )
        for each in config.reasons.choosable()
    )
    heads = tuple(words.of(key) for key in ("reason", "category", "comes_back", "besides"))
    return Block("reasons", words.of("reasons"), heads, rows)


def _back(reason: Reason, words: Words) -> str:
    return words.of("no") if reason.recycle_days is None else words.of("after_days", reason.recycle_days)


def _besides(reason: Reason, words: Words) -> str:
    found = [words.of("comment", reason.comment)] if reason.comment else []
    found += [words.of(reason.task)] if reason.task else []
    found += [words.of("suppress")] if reason.suppress else []
    return ", ".join(found)


def _calendar(calendar: Calendar, words: Words) -> Block:
    week = "; ".join(f"{_days(days, words)} {_hours(hours)}" for days, hours in _alike(calendar.week))
    land = "-".join(each for each in (calendar.country, calendar.land) if each)
    rows = [
        ("time_zone", calendar.zone),
        ("hours", week),
        ("holidays", words.of("by_law", land) if calendar.country else words.of("none")),
    ]
    if calendar.closed:
        rows.append(("closed", ", ".join(f"{day:%Y-%m-%d}" for day in sorted(calendar.closed))))
    if calendar.half_days:
        special = (
            f"{day} {_hours(hours) or words.of('unopened')}" for day, hours in sorted(calendar.half_days.items())
        )
        rows.append(("half_days", "; ".join(special)))
    made = tuple(((words.of(key),), told(text)) for key, text in rows)
    return Block("calendar", words.of("calendar"), (words.of("what"), words.of("agreed")), made)


def _alike(week: Sequence[Hours]) -> list[tuple[list[int], Hours]]:
    """Days in a row with the same hours; days without hours are left out."""
    found: list[tuple[list[int], Hours]] = []
    for day, hours in enumerate(week):
        if hours and found and found[-1][1] == hours and found[-1][0][-1] == day - 1:
            found[-1][0].append(day)
        elif hours:
            found.append(([day], hours))
    return found


def _days(days: Sequence[int], words: Words) -> str:
    """`Mo-Fr`."""
    first, last = words.weekday(days[0]), words.weekday(days[-1])
    return first if first == last else f"{first}\u2013{last}"


def _hours(hours: Hours) -> str:
    """`09:00-17:00`."""
    return ", ".join(f"{_clock(begin)}\u2013{_clock(end)}" for begin, end in hours)


def _clock(minute: int) -> str:
    return f"{minute // _HOUR:02}:{minute % _HOUR:02}"
