"""Where values flow: which line writes which vendor field, and whether a value could run in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from connector.model import SIDES, ObjectMapping, Side, opposite

_Place = tuple[Side, str]
"""A vendor field on a side, within one Salesforce object."""


def written_twice(mapping: ObjectMapping) -> Iterator[tuple[int, str]]:
    """The lines (by position) that write a vendor field which a line above writes too."""
    seen: set[tuple[Side, str, str]] = set()
    for i, field in enumerate(mapping.fields):
        for side in SIDES:
            if not field.flows_to(side):
                continue
            places = {
                (side, vendor_object, name)
                for vendor_object in mapping.vendor_objects(side)
                if (name := field.vendor_name(side, vendor_object))
            }
            for _, vendor_object, name in sorted(places & seen):
                yield i, f"{vendor_object}.{name} is written by a line above too: one field, one line"
            seen |= places


def loops(mapping: ObjectMapping) -> Iterator[tuple[int, str]]:
    """The last line of every circle that runs through more than one line."""
    told: set[int] = set()
    for vendor_object in mapping.salesforce:
        origins = _origins(mapping, vendor_object)
        for start in origins:
            lines: list[int] = []
            place = start
            while place in origins:
                line, place = origins[place]
                lines.append(line)
                if place == start or len(lines) > len(origins):
                    break
            last = max(lines)
            if place == start and len(set(lines)) > 1 and last not in told:
                told.add(last)
                names = ", ".join(sorted({mapping.fields[line].name for line in lines}))
                yield last, f"values would run in a circle through {names}: map the pair in one line with `to: both`"


def _origins(mapping: ObjectMapping, vendor_object: str) -> dict[_Place, tuple[int, _Place]]:
    """Each vendor field that is written -> the line that writes it and the field the value comes from."""
    origins: dict[_Place, tuple[int, _Place]] = {}
    for i, field in enumerate(mapping.fields):
        names = {"hubspot": field.hubspot, "salesforce": field.salesforce.get(vendor_object)}
        for side in SIDES:
            name, source = names[side], names[opposite(side)]
            if name and source and field.flows_to(side):
                origins.setdefault((side, name), (i, (opposite(side), source)))
    return origins
