"""The three-way merge of one linked pair: which side lacks what, and where both sides disagree.

It decides field by field from the base and both sides' canonical values (design §6). It does not read,
write, order or apply anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connector.model import SIDES, Base, Change, Conflict, Field, Side, Value, Values, opposite

UNKNOWN = "\x00unknown"
"""A base value that equals nothing: what a side last agreed to is not known, so both sides count as changed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A person's answer to a conflict, good for exactly the two values that were shown."""

    side: Side
    hubspot: Value
    salesforce: Value


@dataclass(frozen=True, slots=True)
class Times:
    """When each side last changed a field, by its own vendor's clock; ISO 8601 UTC, None where unknown."""

    hubspot: str | None
    salesforce: str | None


@dataclass(slots=True)
class Merged:
    """What the merge of a pair found.

    `writes` are the changes each side needs, `moves` the fields whose base moves without a write (the new
    HubSpot and Salesforce value), `undated` the `newest` conflicts that need `Times` to be decided.
    """

    writes: dict[Side, list[Change]] = field(default_factory=lambda: {side: [] for side in SIDES})
    conflicts: list[Conflict] = field(default_factory=list)
    moves: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    drifts: list[str] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be written, moved or asked."""
        return not (self.moves or self.conflicts or any(self.writes.values()))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the merge needs besides values: `first_link` of the mapping, choices made, times known."""

    first_link: str = "ask"
    choices: Mapping[str, Choice] = field(default_factory=dict)
    times: Mapping[str, Times] | None = None


def merge(
    fields: Sequence[Field],
    base: Base | None,
    hubspot: Values,
    salesforce: Values,
    policy: Policy,
    skip: Collection[str] = (),
) -> Merged:
    """Compare both sides with the base, for the `fields` that exist on both.

    Args:
        fields: the mapping's fields that both records have.
        base: what each side held when nothing was left to do; None when the pair is linked for the first time.
        hubspot: canonical values, empty ones left out.
        salesforce: likewise.
        policy: how disagreements are decided.
        skip: fields that cannot be judged now (a reference to something not linked yet, an unreadable value).
    """
    merged = Merged()
    for each in fields:
        if each.name in skip:
            continue
        ours, theirs = hubspot.get(each.name), salesforce.get(each.name)
        if base is None:
            _first(merged, each, ours, theirs, policy)
        else:
            _again(merged, each, base, ours, theirs, policy)
    return merged


def _again(merged: Merged, field_: Field, base: Base, hubspot: Value, salesforce: Value, policy: Policy) -> None:
    """One field of a pair that was linked before: the table of design §6."""
    was_hubspot, was_salesforce = base.hubspot.get(field_.name), base.salesforce.get(field_.name)
    hubspot_moved, salesforce_moved = hubspot != was_hubspot, salesforce != was_salesforce
    if not (hubspot_moved or salesforce_moved):
        return
    if hubspot == salesforce:
        merged.moves[field_.name] = (hubspot, salesforce)
    elif hubspot_moved and salesforce_moved:
        before = was_hubspot if was_hubspot is not None else was_salesforce
        before = None if before == UNKNOWN else before
        # Two values that never agreed on anything are still strangers, however long the pair is linked.
        winner = policy.first_link if before is None else field_.winner
        _disagree(merged, field_, before, hubspot, salesforce, winner, policy)
    elif hubspot_moved:
        _follow(merged, field_, "hubspot", hubspot, salesforce)
    else:
        _follow(merged, field_, "salesforce", hubspot, salesforce)


def _first(merged: Merged, field_: Field, hubspot: Value, salesforce: Value, policy: Policy) -> None:
    """One field of a pair that meets for the first time: equal is adopted, empty is filled, different is asked."""
    if hubspot == salesforce:
        if hubspot is not None:
            merged.moves[field_.name] = (hubspot, salesforce)
    elif hubspot is not None and salesforce is not None:
        _disagree(merged, field_, None, hubspot, salesforce, policy.first_link, policy)
    else:
        filled: Side = "hubspot" if hubspot is not None else "salesforce"
        empty = opposite(filled)
        if field_.flows_to(empty):
            after = hubspot if filled == "hubspot" else salesforce
            merged.writes[empty].append(Change(field_.name, None, after, f"first link: empty in {empty}"))
        else:
            merged.moves[field_.name] = (hubspot, salesforce)


def _follow(merged: Merged, field_: Field, moved: Side, hubspot: Value, salesforce: Value) -> None:
    """Only `moved` changed: the other side follows, unless the direction or `blank` says otherwise."""
    value, other = (hubspot, salesforce) if moved == "hubspot" else (salesforce, hubspot)
    target = opposite(moved)
    if not field_.flows_to(target):
        merged.drifts.append(field_.name)
        if field_.drift == "restore":
            merged.writes[moved].append(
                Change(field_.name, value, other, f"drift restored: field goes to {moved} only")
            )
        else:
            merged.moves[field_.name] = (hubspot, salesforce)
    elif value is None and field_.blank == "keep":
        merged.moves[field_.name] = (hubspot, salesforce)
    else:
        merged.writes[target].append(Change(field_.name, other, value, f"{moved} changed"))


def _disagree(
    merged: Merged, field_: Field, base: Value, hubspot: Value, salesforce: Value, winner: str, policy: Policy
) -> None:
    """Both sides hold something else: decide, write to the loser, and keep both values in the conflict."""
    decided, because = _decide(field_, hubspot, salesforce, winner, policy)
    if because == _UNDATED:
        merged.undated.append(field_.name)
    merged.conflicts.append(Conflict(field_.name, base, hubspot, salesforce, decided, because))
    if decided is None:
        return
    loser = opposite(decided)
    value, lost = (hubspot, salesforce) if decided == "hubspot" else (salesforce, hubspot)
    merged.writes[loser].append(Change(field_.name, lost, value, because))


_UNDATED = "newest: times not read yet"


def _decide(field_: Field, hubspot: Value, salesforce: Value, winner: str, policy: Policy) -> tuple[Side | None, str]:
    """The side whose value stands, and the words for it."""
    choice = policy.choices.get(field_.name)
    if choice and (choice.hubspot, choice.salesforce) == (hubspot, salesforce):
        return choice.side, f"conflict resolved: {choice.side}"
    if field_.to != "both":
        source = opposite(field_.to)
        return source, f"direction: the field goes to {field_.to} only"
    if field_.blank == "keep" and (hubspot is None or salesforce is None):
        kept: Side = "salesforce" if hubspot is None else "hubspot"
        return kept, f"blank: keep, {opposite(kept)} was emptied"
    if winner == "newest":
        return _newest(field_, policy.times)
    if winner == "hubspot":
        return "hubspot", "winner: hubspot"
    if winner == "salesforce":
        return "salesforce", "winner: salesforce"
    return None, "winner: ask"


def _newest(field_: Field, times: Mapping[str, Times] | None) -> tuple[Side | None, str]:
    if times is None:
        return None, _UNDATED
    known = times.get(field_.name)
    if known is None or known.hubspot is None or known.salesforce is None:
        return None, "newest: a side gives no time for this field"
    compared = f"hubspot {known.hubspot}, salesforce {known.salesforce}"
    # Vendors stamp to the second or to the millisecond: equal to the second is no order at all.
    if known.hubspot[:19] == known.salesforce[:19]:
        return None, f"newest: same second ({compared})"
    return ("hubspot" if known.hubspot[:19] > known.salesforce[:19] else "salesforce"), f"newest: {compared}"
