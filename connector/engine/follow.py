"""Following identities: conversions, merges and deletions move links instead of making second persons (design §5)."""

from __future__ import annotations

from collections.abc import Sequence

from connector.engine.compare import link_id
from connector.engine.council import PERSON, keep_counts
from connector.engine.seams import Work
from connector.engine.shape import HUBSPOT_TRACE, Shape
from connector.model import Gone, Record, Side, opposite


def follow_traces(work: Work, shape: Shape, records: Sequence[Record]) -> None:
    """Follow what records themselves say: a converted lead names its contact, a merged HubSpot record its parts."""
    for record in records:
        if shape.vendor_object == "Lead" and record.fields.get("IsConverted"):
            _follow_conversion(work, record)
        elif shape.side == "hubspot" and record.fields.get(HUBSPOT_TRACE):
            for old in str(record.fields[HUBSPOT_TRACE]).split(";"):
                if old and old != record.id:
                    _follow_merge(work, shape, old, record.id)


def follow_gone(work: Work, shape: Shape, gone: Sequence[Gone]) -> None:
    """Follow explicit signs that a record is no more; absence is never one."""
    for each in gone:
        if each.into:
            _follow_merge(work, shape, each.id, each.into)
        else:
            _follow_deletion(work, shape, each)


def _follow_conversion(work: Work, lead: Record) -> None:
    """The link of a lead moves to the contact it became; the account born with it is remembered as a hint."""
    store = work.store
    contact = lead.fields.get("ConvertedContactId")
    account = lead.fields.get("ConvertedAccountId")
    if not contact:
        return
    link = store.links.find("person", salesforce=lead.id)
    if link is not None and account:
        person = store.mirror.get("hubspot", link.hubspot, "person")
        companies = (person.fields.get("associations.companies") if person else None) or []
        if companies:
            store.links.hint("company", str(companies[0]), account)
    _move(work, "person", "salesforce", lead.id, contact, "Contact", "converted")


def _follow_merge(work: Work, shape: Shape, old: str, into: str) -> None:
    _move(work, shape.mapping.object, shape.side, old, into, shape.vendor_object, "merged")


def _move(work: Work, object_: str, side: Side, old: str, into: str, vendor_object: str, why: str) -> None:
    """Move what is known under `old` to `into`: the survivor keeps one link, a second one is closed with a note."""
    store = work.store
    # What it went into may have gone on since: a lead merged into a lead that was converted is that contact.
    into = store.links.resolve(side, into, object_)
    if into == old:
        return
    survivor = store.mirror.get(side, into, object_)
    vendor_object = survivor.vendor_object if survivor else vendor_object
    losing = store.links.find(object_, **{side: old})
    if losing is not None:
        keeping = store.links.find(object_, **{side: into})
        if keeping is None:
            store.links.move(losing.id, side, into, vendor_object)
        elif keeping.id != losing.id:
            other = opposite(side)
            store.links.close(losing.id, f"{side} {old} was {why} into {into}, which is linked already", work.run)
            store.mirror.touch(other, [losing.record_id(other)], object_)
    store.links.alias(side, old, into, object_)
    store.mirror.gone(side, old, why, object_)
    store.standings.note(object_, side, [old])  # what the rules made for it has to follow
    store.mirror.touch(side, [into], object_)


def _forget(work: Work, shape: Shape, gone: Gone) -> None:
    """Keep of an erased record nothing but the keyed hash of what it would be recognised by."""
    store, object_ = work.store, shape.mapping.object
    seen = store.mirror.get(shape.side, gone.id, object_)
    if seen is None:
        return
    store.tombstones.bury([value for field, value in shape.key_values(seen.fields) if field.type == "email"])
    store.mirror.stored([(shape.side, gone.id, {}, b"", "", ())], object_)


def _follow_deletion(work: Work, shape: Shape, gone: Gone) -> None:
    """A deleted record stays linked, so that its counterpart does not bring it back; `delete: archive` goes on."""
    store, object_ = work.store, shape.mapping.object
    link = store.links.find(object_, **{shape.side: gone.id})
    if gone.why == "erased":
        _forget(work, shape, gone)
        if object_ == PERSON:
            keep_counts(work, {link_id(object_, shape.side, gone.id), *([link.id] if link else ())})
    store.mirror.gone(shape.side, gone.id, gone.why, object_)
    store.standings.note(object_, shape.side, [gone.id])
    if link is not None:
        other = opposite(shape.side)
        store.mirror.touch(other, [link.record_id(other)], object_)
