"""The shape of one vendor object under a mapping: what is read of it, and how a record becomes canonical."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from connector.core.values import Resolve, Unmapped, canonical, compile_record
from connector.model import SIDES, Field, ObjectMapping, Raw, Side, by_association

LEAD_TRACES = ("IsConverted", "ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId")
HUBSPOT_TRACE = "hs_merged_object_ids"


@dataclass(frozen=True, eq=False)
class Shape:
    """One mapping on one side for one vendor object.

    `inputs` are the properties that are read where the CRM has them: those of the rules, and of optional fields.
    """

    mapping: ObjectMapping
    side: Side
    vendor_object: str
    time_zone: str
    inputs: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The mapping's fields that exist here."""
        named = ((field, field.vendor_name(self.side, self.vendor_object)) for field in self.mapping.fields)
        return tuple(field for field, name in named if name and (not field.optional or name in self.inputs))

    @cached_property
    def merged(self) -> tuple[Field, ...]:
        """The fields that are compared with the other side; what the rules compute never comes from there."""
        return tuple(field for field in self.fields if not field.derived)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields that exist here, by mapping name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The vendor's names of everything that is mirrored: fields, the stamp, conditions, inputs, traces."""
        names = [self.vendor_name(field) for field in self.fields]
        names.append(self.mapping.stamps[self.side])
        names.extend(self._condition_properties())
        names.extend(self.inputs)
        names.extend((HUBSPOT_TRACE,) if self.side == "hubspot" else ())
        names.extend(LEAD_TRACES if self.vendor_object == "Lead" else ())
        return tuple(dict.fromkeys(names))

    @cached_property
    def queried(self) -> tuple[str, ...]:
        """What the CRM is asked for: the adapter adds the traces itself."""
        return tuple(name for name in self.names if name not in (HUBSPOT_TRACE, *LEAD_TRACES))

    @cached_property
    def associated(self) -> frozenset[str]:
        """The fields that are association records here instead of columns."""
        return frozenset(field.name for field in self.fields if by_association(self.vendor_name(field)))

    def vendor_name(self, field: Field) -> str:
        """A field's API name here; only for fields that exist here."""
        name = field.vendor_name(self.side, self.vendor_object)
        assert name is not None
        return name

    @cached_property
    def canonical(self) -> Callable[[Raw, Resolve], tuple[dict[str, str], list[tuple[str, str]], list[str]]]:
        """Raw fields -> canonical values, problems (field, message), reference fields not linked yet."""
        return compile_record(self.mapping, self.side, self.vendor_object, time_zone=self.time_zone)

    def mirrored(self, raw: Raw) -> dict[str, Any]:
        """The part of a vendor's answer that is kept."""
        return {name: raw.get(name) for name in self.names}

    def print(self, raw: Raw) -> bytes:
        """A fingerprint of the mirrored part: equal means that nothing we look at has changed."""
        return hashlib.blake2b(orjson.dumps([raw.get(name) for name in self.names]), digest_size=16).digest()

    def keys(self, raw: Raw) -> tuple[tuple[str, str], ...]:
        """What others find a record by: its canonical key values, its stamp, and the records it points to."""
        found = [(field.name, value) for field, value in self.key_values(raw)]
        stamp = raw.get(self.mapping.stamps[self.side])
        if stamp:
            found.append(("stamp", str(stamp)))
        for name, column in self._pointers:
            found.extend((name, each) for each in pointed(raw.get(column)))
        return tuple(found)

    @cached_property
    def _pointers(self) -> tuple[tuple[str, str], ...]:
        """(`>` and the object pointed to, column) of every reference: from a company to its persons and deals."""
        return tuple((f">{field.object}", self.vendor_name(field)) for field in self.fields if field.object)

    def key_values(self, raw: Raw) -> Iterator[tuple[Field, str]]:
        """The key fields and their values in the mapping's order, empty and unreadable ones left out."""
        for name in self.mapping.keys:
            field = self.by_name.get(name)
            if field is None:
                continue
            try:
                value = canonical(field, self.side, raw.get(self.vendor_name(field)), _unresolved)
            except (Unmapped, ValueError):
                continue
            if value is not None:
                yield field, value

    def _condition_properties(self) -> list[str]:
        """Vendor properties that a `when` of this side's records names without a mapping line."""
        conditions = [rule.when for rules in self.mapping.create.values() for rule in rules]
        conditions.extend(self.mapping.sync.values())
        mapped = {field.name for field in self.mapping.fields}
        return [name for when in conditions for name in when if name not in mapped and self._is_ours(name)]

    def _is_ours(self, name: str) -> bool:
        """Whether an unmapped name in a condition is a property of this side: HubSpot writes them in lower case."""
        return (name == name.lower()) == (self.side == "hubspot")


def pointed(raw: Any) -> list[str]:
    """The ids in a reference column: one, several, or none."""
    if isinstance(raw, list | tuple):
        return [str(each) for each in raw]
    return [str(raw)] if raw else []


def _unresolved(_field: Field, _side: Side, _record: str) -> None:
    """Keys are values of the record itself, never references."""


Inputs = Mapping[tuple[Side, str], tuple[str, ...]]
"""Side and vendor object -> those of the rules' inputs that the CRM shows."""


def _of_side(inputs: Inputs, side: Side) -> dict[str, tuple[str, ...]]:
    return {vendor_object: names for (each, vendor_object), names in inputs.items() if each == side}


class Shapes:
    """Every shape of a project, made once; without `inputs` every property that is wanted counts as there."""

    def __init__(self, mappings: tuple[ObjectMapping, ...], time_zone: str, inputs: Inputs | None = None) -> None:
        self._referable = {mapping.object: mapping.salesforce[-1] for mapping in mappings}
        self._shapes: dict[tuple[str, Side, str], Shape] = {
            (mapping.object, side, vendor_object): Shape(
                mapping,
                side,
                vendor_object,
                time_zone,
                (mapping.inputs if inputs is None else _of_side(inputs, side)).get(vendor_object, ()),
            )
            for mapping in mappings
            for side in SIDES
            for vendor_object in mapping.vendor_objects(side)
        }

    def __iter__(self) -> Iterator[Shape]:
        return iter(self._shapes.values())

    def referable(self, object_: str) -> str:
        """The Salesforce object that other records can point to: of a person's chain the last, the contact."""
        return self._referable[object_]

    def of(self, object_: str, side: Side, vendor_object: str) -> Shape:
        """The shape of one vendor object of a mapping."""
        return self._shapes[object_, side, vendor_object]
