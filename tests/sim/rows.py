"""The rows of one simulated CRM: making, changing and removing them, each step with a version and a journal entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fields import SPECS, TRACES, Spec
from world import Author, Entry, Row, Version, World

from connector.errors import SettingsError
from connector.model import Gone, Record, Side

_EMPTY = (None, "")


class Rows:
    """The records of one CRM, by id."""

    side: Side

    def __init__(self, world: World, skew: float) -> None:
        self.world = world
        self.rows: dict[str, Row] = {}
        self.changed = 0  # versions and removals so far
        self._skew = timedelta(seconds=skew)

    def now(self) -> datetime:
        """The vendor's clock, which is not ours."""
        return self.world.now + self._skew

    def specs(self, vendor_object: str) -> dict[str, Spec]:
        """The field table of one object.

        Raises:
            SettingsError: as both vendors do for an object that is not there.
        """
        if vendor_object not in SPECS[self.side]:
            raise SettingsError(f"{self.side} has no object {vendor_object}; correct the mapping")
        return SPECS[self.side][vendor_object]

    def live(self, vendor_object: str | None = None) -> list[Row]:
        """The rows that are there, by id."""
        found = [row for row in self.rows.values() if row.gone is None]
        return sorted(
            (row for row in found if vendor_object in (None, row.vendor_object)), key=lambda row: (len(row.id), row.id)
        )

    def record(self, row: Row, fields: Sequence[str], version: Version | None = None) -> Record:
        """A row as the API tells it; association lists as lists, unset fields as None.

        Raises:
            SettingsError: a field was asked for that the object does not have.
        """
        known = self.specs(row.vendor_object)
        unknown = [name for name in fields if name not in known and name not in (*TRACES[self.side], "Id")]
        if unknown:
            raise SettingsError(f"{self.side} {row.vendor_object} has no field {', '.join(unknown)}")
        source = version.fields if version else row.fields
        names = (*fields, *TRACES[self.side])
        values = {name: self._copy(source.get(name, self._unset(known.get(name)))) for name in names}
        stamp = version.modified if version else row.modified
        return Record(self.side, row.vendor_object, row.id, values, self.stamped(stamp))

    def make(
        self, vendor_object: str, fields: Mapping[str, Any], by: Author, identities: frozenset[str], ref: str = ""
    ) -> Row:
        """A new row; the CRM fills in its defaults."""
        row = Row(
            self.side, vendor_object, self.new_id(vendor_object), identities, by, self.world.next_seq(), identities
        )
        self.rows[row.id] = row
        for name, spec in self.specs(vendor_object).items():
            if fields.get(name) in (None, "") and (default := self.default(spec, by)) is not None:
                self._note(row, name, default, "vendor", ref)
        self.put(row, fields, by, ref, always=True)
        return row

    def put(self, row: Row, fields: Mapping[str, Any], by: Author, ref: str = "", *, always: bool = False) -> None:
        """Write values as the vendor stores them: an unchanged value leaves no trace."""
        changed = always
        for name, raw in fields.items():
            value = self.normal(self.specs(row.vendor_object)[name], raw)
            before = row.fields.get(name, self._unset(self.specs(row.vendor_object)[name]))
            if value != before and not (value in _EMPTY and before in _EMPTY):
                self._note(row, name, value, by, ref)
                changed = True
        if changed:
            self.bump(row)

    def bump(self, row: Row, *, stamp: bool = True) -> None:
        """A new version; `stamp` moves the modification stamp as well."""
        self.changed += 1
        row.touched = self.now()
        if stamp:
            row.modified = self.now()
        snapshot = {name: self._copy(value) for name, value in row.fields.items()}
        row.versions.append(Version(self.world.next_seq(), self.now(), row.modified, snapshot))

    def remove(self, row: Row, gone: Gone) -> None:
        """A row goes to the bin, or into another one."""
        self.changed += 1
        row.gone, row.gone_seq = gone, self.world.next_seq()
        row.touched = row.modified = self.now()

    def _note(self, row: Row, name: str, value: Any, by: Author, ref: str) -> None:
        entry = Entry(
            self.world.next_seq(),
            self.world.now,
            by,
            self.side,
            row.vendor_object,
            row.id,
            name,
            self._copy(row.fields.get(name)),
            self._copy(value),
            ref,
        )
        row.fields[name] = value
        row.authors[name] = entry
        self.world.journal.append(entry)

    @staticmethod
    def _value(row: Row, name: str) -> Any:
        return row.id if name in ("Id", "hs_object_id") else row.fields.get(name)

    @staticmethod
    def _copy(value: Any) -> Any:
        return list(value) if isinstance(value, list) else value

    @staticmethod
    def _unset(spec: Spec | None) -> Any:
        return [] if spec is not None and spec.kind == "many" else None

    # --- what each vendor does in its own way -------------------------------------------------------------

    def new_id(self, vendor_object: str) -> str:
        """An id of this vendor's kind."""
        raise NotImplementedError

    def normal(self, spec: Spec, raw: Any) -> Any:
        """A value as this vendor stores it."""
        raise NotImplementedError

    def stamped(self, moment: datetime) -> str:
        """A moment as this vendor writes it."""
        raise NotImplementedError

    def default(self, spec: Spec, by: Author) -> str | None:
        """What the CRM fills in."""
        return spec.default
