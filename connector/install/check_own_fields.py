"""Type and options of revloop's own fields against the live ones (domain §15, rule 4).

No mapping line says anything of these fields, so the remedy is an install or a look into the CRM, never a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connector.install import hubspot_compare, hubspot_words, salesforce_compare, wanted_hubspot, wanted_salesforce
from connector.install.check_fields import CALLED, Described
from connector.install.finding import Finding
from connector.install.wanted import WantedField, Wishes
from connector.model import SIDES, FieldInfo, Side, opposite
from connector.revops.agreement import Agreement
from connector.revops.fields import OwnField, dictionary

_OTHER_TYPE: Mapping[Side, str] = {
    "hubspot": hubspot_compare.OTHER_TYPE,
    "salesforce": salesforce_compare.OTHER_TYPE,
}
_MOST = 8


def check_columns(side: Side, fields: Iterable[WantedField], columns: Mapping[str, FieldInfo]) -> Iterator[Finding]:
    """The fields of one object that are of another type, and, in one finding, the options that they lack."""
    lacking: dict[str, list[str]] = {}
    for each in fields:
        info = columns.get(each.name)
        if info is None:
            continue
        type_ = _type(side, each)
        if info.type != type_:
            do = f"{_OTHER_TYPE[side]}, then type `revloop install`; it never changes a type, values would be lost"
            yield Finding("error", CALLED[side], f"{each.place} is of type {info.type}, not {type_}", do)
        elif gone := _gone(side, each, info):
            lacking.setdefault(each.object, []).append(f"{each.name} ({', '.join(gone)})")
    for vendor_object, names in lacking.items():
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        what = f"{vendor_object} lacks options that the rules need: {', '.join(names[:_MOST])}{more}"
        yield Finding("error", CALLED[side], what, "type `revloop install`, which adds them")


def check_beyond(agreement: Agreement, wishes: Wishes, described: Described) -> Iterator[Finding]:
    """Options that a person added to what people fill in, and that the other CRM would refuse."""
    for own in dictionary(agreement):
        if own.writer != "people" or not own.options:
            continue
        known = {each.value for each in own.options}
        for side in SIDES:
            for place, info in _places(own, side, wishes, described):
                added = [each for each in info.options or () if each not in known]
                yield from _refused(own, side, place, added, wishes, described)


def _refused(
    own: OwnField, side: Side, place: str, added: list[str], wishes: Wishes, described: Described
) -> Iterator[Finding]:
    other = opposite(side)
    for there, info in _places(own, other, wishes, described):
        lacking = [each for each in added if info.restricted and each not in (info.options or ())]
        if lacking:
            what = f"{place} has the option {', '.join(lacking)} besides those of the rules, which {there} lacks"
            yield Finding("warning", CALLED[side], what, f"take it away in {CALLED[side]}, or {_add(own, other)}")


def _add(own: OwnField, other: Side) -> str:
    if own.name.startswith("revops_rejection_reason"):
        return "add it to rules/rejection_reasons.yaml and type `revloop install`"
    return f"add it in {CALLED[other]} too"


def _places(own: OwnField, side: Side, wishes: Wishes, described: Described) -> Iterator[tuple[str, FieldInfo]]:
    name = own.vendor_name(side, wishes.prefixes[side])
    for each in own.objects:
        hubspot = (wanted_hubspot.OBJECTS[each],)
        for vendor_object in hubspot if side == "hubspot" else wanted_salesforce.OBJECTS[each]:
            info = described.get((side, vendor_object), {}).get(name)
            if info is not None:
                yield f"{vendor_object}.{name}", info


def _type(side: Side, field: WantedField) -> str:
    return hubspot_words.TYPES[field.kind][0] if side == "hubspot" else salesforce_compare.TYPES[field.kind]


def _gone(side: Side, field: WantedField, info: FieldInfo) -> list[str]:
    """Options that an install would add; a retired one is kept in HubSpot, hidden, and not shown by Salesforce."""
    if info.options is None:
        return []
    wanted = [each.value for each in field.choices if side == "hubspot" or not each.retired]
    return [each for each in wanted if each not in info.options]
