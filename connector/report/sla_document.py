"""The agreement in force as a document to be signed: what is an MQL and an SQL, what is promised, how to reject.

It is made from the rules alone: what it says is what revloop does. No person is named in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connector.report.council_numbers import moment
from connector.report.council_sheet import Block, Sheet
from connector.report.sla_loop import loop_blocks
from connector.report.sla_scoring import scoring_blocks
from connector.report.sla_words import Words, span, told
from connector.revops.agreement import Agreement
from connector.revops.lifecycle import Lifecycle, Sla
from connector.revops.rejection_reasons import Locale

SHOWN = 12
"""Hex digits of the version."""


def document(agreement: Agreement, version: str, as_of: datetime, locale: Locale, time_zone: str) -> Sheet:
    """The agreement as a sheet.

    Args:
        agreement: the rules; a part that is off is left out.
        version: the hash of their meaning.
        as_of: when the document is made.
        locale: its language.
        time_zone: in which the time is told.
    """
    words = Words(locale)
    blocks: list[Block] = []
    if agreement.lifecycle:
        blocks += [_stages(agreement.lifecycle, words), _downs(agreement.lifecycle, words)]
    if agreement.scoring:
        blocks += scoring_blocks(agreement.scoring, words)
    if agreement.lifecycle:
        blocks.append(_promises(agreement.lifecycle, words))
    blocks += loop_blocks(agreement, words)
    running = agreement.rejection is not None and agreement.rejection.escalation.queue == "run"
    return Sheet(
        locale=locale,
        title=words.of("title"),
        facts=((words.of("version"), version[:SHOWN]), (words.of("as_of"), moment(as_of, time_zone, locale))),
        warnings=(),
        blocks=tuple(blocks),
        notes=(*(() if running else (words.of("unit_note"),)), words.of("source_note")),
        decisions=_signatures(words),
    )


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """The document for a program: every table as rows of text."""
    return {
        "title": sheet.title,
        "locale": sheet.locale,
        "tables": {
            block.id: [
                dict(zip(block.heads, (*labels, *(cell.text for cell in cells)), strict=True))
                for labels, cells in block.rows
            ]
            for block in sheet.blocks
        },
    }


def _stages(config: Lifecycle, words: Words) -> Block:
    rows = []
    for stage in config.stages:
        hubspot = config.hubspot.get(stage)
        if stage == "sal" and hubspot is None:
            hubspot = words.of("lead_status", words.either(sorted(config.sal_statuses)))
        salesforce = config.salesforce_status.get(stage)
        lead = words.of("lead_status", salesforce) if salesforce else words.of("none")
        rows.append(((words.stage(stage),), told(hubspot or words.of("none"), lead)))
    return Block("stages", words.of("stages"), (words.of("stage"), "HubSpot", "Salesforce"), tuple(rows))


def _downs(config: Lifecycle, words: Words) -> Block:
    again = words.of("after_days", config.recycle_days)
    rows = (
        ((words.of("recycle"),), told(words.of("back_to_after", words.stage(config.recycle_to), again))),
        ((words.of("opportunity_lost"),), told(words.of("back_to", words.stage(config.lost_to)))),
        ((words.of("customer_churned"),), told(words.of("former", words.stage(config.churned_to)))),
    )
    return Block("downs", words.of("downs"), (words.of("what"), words.of("agreed")), rows)


def _promises(config: Lifecycle, words: Words) -> Block:
    rows = [((words.of(each.id),), told(*_promise(each, words))) for each in config.sla]
    if config.sql_per_quarter is not None:
        none = words.of("none")
        target = words.of("per_quarter", config.sql_per_quarter)
        rows.append(((words.of("by_marketing"),), told(none, none, target, none)))
    heads = tuple(words.of(key) for key in ("promise", "start", "stop", "target", "hears"))
    return Block("sla", words.of("sla"), heads, tuple(rows))


def _promise(sla: Sla, words: Words) -> tuple[str, str, str, str]:
    targets = [
        span(length) if temperature == "*" else f"{words.of(temperature)} {span(length)}"
        for temperature, length in sla.target.items()
    ]
    return (
        words.either(words.what(each) for each in sla.start),
        words.either(words.what(each) for each in sla.stop),
        f"{', '.join(targets)} ({words.of(sla.clock)})",
        words.of(sla.escalate or "none"),
    )


def _signatures(words: Words) -> Block:
    heads = tuple(words.of(key) for key in ("for", "name", "date", "signature"))
    rows = tuple(((words.of(side),), told("", "", "")) for side in ("marketing", "sales"))
    return Block("signatures", words.of("signatures"), heads, rows)
