"""The frozen types that every part of revloop speaks.

Two kinds of values exist. *Raw* values are what a vendor's API gives and takes, keyed by the vendor's field
names; only `crm/` and `core/values` know them. *Canonical* values are text or None, keyed by the mapping's
field names: equal meaning is equal text, empty is None, so that everything else compares with `==`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Side = Literal["hubspot", "salesforce"]
SIDES: tuple[Side, Side] = ("hubspot", "salesforce")

Raw = Mapping[str, Any]
Value = str | None
Values = Mapping[str, Value]
"""Canonical values by mapping field; a field that is not there is empty, as None is."""

FieldType = Literal[
    "text",
    "email",
    "phone",
    "domain",
    "url",
    "number",
    "money",
    "bool",
    "date",
    "datetime",
    "enum",
    "multi",
    "country",
    "owner",
    "reference",
    "references",
]


def opposite(side: Side) -> Side:
    """The other CRM."""
    return "salesforce" if side == "hubspot" else "hubspot"


# --- mapping ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a mapping file.

    `salesforce` names the Salesforce field per Salesforce object, since a person may be a Lead or a Contact with
    other names. A line that names one side only is read there and written nowhere. A HubSpot name
    `associations.companies` and the Salesforce name `OpportunityContactRoles` are references that are no columns:
    see `by_association`.
    """

    name: str
    type: FieldType
    hubspot: str | None
    salesforce: Mapping[str, str]
    to: Literal["both", "hubspot", "salesforce"] = "both"
    winner: Literal["hubspot", "salesforce", "newest", "ask"] = "ask"
    blank: Literal["keep", "clear"] = "keep"
    drift: Literal["leave", "restore"] = "leave"
    values: Mapping[str, str] = field(default_factory=dict)  # HubSpot value -> Salesforce value
    object: str | None = None  # what a reference points to: company, person
    region: str | None = None  # ISO country that a phone number without one belongs to
    decimals: int | None = None  # digits kept of a number; None keeps all
    own: bool = False  # one of revloop's own fields, which `revloop install` makes
    derived: bool = False  # an own field that the rules compute: never merged; an edit is overwritten
    optional: bool = False  # it stands in for something: a CRM without it is no mistake
    judged: bool = False  # an own yes-or-no whose no is an answer: an empty one is not judged yet
    where: str = ""  # file:line, for messages

    def vendor_name(self, side: Side, vendor_object: str) -> str | None:
        """The field's API name in one vendor object; None where it does not exist there."""
        return self.hubspot if side == "hubspot" else self.salesforce.get(vendor_object)

    def flows_to(self, side: Side) -> bool:
        """Whether the mapping's direction lets us write this field on `side`."""
        return self.to in ("both", side)


ROLE_NAMES = "OpportunityContactRoles.Role"
"""Under this name an opportunity tells who has which roles on it, where the rules ask: contact id -> roles."""


def by_association(vendor_name: str) -> bool:
    """Whether a vendor field is kept as association records instead of as a column."""
    return vendor_name.startswith("associations.") or vendor_name == "OpportunityContactRoles"


Condition = Mapping[str, tuple[str, ...]]
"""A `when`: field or vendor property -> accepted values; the values `linked`, `present`, `missing` are words."""


@dataclass(frozen=True, slots=True)
class CreateRule:
    """The first rule whose condition fits creates the record, on Salesforce as `vendor_object`."""

    vendor_object: str
    when: Condition
    where: str = ""


@dataclass(frozen=True, slots=True)
class ObjectMapping:
    """One mapping file: what a person, a company or a deal is on both sides."""

    object: str
    hubspot: str
    salesforce: tuple[str, ...]  # a person's chain is ("Lead", "Contact")
    keys: tuple[str, ...]
    create: Mapping[Side, tuple[CreateRule, ...]]
    sync: Mapping[Side, Condition]
    delete: Literal["ignore", "archive"]
    first_link: Literal["hubspot", "salesforce", "newest", "ask"]
    fields: tuple[Field, ...]
    stamps: Mapping[Side, str]  # the unique field that holds the counterpart's id
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # vendor object -> properties the rules read
    where: str = ""

    def vendor_objects(self, side: Side) -> tuple[str, ...]:
        """The vendor's object names on one side."""
        return (self.hubspot,) if side == "hubspot" else self.salesforce


# --- what is read ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """A record as a vendor gave it.

    `modified` is that vendor's stamp (ISO 8601 UTC), compared with its own kind only.
    """

    side: Side
    vendor_object: str
    id: str
    fields: Raw
    modified: str


@dataclass(frozen=True, slots=True)
class Gone:
    """An explicit sign that a record is no more under this id."""

    side: Side
    vendor_object: str
    id: str
    why: Literal["deleted", "merged", "erased"]
    into: str | None = None  # the survivor of a merge


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a read."""

    records: list[Record]
    gone: list[Gone] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Account:
    """Which portal or org this is: `id` never changes, so a state file can be tied to it."""

    side: Side
    id: str
    name: str
    time_zone: str
    currency: str
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user who can own records, or a queue; `email` is canonical (lower case, trimmed).

    `manager` is another owner's id, `team` the name of the main team (HubSpot), `name` that of a queue.
    """

    id: str
    email: str | None
    active: bool
    manager: str | None = None
    team: str | None = None
    queue: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a CRM says of one field; `type` is the vendor's word, `options` its internal values."""

    name: str
    type: str
    writable: bool
    createable: bool
    unique: bool = False
    required: bool = False
    length: int | None = None
    options: tuple[str, ...] | None = None
    restricted: bool = False  # a value outside `options` is refused
    default: str | None = None  # what the CRM fills in when a create does not say


