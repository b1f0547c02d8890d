"""`Crm.associate` for HubSpot: what to send for the wanted additions and removals, and what came of each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.crm.http import Answer, LostAnswer
from connector.crm.hubspot.association_types import primary
from connector.crm.hubspot.associations import Associations, Linked, Pair
from connector.crm.hubspot.names import associated
from connector.crm.hubspot.refusals import refusal
from connector.model import Done, Outcome, Refused, Unknown, Write


def associate(associations: Associations, source: str, writes: Sequence[Write]) -> list[Outcome]:
    """Carry out the writes, one kind of target after the other; a record is done when all of its kinds are.

    Raises:
        SettingsError: an object or a pair of objects is unknown.
        LaterError: nothing was done.
    """
    outcomes: list[Outcome] = [Done(write.id or "") for write in writes]
    for name in dict.fromkeys(name for write in writes for name in write.fields):
        target = associated(name) or name
        part = [index for index, write in enumerate(writes) if name in write.fields]
        came_of = _one_target(
            associations, source, target, [(writes[i].id or "", writes[i].fields[name]) for i in part]
        )
        for index, outcome in zip(part, came_of, strict=True):
            if isinstance(outcomes[index], Done):
                outcomes[index] = outcome
    return outcomes


def _one_target(
    associations: Associations, source: str, target: str, wishes: Sequence[tuple[str, Mapping[str, Sequence[str]]]]
) -> list[Outcome]:
    """Add, then remove where adding went well: a lead without its primary contact would be deleted by HubSpot."""
    try:
        outcomes = _add(associations, source, target, wishes)
        removing = {
            number: wish["remove"]
            for number, wish in wishes
            if wish.get("remove") and isinstance(outcomes[number], Done)
        }
        complaints = _complaints(associations.remove(source, target, removing) if removing else [])
    except LostAnswer:
        return [Unknown("HubSpot's answer was lost") for _ in wishes]
    for number, others in removing.items():
        outcomes[number] = _outcome(number, set(others), None, complaints)
    return [outcomes[number] for number, _ in wishes]


def _add(
    associations: Associations, source: str, target: str, wishes: Sequence[tuple[str, Mapping[str, Sequence[str]]]]
) -> dict[str, Outcome]:
    adding = [number for number, wish in wishes if wish.get("add")]
    there = associations.read(source, target, adding) if adding else {}
    sent = {number: _pairs(associations, source, target, number, wish, there) for number, wish in wishes}
    pairs = [pair for listed in sent.values() for pair in listed]
    answers = associations.add(source, target, pairs) if pairs else []
    complaints = _complaints(answers)
    confirmed = {
        (str(result.get("fromObjectId")), str(result.get("toObjectId")))
        for answer in answers
        if isinstance(answer.body, dict)
        for result in answer.body.get("results") or []
    }
    return {
        number: _outcome(number, {pair.target for pair in listed}, confirmed, complaints)
        for number, listed in sent.items()
    }


def _pairs(
    associations: Associations,
    source: str,
    target: str,
    number: str,
    wish: Mapping[str, Sequence[str]],
    there: Mapping[str, Linked],
) -> list[Pair]:
    """What one record lacks; the first added becomes primary when no remaining one is."""
    first = primary(source, target)
    removed = set(wish.get("remove") or ())
    kept = {other: types for other, types in there.get(number, {}).items() if other not in removed}
    wanted = list(dict.fromkeys(wish.get("add") or ()))
    has_primary = any(first in types for types in kept.values())
    pairs = []
    for place, other in enumerate(wanted):
        types = set(kept.get(other, ()))
        missing = set() if types else {associations.types.default(source, target)}
        if first and place == 0 and not has_primary:
            missing.add(first)
        if missing - types:
            pairs.append(Pair(number, other, frozenset(types | missing)))
    return pairs


@dataclass(frozen=True, slots=True)
class _Complaint:
    """One error: the ids it is about (none: the whole batch), the ids it calls missing, and what follows."""

    about: set[str]
    missing: set[str]
    outcome: Outcome


def _complaints(answers: Sequence[Answer]) -> list[_Complaint]:
    found = []
    for answer in answers:
        body = answer.body if isinstance(answer.body, dict) else {}
        if answer.status >= 400:  # noqa: PLR2004 - errors as HTTP defines them
            found.append(_Complaint(set(), set(), refusal(body)))
        for error in body.get("errors") or []:
            context: Mapping[str, Any] = error.get("context") or {}
            about = {
                str(one) for name, listed in context.items() if name.lower().endswith(("id", "ids")) for one in listed
            }
            words = {word.strip(".,;\"'") for word in str(error.get("message") or "").split()}
            numbers = {word for word in words if word.isdigit()}
            missing = numbers if "NOT_FOUND" in f"{error.get('subCategory')} {error.get('category')}" else set()
            found.append(_Complaint(about | numbers, missing, refusal(error)))
    return found


def _outcome(
    number: str, others: set[str], confirmed: set[tuple[str, str]] | None, complaints: Sequence[_Complaint]
) -> Outcome:
    """What came of one record's part; what the answer confirms is done whatever else it complains about.

    Removals are not confirmed one by one (`confirmed` is None): there silence is consent.
    """
    open_ends = {other for other in others if (number, other) not in (confirmed or ())}
    for complaint in complaints if open_ends else ():
        lost = complaint.missing & open_ends
        if lost and number not in complaint.missing:
            listed = ", ".join(sorted(lost))
            return Refused("TARGET_GONE", f"HubSpot has no record {listed} any more to associate this one with")
        if not complaint.about or number in complaint.about:
            return complaint.outcome
    if open_ends and confirmed is not None:
        return Unknown("HubSpot's answer does not speak of this association")
    return Done(number)
