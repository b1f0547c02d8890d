"""The tables as they are now. How an older file gets there is in `migrations/`; a test compares the two.

`object` is a mapping's object (person, company, deal). It is part of a record's identity because HubSpot
numbers its objects independently: contact 101 and company 101 may both exist.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

# SQLite numbers rows by itself only for a column of exactly this type.
_Number = BigInteger().with_variant(Integer(), "sqlite")

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

counter = Table(
    "counter", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False)
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("beat", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("ttl", Float, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("side", Text, primary_key=True),
    Column("vendor_object", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("full_at", Text),
)

record = Table(
    "record",
    metadata,
    Column("side", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("vendor_object", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("print", LargeBinary, nullable=False),
    Column("modified", Text, nullable=False),
    Column("link", Text),
    Column("dirty", BigInteger, nullable=False),
    Column("gone", Text),  # why it is no more; null while it lives
    PrimaryKeyConstraint("side", "id", "object"),
)
Index(
    "record_dirty",
    record.c.object,
    record.c.link,
    record.c.side,
    record.c.id,
    sqlite_where=text("dirty > 0"),
    postgresql_where=text("dirty > 0"),
)

record_key = Table(
    "record_key",
    metadata,
    Column("object", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("id", Text, nullable=False),
    PrimaryKeyConstraint("object", "side", "key", "value", "id"),
    sqlite_with_rowid=False,
)
Index("record_key_id", record_key.c.object, record_key.c.side, record_key.c.id)

link = Table(
    "link",
    metadata,
    Column("id", Text, primary_key=True),
    Column("object", Text, nullable=False),
    Column("hubspot", Text, nullable=False),
    Column("salesforce", Text, nullable=False),
    Column("salesforce_object", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("closed", Text),  # why; null while the link is open
    Column("opened_in", Text, nullable=False),
    Column("closed_in", Text),
)
_OPEN = text("closed IS NULL")
Index("link_open", link.c.object, link.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
# One record is never in two open links: the promise that one person never becomes two, kept by the database.
Index("link_hubspot", link.c.hubspot, link.c.object, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("link_salesforce", link.c.salesforce, link.c.object, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
_CLOSED = text("closed IS NOT NULL")
Index("link_former_hubspot", link.c.hubspot, link.c.object, sqlite_where=_CLOSED, postgresql_where=_CLOSED)
Index("link_former_salesforce", link.c.salesforce, link.c.object, sqlite_where=_CLOSED, postgresql_where=_CLOSED)

alias = Table(
    "alias",
    metadata,
    Column("side", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("object", Text, nullable=False),  # '' where the caller did not say
    Column("new", Text, nullable=False),
    PrimaryKeyConstraint("side", "old", "object"),
)
Index("alias_new", alias.c.side, alias.c.new)

hint = Table(
    "hint",
    metadata,
    Column("object", Text, nullable=False),
    Column("salesforce", Text, nullable=False),
    Column("hubspot", Text, nullable=False),
    PrimaryKeyConstraint("object", "salesforce"),
)

tombstone = Table("tombstone", metadata, Column("hash", Text, primary_key=True))

plan = Table(
    "plan",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("run", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("project_hash", Text, nullable=False),
    Column("accounts", Text, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
    Column("status", Text, nullable=False),
)

action = Table(
    "action",
    metadata,
    Column("plan", Text, ForeignKey("plan.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("vendor_object", Text, nullable=False),
    Column("record", Text),
    Column("source", Text),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text),
    Column("seen_modified", Text),
    Column("sent_at", Text),
    Column("batch", Text),
    Column("job", Text),
    PrimaryKeyConstraint("plan", "seq"),
    UniqueConstraint("plan", "id", name="action_id"),
)
_SENT = text("state IN ('sent', 'unknown')")
Index("action_link", action.c.plan, action.c.link)
_MADE = text("source IS NOT NULL")
_MET = text("kind = 'adopt'")
Index("action_source", action.c.plan, action.c.source, sqlite_where=_MADE, postgresql_where=_MADE)
Index("action_met", action.c.plan, action.c.record, sqlite_where=_MET, postgresql_where=_MET)
Index("action_sent", action.c.plan, action.c.batch, action.c.seq, sqlite_where=_SENT, postgresql_where=_SENT)

ledger = Table(
    "ledger",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("vendor_object", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("answer", Text, nullable=False),
)
Index("ledger_link", ledger.c.link, ledger.c.number)
Index("ledger_run", ledger.c.run, ledger.c.number)

conflict = Table(
    "conflict",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("link", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("base", Text),
    Column("hubspot", Text),
    Column("salesforce", Text),
    Column("decided", Text),
    Column("because", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("choice", Text),
)
_WAITING = text("state IN ('open', 'chosen')")
Index("conflict_link", conflict.c.link, conflict.c.number)
Index("conflict_waiting", conflict.c.number, sqlite_where=_WAITING, postgresql_where=_WAITING)

inbox = Table(
    "inbox",
    metadata,
    Column("side", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("link", Text),
    Column("message", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("run", Text, nullable=False),
    PrimaryKeyConstraint("side", "record", "object", "code"),
)
Index("inbox_link", inbox.c.link)

run = Table(
    "run",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Text, nullable=False),
    Column("ended", Text),
    Column("status", Text, nullable=False),
    Column("exit_code", Integer),
    Column("summary", Text, nullable=False),
)

# --- the agreed rules: what they look at, what they decided, what is still to be done --------------------------

activity = Table(
    "activity",
    metadata,
    Column("side", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("vendor_object", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("fields", Text, nullable=False),
    PrimaryKeyConstraint("side", "source", "id"),
)
Index("activity_record", activity.c.side, activity.c.record)

standing = Table(
    "standing",
    metadata,
    Column("object", Text, nullable=False),  # person, company, deal
    Column("key", Text, nullable=False),  # the link's id, or the one a link of this record would have
    Column("body", Text, nullable=False),
    Column("due", Text),  # when it must be looked at again though nothing changed; null: never
    PrimaryKeyConstraint("object", "key"),
)
_DUE = text("due IS NOT NULL")
Index("standing_due", standing.c.object, standing.c.due, sqlite_where=_DUE, postgresql_where=_DUE)

todo = Table(
    "todo",
    metadata,
    Column("object", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("number", BigInteger, nullable=False),  # the change that nobody has derived from yet
    PrimaryKeyConstraint("object", "side", "record"),
)

effect = Table(
    "effect",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, sent, done, dropped
    Column("decided_in", Text, nullable=False),  # the run
    Column("tries", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("answer", Text),  # such as the id of the task that was made
)
_UNDONE = text("state IN ('waiting', 'sent')")
Index("effect_undone", effect.c.not_before, effect.c.key, sqlite_where=_UNDONE, postgresql_where=_UNDONE)
Index("effect_person", effect.c.person)

carried = Table(
    "carried",
    metadata,
    Column("side", Text, nullable=False),
    Column("carrier", Text, nullable=False),  # touchpoint, credit
    Column("key", Text, nullable=False),
    Column("belongs_to", Text, nullable=False),  # the person or deal it belongs to
    Column("record", Text, nullable=False),  # the CRM's id
    Column("body", Text, nullable=False),  # what was written, as the CRM confirmed it
    PrimaryKeyConstraint("side", "carrier", "key"),
)
Index("carried_belongs", carried.c.carrier, carried.c.belongs_to)
