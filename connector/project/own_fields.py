"""Revloop's own fields in the mappings: answers of people are synced like any field, what rules compute is not.

A user's line for one of them would make two masters of one field: it is a mistake (domain §15, rule 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connector.core.plan import HUBSPOT_STAGE, HUBSPOT_STATUS, SALESFORCE_STATUS
from connector.model import SIDES, Field, FieldType, ObjectMapping
from connector.project.mapping_checks import Read
from connector.project.mistakes import Mistakes
from connector.project.settings import OwnFields
from connector.project.yaml_lines import Path_
from connector.revops.agreement import Agreement
from connector.revops.fields import SUMMARY, Kind, OwnField, dictionary
from connector.revops.inputs import inputs

_TYPES: Mapping[Kind, FieldType] = {
    "integer": "number",
    "text": "text",
    "long_text": "text",
    "datetime": "datetime",
    "date": "date",
    "bool": "bool",
    "picklist": "enum",  # both sides store the same values, so it needs no `values`
}


_LISTED = 3


def with_own_fields(
    reads: Iterable[Read], agreement: Agreement, names: OwnFields, where: Mapping[str, str], mistakes: Mistakes
) -> list[Read]:
    """The mapping files with the fields and inputs that the rules in force need.

    Args:
        reads: the files as people wrote them.
        agreement: the rules in force.
        names: how the own fields' names begin on each side.
        where: `file:line` of each part of the rules, for messages.
        mistakes: takes every line that maps or names an own field.
    """
    owns, asked = dictionary(agreement), inputs(agreement)
    found = []
    for read in reads:
        mapping = read.mapping
        fields = [_field(own, mapping, names, where) for own in owns if mapping.object in own.objects]
        fields += _stand_ins(mapping, agreement, names, where)
        fields += _stage_fields(mapping, agreement, where)
        claimed: set[str] = set()
        for path, theirs, text in _clashes(mapping, fields):
            mistakes.add(read.document, path, text)
            claimed.update(field.name for field in theirs)
        read_here = _read_where_there(mapping, asked, fields)
        # once it is told whose field it is, the line would only be called a second writer of it as well
        added = (field for field in fields if field.name not in claimed)
        extended = replace(mapping, fields=(*mapping.fields, *added), inputs=read_here)
        options = {own.name: frozenset(option.value for option in own.options) for own in owns if own.options}
        known = read.names | {field.name for field in fields}
        found.append(replace(read, mapping=extended, names=known, options=options))
    return found


def _read_where_there(
    mapping: ObjectMapping, asked: Mapping[str, tuple[str, ...]], fields: Iterable[Field]
) -> dict[str, tuple[str, ...]]:
    """Vendor object -> what is read of it if the CRM has it: the rules' inputs, and the columns of optional fields."""
    found = {each: asked.get(each, ()) for side in SIDES for each in mapping.vendor_objects(side)}
    for field in fields:
        for side in SIDES if field.optional else ():
            for vendor_object in mapping.vendor_objects(side):
                name = field.vendor_name(side, vendor_object)
                found[vendor_object] += (name,) if name else ()
    return {vendor_object: names for vendor_object, names in found.items() if names}


def lacking(called: str, names: Sequence[str]) -> tuple[str, str]:
    """What to say, and what to do, where a CRM does not show own fields.

    Args:
        called: the CRM.
        names: the fields, each with its object: `contacts.revops_stage`.
    """
    shown = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
    fields = f"the field {shown}" if len(names) == 1 else f"{len(names)} fields ({shown})"
    what = f"{called} does not show {fields}, which the rules need"
    return what, "type `revloop install`, or switch parts off under `rules` in connector.yaml"


def _field(own: OwnField, mapping: ObjectMapping, names: OwnFields, where: Mapping[str, str]) -> Field:
    people = own.writer == "people"
    return Field(
        own.name,
        _TYPES[own.kind],
        own.vendor_name("hubspot", names.hubspot),
        dict.fromkeys(mapping.salesforce, own.vendor_name("salesforce", names.salesforce)),
        winner="newest" if people else "ask",
        blank="clear" if people else "keep",  # an answer that is taken back is taken back on both sides
        decimals=0 if own.kind == "integer" else None,
        own=True,
        derived=not people,
        judged=own.judged,
        where=where[own.part],
    )


def _stand_ins(mapping: ObjectMapping, agreement: Agreement, names: OwnFields, where: Mapping[str, str]) -> list[Field]:
    """What HubSpot has instead of custom objects, where it has none (domain §4.5)."""
    if agreement.attribution is None or mapping.object not in SUMMARY.objects:
        return []
    return [replace(_field(SUMMARY, mapping, names, where), salesforce={}, optional=True)]


def _stage_fields(mapping: ObjectMapping, agreement: Agreement, where: Mapping[str, str]) -> list[Field]:
    """The CRMs' own stage and status as raw values: the rules write them too, beside people and the CRMs themselves."""
    part = "lifecycle" if agreement.lifecycle else "rejection"
    if mapping.object != "person" or not (agreement.lifecycle or agreement.rejection):
        return []
    lead = {each: "Status" for each in mapping.salesforce if each == "Lead"}
    return [
        Field(HUBSPOT_STAGE, "text", "lifecyclestage", {}, derived=True, where=where[part]),
        Field(HUBSPOT_STATUS, "text", "hs_lead_status", {}, derived=True, where=where[part]),
        Field(SALESFORCE_STATUS, "text", None, lead, derived=True, where=where[part]),
    ]


def _clashes(mapping: ObjectMapping, fields: Iterable[Field]) -> Iterator[tuple[Path_, list[Field], str]]:
    """The lines that name or map a field of the rules, with the fields that they claim."""
    named = {field.name: field for field in fields}
    columns = {place: field for field in named.values() for place in _places(mapping, field)}
    for i, line in enumerate(mapping.fields):
        own = named.get(line.name)
        if own is not None:
            text = f"'{line.name}' is a field of revloop's own ({own.where}): choose another name"
            yield ("fields", i, "name"), [own], text
            continue
        # a stage or status of a CRM may be read by a line, and not written
        written = _places(mapping, line, written=True)
        places = [each for each in _places(mapping, line) if each in columns and (columns[each].own or each in written)]
        if places:
            own = columns[places[0]]
            text = f"{'.'.join(places[0])} {_belongs(own)} ({own.where}): delete this line"
            yield ("fields", i), [columns[place] for place in places], text


def _belongs(field: Field) -> str:
    """Why nobody else may write a field."""
    if not field.own:
        return "is written by the rules"
    does = "which the rules write" if field.derived else "which revloop keeps in step by itself"
    return f"is the field {field.name} of revloop's own, {does}"


def _places(mapping: ObjectMapping, field: Field, *, written: bool = False) -> list[tuple[str, str]]:
    """Vendor object and column of a field, in small letters: Salesforce does not tell them apart.

    With `written` only those that the field's direction lets us write.
    """
    return [
        (vendor_object, name.lower())
        for side in SIDES
        if field.flows_to(side) or not written
        for vendor_object in mapping.vendor_objects(side)
        if (name := field.vendor_name(side, vendor_object))
    ]
