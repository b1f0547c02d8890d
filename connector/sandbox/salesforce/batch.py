"""One DML call: who writes, when, and what was already looked up for it.

`Change` is one record on its way from its old row to its new one; the rules of the objects work on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.sandbox.salesforce.access import Access
from connector.sandbox.salesforce.layout import Layout
from connector.sandbox.salesforce.metadata.rulebook import Rule, rules_of
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row, Store, known

MAKING_AUDIT = ("CreatedDate", "CreatedById")
AUDIT = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")


@dataclass(slots=True)
class Settings:
    """How this org is set up, changeable at run time.

    `field_security` switches field-level security; `duplicate_rule` is `block`, `alert` or `off`; `hold` holds
    `latestDateCovered` back to a stored time as a long transaction would; `whole_minutes` makes getUpdated and
    getDeleted ignore the seconds of their window; `tracked` are the fields of leads whose history is kept.
    """

    field_security: bool = True
    duplicate_rule: str = "off"
    hold: str | None = None
    whole_minutes: bool = False
    tracked: frozenset[str] = frozenset()


@dataclass(slots=True)
class Actor:
    """Who writes: a user, whether an alert about duplicates may be passed over, and what the user has access to.

    Without `access` everything may be written, as by a person who was given all of it.
    """

    user: str
    allow_duplicates: bool = False
    access: Access | None = None


class Layouts:
    """The layouts of all objects, renewed when the schema has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Layout] = {}
        self._rules: dict[str, tuple[int, list[Rule]]] = {}

    def of(self, sobject: SObject) -> Layout:
        """The layout of an object as the schema is now."""
        layout = self._kept.get(sobject.name)
        if layout is None or layout.version != self._store.schema.version or layout.sobject is not sobject:
            layout = self._kept[sobject.name] = Layout(self._store.schema, sobject)
        return layout

    def rules(self, sobject: SObject) -> list[Rule]:
        """The active validation rules of an object, compiled as the schema is now."""
        version, rules = self._rules.get(sobject.name, (0, []))
        if version != self._store.schema.version:
            version, rules = self._store.schema.version, rules_of(self._store, sobject)
            self._rules[sobject.name] = (version, rules)
        return rules


@dataclass(slots=True)
class Batch:
    """What the writes of one call share; `state` remembers what referenced records were found to be."""

    store: Store
    layouts: Layouts
    settings: Settings
    actor: Actor
    stamp: str
    csv: bool = False
    state: dict[str, str] = field(default_factory=dict)
    stages: dict[str, Row] = field(default_factory=dict)
    permissions: dict[str, bool] = field(default_factory=dict)
    """Custom permissions of the actor that a formula has asked for."""

    def fresh(self, sobject: SObject, values: Row) -> Row:
        """Write a record that a rule makes, with its id, defaults and audit fields; gives its row."""
        row = {**self.layouts.of(sobject).defaults, **values}
        row["Id"] = row.get("Id") or self.store.new_id(sobject.key_prefix)
        self.sign(sobject, row, new=True)
        self.store.insert(sobject, row)
        return row

    def touch(self, name: str, record: str, changes: Row) -> None:
        """Write fields of a record that a rule changes, with its audit fields."""
        sobject = known(self.store.schema, name)
        self.sign(sobject, changes, new=False)
        self.store.update(sobject, record, changes)

    def sign(self, sobject: SObject, row: Row, *, new: bool) -> None:
        """Put who and when into the audit fields that the object has."""
        for name in MAKING_AUDIT if new else ():
            if name in sobject.fields and row.get(name) is None:
                row[name] = self.actor.user if name.endswith("Id") else self.stamp
        for name in AUDIT:
            if name in sobject.fields:
                row[name] = self.actor.user if name.endswith("Id") else self.stamp


@dataclass(slots=True)
class Change:
    """One record being written: `old` is None for a new one, `given` names what the client wrote."""

    sobject: SObject
    new: Row
    old: Row | None
    given: set[str]

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.new["Id"])

    def altered(self, name: str) -> bool:
        """Whether the field differs from before; always so in a new record that has a value."""
        return self.new.get(name) != (self.old.get(name) if self.old else None)
