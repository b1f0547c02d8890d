"""Which record of the other side is the same person, company or deal as one that has no link yet.

It decides from stamps and keys; it never guesses between two. Following merges and conversions of records
that are linked already is the engine's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.model import Field


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the other side that shares a key; `link` when it is linked to another record already."""

    id: str
    vendor_object: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one record of the other side fits."""

    candidate: Candidate
    by: str


@dataclass(frozen=True, slots=True)
class Twins:
    """Several records fit, on either side: a person must merge or tell them apart."""

    by: str
    own: tuple[str, ...]
    other: tuple[str, ...]
    taken: bool = False


@dataclass(frozen=True, slots=True)
class New:
    """Nothing on the other side fits."""


Match = Found | Twins | New

# Only these name one person or one company in the world; a name or an amount may well occur twice.
_IDENTITIES = frozenset({"email", "domain"})


def match(
    record: str,
    keys: Sequence[tuple[Field, str]],
    others: Callable[[str, str], Sequence[Candidate]],
    own: Callable[[str, str], Sequence[Candidate]],
    key_values: Callable[[str], Mapping[str, str]],
) -> Match:
    """Find the counterpart of `record`.

    Args:
        record: the id of the unlinked record.
        keys: its key fields and canonical values, strongest first, empty ones left out.
        others: candidates of the other side by key name and value.
        own: records of the same side by key name and value, `record` included.
        key_values: the canonical key values of a candidate of the other side.
    """
    strongest = True
    for field, value in keys:
        candidates = others(field.name, value)
        twins = [each for each in own(field.name, value) if each.id != record]
        if field.type in _IDENTITIES:
            verdict = _by_identity(record, field.name, candidates, twins)
        else:
            stronger = dict(_before(keys, field))
            verdict = _by_likeness(record, field.name, candidates, twins, stronger, key_values)
        if verdict is not None:
            return verdict
        if strongest and field.type in _IDENTITIES and twins:
            return Twins(field.name, _ids(record, twins), ())
        strongest = False
    return New()


def _by_identity(record: str, key: str, candidates: Sequence[Candidate], twins: Sequence[Candidate]) -> Match | None:
    """An e-mail address or a domain: a linked record with the same one is a duplicate, too."""
    if not candidates:
        return None
    if len(candidates) == 1 and not twins and candidates[0].link is None:
        return Found(candidates[0], key)
    taken = any(each.link for each in candidates)
    return Twins(key, _ids(record, twins), tuple(sorted(each.id for each in candidates)), taken)


def _by_likeness(
    record: str,
    key: str,
    candidates: Sequence[Candidate],
    twins: Sequence[Candidate],
    stronger: Mapping[str, str],
    key_values: Callable[[str], Mapping[str, str]],
) -> Match | None:
    """A name: linked records have found theirs, and a different stronger key means another company."""
    free = [each for each in candidates if each.link is None]
    free = [each for each in free if not _contradicts(stronger, key_values(each.id))]
    if not free:
        return None
    rivals = [each for each in twins if each.link is None]
    if len(free) == 1 and not rivals:
        return Found(free[0], key)
    return Twins(key, _ids(record, rivals), tuple(sorted(each.id for each in free)))


def _contradicts(stronger: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    return any(key in theirs and theirs[key] != value for key, value in stronger.items())


def _before(keys: Sequence[tuple[Field, str]], field: Field) -> list[tuple[str, str]]:
    names = [each.name for each, _ in keys]
    return [(each.name, value) for each, value in keys[: names.index(field.name)]]


def _ids(record: str, twins: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(sorted({record, *(each.id for each in twins)}))
