"""Each mapped field against what the CRMs say of it: there, writable, of a type and with options that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connector.core.choices import Choices
from connector.core.plan import STAGE_FIELDS
from connector.install.finding import Finding
from connector.install.fit import fit, suitable
from connector.model import SIDES, Field, FieldInfo, ObjectMapping, Side, by_association, opposite
from connector.project.mistakes import nearest

Described = Mapping[tuple[Side, str], Mapping[str, FieldInfo]]
"""What each CRM says of each vendor object; objects that could not be described are not there."""

CALLED: dict[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_LONGEST_LIST = 8
_WORDS = frozenset({"linked", "present", "missing"})


def check_mapping(mapping: ObjectMapping, described: Described) -> Iterator[Finding]:
    """Everything the CRMs contradict in one mapping file; revloop's own fields are told in `check_own`."""
    for side in SIDES:
        for vendor_object in mapping.vendor_objects(side):
            columns = described.get((side, vendor_object))
            if columns is None:
                continue
            yield from _stamp(mapping, side, vendor_object, columns)
            yield from _required(mapping, side, vendor_object, columns)
            for field in mapping.fields:
                # Stages and statuses are the vendors' own, taken as they are.
                if not field.own and field.name not in STAGE_FIELDS:
                    yield from _field(mapping, field, side, vendor_object, columns)
        yield from _conditions(mapping, side, described)
    for field in mapping.fields:
        yield from _plain_options(mapping, field, described)


def _field(
    mapping: ObjectMapping, field: Field, side: Side, vendor_object: str, columns: Mapping[str, FieldInfo]
) -> Iterator[Finding]:
    name = field.vendor_name(side, vendor_object)
    if name is None or by_association(name):
        return
    info = columns.get(name)
    if info is None:
        hint = nearest(name, columns)
        grant = " or give the integration user's permission set access to it" if side == "salesforce" else ""
        yield Finding(
            "error",
            field.where,
            f"{CALLED[side]} shows no field {vendor_object}.{name}{hint}",
            f"correct the name{grant}, or delete the line",
        )
        return
    if field.flows_to(side):
        yield from _writable(mapping, field, side, vendor_object, info)
    fits = fit(field, side, info)
    if fits != "good":
        yield Finding(
            "error" if fits == "bad" else "warning",
            field.where,
            f"{vendor_object}.{name} is of type {info.type}, which "
            + ("cannot hold" if fits == "bad" else "may hold other things than")
            + f" a field of type {field.type}",
            f"set another `type`, or use a field of type {suitable(side, field.type)}",
        )
    yield from _options(field, side, vendor_object, info)


def _writable(
    mapping: ObjectMapping, field: Field, side: Side, vendor_object: str, info: FieldInfo
) -> Iterator[Finding]:
    away = f"set `to: {opposite(side)}`"
    place = f"{vendor_object}.{info.name}"
    if not info.writable and not info.createable:
        what = f"{place} is calculated or read-only, but the mapping writes it"
        yield Finding("error", field.where, what, f"{away}, or let the user behind the credentials edit the field")
    elif not info.writable:
        yield Finding(
            "warning", field.where, f"{place} can be set on create only: later changes would be refused", away
        )
    elif not info.createable and any(rule.vendor_object == vendor_object for rule in mapping.create[side]):
        yield Finding("warning", field.where, f"{place} cannot be set when {vendor_object} is created", away)


def _options(field: Field, side: Side, vendor_object: str, info: FieldInfo) -> Iterator[Finding]:
    """Options that are mapped but not there, and options that are there but not mapped."""
    if field.type not in {"enum", "multi"} or not field.values or info.options is None:
        return
    known = Choices.of(field.values, side) if isinstance(field.values, Choices) else frozenset(field.values)
    place = f"{vendor_object}.{info.name}"
    gone = sorted(known - set(info.options))
    if gone:
        written = field.flows_to(side)
        yield Finding(
            "error" if written and info.restricted else "warning",
            field.where,
            f"{place} has no option {_listed(gone)}" + ("".join(nearest(gone[0], info.options)) if gone else ""),
            f"correct `values`, or add the option in {CALLED[side]}",
        )
    left = [option for option in info.options if option not in known]
    if left and _read_by_values(field, side):
        yield Finding(
            "warning",
            field.where,
            f"`values` do not list {_listed(left)} of {place}: records with these keep their value and are shown by "
            "`revloop errors`",
            "add a line for each under `values`",
        )


def _read_by_values(field: Field, side: Side) -> bool:
    """Whether an unlisted option of this side stops a record's field (see core/choices)."""
    return field.to == "both" or field.flows_to(opposite(side))


