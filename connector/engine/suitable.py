"""Before anything is read under a new or changed mapping: are its fields there, and may it write those it writes?

One wrong line would otherwise hold every record of its object, each in words of its own. `install/check` looks at
much more (types, options, owners); this is the part without which a run makes no sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.errors import SettingsError
from connector.model import SIDES, Field, FieldInfo, opposite
from connector.project.own_fields import lacking
from connector.revops.lifecycle_live import check_live

_CALLED = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


def refuse_unsuitable(work: Work, shapes: Shapes) -> None:
    """Compare every mapping line with what the CRMs say of their fields.

    Raises:
        SettingsError: it names every line that cannot work.
        LaterError: a CRM cannot be asked now.
    """
    described = {shape: work.crms[shape.side].describe(shape.vendor_object) for shape in shapes}
    problems = [problem for shape, fields in described.items() for problem in _of_shape(shape, fields)]
    problems.extend(_not_installed(described))
    if problems:
        raise SettingsError(
            "the mappings do not fit the CRMs, nothing was read or written; `revloop check` says more:",
            list(dict.fromkeys(problems)),
        )


def refuse_lost_stages(work: Work) -> None:
    """Before every run: whether the lifecycle stages of the rules are still in the portal (domain §2.1).

    Raises:
        SettingsError: a stage was deleted or renamed there; nobody can be moved to it.
        LaterError: HubSpot cannot be asked now.
    """
    config = work.project.agreement.lifecycle
    if config is None:
        return
    info = work.crms["hubspot"].describe("contacts").get("lifecyclestage")
    missing = check_live(config, lifecyclestages=info.options if info and info.options else None)
    if missing:
        raise SettingsError(
            "the stages of the rules are not all in HubSpot, nothing was read or written:",
            [f"{each.where or work.project.where['lifecycle']}: {each.what}: {each.do}" for each in missing],
        )


def _of_shape(shape: Shape, described: Mapping[str, FieldInfo]) -> Iterator[str]:
    called = _CALLED[shape.side]
    stamp = shape.mapping.stamps[shape.side]
    if stamp not in described:
        yield (
            f"{shape.mapping.where}: {called} shows no field {shape.vendor_object}.{stamp}, the stamp that keeps "
            "records from being created twice: type `revloop install`, which creates it"
        )
    for field in shape.fields:
        if field.name in shape.associated:
            continue
        name = shape.vendor_name(field)
        info = described.get(name)
        if info is None and field.optional:
            continue
        if info is None and field.own:
            continue  # told at the end, for all of them
        if info is None:
            yield (
                f"{field.where}: {called} shows no field {shape.vendor_object}.{name}: correct the name, give the "
                "user behind the credentials access to it, or delete the line"
            )
        elif _never_writable(shape, field, info):
            yield (
                f"{field.where}: {shape.vendor_object}.{name} is calculated or read-only, but the mapping writes it: "
                f"set `to: {opposite(shape.side)}`, or let the user behind the credentials edit the field"
            )


def _not_installed(described: Mapping[Shape, Mapping[str, FieldInfo]]) -> Iterator[str]:
    """Own fields that a CRM does not show, told once per CRM at the first of the rules that need one."""
    for side in SIDES:
        missing = [
            (field.where, f"{shape.vendor_object}.{shape.vendor_name(field)}")
            for shape, fields in described.items()
            for field in shape.fields
            if shape.side == side and field.own and not field.optional and shape.vendor_name(field) not in fields
        ]
        if missing:
            yield f"{missing[0][0]}: {': '.join(lacking(_CALLED[side], [name for _, name in missing]))}"


def _never_writable(shape: Shape, field: Field, info: FieldInfo) -> bool:
    return field.flows_to(shape.side) and not info.writable and not info.createable
