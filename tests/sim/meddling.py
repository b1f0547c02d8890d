"""People at work while the connector runs: every word it is about to write or to carry is contradicted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from boundary import HOME
from crm import SimCrm
from fields import Spec
from replay import Meddling, Rehearsal
from stage import Stage
from truth import Truth

from connector.model import Side, opposite


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody writes into one field."""

    side: Side
    record: str
    field: str
    value: Any


def words(stage: Stage, rehearsal: Rehearsal) -> list[Word]:
    """For every value that the rehearsed run wrote: another one, on the side it went to and where it came from."""
    truth = Truth(stage.world, stage.project.mappings)
    places: dict[tuple[Side, str, str], Word] = {}
    for entry in rehearsal.ours:
        row = truth.row(entry.side, entry.record)
        line = truth.field_of(row, entry.field) if row else None
        if row is not None:
            _add(places, stage, row.side, row.id, entry.field)
        mapping = truth.mappings_of_object(entry.vendor_object, entry.side)
        line = line or next(
            (each for each in mapping if each.vendor_name(entry.side, entry.vendor_object) == entry.field), None
        )
        for other in truth.rows():
            theirs = truth.mapping(other)
            if line is None or theirs is None or line not in theirs.fields or other.side != opposite(entry.side):
                continue
            name = line.vendor_name(other.side, other.vendor_object)
            if name and truth.active(other):
                _add(places, stage, other.side, other.id, name)
    return list(places.values())


def _add(places: dict[tuple[Side, str, str], Word], stage: Stage, side: Side, record: str, name: str) -> None:
    crm = stage.world.crms[side]
    row = crm.rows[record]
    value = _other_value(crm, name, crm.specs(row.vendor_object)[name])
    if value is not None:
        places.setdefault((side, record, name), Word(side, record, name, value))


def _other_value(crm: SimCrm, name: str, spec: Spec) -> Any:
    """A value that nobody has used yet; None for fields that identify or refer."""
    if name in ("domain", "Website"):
        return "elsewhere.example"
    if spec.kind == "text":
        return "Word of a person"
    if spec.kind == "number":
        return "4711" if crm.side == "hubspot" else 4711
    if spec.kind == "date":
        return "2027-01-31"
    if spec.kind == "owner":
        return crm.owner("cid")
    return spec.options[-1] if spec.options else None


def moments(rehearsal: Rehearsal) -> list[int]:
    """The boundaries ahead of which an edit makes a difference: calls to a CRM, since nobody sees our commits."""
    return [at for at, name in enumerate(rehearsal.boundaries, 1) if name not in HOME]


def speak(word: Word, at: int) -> Meddling:
    """Somebody writes one word ahead of boundary `at`."""

    def meddling(stage: Stage) -> Callable[[int], None]:
        def before(number: int) -> None:
            row = stage.world.crms[word.side].rows[word.record]
            if number == at:
                stage.people.edit(row, **{word.field: word.value})

        return before

    return meddling


def chatter(random: Random, share: float) -> Meddling:
    """Everybody edits whatever they like, ahead of a share of the boundaries."""

    def meddling(stage: Stage) -> Callable[[int], None]:
        def before(_number: int) -> None:
            if random.random() < share:
                stage.people.meddle(random)

        return before

    return meddling
