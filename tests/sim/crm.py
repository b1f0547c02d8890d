"""What both simulated CRMs answer in the same way, behind the port.

`hubspot_crm` and `salesforce_crm` add what the vendors do differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deeds import Deeds
from fields import CUSTOM
from world import OWNERS, Author, Pages, Row, World

from connector.crm.port import Query, Room, ValueChange, WriteKind
from connector.model import Account, Done, FieldInfo, Gone, Later, Outcome, Owner, Record, Refused, Side, Usage, Write

Rule = Callable[[Row | None, str, Mapping[str, Any]], Refused | None]
"""An admin's validation rule: the row (None for a new one), its object, the values to be written."""


def no_rule(_row: Row | None, _vendor_object: str, _fields: Mapping[str, Any]) -> Refused | None:
    """Everything may be written."""
    return None


class SimCrm(Deeds):
    """One CRM behind the port, and the doors that only people and the oracle use."""

    side: Side

    def __init__(self, world: World, skew: float) -> None:
        super().__init__(world, skew)
        world.crms[self.side] = self
        self.calls = 0
        self.rule: Rule = no_rule
        self.locked_every = 0  # every n-th update is locked for now
        self.with_custom_objects = True  # whether the account's subscription has them
        self._written = 0

    # --- what both vendors do the same way ----------------------------------------------------------------

    def account(self) -> Account:
        """One portal, one org."""
        return Account(self.side, f"{self.side}-1", "Example", "Europe/Berlin", "EUR", "enterprise")

    def usage(self) -> Usage:
        """A day without a limit."""
        return Usage(self.calls, None, None)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """The fields of one object."""
        return {name: spec.info(name) for name, spec in self.specs(vendor_object).items()}

    def owners(self) -> list[Owner]:
        """The same people on both sides, under other ids."""
        return [Owner(self.owner(name), email, active=True) for name, email in OWNERS.items()]

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """What is there now."""
        return [self.record(row, fields) for row in self.live(vendor_object) if row.id in set(ids)]

    def find(self, vendor_object: str, field_: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Rows by stamp or id, own writes included."""
        wanted = set(values)
        rows = [row for row in self.live(vendor_object) if self._value(row, field_) in wanted]
        return [self.record(row, fields) for row in rows]

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of these, the deleted and the merged ones."""
        rows = [self.rows[each] for each in ids if each in self.rows and self.rows[each].vendor_object == vendor_object]
        return [row.gone for row in rows if row.gone is not None]

    def width(self) -> int:
        """One call at a time, so that everything happens in one order."""
        return 1

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Rows of the connector's own objects; nothing else may be archived: nothing is deleted by default."""
        own = vendor_object in CUSTOM[self.side].values()
        assert own, f"{len(writes)} {vendor_object} records were to be archived"
        return [self._bin(vendor_object, write) for write in writes]

    def custom_objects(self) -> dict[str, str]:
        """The connector's own objects, as an admin has installed them."""
        return dict(CUSTOM[self.side]) if self.with_custom_objects else {}

    def custom_objects_room(self) -> Room | None:
        """No limit."""
        return None

    def finish_job(self, job: str) -> bool:
        """No job outlives a call here."""
        raise AssertionError(f"{self.side} gave no job {job}")

    def close(self) -> None:
        """Nothing to give back."""

    # --- our own writes -----------------------------------------------------------------------------------

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Upsert by the stamp."""
        return [self._upsert(vendor_object, stamp, write) for write in writes]

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write by id."""
        return [self._change(vendor_object, write) for write in writes]

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Add to and remove from association lists; doing it twice changes nothing more."""
        return [self._associate(vendor_object, write) for write in writes]

    def _bin(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get(write.id or "")
        if row is not None and row.gone is None:
            self.remove(row, Gone(self.side, vendor_object, row.id, "deleted"))
        return Done(write.id or "")

    def _upsert(self, vendor_object: str, stamp: str, write: Write) -> Outcome:
        value = write.fields.get(stamp)
        holders = [row for row in self.live(vendor_object) if value and row.fields.get(stamp) == value]
        if holders:
            return self._save(holders[0], write)
        refusal = self.objection(None, vendor_object, write.fields)
        if refusal is not None:
            return refusal
        row = self.make(vendor_object, write.fields, "us", self._identities(value), write.ref)
        return self.done(row, write, created=True)

    def _change(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get(write.id or "")
        if row is None or row.gone is not None or row.vendor_object != vendor_object:
            return Refused("GONE", "the record is not there any more")
        return Later("UNABLE_TO_LOCK_ROW", 2.0) if self.locked() else self._save(row, write)

    def _save(self, row: Row, write: Write) -> Outcome:
        refusal = self.objection(row, row.vendor_object, write.fields)
        if refusal is not None:
            return refusal
        self.put(row, write.fields, "us", write.ref)
        return self.done(row, write, created=False)

    def _associate(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get(write.id or "")
        if row is None or row.gone is not None:
            return Refused("GONE", "the record is not there any more")
        specs = self.specs(vendor_object)
        for name, change in write.fields.items():
            target = specs[name].target
            if any(self.missing(target, each) for each in change.get("add", ())):
                return Refused("INVALID_OBJECT_IDS", f"{name}: a record to associate is not there")
        for name, change in write.fields.items():
            ids = [each for each in row.fields.get(name) or [] if each not in set(change.get("remove", ()))]
            ids.extend(each for each in change.get("add", ()) if each not in ids)
            self.put_list(row, name, ids, "us", write.ref)
        return Done(row.id)

    def _identities(self, counterpart: Any) -> frozenset[str]:
        """Who a record made by us truly is: whoever its stamp names."""
        other = self.world.crms["salesforce" if self.side == "hubspot" else "hubspot"].rows.get(str(counterpart))
        return other.identities if other else frozenset({f"nobody-{self.world.next_id()}"})

    def missing(self, vendor_object: str | None, record: str) -> bool:
        """Whether no live row of an object has this id."""
        row = self.rows.get(record)
        return row is None or row.gone is not None or row.vendor_object != vendor_object

    def locked(self) -> bool:
        """Whether this write meets somebody else's lock."""
        self._written += 1
        return self.locked_every > 0 and self._written % self.locked_every == 0

    def objection(self, row: Row | None, vendor_object: str, fields: Mapping[str, Any]) -> Refused | None:
        """Why the vendor would not take these values; `row` is None for a new record."""
        for name, raw in fields.items():
            spec = self.specs(vendor_object).get(name)
            if spec is None:
                return Refused("PROPERTY_DOESNT_EXIST", f"{name} does not exist")
            value = self.normal(spec, raw)
            if spec.options is not None and value not in (None, "", *spec.options):
                return Refused("INVALID_OPTION", f"{name}: not one of the options")
            if spec.kind == "lookup" and value is not None and self.missing(spec.target, value):
                return Refused("INVALID_CROSS_REFERENCE_KEY", f"{name}: invalid cross reference id")
            if spec.kind == "stamp" and value:
                holder = next((each for each in self.live(vendor_object) if each.fields.get(name) == value), None)
                if holder is not None and holder is not row:
                    return Refused("DUPLICATE", f"{name}: another record has this value", holder.id)
        return self.rule(row, vendor_object, fields)

    # --- what each vendor does in its own way -------------------------------------------------------------

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """Small batches, so that small data has several of them."""
        raise NotImplementedError

    def done(self, row: Row, write: Write, *, created: bool) -> Done:
        """What the vendor's answer says."""
        raise NotImplementedError

    def put_list(self, row: Row, name: str, ids: list[str], by: Author, ref: str = "") -> None:
        """Set an association list."""
        raise NotImplementedError

    def owner(self, name: str) -> str:
        """The owner id of a person."""
        raise NotImplementedError

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """What fields held before."""
        raise NotImplementedError

    def changes(self, query: Query, mark: str | None) -> Pages:
        """Changed rows since the mark."""
        raise NotImplementedError