ActivitySource = Literal[
    "form",
    "page_view",
    "email_click",
    "email_open",
    "meeting",
    "call",
    "campaign_member",
    "task",
    "event",
]


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a person did, or somebody did with a person, as one CRM tells it.

    `id` is the source's own and never changes; with `source` it is unique on its side. `record` is the contact or
    lead it belongs to, `vendor_object` what that is. `at` is an instant (ISO 8601 UTC), or a plain day. `fields` are
    raw and hold only what the rules may look at: no texts that people wrote.
    """

    side: Side
    source: ActivitySource
    id: str
    vendor_object: str
    record: str
    at: str
    fields: Raw


SHARED: frozenset[ActivitySource] = frozenset({"meeting", "call"})
"""Sources whose records belong to several persons at once: one activity of each, with an id of its own."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What one record of a CRM (a meeting, a task) still is as activities: what is known of it beside `ids` is gone.

    An activity's id is the record's own; of a source in `SHARED` it is the record's, a hyphen and the person's. A
    record that was deleted, or has no persons any more, has no `ids`.
    """

    source: ActivitySource
    record: str
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page of a read of activities: those that came or changed, and what remains of records that did."""

    activities: list[Activity]
    remains: list[Remains] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task to be opened on a contact or lead; `owner` is that CRM's id, `body` holds the task's marker."""

    ref: str
    vendor_object: str
    record: str
    owner: str | None
    subject: str
    body: str
    due_at: datetime
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What becomes of an open task: done (`completed`, `cancelled`), or open again with a new due time."""

    ref: str
    id: str
    state: Literal["open", "completed", "cancelled"]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """A task as the CRM shows it."""

    id: str
    record: str
    body: str
    open: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of the day: `limit` and `left` are None where the vendor gives no number."""

    used: int
    limit: int | None
    left: int | None


# --- what is known ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Base:
    """The canonical values of each side that need no further action; where both agreed they are equal.

    A side's value differs from the other's where a difference is known and left alone: a default that the CRM
    filled in, a direction that forbids the write, a kept blank. As part of an action it holds only the fields
    that move, the empty ones included.
    """

    hubspot: Values
    salesforce: Values

    def of(self, side: Side) -> Values:
        """One side's half."""
        return self.hubspot if side == "hubspot" else self.salesforce


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that are the same person, company or deal."""

    id: str
    object: str
    hubspot: str
    salesforce: str
    salesforce_object: str
    base: Base

    def record_id(self, side: Side) -> str:
        """The vendor's id on one side."""
        return self.hubspot if side == "hubspot" else self.salesforce


# --- what is decided -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record, canonical; `because` names the rule in words a person reads."""

    field: str
    before: Value
    after: Value
    because: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed a field differently; `decided` is the side that wins, None waits for a person."""

    field: str
    base: Value
    hubspot: Value
    salesforce: Value
    decided: Side | None
    because: str


ActionKind = Literal["create", "update", "restage", "associate", "archive", "adopt", "decide", "hold", "put", "drop"]


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan.

    `create` makes `vendor_object` on `side` from `changes` and stamps it with `source` (the counterpart's id);
    `update` and `associate` write `changes` to `record`; `archive` removes it; `adopt` links `source` and
    `record` or moves the base (`base`) without asking a CRM; `hold` puts `reason` into the inbox.
    `restage` is an update that goes out after all others, because HubSpot takes a lower stage only over an empty one.
    `decide` remembers what the rules decided about a person, company or deal (`data`: standing, due, effects); `put`
    and `drop` write and remove a row of a custom object, whose key is `record` and whose owner is `link`.
    `id` is a hash of everything else, so that the same decision has the same id.
    """

    id: str
    kind: ActionKind
    object: str
    link: str
    side: Side
    vendor_object: str
    record: str | None
    source: str | None = None
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    base: Base | None = None
    code: str = ""
    reason: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's head; its actions are a stream in the state store."""

    id: str
    made_at: datetime
    project_hash: str
    accounts: Mapping[str, str]
    counts: Mapping[str, Any]


# --- what came of it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """One record's part of a batch, raw; `ref` is the action id and comes back with the outcome."""

    ref: str
    id: str | None
    fields: Raw


@dataclass(frozen=True, slots=True)
class Done:
    """The CRM answered that it did it; `fields` are the raw values it says it stored, where it says so."""

    id: str
    fields: Raw = field(default_factory=dict)
    created: bool = False
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The CRM will not take this record; repeating changes nothing."""

    code: str
    message: str
    holder: str | None = None  # the id of the record that already has the unique value, if the CRM named it


@dataclass(frozen=True, slots=True)
class Later:
    """Certainly not done, worth another try after so many seconds."""

    reason: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost: done or not done must be read from the CRM."""

    reason: str


Outcome = Done | Refused | Later | Unknown