def _plain_options(mapping: ObjectMapping, field: Field, described: Described) -> Iterator[Finding]:
    """Without `values` every option goes over as it is: the receiving side must have it, if it is strict."""
    if field.type not in {"enum", "multi"} or field.values or field.own:
        return
    for side in SIDES:
        if not field.flows_to(side):
            continue
        sources = _infos(mapping, field, opposite(side), described)
        for vendor_object, info in _infos(mapping, field, side, described):
            if info.options is None or not info.restricted:
                continue
            sent = {option for _, source in sources for option in source.options or ()}
            lacking = sorted(sent - set(info.options))
            if lacking:
                yield Finding(
                    "warning",
                    field.where,
                    f"{vendor_object}.{info.name} has no option {_listed(lacking)}, which {CALLED[opposite(side)]} has",
                    "say under `values` what they are called there, or add the options",
                )


def _infos(mapping: ObjectMapping, field: Field, side: Side, described: Described) -> list[tuple[str, FieldInfo]]:
    found = []
    for vendor_object in mapping.vendor_objects(side):
        info = described.get((side, vendor_object), {}).get(field.vendor_name(side, vendor_object) or "")
        if info is not None:
            found.append((vendor_object, info))
    return found


def _stamp(
    mapping: ObjectMapping, side: Side, vendor_object: str, columns: Mapping[str, FieldInfo]
) -> Iterator[Finding]:
    name = mapping.stamps[side]
    info = columns.get(name)
    creates = any(rule.vendor_object == vendor_object for rule in mapping.create[side])
    do = {
        "hubspot": "type `revloop install`, or create a single-line text property with unique values "
        "(docs/admin.md, Install)",
        "salesforce": "type `revloop install`, or create Text(64), External ID, unique, and let the integration user "
        "see it (docs/admin.md, Install)",
    }[side]
    if info is None:
        what = f"the stamp {vendor_object}.{name} is missing"
        yield Finding("error", mapping.where, what + (": creating could make twins" if creates else ""), do)
    elif not info.unique:
        what = f"the stamp {vendor_object}.{name} is not unique, so a repeated create could make twins"
        yield Finding("error", mapping.where, what, f"archive that field or name another under `stamps`, then {do}")
    elif not (info.writable and info.createable):
        what = f"the stamp {vendor_object}.{name} cannot be written"
        yield Finding("error", mapping.where, what, "let the user behind the credentials edit it")


def _required(
    mapping: ObjectMapping, side: Side, vendor_object: str, columns: Mapping[str, FieldInfo]
) -> Iterator[Finding]:
    """A create that leaves out what the CRM insists on would be refused for every record."""
    rules = [rule for rule in mapping.create[side] if rule.vendor_object == vendor_object]
    if not rules:
        return
    written = {field.vendor_name(side, vendor_object) for field in mapping.fields if field.flows_to(side)}
    for info in columns.values():
        if info.required and info.createable and info.default is None and info.name not in written:
            yield Finding(
                "error",
                rules[0].where,
                f"{vendor_object} cannot be created without {info.name}, which no line writes",
                f"map {info.name}, give it a default in {CALLED[side]}, or delete the rule",
            )


def _conditions(mapping: ObjectMapping, side: Side, described: Described) -> Iterator[Finding]:
    """Properties of this side's records that a `when` names without a line of their own."""
    fields = {field.name for field in mapping.fields}
    columns: dict[str, FieldInfo] = {}
    for vendor_object in mapping.vendor_objects(side):
        columns |= described.get((side, vendor_object), {})
    if not columns:
        return
    whens = [(rule.where, rule.when) for rule in mapping.create[opposite(side)]]
    for where, when in (*whens, (mapping.where, mapping.sync[side])):
        for name, words in when.items():
            if name in fields:
                continue
            info = columns.get(name)
            if info is None:
                what = f"the condition looks at {name}, which {CALLED[side]} does not show{nearest(name, columns)}"
                yield Finding("error", where, what, "correct the name, or delete the condition")
            elif info.options is not None and (unknown := sorted(set(words) - set(info.options) - _WORDS)):
                what = f"{name} has no option {_listed(unknown)}{nearest(unknown[0], info.options)}"
                yield Finding("error", where, what, "correct the option: the condition would never hold")


def _listed(options: Iterable[str]) -> str:
    shown = [f"'{option}'" for option in options]
    more = len(shown) - _LONGEST_LIST
    return ", ".join(shown[:_LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")
