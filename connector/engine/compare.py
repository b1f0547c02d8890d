"""Planning: every record that is not processed yet is matched, merged and turned into actions.

Nothing is written to a CRM here. A record with nothing to do is marked as processed at once; all others stay
unprocessed until their actions are done, so that a plan that is never applied loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.core.condition import fits
from connector.core.match import New, Twins
from connector.core.merge import Choice, Merged, Policy, merge
from connector.core.plan import ORDER, STAMP, WITH_COLUMNS, Counts, identified, split
from connector.engine.actions import Judged, adopt_action, hold_action, hold_actions, twins_action, write_actions
from connector.engine.find import Finder
from connector.engine.newest import times_of
from connector.engine.people import Owners
from connector.engine.references import References
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.model import (
    SIDES,
    Action,
    Base,
    Change,
    Condition,
    Link,
    ObjectMapping,
    Side,
    Value,
    opposite,
)
from connector.state.records import Seen


@dataclass(slots=True)
class Planner:
    """Makes one plan; `counts` grow as actions are added."""

    work: Work
    shapes: Shapes
    owners: Owners
    plan: str
    upto: int
    counts: Counts = field(default_factory=Counts)
    ask: bool = False  # decide nothing by policy: a rebuild only asks
    _filled_in: dict[Shape, dict[str, str]] = field(default_factory=dict)
    _required: dict[Shape, dict[str, str]] = field(default_factory=dict)

    def make(self) -> None:
        """Plan every object in the order in which they refer to each other."""
        mappings = {mapping.object: mapping for mapping in self.work.project.mappings}
        for object_ in ORDER:
            if object_ in mappings:
                self._pairs(mappings[object_])
                for side in SIDES:
                    self._unlinked(mappings[object_], side)

    # --- linked records ------------------------------------------------------------------------------

    def _pairs(self, mapping: ObjectMapping) -> None:
        for chunk in self.work.store.mirror.dirty_pairs(mapping.object, self.upto):
            self.work.breathe()
            references = self._references([seen for _, *both in chunk for seen in both if seen])
            links = [link.id for link, _, _ in chunk]
            choices, open_ = self._choices(links), self.work.store.conflicts.open_of(links)
            actions: list[Action] = []
            quiet: list[Seen] = []
            for link, hubspot, salesforce in chunk:
                if hubspot is None or salesforce is None:
                    found = self._half_gone(mapping, link, hubspot, salesforce)
                else:
                    both = self._judge(mapping, hubspot, references), self._judge(mapping, salesforce, references)
                    found = self._pair(mapping, link, both, choices.get(link.id, {}), asked=link.id in open_)
                if found:
                    actions.extend(found)
                else:
                    self.counts.noop += 1
                    quiet.extend(seen for seen in (hubspot, salesforce) if seen)
            self._add(mapping.object, actions, quiet)

    def _choices(self, links: Sequence[str]) -> dict[str, dict[str, Choice]]:
        """The answers of people that are not carried out yet, by link and field."""
        return {
            link: {name: Choice(*answer) for name, answer in fields.items()}
            for link, fields in self.work.store.conflicts.choices(links).items()
        }

    def _pair(
        self,
        mapping: ObjectMapping,
        link: Link,
        both: tuple[Judged, Judged],
        choices: Mapping[str, Choice],
        *,
        asked: bool,
    ) -> list[Action]:
        """The actions that bring one linked pair into step."""
        hubspot, salesforce = both
        if not all(self._takes_part(mapping, judged) for judged in both):
            self.counts.filtered += 1
            return []
        merged = self._merge(link.base, hubspot, salesforce, self._policy(mapping, choices))
        held = self._settle_owners(mapping, link.id, hubspot, salesforce, merged)
        self.counts.drifts += len(merged.drifts)
        actions = write_actions(mapping, link.id, {"hubspot": hubspot, "salesforce": salesforce}, merged.writes)
        if merged.moves or merged.conflicts or asked:
            actions.append(adopt_action(mapping, link.id, merged))
        return [*actions, *held, *hold_actions(mapping, link.id, hubspot), *hold_actions(mapping, link.id, salesforce)]

    def _policy(self, mapping: ObjectMapping, choices: Mapping[str, Choice]) -> Policy:
        return Policy("ask" if self.ask else mapping.first_link, choices)

    def _merge(self, base: Base | None, hubspot: Judged, salesforce: Judged, policy: Policy) -> Merged:
        """Merge, and once more with the times of change where `newest` has to know them."""
        shared = [each for each in hubspot.shape.merged if each.name in salesforce.shape.by_name]
        skip = hubspot.unsure | salesforce.unsure
        merged = merge(shared, base, hubspot.values, salesforce.values, policy, skip)
        if merged.undated:
            times = times_of(self.work, hubspot.shape, hubspot.seen, salesforce.seen, merged.undated)
            policy = Policy(policy.first_link, policy.choices, times)
            merged = merge(shared, base, hubspot.values, salesforce.values, policy, skip)
        return merged

    def _half_gone(
        self, mapping: ObjectMapping, link: Link, hubspot: Seen | None, salesforce: Seen | None
    ) -> list[Action]:
        """One side was deleted: by default nothing follows, with `delete: archive` the other side is archived."""
        left = hubspot or salesforce
        if left is None or mapping.delete != "archive":
            return []
        return [
            Action(
                "", "archive", mapping.object, link.id, left.side, left.vendor_object, left.id,
                reason=f"deleted in {opposite(left.side)}; delete: archive",
            )
        ]  # fmt: skip

    # --- unlinked records ----------------------------------------------------------------------------

    def _unlinked(self, mapping: ObjectMapping, side: Side) -> None:
        for chunk in self.work.store.mirror.dirty_unlinked(mapping.object, side, self.upto):
            self.work.breathe()
            self._newcomers(mapping, side, chunk)

    def _newcomers(self, mapping: ObjectMapping, side: Side, chunk: Sequence[Seen]) -> list[str]:
        """Plan unlinked records; gives the ids of those that something has to be done for."""
        finder = Finder(self.work, self.shapes, mapping, side, chunk, self.plan)
        references = self._references([*chunk, *finder.candidates()])
        actions: list[Action] = []
        quiet: list[Seen] = []
        busy: list[str] = []
        for seen in chunk:
            if finder.taken(side, seen.id):
                continue
            judged = self._judge(mapping, seen, references)
            found = self._newcomer(mapping, judged, finder, references)
            actions.extend(found)
            if found:
                busy.append(seen.id)
            else:
                quiet.append(seen)
        self._add(mapping.object, actions, quiet)
        return busy

    def reconsider(self, object_: str, side: Side, chunk: Sequence[Seen]) -> None:
        """Look again at unlinked records as the rules are about to change them: a rule may create counterparts now."""
        mapping = next(each for each in self.work.project.mappings if each.object == object_)
        filtered = self.counts.filtered
        # Without the rules they needed nothing and count as processed: now they wait until their actions are done.
        self.work.store.mirror.reopen(side, self._newcomers(mapping, side, chunk), self.upto, object_)
        self.counts.filtered = filtered

    def _newcomer(self, mapping: ObjectMapping, judged: Judged, finder: Finder, references: References) -> list[Action]:
        """The actions for a record that has no link: adopt its counterpart, create one, or hold it."""
        if not self._takes_part(mapping, judged):
            self.counts.filtered += 1
            return []
        if finder.erased(judged.seen.id):
            words = "a person with this address was erased in the other CRM: revloop does not bring them back"
            return [hold_action(mapping, "", judged.seen, "ERASED", words)]
        verdict = finder.find(judged.seen.id)
        if isinstance(verdict, Twins):
            return [twins_action(mapping, judged, verdict)]
        if isinstance(verdict, New):
            return self._create(mapping, judged)
        other = finder.seen(verdict.candidate.id)
        finder.take(judged.seen.id, other.id)
        theirs = self._judge(mapping, other, references)
        both = (judged, theirs) if judged.seen.side == "hubspot" else (theirs, judged)
        return self._meet(mapping, *both, by=verdict.by)

    def _meet(self, mapping: ObjectMapping, hubspot: Judged, salesforce: Judged, by: str) -> list[Action]:
        """Link two existing records: the base begins where they agree, and Salesforce gets the stamp."""
        link = link_id(mapping.object, "hubspot", hubspot.seen.id)
        merged = self._merge(None, hubspot, salesforce, self._policy(mapping, {}))
        held = self._settle_owners(mapping, link, hubspot, salesforce, merged)
        before = salesforce.seen.fields.get(mapping.stamps["salesforce"])
        if before != hubspot.seen.id and hubspot.seen.fields.get(mapping.stamps["hubspot"]) != salesforce.seen.id:
            merged.writes["salesforce"].insert(0, Change(STAMP, before, hubspot.seen.id, "the pair's stamp"))
        adopt = adopt_action(mapping, link, merged, hubspot.seen.id, salesforce.seen, f"same {by}")
        writes = write_actions(mapping, link, {"hubspot": hubspot, "salesforce": salesforce}, merged.writes)
        return [
            adopt, *writes, *held, *hold_actions(mapping, link, hubspot), *hold_actions(mapping, link, salesforce),
        ]  # fmt: skip

    def _create(self, mapping: ObjectMapping, judged: Judged) -> list[Action]:
        """Create the counterpart where the first fitting rule says so."""
        side = judged.seen.side
        target = opposite(side)
        rules = mapping.create[target]
        fitting = [rule for rule in rules if self._fits(mapping, rule.when, judged)]
        if not fitting:
            self.counts.filtered += 1
            return []
        shape = self.shapes.of(mapping.object, target, fitting[0].vendor_object)
        link = link_id(mapping.object, side, judged.seen.id)
        changes = [
            Change(each.name, None, judged.values[each.name], f"created from {side}")
            for each in shape.merged
            if each.name in judged.values and each.flows_to(target)
        ]
        held: list[Action] = hold_actions(mapping, link, judged)
        changes = self._known_owners(mapping, link, judged, shape, changes, held)
        missing = self._missing_required(shape, changes)
        if missing:
            return [
                hold_action(
                    mapping, link, judged.seen, "REQUIRED",
                    f"{target} {shape.vendor_object} needs {', '.join(missing)}, and this record has no value for it",
                )
            ]  # fmt: skip
        columns, associated = split(changes, shape.associated)
        base = self._create_base(judged, shape, columns)
        create = Action(
            "",
            "create",
            mapping.object,
            link,
            target,
            shape.vendor_object,
            None,
            judged.seen.id,
            tuple(columns),
            (),
            base,
        )
        actions = [create]
        if associated:
            actions.append(
                Action(
                    "", "associate", mapping.object, link, target, shape.vendor_object, None,
                    changes=tuple(associated), reason=WITH_COLUMNS,
                )
            )  # fmt: skip
        return [*actions, *held]

    def _create_base(self, judged: Judged, shape: Shape, columns: Sequence[Change]) -> Base:
        """What both sides will hold: the source's values, and on the new side what we write or the CRM fills in."""
        written: dict[str, Value] = {change.field: change.after for change in columns}
        # What should have gone along and could not (an owner without counterpart) counts as not yet told.
        due = {each.name for each in shape.fields if each.flows_to(shape.side)} - set(written)
        source = {name: value for name, value in judged.values.items() if name not in due | judged.unsure}
        for name, value in self._defaults(shape).items():
            written.setdefault(name, value)
        ours = judged.seen.side == "hubspot"
        return Base(source, written) if ours else Base(written, source)

    def _defaults(self, shape: Shape) -> dict[str, str]:
        """Canonical values that the CRM fills in on create where we say nothing, from its own description."""
        if shape not in self._filled_in:
            described = self.work.crms[shape.side].describe(shape.vendor_object)
            raw = {
                name: described[name].default
                for name in (shape.vendor_name(each) for each in shape.fields)
                if name in described and described[name].default is not None
            }
            values, _, _ = shape.canonical(raw, lambda _field, side, record: self.owners.address(side, record))
            self._filled_in[shape] = values
        return self._filled_in[shape]

    def _missing_required(self, shape: Shape, changes: Sequence[Change]) -> list[str]:
        """The vendor's names of mapped fields that the CRM insists on and that the changes do not give."""
        if shape not in self._required:
            described = self.work.crms[shape.side].describe(shape.vendor_object)
            names = {each.name: shape.vendor_name(each) for each in shape.fields}
            self._required[shape] = {
                name: column for name, column in names.items() if column in described and described[column].required
            }
        required = self._required[shape]
        if not required:
            return []
        given = {change.field for change in changes}
        return sorted(column for name, column in required.items() if name not in given)

    # --- shared parts --------------------------------------------------------------------------------

    def _judge(self, mapping: ObjectMapping, seen: Seen, references: References) -> Judged:
        shape = self.shapes.of(mapping.object, seen.side, seen.vendor_object)
        values, problems, waiting = shape.canonical(seen.fields, references.resolve)
        return Judged(seen, shape, values, problems, waiting)

    def _references(self, records: Sequence[Seen]) -> References:
        return References(self.work.store, self.shapes, self.owners, self.plan, records)

    def _takes_part(self, mapping: ObjectMapping, judged: Judged) -> bool:
        return self._fits(mapping, mapping.sync[judged.seen.side], judged)

    @staticmethod
    def _fits(mapping: ObjectMapping, condition: Condition, judged: Judged) -> bool:
        mapped = {field.name for field in mapping.fields}
        return fits(condition, judged.values, judged.seen.fields, judged.waiting, mapped)

    def _settle_owners(
        self, mapping: ObjectMapping, link: str, hubspot: Judged, salesforce: Judged, merged: Merged
    ) -> list[Action]:
        """Take out owner changes that the target cannot hold, and hold the field instead."""
        held: list[Action] = []
        for side, source, target in (("hubspot", salesforce, hubspot), ("salesforce", hubspot, salesforce)):
            assert side in SIDES
            merged.writes[side] = self._known_owners(mapping, link, source, target.shape, merged.writes[side], held)
        return held

    def _known_owners(
        self,
        mapping: ObjectMapping,
        link: str,
        source: Judged,
        target: Shape,
        changes: Sequence[Change],
        held: list[Action],
    ) -> list[Change]:
        """The changes without owners that have no active counterpart; those are added to `held`."""
        kept = []
        for change in changes:
            each = target.by_name.get(change.field)
            owner = change.after if each is not None and each.type == "owner" else None
            if owner is None or self.owners.id(target.side, owner):
                kept.append(change)
            else:
                words = f"{change.field}: the owner has no active user with the same e-mail address in {target.side}"
                held.append(hold_action(mapping, link, source.seen, "OWNER", words))
        return kept

    def _add(self, object_: str, actions: Sequence[Action], quiet: Sequence[Seen]) -> None:
        """Store a chunk's actions, and mark what needs nothing as processed."""
        store = self.work.store
        finished = [identified(action) for action in actions]
        for action in finished:
            self.counts.add(action)
        with store.transaction():
            store.plans.add(self.plan, finished)
            for side in SIDES:
                ids = [seen.id for seen in quiet if seen.side == side]
                store.mirror.clean(side, ids, self.upto, object_)
        done = sum(1 for _ in finished)
        self.work.seams.progress("plan", done, None)


def link_id(object_: str, side: Side, record: str) -> str:
    """A link's id names the record it began with, so that planning twice proposes the same link."""
    return f"{object_}:{side}:{record}"
