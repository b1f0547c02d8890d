"""Finding counterparts in the mirror: by stamp, by what a lead conversion told, by the mapping's keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from connector.core.match import Candidate, Found, Match, Twins, match
from connector.engine.seams import Work
from connector.engine.shape import Shapes
from connector.model import ObjectMapping, Side, opposite
from connector.state.records import Seen


class Finder:
    """Finds counterparts for a chunk of unlinked records with few queries, and remembers who is taken.

    It asks the mirror once per key; `core/match` decides.
    """

    def __init__(
        self, work: Work, shapes: Shapes, mapping: ObjectMapping, side: Side, chunk: Sequence[Seen], plan: str
    ) -> None:
        self._work, self._shapes, self._mapping, self._side = work, shapes, mapping, side
        self._other = opposite(side)
        self._keys = {
            seen.id: list(shapes.of(mapping.object, side, seen.vendor_object).key_values(seen.fields)) for seen in chunk
        }
        self._stamps = {seen.id: seen.fields.get(mapping.stamps[side]) for seen in chunk}
        wanted: dict[str, set[str]] = {}
        for keys in self._keys.values():
            for each, value in keys:
                wanted.setdefault(each.name, set()).add(value)
        object_ = mapping.object
        self._others = {name: self._candidates(self._other, name, values) for name, values in wanted.items()}
        self._own = {name: self._candidates(side, name, values) for name, values in wanted.items()}
        self._stamped = self._candidates(self._other, "stamp", [seen.id for seen in chunk])
        hints = work.store.links.hints(object_)
        addresses = {value for keys in self._keys.values() for each, value in keys if each.type == "email"}
        self._buried = work.store.tombstones.buried(addresses)
        self._former = work.store.links.former(side, [seen.id for seen in chunk], object_)
        self._hints = hints if side == "salesforce" else {hubspot: salesforce for salesforce, hubspot in hints.items()}
        ids = {each.id for found in self._others.values() for group in found.values() for each in group}
        ids.update(each.id for group in self._stamped.values() for each in group)
        ids.update(str(stamp) for stamp in self._stamps.values() if stamp)
        self._seen = work.store.mirror.many(self._other, sorted(ids), object_)
        self._proposed: dict[Side, set[str]] = {
            side: set(work.store.plans.proposed(plan, object_, side, [seen.id for seen in chunk])),
            self._other: set(work.store.plans.proposed(plan, object_, self._other, sorted(ids))),
        }

    def _candidates(self, side: Side, key: str, values: Collection[str]) -> dict[str, list[Candidate]]:
        found = self._work.store.mirror.candidates(self._mapping.object, side, key, values)
        return {value: [Candidate(*each) for each in group] for value, group in found.items()}

    def taken(self, side: Side, record: str) -> bool:
        """Whether this plan links the record already."""
        return record in self._proposed[side]

    def take(self, own: str, other: str) -> None:
        """Remember a pair."""
        self._proposed[self._side].add(own)
        self._proposed[self._other].add(other)

    def find(self, record: str) -> Match:
        """The counterpart of a record: by stamp, by hint of a lead conversion, by the mapping's keys."""
        known = self._by_stamp(record) or self._by_hint(record)
        if isinstance(known, Candidate):
            return Found(known, "stamp")
        if known:
            return known
        return match(
            record,
            self._keys[record],
            lambda name, value: self._free(self._other, self._others.get(name, {}).get(value, ())),
            lambda name, value: self._own.get(name, {}).get(value, ()),
            self._key_values,
        )

    def erased(self, record: str) -> bool:
        """Whether a person with this record's address was erased before."""
        return any(value in self._buried for _, value in self._keys[record])

    def seen(self, record: str) -> Seen:
        """A record of the other side."""
        if record not in self._seen:
            self._seen.update(self._work.store.mirror.many(self._other, [record], self._mapping.object))
        return self._seen[record]

    def candidates(self) -> list[Seen]:
        """Every record of the other side that shares something with the chunk."""
        return list(self._seen.values())

    def _free(self, side: Side, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Candidates; one that this plan links to another record counts as linked."""
        return [
            Candidate(each.id, each.vendor_object, each.link or ("planned" if self.taken(side, each.id) else None))
            for each in candidates
        ]

    def _by_stamp(self, record: str) -> Candidate | Twins | None:
        """Who carries our id, whose id we carry, and who we were linked to before a merge, where they are now.

        Stamps survive lost state. One that leads to a record which is linked to somebody else says that two
        records on this side are the same: a person has to merge them.
        """
        carriers = [each.id for each in self._stamped.get(record, ())]
        carried = [str(stamp)] if (stamp := self._stamps.get(record)) else []
        store, object_ = self._work.store, self._mapping.object
        now = dict.fromkeys(
            store.links.resolve(self._other, each, object_)
            for each in (*carriers, *carried, *self._former.get(record, ()))
        )
        found = store.mirror.many(self._other, list(now), object_) if now else {}
        free = [each for each in found.values() if not each.link and not self.taken(self._other, each.id)]
        if free:
            return Candidate(free[0].id, free[0].vendor_object, None)
        if found:
            return Twins("stamp", (record,), tuple(sorted(found)), taken=True)
        # Its counterpart was merged away, and what it was merged into is gone: a person has ended this pair.
        lost = self._former.get(record)
        return Twins("merge", (record,), tuple(sorted(lost)), taken=True) if lost else None

    def _by_hint(self, record: str) -> Candidate | None:
        """A company whose counterpart was born when a linked lead was converted, if no key says otherwise."""
        counterpart = self._hints.get(record)
        if counterpart is None:
            return None
        found = self._work.store.mirror.get(self._other, counterpart, self._mapping.object)
        if found is None or found.link or self.taken(self._other, found.id):
            return None
        theirs = self._key_values(found.id)
        if any(theirs.get(field.name, value) != value for field, value in self._keys[record]):
            return None
        return Candidate(found.id, found.vendor_object, None)

    def _key_values(self, record: str) -> dict[str, str]:
        seen = self.seen(record)
        shape = self._shapes.of(self._mapping.object, self._other, seen.vendor_object)
        return {each.name: value for each, value in shape.key_values(seen.fields)}
