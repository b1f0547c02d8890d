"""The rules against what the CRMs say: names of stages, statuses and options that are not there.

Own fields that are not installed are told by `check_own`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connector.install.check_fields import CALLED, Described
from connector.install.check_own import own_names
from connector.install.finding import Finding
from connector.install.live_names import STATUS, LiveNames, unknown_rejections, unknown_stages
from connector.install.wishes import wishes_of
from connector.model import SIDES, ObjectMapping, Side
from connector.project import Project
from connector.project.mistakes import nearest
from connector.revops.inputs import FACTS


def check_agreement(project: Project, described: Described) -> Iterator[Finding]:
    """Everything the CRMs contradict in the rules in force, and what the rule files themselves leave in doubt."""
    yield from (Finding("warning", each.where, each.what, each.do) for each in project.doubts)
    own = own_names(project.agreement, wishes_of(project))
    for mapping in project.mappings:
        yield from _unread(mapping, described, own)
    yield from _names(project, described)
    yield from _classes(project, described)


def _unread(mapping: ObjectMapping, described: Described, own: Collection[tuple[str, str]]) -> Iterator[Finding]:
    """Properties that the rules would read and the CRM does not have: they do without; own ones are installed."""
    for (side, vendor_object), columns in described.items():
        asked = mapping.inputs.get(vendor_object, ())
        gone = [name for name in asked if name not in columns and (vendor_object, name) not in own]
        if gone and vendor_object in mapping.vendor_objects(side):
            yield Finding("info", CALLED[side], f"{vendor_object} has no {', '.join(gone)}: the rules do without")


def _options(described: Described, side: Side, vendor_object: str, name: str) -> tuple[str, ...] | None:
    info = described.get((side, vendor_object), {}).get(name)
    return None if info is None else info.options


def _names(project: Project, described: Described) -> Iterator[Finding]:
    """Stages and lead statuses that are not there."""
    statuses = {side: _options(described, side, *STATUS[side]) for side in SIDES}
    live = LiveNames(_options(described, "hubspot", "contacts", "lifecyclestage"), statuses)
    for unknown in (unknown_stages, unknown_rejections):
        for each in unknown(project.agreement, project.where, live):
            yield Finding("error", each.where, each.what, each.do)


def _classes(project: Project, described: Described) -> Iterator[Finding]:
    """Values that make a class of a fit rule and that no picklist knows."""
    scoring = project.agreement.scoring
    for rule in scoring.fit if scoring is not None else ():
        known = _answers(project, rule.field, described) if rule.values else {}
        values = [value for values in rule.values.values() for value in values]
        unknown = [value for value in values if value.strip().casefold() not in known]
        if known and unknown:
            what = f"no picklist that answers '{rule.field}' has the option {', '.join(unknown)}; only free text could"
            hint = nearest(unknown[0], known.values())
            do = "write the internal values of the options, not their labels"
            yield Finding("warning", project.where[f"scoring.fit.{rule.id}"], what + hint, do)


def _answers(project: Project, asked: str, described: Described) -> dict[str, str]:
    """All options of the picklists that may answer a name, by their folded text; none for what is no option."""
    places = set(FACTS[asked].places) if asked in FACTS else set()
    for mapping in project.mappings:
        for field in mapping.fields if mapping.object in _OF_A_PERSON else ():
            if field.name == asked and field.type != "enum":
                return {}  # a country is compared by its code, whatever the option is called
            if field.name == asked:
                columns = {(each, field.vendor_name(side, each)) for side, each in _objects(mapping)}
                places |= {(vendor_object, name) for vendor_object, name in columns if name}
    infos = (columns.get(name) for (_, at), columns in described.items() for where, name in places if where == at)
    return {option.casefold(): option for info in infos if info is not None for option in info.options or ()}


def _objects(mapping: ObjectMapping) -> Iterator[tuple[Side, str]]:
    return ((side, vendor_object) for side in SIDES for vendor_object in mapping.vendor_objects(side))


_OF_A_PERSON = ("person", "company")
