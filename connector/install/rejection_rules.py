"""The validation rules that make Salesforce itself refuse a rejection without a reason (domain §3.2).

They look only at records that are new or whose status, reason or comment is just being changed: old rejected leads
without a reason can still be edited. Their messages hold the tokens by which `rejection_refusal` knows them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from connector.revops.agreement import Locale
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_refusal import TOKEN_COMMENT, TOKEN_REASON

OBJECT = "Lead"
_REASON_MESSAGES = {
    "de": "Bitte einen Ablehnungsgrund angeben: ohne Grund kann der Lead nicht abgelehnt werden.",
    "en": "Please give a rejection reason: a lead cannot be rejected without one.",
}
_COMMENT_MESSAGES = {
    "de": "Dieser Ablehnungsgrund braucht einen Kommentar ({least} Zeichen oder mehr).",
    "en": "This rejection reason needs a comment ({least} characters or more).",
}


@dataclass(frozen=True, slots=True)
class WantedRule:
    """One validation rule: a record is refused with `message` at `field` when `formula` is true of it."""

    object: str
    name: str
    formula: str
    field: str
    message: str

    @property
    def place(self) -> str:
        """`Lead.RevOps_Rejection_Reason_Required`."""
        return f"{self.object}.{self.name}"


def rule_names(prefix: str) -> tuple[str, str]:
    """The names of both rules, whether they are wanted or not."""
    return f"{prefix}Rejection_Reason_Required", f"{prefix}Rejection_Comment_Required"


def rejection_rules(config: RejectionConfig, prefix: str, locale: Locale) -> tuple[WantedRule, ...]:
    """The rules that enforce reason and comment; none where the rules say that nobody asks."""
    statuses = sorted(config.statuses.get("salesforce", ()))
    if config.enforcement.salesforce == "off" or not statuses:
        return ()
    reason, comment = f"{prefix}Rejection_Reason__c", f"{prefix}Rejection_Comment__c"
    reason_rule, comment_rule = rule_names(prefix)
    rejected = _any(f"ISPICKVAL(Status, {_text(each)})" for each in statuses)
    start = _since(config.enforcement.enforce_from)
    found = [
        WantedRule(
            OBJECT,
            reason_rule,
            _all([*start, rejected, f"ISBLANK(TEXT({reason}))", _now_changing("Status", reason)]),
            reason,
            f"{_REASON_MESSAGES[locale]} {TOKEN_REASON}",
        )
    ]
    short = _any(_too_short(config, reason, comment))
    if short:
        least = min(each.comment for each in config.reasons if each.comment)
        found.append(
            WantedRule(
                OBJECT,
                comment_rule,
                _all([*start, rejected, short, _now_changing("Status", reason, comment)]),
                comment,
                f"{_COMMENT_MESSAGES[locale].format(least=least)} {TOKEN_COMMENT}",
            )
        )
    return tuple(found)


def _too_short(config: RejectionConfig, reason: str, comment: str) -> Iterator[str]:
    """One condition for each length that some reasons ask of the comment."""
    asking = sorted((each for each in config.reasons if each.comment), key=lambda each: (each.comment, each.code))
    for least, reasons in groupby(asking, key=lambda each: each.comment):
        chosen = _any(f"ISPICKVAL({reason}, {_text(each.code)})" for each in reasons)
        yield f"AND({chosen}, LEN({comment}) < {least})"


def _now_changing(*fields: str) -> str:
    return f"OR(ISNEW(), {', '.join(f'ISCHANGED({each})' for each in fields)})"


def _since(day: date | None) -> list[str]:
    return [f"TODAY() >= DATE({day.year}, {day.month}, {day.day})"] if day else []


def _any(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    return f"OR({', '.join(listed)})" if len(listed) > 1 else "".join(listed)


def _all(conditions: Iterable[str]) -> str:
    return "AND(\n  " + ",\n  ".join(conditions) + "\n)"


def _text(word: str) -> str:
    """A text in a formula; quotes and backslashes are escaped with a backslash."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
